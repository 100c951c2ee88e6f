"""Evidence for Wirral and for Cardiff on the national edition, recomputed from the census files."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.directory.remote import listed_help
from exclusion_map.editions.assessment import Assessment, assess, grounds_of
from exclusion_map.editions.assessment_words import gaps
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.targeting.assessment.evidence import Grounds
from exclusion_map.targeting.assessment.reach import usual_reach
from exclusion_map.targeting.footprint import Basis, Matching, Served, Way
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national
WIRRAL, CARDIFF = "E08000015", "W06000015"


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


@pytest.fixture(scope="module")
def grounds(edition: Edition) -> Grounds:
    return grounds_of(edition, edition.manifest.default_index, today=date(2026, 11, 23))


@pytest.fixture(scope="module")
def usual(edition: Edition, grounds: Grounds) -> dict[str, float]:
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    return usual_reach(grounds.around, np.nan_to_num(small.population))


@pytest.fixture(scope="module")
def found(edition: Edition, grounds: Grounds, usual: dict[str, float]) -> dict[str, Assessment]:
    return {code: assessed(edition, grounds, code, usual) for code in (WIRRAL, CARDIFF)}


def assessed(edition: Edition, grounds: Grounds, code: str, usual: dict[str, float]) -> Assessment:
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    level, row = edition.atlas.find(code)
    people = np.zeros(len(small))
    members = edition.atlas.members(level, row)
    people[members] = small.population[members]
    served = Served(
        name=level.labels[row],
        people=people,
        basis=Basis.RESIDENTS,
        matching=Matching(rows=1, matched={Way.AREA: 1}),
    )
    return assess(
        edition,
        grounds,
        served,
        index=edition.manifest.default_index,
        compare="all",
        usual=usual,
        help_entries=listed_help(),
    )


def census(folder: Path, table: str) -> pd.DataFrame:
    """Read a census table of the raw folder with nothing of ours."""
    with zipfile.ZipFile(folder / f"nomis-census2021/census2021-{table}.zip") as held:
        name = next(name for name in held.namelist() if name.endswith("lsoa.csv"))
        rows = list(csv.reader(io.TextIOWrapper(held.open(name), "utf-8-sig")))
    found = pd.DataFrame(rows[1:], columns=[head.split("; measures")[0] for head in rows[0]])
    return found.set_index("geography code").drop(columns=["date", "geography"]).astype(float)


@pytest.mark.parametrize("code", [WIRRAL, CARDIFF])
def test_shares_are_those_of_the_census(
    edition: Edition, found: dict[str, Assessment], national_raw: Path, code: str
) -> None:
    figures = found[code].evidence.figures
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    members = edition.atlas.members(*edition.atlas.find(code))
    codes = [small.codes[row] for row in members]
    disability, cars = census(national_raw, "ts038"), census(national_raw, "ts045")
    for indicator, table, part, whole in (
        (
            "disabled",
            disability,
            "Disability: Disabled under the Equality Act",
            "Disability: Total: All usual residents",
        ),
        (
            "no_car",
            cars,
            "Number of cars or vans: No cars or vans in household",
            "Number of cars or vans: Total: All households",
        ),
    ):
        here, everywhere = table.loc[codes].sum(), table.sum()
        figure = figures[indicator]
        assert figure.value == pytest.approx(100 * here[part] / here[whole], abs=1e-9)
        assert figure.comparator == pytest.approx(
            100 * everywhere[part] / everywhere[whole], abs=1e-9
        )
        assert figure.people == pytest.approx(here[part])
        assert figure.low < figure.value < figure.high
        assert figure.covered == figure.compared == 1


def test_wirral_in_figures(found: dict[str, Assessment]) -> None:
    """Wirral has more disabled people than usual: 22.8 % against 17.5 % (Census 2021)."""
    wirral = found[WIRRAL].evidence
    assert wirral.served.total == pytest.approx(320_241, abs=60)  # ONS: 320,199 residents
    assert wirral.figures["disabled"].value == pytest.approx(22.8, abs=0.1)
    assert wirral.figures["disabled"].comparator == pytest.approx(17.5, abs=0.05)
    assert wirral.figures["disabled"].sign == 1
    assert {one.indicator for one in wirral.drivers} & {"disabled_limited_a_lot", "aged_75_plus"}
    assert sum(wirral.risk.spread.tenths) == pytest.approx(wirral.served.total)
    assert all(0 <= one.share <= 1 for one in wirral.reach)


def test_wales_has_no_figure_that_only_england_has(found: dict[str, Assessment]) -> None:
    cardiff = found[CARDIFF]
    assert "income_deprivation" not in cardiff.evidence.figures
    assert any("People on a low income: no figure" in gap for gap in gaps(cardiff))
    pharmacies = next(one for one in cardiff.evidence.reach if one.kind == "pharmacy")
    # The list is of England and holds one pharmacy across the border: unknown is not "none".
    assert np.isnan(pharmacies.share)
    assert any("Pharmacies: no list was read" in gap for gap in gaps(cardiff))


def test_everybody_is_as_everybody(edition: Edition, grounds: Grounds) -> None:
    """Both nations together are no different from the comparator, whatever the figure."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    served = Served(
        name="everybody",
        people=np.nan_to_num(small.population),
        basis=Basis.RESIDENTS,
        matching=Matching(rows=2, matched={Way.AREA: 2}),
    )
    found = assess(edition, grounds, served, index=edition.manifest.default_index, usual={})
    assert all(one.sign == 0 for one in found.evidence.figures.values())
    assert all(
        one.value == pytest.approx(one.comparator) for one in found.evidence.figures.values()
    )
    assert found.evidence.risk.spread.worst_tenth == pytest.approx(0.1, abs=0.001)
    assert found.evidence.drivers == ()
