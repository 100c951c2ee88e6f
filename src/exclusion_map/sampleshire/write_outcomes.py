"""What to hold an index against: propensity to answer the census online, and published scores.

Neither is made with this project's index. The share of households that answered on paper follows

    log-odds of paper = -2.75 + 0.42 old + 0.33 deprived - 0.10 abroad - 0.9 student
                        + 0.10 remote + noise, sd 0.22

of the county's hidden factors, so an index can only find it through its indicators.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.sampleshire.codes import REGION
from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.factors import Values
from exclusion_map.sampleshire.files import frame_text, write
from exclusion_map.sampleshire.write_geography import old_areas


def write_outcomes(folder: Path, county: County, random: np.random.Generator) -> None:
    """Write the Digital Propensity Index and scores like DERI's, on small areas of 2011."""
    paper = paper_share(county, random)
    old = _on_old_areas(county, pd.DataFrame({"paper": paper, **county.factors}))
    write(
        folder / "ons-dpi-census2021" / "digitalpropensityindexlsoas.csv",
        frame_text(_propensity(old, random)),
    )
    write(folder / "gmca-deri" / "deri_nation_level_scores.csv", frame_text(_deri(old, random)))


def paper_share(county: County, random: np.random.Generator) -> Values:
    """Return the share of households of each small area that answered on paper, 0 to 1."""
    factors = county.factors
    odds = (
        -2.75
        + 0.42 * factors["old"]
        + 0.33 * factors["deprived"]
        - 0.10 * factors["abroad"]
        - 0.9 * factors["student"]
        + 0.10 * factors["remote"]
    ).to_numpy() + random.normal(0.0, 0.22, len(factors))
    households = county.people.households
    answers: Values = random.binomial(households, 1 / (1 + np.exp(-odds))) / households
    return answers


def _on_old_areas(county: County, values: pd.DataFrame) -> pd.DataFrame:
    """Return values on small areas of 2011: household-weighted means of their parts of 2021."""
    old = old_areas(county)
    parts = values.iloc[old["area"]].reset_index(drop=True)
    weight = county.people.households[old["area"].to_numpy()]
    total = parts.mul(weight, axis=0).groupby(old["old"].to_numpy(), sort=True).sum()
    means = total.div(pd.Series(weight).groupby(old["old"].to_numpy(), sort=True).sum(), axis=0)
    home = old.drop_duplicates("old").set_index("old").loc[means.index, "area"].to_numpy()
    means["authority"] = county.areas["authority"].to_numpy()[home]
    return means


def _propensity(old: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return the index, 100 = all online, without a few areas, as the copy in use lacks some."""
    kept = old[random.uniform(size=len(old)) > 0.03]
    welsh = kept.index.str.startswith("W")
    return pd.DataFrame(
        {
            "LSOAcode": kept.index,
            "Region": np.where(welsh, "Wales", REGION[1]),
            "Local Authority name": kept["authority"].to_numpy(),
            "Score": np.round(100.0 * (1.0 - kept["paper"].to_numpy()), 1),
        }
    )


def _deri(old: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return three components and their plain mean, 0 to 10; a few areas have no score."""

    def component(middle: float, **loads: float) -> Values:
        mixed = sum(load * old[name].to_numpy() for name, load in loads.items())
        values: Values = np.clip(middle + mixed + random.normal(0, 0.6, len(old)), 0.05, 9.95)
        return values

    broadband = component(3.0, remote=0.7)
    demography = component(3.0, old=0.7, deprived=0.2)
    deprivation = component(2.2, deprived=0.9)
    score = (broadband + demography + deprivation) / 3
    score[:: max(len(old) // 3, 1)] = np.nan
    welsh = old.index.str.startswith("W")
    return pd.DataFrame(
        {
            "lsoa11_or_dz11_code": old.index,
            "nation": np.where(welsh, "Wales", "England"),
            "deri_broadband_component_nation": np.round(broadband, 9),
            "deri_demography_component_nation": np.round(demography, 9),
            "deri_deprivation_component_nation": np.round(deprivation, 9),
            "deri_score_nation": np.round(score, 9),
        }
    )
