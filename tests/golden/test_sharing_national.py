"""150 computers over Wirral, and over Cheshire and Merseyside, on the edition of the country."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.value_table import value_table
from exclusion_map.editions.gazetteer import estimates_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.index import Base, Definition
from exclusion_map.targeting.sharing import Share, ShareQuestion, share_out
from exclusion_map.targeting.sharing_draws import Judged, doubt_of
from exclusion_map.targeting.sharing_method import Method
from exclusion_map.targeting.sharing_places import drawn_places
from exclusion_map.targeting.sharing_rules import Grounds, Rule
from exclusion_map.targeting.sharing_units import units_inside
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national
WIRRAL, ICB = "E08000015", "E54000008"


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


@pytest.fixture(scope="module")
def grounds(edition: Edition) -> Grounds:
    index = edition.manifest.default_index
    scores = edition.atlas.score_set(index, AreaKind.SMALL_AREA)
    return Grounds.of(edition.atlas, scores, estimates_of(edition))


@pytest.fixture(scope="module")
def judged(edition: Edition) -> Judged:
    manifest = edition.manifest
    index = next(one for one in manifest.indices if one.id == manifest.default_index)
    directions = {str(one.id): one.direction for one in manifest.indicators}
    return Judged(
        definition=Definition.parse(index.definition, index.id),
        table=value_table(edition.atlas, directions),
        base=Base.everyone(),
    )


def shared(
    edition: Edition, grounds: Grounds, place: str, level: AreaKind, rule: Rule, method: Method
) -> Share:
    units = units_inside(edition.atlas, level, [place] if place else [])
    question = ShareQuestion(total=Decimal(150), rule=rule, method=method)
    return share_out(units, grounds, question)


def test_150_computers_for_the_wards_of_wirral(edition: Edition, grounds: Grounds) -> None:
    for method in (Method.WEBSTER, Method.LARGEST_REMAINDER):
        share = shared(edition, grounds, WIRRAL, AreaKind.WARD, Rule.AT_RISK, method)
        found = dict(zip(share.units.names, share.given.astype(int).tolist(), strict=True))
        assert sum(found.values()) == 150
        # Regression values of the modelled estimate.
        assert found["Upton"] == found["Leasowe and Moreton East"] == 8
        assert found["Hoylake and Meols"] == 5
        assert found["Heswall"] == 6
    people = shared(edition, grounds, WIRRAL, AreaKind.WARD, Rule.PEOPLE, Method.WEBSTER)
    assert people.people.sum() == pytest.approx(320_200, abs=200)
    quota = 150 * people.people / people.people.sum()
    assert (np.abs(people.given - quota) < 1).all()
    tenth = shared(edition, grounds, WIRRAL, AreaKind.WARD, Rule.WORST_TENTH, Method.WEBSTER)
    assert int((tenth.given == 0).sum()) == 7


def test_150_computers_for_the_small_areas_of_an_icb(edition: Edition, grounds: Grounds) -> None:
    share = shared(edition, grounds, ICB, AreaKind.SMALL_AREA, Rule.AT_RISK, Method.WEBSTER)
    assert len(share.units) == 1601
    assert share.given.sum() == 150
    # Too few for everybody: each goes to one of the areas with the largest claims.
    assert share.given.max() == 1
    least = share.claims.weight[share.given == 1].min()
    assert (share.claims.weight[share.given == 0] <= least).all()


def test_the_country_is_shared_at_once(edition: Edition, grounds: Grounds) -> None:
    share = shared(edition, grounds, "", AreaKind.SMALL_AREA, Rule.EXPONENTIAL, Method.WEBSTER)
    assert len(share.units) == 35_672
    assert share.given.sum() == 150


def test_draws_are_those_of_the_published_intervals(edition: Edition, judged: Judged) -> None:
    drawn = list(drawn_places(judged.definition, judged.table, draws=40, seed=1))
    ranks = np.array([rank for rank, _ in drawn])
    published = edition.atlas.score_set(edition.manifest.default_index, AreaKind.SMALL_AREA)
    scored = published.rank > 0
    assert (ranks[:, scored] > 0).all()
    assert (np.sort(ranks[0, scored]) == np.arange(1, scored.sum() + 1)).all()
    middle = np.median(ranks, axis=0)
    assert np.corrcoef(middle[scored], published.rank[scored])[0, 1] > 0.97


def test_wards_keep_their_order_in_draws_on_the_whole(
    edition: Edition, grounds: Grounds, judged: Judged
) -> None:
    share = shared(edition, grounds, WIRRAL, AreaKind.WARD, Rule.EXPONENTIAL, Method.WEBSTER)
    doubt = doubt_of(share, edition.atlas, grounds, judged, draws=40)
    assert doubt is not None
    assert np.corrcoef(doubt.middle, share.given)[0, 1] > 0.8
    inside = (doubt.low <= share.given) & (share.given <= doubt.high)
    assert inside.mean() > 0.8
    assert 0 < doubt.moved < 50
