"""English Indices of Deprivation 2025, Files 7 and 8; Welsh areas are not in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.factors import Values
from exclusion_map.sampleshire.files import frame_text, write

SOURCE = "mhclg-iod2025"
FILE_7 = "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"
FILE_8 = "File_8_IoD2025_Underlying_Indicators.csv"

SMALLEST_NUMERATOR = 10
"""Fewer people than this are not published: the cell is empty."""

_RANK = "Rank (where 1 is most deprived)"
_DECILE = "Decile (where 1 is most deprived 10% of LSOAs)"


@dataclass(frozen=True)
class Recipe:
    """A made-up measure: middle + spread x standardised (loads + noise), kept within limits."""

    middle: float
    spread: float
    deprived: float = 0.0
    old: float = 0.0
    abroad: float = 0.0
    remote: float = 0.0
    noise: float = 0.5
    least: float = -np.inf
    most: float = np.inf
    log: bool = False
    digits: int = 3

    def draw(self, random: np.random.Generator, factors: pd.DataFrame) -> Values:
        """Return the measure of each area; with ``log``, middle and spread are of its logarithm."""
        mixed = sum(
            getattr(self, name) * factors[name].to_numpy()
            for name in ("deprived", "old", "abroad", "remote")
        ) + random.normal(0.0, self.noise, len(factors))
        size = np.sqrt(
            self.deprived**2 + self.old**2 + self.abroad**2 + self.remote**2 + self.noise**2
        )
        values = self.middle + self.spread * mixed / size
        values = np.exp(values) if self.log else values
        drawn: Values = np.round(np.clip(values, self.least, self.most), self.digits)
        return drawn


_DOMAINS = {
    "Education, Skills and Training": Recipe(np.log(16.0), 0.8, deprived=1.0, log=True, most=99.5),
    "Health Deprivation and Disability": Recipe(0.0, 0.85, deprived=1.0, old=0.1),
    "Crime": Recipe(0.0, 0.8, deprived=0.7, remote=-0.4),
    "Barriers to Housing and Services": Recipe(np.log(20.0), 0.45, remote=0.8, log=True),
    "Living Environment": Recipe(np.log(17.0), 0.65, deprived=0.3, remote=0.4, log=True, most=92.0),
}
_SUB_DOMAINS = {
    "Children and Young People": Recipe(0.0, 0.85, deprived=1.0),
    "Adult Skills": Recipe(0.24, 0.09, deprived=1.0, least=0.03, most=0.7),
    "Geographical Barriers": Recipe(33.0, 15.0, remote=1.0, least=2.0, most=95.0),
    "Wider Barriers": Recipe(0.0, 2.8, deprived=0.5, abroad=0.5),
    "Indoors": Recipe(0.0, 0.6, deprived=0.4, remote=0.3),
    "Outdoors": Recipe(0.0, 0.7, deprived=0.3, remote=-0.4),
}
_UNDERLYING = {
    "adult_skills_and_english_language_proficiency_indicator": Recipe(
        0.24, 0.09, deprived=1.0, least=0.03, most=0.7
    ),
    "entry_to_higher_education_indicator": Recipe(0.88, 0.04, deprived=1.0, least=0.4, most=0.99),
    "acute_morbidity_indicator": Recipe(105.0, 24.0, deprived=1.0, least=40.0),
    "comparative_illness_and_disability_ratio_indicator": Recipe(
        110.0, 44.0, deprived=1.0, least=28.0
    ),
    "mental_health_indicator": Recipe(0.0, 0.7, deprived=1.0),
    "years_of_potential_life_lost_indicator": Recipe(58.0, 14.0, deprived=1.0, least=20.0),
    "violence_with_injury_rate_per_1_000_at_risk_population": Recipe(
        np.log(5.4), 0.65, deprived=0.8, remote=-0.3, log=True, digits=1
    ),
    "violence_without_injury_rate_per_1_000_at_risk_population": Recipe(
        np.log(7.6), 0.65, deprived=0.8, remote=-0.3, log=True, digits=1
    ),
    "stalking_and_harassment_rate_per_1_000_at_risk_population": Recipe(
        np.log(6.5), 0.6, deprived=0.9, remote=-0.2, log=True, digits=1
    ),
    "burglary_rate_per_1_000_at_risk_properties": Recipe(
        np.log(9.2), 0.55, deprived=0.4, remote=-0.3, log=True, digits=1
    ),
    "theft_rate_per_1_000_at_risk_population": Recipe(
        np.log(10.2), 0.6, remote=-0.3, log=True, digits=1
    ),
    "criminal_damage_rate_per_1_000_at_risk_population": Recipe(
        np.log(5.4), 0.6, deprived=0.8, remote=-0.2, log=True, digits=1
    ),
    "public_order_and_possession_of_weapons_rate_per_1_000_at_risk_population": Recipe(
        np.log(5.0), 0.7, deprived=0.7, remote=-0.4, log=True, digits=1
    ),
    "anti_social_behaviour_rate_per_1_000_at_risk_population": Recipe(
        np.log(9.0), 0.8, deprived=0.7, remote=-0.4, log=True, digits=1
    ),
    "connectivity_score": Recipe(64.0, 15.0, remote=-1.0, least=5.0, most=98.0),
    "owner_occupation_affordability_component_of_housing_affordability_indicator": Recipe(
        0.57, 0.15, deprived=0.6, least=0.05, most=0.97
    ),
    "private_rental_affordability_component_of_housing_affordability_indicator": Recipe(
        0.33, 0.18, deprived=0.6, least=0.05, most=0.97
    ),
    "housing_affordability_indicator": Recipe(0.0, 0.9, deprived=0.4),
    "digital_connectivity_broadband_download_and_upload_speeds": Recipe(
        0.0, 0.85, remote=0.7, old=0.1, noise=0.45, least=-3.9, most=3.9
    ),
    "core_homelessness_rate_percent_of_households": Recipe(
        1.1, 0.3, deprived=0.5, noise=0.2, least=0.2
    ),
    "patient_to_gp_ratio": Recipe(np.log(1950.0), 0.35, log=True),
    "homelessness_indicator_rate_per_1_000_households": Recipe(
        3.1, 0.8, deprived=0.5, noise=0.2, least=0.6
    ),
    "household_overcrowding_indicator_rooms": Recipe(
        np.log(0.045), 0.75, deprived=0.4, abroad=0.8, log=True, most=0.6
    ),
    "household_overcrowding_indicator_bedrooms": Recipe(
        np.log(0.028), 0.8, deprived=0.4, abroad=0.8, log=True, most=0.4
    ),
}


@dataclass(frozen=True)
class Populations:
    """Mid-2022 populations of English areas, a little other than the census a year before."""

    everyone: Values
    children: Values
    older: Values
    working: Values


def write_deprivation(folder: Path, county: County, random: np.random.Generator) -> None:
    """Write Files 7 and 8 for the English part of the county."""
    people = _populations(county, random)
    rates = _rates(county, random)
    write(folder / SOURCE / FILE_7, frame_text(_file_7(county, people, rates, random)))
    write(folder / SOURCE / FILE_8, frame_text(_file_8(county, people, rates, random)))


def _populations(county: County, random: np.random.Generator) -> Populations:
    ages = county.people.ages[county.english]
    grown = random.normal(1.012, 0.015, len(ages))
    everyone = np.round(ages.sum(axis=1).to_numpy() * grown)
    children = np.round(ages[["0-2", "3-4", "5-15"]].sum(axis=1).to_numpy() * grown)
    pensioners = ages[["66-69", "70-74", "75-79", "80-84", "85+"]].sum(axis=1).to_numpy()
    # People aged 60 to 65 are about a tenth of those of 16 to 64.
    older = np.round((pensioners + ages["65"] + 0.1 * ages["16-64"]).to_numpy() * grown)
    working = np.round((ages["16-64"] + ages["65"] + 0.7 * ages["66-69"]).to_numpy() * grown)
    return Populations(everyone, children, older, working)


def _rates(county: County, random: np.random.Generator) -> dict[str, Values]:
    """Return shares of people on a low income, of children and older people so, and out of work."""
    deprived = county.factors["deprived"].to_numpy()[county.english]

    def share(usual: float, load: float) -> Values:
        odds = np.log(usual / (1 - usual)) + load * deprived + random.normal(0, 0.12, len(deprived))
        rate: Values = 1 / (1 + np.exp(-odds))
        return rate

    return {
        "income": share(0.20, 0.75),
        "children": share(0.30, 0.85),
        "older": share(0.15, 0.70),
        "employment": share(0.115, 0.62),
    }


def _ranked(frame: dict[str, Values], name: str, score: Values, label: str = "Score") -> None:
    """Add a score with its rank and decile, 1 = most deprived; ties are broken by order."""
    rank = np.empty(len(score))
    rank[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    if label:
        frame[f"{name} {label}"] = score
    frame[f"{name} {_RANK}"] = rank
    frame[f"{name} {_DECILE}"] = np.ceil(rank * 10 / len(score))


def _file_7(
    county: County, people: Populations, rates: dict[str, Values], random: np.random.Generator
) -> pd.DataFrame:
    english = county.english
    factors = county.factors[english].reset_index(drop=True)
    scores = {name: recipe.draw(random, factors) for name, recipe in _DOMAINS.items()}
    overall = 21.7 * (rates["income"] / 0.22) ** 1.1 * np.exp(random.normal(0, 0.08, len(factors)))
    columns: dict[str, Values] = {}
    _ranked(columns, "Index of Multiple Deprivation (IMD)", np.round(overall, 3))
    _ranked(columns, "Income", np.round(rates["income"], 3), "Score (rate)")
    _ranked(columns, "Employment", np.round(rates["employment"], 3), "Score (rate)")
    for name, score in scores.items():
        _ranked(columns, name, score)
    for name, recipe in _SUB_DOMAINS.items():
        _ranked(columns, f"{name} Sub-domain", recipe.draw(random, factors))
    whole: dict[str, Values] = {}
    idaci = "Income Deprivation Affecting Children Index (IDACI)"
    _ranked(whole, idaci, rates["children"], "")
    _ranked(whole, "Income Deprivation Affecting Older People (IDAOPI)", rates["older"], "")
    whole["Total population: mid 2022"] = people.everyone
    whole["Dependent Children aged 0-15: mid 2022"] = people.children
    whole["Older population aged 60 and over: mid 2022"] = people.older
    working = "Working age population 18-66 (for use with Employment Deprivation Domain): mid 2022"
    whole[working] = people.working
    names = county.areas.loc[english, ["code", "name", "authority_code", "authority"]]
    names.columns = pd.Index(
        [
            "LSOA code (2021)",
            "LSOA name (2021)",
            "Local Authority District code (2024)",
            "Local Authority District name (2024)",
        ]
    )
    counts = pd.DataFrame(whole).round().astype(np.int64)
    return pd.concat([names.reset_index(drop=True), pd.DataFrame(columns), counts], axis=1)


def _file_8(
    county: County, people: Populations, rates: dict[str, Values], random: np.random.Generator
) -> pd.DataFrame:
    factors = county.factors[county.english].reset_index(drop=True)
    older_index = "income_deprivation_affecting_older_people_index_idaopi_numerator"
    children_index = "income_deprivation_affecting_children_index_idaci_numerator"
    columns = {
        "lsoa21_code": county.areas.loc[county.english, "code"].to_numpy(),
        "income_domain_numerator": _numerator(rates["income"] * people.everyone),
        children_index: _numerator(rates["children"] * people.children),
        older_index: _numerator(rates["older"] * people.older),
        "employment_domain_numerator": _numerator(rates["employment"] * people.working),
    }
    for name, recipe in _UNDERLYING.items():
        columns[name] = recipe.draw(random, factors)
    return pd.DataFrame(columns)


def _numerator(people: Values) -> Values:
    """Return counts rounded to 5, as published; small ones are withheld."""
    rounded = np.round(people / 5) * 5
    return np.where(rounded < SMALLEST_NUMERATOR, np.nan, rounded)
