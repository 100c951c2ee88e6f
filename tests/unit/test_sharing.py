"""Who shares, by which rule, why; hand-worked on a county of a few areas."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.editions import current_path
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.targeting.sharing import ShareQuestion, by_every_rule, moved, share_out
from exclusion_map.targeting.sharing_draws import doubt_of, nearby_errors
from exclusion_map.targeting.sharing_equity import equity
from exclusion_map.targeting.sharing_reading import read_units
from exclusion_map.targeting.sharing_reasons import Teller, reasons
from exclusion_map.targeting.sharing_rules import Grounds, Rule, exponential
from exclusion_map.targeting.sharing_table import rule_columns, share_columns
from exclusion_map.targeting.sharing_units import (
    Overlap,
    units_inside,
    units_listed,
    with_terms,
)
from exclusion_map.terms import AreaKind


@pytest.fixture(scope="module")
def edition(sample_processed: Path) -> Edition:
    return open_edition(current_path(sample_processed))


@pytest.fixture(scope="module")
def gazetteer(edition: Edition) -> Gazetteer:
    return gazetteer_of(edition)


@pytest.fixture(scope="module")
def grounds(edition: Edition) -> Grounds:
    index = edition.manifest.default_index
    scores = edition.atlas.score_set(index, AreaKind.SMALL_AREA)
    return Grounds.of(edition.atlas, scores, estimates_of(edition))


def test_lines_and_tables_of_units_are_read() -> None:
    typed = read_units('Age UK: E05000954, "Place, with comma"\nLibraries: CH41 2AB; CH41 3AA\n')
    assert [one.name for one in typed] == ["Age UK", "Libraries"]
    assert typed[0].entries == ("E05000954", "Place, with comma")
    assert typed[1].entries == ("CH41 2AB", "CH41 3AA")
    table = read_units(
        "\ufeffPartner;Code;Minimum;Already\nAge UK;E05000954 E05000955;2;£1,000\n"
        "Age UK;E05000956;;\nHousing;CH41 2AB;;3\n"
    )
    assert table[0].entries == ("E05000954", "E05000955", "E05000956")
    assert (table[0].minimum, table[0].received, table[0].number) == (2, 1000, None)
    assert table[1].entries == ("CH41 2AB",)
    assert read_units("code,number\nE01000001,4")[0].number == 4
    assert read_units("  \n") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name,code,minimum\nA,E01,many\n", "minimum 'many'"),
        ("name,code,minimum\nA,E01,-1\n", "minimum '-1'"),
        ("name,code,minimum\nA,E01,1\nA,E02,2\n", "minimum 2 for 'A', 1 before"),
        ("name,code\n,E01\n", "no name"),
        ("A" * 201, "a name of 201 characters"),
        (": E01\n", "no name before the colon"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, found: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        read_units(text)
    assert found in error.value.found
    assert "line" in error.value.thing


def test_wards_hold_the_people_of_their_council(edition: Edition, grounds: Grounds) -> None:
    council = edition.atlas.level(AreaKind.LOCAL_AUTHORITY)
    units = units_inside(edition.atlas, AreaKind.WARD, [council.codes[0]])
    assert units.summed(grounds.population).sum() == pytest.approx(council.population[0])
    everywhere = units_inside(edition.atlas, AreaKind.SMALL_AREA, [])
    assert len(everywhere) == len(edition.atlas.level(AreaKind.SMALL_AREA))


def test_overlapping_people_are_split_or_counted_twice(
    edition: Edition, gazetteer: Gazetteer, grounds: Grounds
) -> None:
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    first, second = small.codes[:2]
    rows = read_units(f"North: {first}, {second}\nSouth: {second}\n")
    split = units_listed(gazetteer, rows, Overlap.SPLIT).summed(grounds.population)
    twice = units_listed(gazetteer, rows, Overlap.TWICE).summed(grounds.population)
    one, two = small.population[:2]
    assert split == pytest.approx([one + two / 2, two / 2])
    assert twice == pytest.approx([one + two, two])
    units = units_listed(gazetteer, rows)
    assert units.shared == pytest.approx(two)
    assert "split evenly" in units.notes[-1]
    with pytest.raises(NotFoundError):
        units_listed(gazetteer, read_units("Nobody: nowhere-at-all\n"))


def test_rules_add_up_by_hand(edition: Edition, grounds: Grounds) -> None:
    units = units_inside(edition.atlas, AreaKind.SMALL_AREA, [])
    people = share_out(units, grounds, ShareQuestion(total=Decimal(1000), rule=Rule.PEOPLE))
    whole = grounds.population.sum()
    assert people.plain_share == pytest.approx(1000 * grounds.population / whole)
    fifth = share_out(units, grounds, ShareQuestion(total=Decimal(1000), rule=Rule.WORST_FIFTH))
    assert fifth.given[grounds.decile > 2].sum() == 0
    line = ShareQuestion(total=Decimal(10), rule=Rule.ABOVE, line=100.0)
    with pytest.raises(InvalidRequestError) as error:
        share_out(units, grounds, line)
    assert "no score points above the line" in error.value.found


def test_the_exponential_is_that_of_the_indices_of_deprivation() -> None:
    # 10,000 areas: the first has 100 points, those beyond the first tenth have at most 50 of
    # them (Indices of Deprivation, Technical Report: "the top 10 per cent ... from 50 to 100").
    points = exponential(np.arange(0, 10_001, dtype=np.int32))
    assert np.isnan(points[0])
    assert points[1] == pytest.approx(100)
    assert points[1001] == pytest.approx(50, abs=0.5)
    assert points[10_000] == pytest.approx(0, abs=0.01)
    assert (np.diff(points[1:]) < 0).all()


def test_terms_bounds_and_reasons(edition: Edition, grounds: Grounds) -> None:
    council = edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    units = units_inside(edition.atlas, AreaKind.WARD, [council])
    first, second, third = units.codes[:3]
    table = f"code,minimum,maximum,received\n{first},9,,\n{second},,1,\n{third},,,500\n"
    bounded = with_terms(units, read_units(table))
    question = ShareQuestion(total=Decimal(40), rule=Rule.PEOPLE, minimum=Decimal(1))
    share = share_out(bounded, grounds, question)
    assert share.given[:2].tolist() == [9, 1]
    assert share.given[2] == 1  # its minimum: it has far more than its share already
    assert share.given.sum() == 40
    why = reasons(share)
    assert "Raised to its minimum of 9." in why[0]
    assert "Held at its maximum of 1." in why[1]
    assert "Raised to its minimum of 1." in why[2]
    with pytest.raises(InvalidRequestError) as error:
        with_terms(units, read_units("name,minimum\nAtlantis,3\n"))
    assert "Atlantis" in error.value.thing


def test_money_goes_in_pence(edition: Edition, grounds: Grounds) -> None:
    units = units_inside(edition.atlas, AreaKind.LOCAL_AUTHORITY, [])
    question = ShareQuestion(total=Decimal("1000.55"), step=Decimal("0.01"), rule=Rule.PEOPLE)
    share = share_out(units, grounds, question)
    assert round(float(share.given.sum()), 2) == 1000.55
    assert Teller(share).amount(12_345) == "123.45"
    with pytest.raises(InvalidRequestError):
        share_out(units, grounds, ShareQuestion(total=Decimal("10.5")))


def test_equity_by_hand() -> None:
    # Two units of 100 people: 1 and 3 things. Gini of (1, 3) is 0.25, 10 and 30 for 1,000 people.
    even = equity(np.array([1.0, 3.0, 5.0]), np.array([100.0, 100.0, 0.0]))
    assert even.gini == pytest.approx(0.25)
    assert (even.lowest, even.highest, even.ratio) == pytest.approx((10, 30, 3))
    assert equity(np.array([2.0, 4.0]), np.array([50.0, 100.0])).gini == pytest.approx(0)
    assert np.isnan(equity(np.zeros(2), np.ones(2)).gini)


def test_rules_side_by_side(edition: Edition, grounds: Grounds) -> None:
    units = units_inside(edition.atlas, AreaKind.WARD, [])
    share = share_out(units, grounds, ShareQuestion(total=Decimal(150)))
    found = by_every_rule(share, grounds)
    assert Rule.OWN not in {one.rule for one in found}
    for one in found:
        assert one.share is not None
        assert one.share.given.sum() == 150
        assert one.moved == moved(share, one.share) <= 150
    columns = share_columns(share, found)
    assert len({len(values) for values in columns.values()}) == 1
    assert len(rule_columns(found)["rule"]) == len(found)


def test_errors_of_near_areas_are_shared_as_much_as_they_should() -> None:
    near = np.array([0, 0, 1, 1, -1], dtype=np.intp)
    wide = np.array([0, 0, 0, 0, -1], dtype=np.intp)
    rng = np.random.default_rng(3)
    shared = {"near": 0.5, "wide": 0.2}
    levels = {"near": near, "wide": wide}
    drawn = np.array([nearby_errors(levels, shared, rng) for _ in range(20_000)])
    found = np.corrcoef(drawn.T)
    assert drawn.std(axis=0) == pytest.approx(np.ones(5), abs=0.03)
    assert found[0, 1] == pytest.approx(0.5, abs=0.03)
    assert found[0, 2] == pytest.approx(0.2, abs=0.03)
    assert found[0, 4] == pytest.approx(0.0, abs=0.03)


def test_draws_of_the_estimate_surround_the_division(edition: Edition, grounds: Grounds) -> None:
    units = units_inside(edition.atlas, AreaKind.LOCAL_AUTHORITY, [])
    share = share_out(units, grounds, ShareQuestion(total=Decimal(500)))
    doubt = doubt_of(share, edition.atlas, grounds, None, draws=40)
    assert doubt is not None
    assert (doubt.low <= doubt.middle).all()
    assert (doubt.middle <= doubt.high).all()
    assert (doubt.low <= share.given + 1).all()
    assert ((doubt.as_much >= 0) & (doubt.as_much <= 1)).all()
    again = doubt_of(share, edition.atlas, grounds, None, draws=40)
    assert again is not None
    np.testing.assert_array_equal(doubt.as_much, again.as_much)
    certain = share_out(units, grounds, ShareQuestion(total=Decimal(500), rule=Rule.PEOPLE))
    assert doubt_of(certain, edition.atlas, grounds, None) is None
