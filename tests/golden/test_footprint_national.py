"""Footprints on the edition of the country: figures that can be had in another way."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions.footprint import evidence_of, ground_of, group_figures
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.index import Definition, compose
from exclusion_map.settings import UploadSettings
from exclusion_map.targeting.footprint import Basis
from exclusion_map.targeting.footprint.footprint import (
    Evidence,
    Footprint,
    comparator_of,
    footprint_of,
)
from exclusion_map.targeting.footprint.listing import read_listing
from exclusion_map.targeting.footprint.serving import Ground, serve
from exclusion_map.targeting.footprint.withholding import DisclosureRule
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national
WIRRAL, ICB = "E08000015", "E54000008"


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


@pytest.fixture(scope="module")
def ground(edition: Edition) -> Ground:
    return ground_of(edition, gazetteer_of(edition))


@pytest.fixture(scope="module")
def evidence(edition: Edition) -> Evidence:
    manifest = edition.manifest
    index = next(one for one in manifest.indices if one.id == manifest.default_index)
    directions = {str(one.id): one.direction for one in manifest.indicators}
    composite = compose(
        Definition.parse(index.definition, index.id), value_table(edition.atlas, directions)
    )
    return evidence_of(
        edition,
        ScoreSet.of_small_areas(composite),
        composite,
        figures=group_figures(edition),
        estimates=estimates_of(edition),
        ways={},
    )


def footprint(
    edition: Edition, ground: Ground, evidence: Evidence, text: str, compare: str = ""
) -> Footprint:
    served = serve(ground, read_listing(text, "list", UploadSettings()), name="x")
    place = comparator_of(edition.atlas, compare, edition.manifest.title, served)
    return footprint_of(served, place, evidence, DisclosureRule())


def test_wirral_beside_its_health_area(
    edition: Edition, ground: Ground, evidence: Evidence
) -> None:
    found = footprint(edition, ground, evidence, WIRRAL)
    assert found.comparator.code == ICB
    assert found.served.basis is Basis.RESIDENTS
    # Census 2021, usual residents: Wirral 320,200 and Cheshire and Merseyside (TS001).
    assert found.total == pytest.approx(320_241, abs=100)
    assert found.households == pytest.approx(143_349, abs=100)
    by_key = {one.key: one for one in found.groups}
    # Census 2021, TS007A: 22.0 % of Wirral's residents are 65 or older.
    assert 100 * (by_key["aged_65_74"].share + by_key["aged_75_plus"].share) == pytest.approx(
        22.0, abs=0.1
    )
    # What the council's own page tells: a figure of households is weighed by households.
    council, row = edition.atlas.find(WIRRAL)
    held = edition.atlas.indicators[council.kind]
    for name in ("no_car", "income_deprivation", "no_qualifications"):
        published = held.value[row, held.column(name)]
        assert 100 * by_key[name].share == pytest.approx(published, abs=1e-6)
        assert by_key[name].chance.low < by_key[name].ratio < by_key[name].chance.high
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    scores = evidence.scores.decile
    rows = edition.atlas.members(*edition.atlas.find(WIRRAL))
    by_hand = np.bincount(scores[rows], weights=small.population[rows], minlength=11)[1:]
    assert [one.people for one in found.tenths] == pytest.approx(by_hand.tolist())
    assert found.fifth.whole_share == pytest.approx(0.263, abs=0.002)
    assert found.fifth.ratio == pytest.approx(0.978, abs=0.01)
    assert found.estimate is not None
    assert found.estimate.households.middle == pytest.approx(9_207, rel=0.02)
    missed = found.neighbourhoods
    assert (missed.served[:20] == 0).all()  # other councils of the health area


def test_a_list_of_postcodes_of_the_whole_country_is_even(
    edition: Edition, ground: Ground, evidence: Evidence
) -> None:
    index = ground.gazetteer.postcodes
    assert index is not None
    # As many rows from each area as it has hundreds of people: an even draw of people.
    area, _, _, live = index.places_at(np.arange(len(index)))
    first = np.unique(np.where(live, area, -1), return_index=True)
    people = ground.people[first[0][1:]]
    lines = [
        f"{index._codes[row].decode()},{count:.0f}"
        for row, count in zip(first[1][1:].tolist(), people, strict=True)
    ]
    found = footprint(edition, ground, evidence, "postcode,count\n" + "\n".join(lines))
    assert found.served.basis is Basis.COUNTS
    assert found.total == pytest.approx(56_490_000 + 3_107_500, rel=0.06)
    for part in (*found.tenths, *found.groups):
        assert part.ratio == pytest.approx(1.0, abs=0.01)
        if part.chance.low == part.chance.low:
            assert part.chance.low <= 1.001
            assert part.chance.high >= 0.999


def test_old_and_mistyped_postcodes(ground: Ground) -> None:
    listing = read_listing("CH41 2AB\nch4i2ab\nCH41-2RA\nZZ1 1ZZ\nCH41", "list", UploadSettings())
    matching = serve(ground, listing, name="x").matching
    assert matching.mended == 1
    assert matching.repeated == 1
    reasons = dict(matching.reasons)
    assert reasons["no such postcode, now or in the past"] == 1
    assert reasons["only a part of a postcode: give whole postcodes"] == 1
