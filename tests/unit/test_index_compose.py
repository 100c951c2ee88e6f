"""From raw values to score: small tables worked by hand."""

from typing import Any

import numpy as np
import pytest

from exclusion_map.errors import ContractError, DefinitionError
from exclusion_map.index import Base, Definition, ValueTable, compose, prepare
from exclusion_map.terms import Direction

NAN = float("nan")
UP, DOWN = Direction.HIGHER_IS_RISKIER, Direction.LOWER_IS_RISKIER


def _table(columns: dict[str, list[float]], down: tuple[str, ...] = ()) -> ValueTable:
    values = np.array(list(columns.values()), dtype=float).T
    return ValueTable(
        codes=np.array([f"A{i}" for i in range(len(values))]),
        indicators=tuple(columns),
        values=values,
        population=np.ones(len(values)),
        directions=tuple(DOWN if name in down else UP for name in columns),
    )


def _definition(*children: dict[str, Any], **more: Any) -> Definition:
    return Definition.parse({"id": "mine", "title": "Mine", "children": list(children), **more})


PLAIN: dict[str, Any] = {"normalise": {"method": "none"}, "scale": {"method": "none"}}


def test_percentile_ranks_then_weights_by_hand() -> None:
    table = _table({"a": [1, 2, 3, 4], "b": [10, 10, 30, 20]})
    result = compose(
        _definition(
            {"indicator": "a", "weight": 3},
            {"indicator": "b", "weight": 1},
            scale={"method": "none"},
        ),
        table,
    )
    # percentile ranks of a: 12.5 37.5 62.5 87.5; of b: ranks 1.5 1.5 4 3 -> 25 25 87.5 62.5
    assert result.normalised[:, 1].tolist() == [25, 25, 87.5, 62.5]
    assert result.score.tolist() == pytest.approx([15.625, 34.375, 68.75, 81.25])
    assert result.rank.tolist() == [4, 3, 2, 1]


def test_the_scale_runs_from_0_to_100() -> None:
    result = compose(_definition({"indicator": "a"}), _table({"a": [5, 7, 6]}))
    assert result.score.tolist() == pytest.approx([0, 100, 50])


def test_lower_is_riskier_is_turned_round_once() -> None:
    result = compose(_definition({"indicator": "a"}), _table({"a": [5, 7, 6]}, down=("a",)))
    assert result.score.tolist() == pytest.approx([100, 0, 50])


def test_a_gap_is_reweighted_and_never_zero() -> None:
    table = _table({"a": [10, 10], "b": [NAN, 30]})
    result = compose(_definition({"indicator": "a"}, {"indicator": "b"}, **PLAIN), table)
    assert result.score.tolist() == [10, 20]
    assert result.data_share.tolist() == [0.5, 1.0]
    assert any("b is missing in 1 of 2 areas" in note for note in result.notes)


def test_too_little_data_gives_no_score() -> None:
    table = _table({"a": [10, 10], "b": [NAN, 30]})
    result = compose(
        _definition({"indicator": "a"}, {"indicator": "b", "weight": 2}, **PLAIN), table
    )
    assert np.isnan(result.score[0])
    assert (result.rank[0], result.decile[0]) == (0, 0)


def test_the_rule_for_gaps_holds_at_every_level() -> None:
    table = _table({"a": [NAN, 1], "b": [NAN, 2], "c": [8, 8], "d": [4, 4]})
    group = {
        "id": "g",
        "title": "G",
        "weight": 1,
        "children": [{"indicator": "a"}, {"indicator": "b"}],
    }
    result = compose(
        _definition(
            group, {"indicator": "c", "weight": 2}, {"indicator": "d", "weight": 1}, **PLAIN
        ),
        table,
    )
    assert np.isnan(result.components["g"][0])
    assert result.score[0] == pytest.approx((2 * 8 + 4) / 3)
    assert result.data_share[0] == pytest.approx(0.75)


def test_a_stand_in_fills_an_indicator_without_data_and_is_told() -> None:
    table = _table({"a": [NAN, NAN], "b": [1, 2]})
    result = compose(_definition({"indicator": "a", "otherwise": ["b"]}), table)
    assert result.indicators == ("b",)
    assert "a has no data; b is used instead." in result.notes


def test_shares_of_one_whole_can_be_added_up_first() -> None:
    table = _table({"a": [1, 2], "b": [10, 20]})
    result = compose(_definition({"indicator": "a", "plus": ["b"]}, **PLAIN), table)
    assert result.score.tolist() == [11, 22]


def test_a_declared_indicator_without_data_is_told_and_an_unknown_one_refused() -> None:
    table = _table({"a": [1, 2]})
    supplied = [{"id": "b", "title": "B", "direction": "higher_is_riskier"}]
    definition = _definition({"indicator": "a"}, {"indicator": "b"}, supplied=supplied)
    assert "b has no data; the rest of its group carries its weight." in (
        compose(definition, table).notes
    )
    with pytest.raises(DefinitionError, match="unknown indicator 'c'"):
        compose(_definition({"indicator": "a"}, {"indicator": "c"}), table)


def test_no_data_at_all_is_refused() -> None:
    with pytest.raises(DefinitionError, match="no value of any of its indicators"):
        compose(_definition({"indicator": "a"}), _table({"a": [NAN, NAN]}))


@pytest.mark.parametrize("method", ["percentile_rank", "min_max", "z_score"])
def test_a_base_of_one_area_gets_the_middle_and_a_note(method: str) -> None:
    table = _table({"a": [5, 6]})
    result = compose(
        _definition({"indicator": "a"}, normalise={"method": method}),
        table,
        Base.only([True, False]),
    )
    assert result.score[0] == 50
    assert np.isnan(result.score[1])
    assert (result.rank.tolist(), result.decile.tolist()) == ([1, 0], [6, 0])
    assert any("does not differ" in note for note in result.notes)


def test_groups_are_normalised_and_ranked_within_themselves() -> None:
    table = _table({"a": [1, 2, 30, 40]})
    result = compose(_definition({"indicator": "a"}), table, Base.by(["x", "x", "y", "y"]))
    assert result.score.tolist() == [0, 100, 0, 100]
    assert result.rank.tolist() == [2, 1, 2, 1]


def test_contributions_add_up_to_the_difference_from_the_median() -> None:
    rng = np.random.default_rng(5)
    values = rng.random((40, 3))
    values[3, 1] = NAN
    table = _table(
        {"a": values[:, 0].tolist(), "b": values[:, 1].tolist(), "c": values[:, 2].tolist()}
    )
    group = {
        "id": "g",
        "title": "G",
        "weight": 2,
        "children": [{"indicator": "a"}, {"indicator": "b"}],
    }
    result = compose(_definition(group, {"indicator": "c"}), table, Base.by(["x", "y"] * 20))
    for part in (np.arange(0, 40, 2), np.arange(1, 40, 2)):
        expected = result.score[part] - np.median(result.score[part])
        assert result.contributions[part].sum(axis=1) == pytest.approx(expected, abs=1e-8)
    assert result.contributions[3, 1] == 0


def test_new_weights_use_the_columns_already_normalised() -> None:
    table = _table({"a": [1, 2, 3], "b": [3, 2, 1]})
    definition = _definition({"indicator": "a"}, {"indicator": "b"})
    prepared = prepare(definition, table)
    assert prepared.compose({"b": 0}).rank.tolist() == [3, 2, 1]
    assert prepared.compose({"a": 0}).rank.tolist() == [1, 2, 3]


def test_a_table_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ContractError, match="directions"):
        ValueTable(np.array(["A"]), ("a",), np.ones((1, 1)), np.ones(1), ())
    with pytest.raises(ContractError, match="area A repeated"):
        ValueTable(np.array(["A", "A"]), ("a",), np.ones((2, 1)), np.ones(2), (UP,))
    with pytest.raises(ContractError, match="population"):
        ValueTable(np.array(["A"]), ("a",), np.ones((1, 1)), np.array([-1.0]), (UP,))


def test_what_a_table_keeps_changes_nothing_and_cannot_be_changed() -> None:
    table = _table({"a": [1, 2, NAN], "b": [3, 2, 1]}, down=("b",))
    definition = _definition({"indicator": "a"}, {"indicator": "b"})
    first, again = compose(definition, table), compose(definition, table)
    assert again.score.tolist() == first.score.tolist()
    # the long way round: the same areas as a base of their own
    other = compose(definition, table, Base.only([True, True, True]))
    assert other.normalised == pytest.approx(first.normalised, nan_ok=True)
    first.normalised[0, 0] = -1.0
    assert compose(definition, table).normalised[0, 0] == again.normalised[0, 0] != -1
    with pytest.raises(ValueError, match="read-only"):
        table.percentile_ranks("a", lower_is_riskier=False)[0] = 1.0


def test_contributions_to_a_geometric_mean_by_hand() -> None:
    # medians 3 and 3; the last area moves `a` alone: all of the rise is its, none of it b's
    table = _table({"a": [1, 3, 15], "b": [3, 3, 3]})
    definition = _definition(
        {"indicator": "a"}, {"indicator": "b"}, aggregate={"method": "geometric"}, **PLAIN
    )
    result = compose(definition, table)
    assert result.score[2] == pytest.approx(np.sqrt(16 * 4) - 1)
    assert result.contributions[2].tolist() == pytest.approx([4, 0], abs=1e-4)
    assert result.contributions[1].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_what_does_not_come_apart_has_no_contributions() -> None:
    table = _table({"a": [1, 3, 15], "b": [3, 3, 3]})
    leaves = ({"indicator": "a"}, {"indicator": "b"})
    for more in ({"aggregate": {"method": "copeland"}}, {"scale": {"method": "percentile_rank"}}):
        assert np.isnan(compose(_definition(*leaves, **more), table).contributions).all()
