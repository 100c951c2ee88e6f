"""Two editions compared: parts of change by hand, what cannot be split, and real folders."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exclusion_map.editions.compare import Side, compare, compare_sides
from exclusion_map.editions.definition_changes import definition_changes
from exclusion_map.errors import EditionError, NotFoundError
from exclusion_map.index import Definition, ValueTable, compose
from exclusion_map.terms import Direction

UP, DOWN = Direction.HIGHER_IS_RISKIER, Direction.LOWER_IS_RISKIER
CODES = ("A0", "A1", "A2")
OLD = {"a": [10.0, 0.0, 5.0], "b": [20.0, 8.0, 1.0]}
NEW = {"a": [30.0, 0.0, 5.0], "b": [20.0, 8.0, 9.0]}


def definition(a: float = 1, b: float = 1, **more: Any) -> Definition:
    children = [{"indicator": "a", "weight": a}, {"indicator": "b", "weight": b}]
    plain = {"normalise": {"method": "none"}, "scale": {"method": "none"}}
    return Definition.parse({"id": "mine", "title": "Mine", "children": children} | plain | more)


def side(
    name: str,
    columns: dict[str, list[float]],
    method: Definition,
    codes: tuple[str, ...] = CODES,
    down: tuple[str, ...] = (),
) -> Side:
    table = ValueTable(
        codes=np.array(codes),
        indicators=tuple(columns),
        values=np.array(list(columns.values())).T,
        population=np.ones(len(codes)),
        directions=tuple(DOWN if one in down else UP for one in columns),
    )
    made = compose(method, table)
    return Side(name, table, method, made.score, made.rank, made.decile, codes)


def test_the_parts_of_change_by_hand() -> None:
    found = compare_sides(
        side("one", OLD, definition(1, 1)), side("two", NEW, definition(3, 1)), "mine"
    )
    # A0: 15 before, 27.5 after; new data by the old method 25, old data by the new method 12.5
    assert found.score.old == pytest.approx([15, 4, 3])
    assert found.score.new == pytest.approx([27.5, 2, 6])
    # A2: data (7 - 3 + 6 - 4) / 2, method (4 - 3 + 6 - 7) / 2
    assert found.score.by_data == pytest.approx([12.5, 0, 3])
    assert found.score.by_method == pytest.approx([0, -2, 0])
    assert found.score.by_program == pytest.approx([0, 0, 0])
    assert found.orders == 2
    assert found.method_changes == ("index > a, weight: 1.0 to 3.0",)


def test_ranks_are_split_like_scores() -> None:
    found = compare_sides(
        side("one", OLD, definition(1, 1)), side("two", NEW, definition(3, 1)), "mine"
    )
    assert found.rank.old.tolist() == [1, 2, 3]
    assert found.rank.new.tolist() == [1, 3, 2]
    # A1 ranks 2 of the old data by the old method and 3 in every other run: half to each part
    assert (found.rank.by_data[1], found.rank.by_method[1]) == (0.5, 0.5)
    parts = found.rank.by_data + found.rank.by_method + found.rank.by_program
    assert parts == pytest.approx(found.rank.total)


def test_with_one_method_all_change_is_of_data() -> None:
    found = compare_sides(side("one", OLD, definition()), side("two", NEW, definition()), "mine")
    assert found.score.by_data == pytest.approx(found.score.total)
    assert found.score.by_method == pytest.approx([0, 0, 0])
    assert found.method_changes == ()
    assert found.summary()["score"]["share_by_data"] == pytest.approx(1)


def test_with_the_same_data_all_change_is_of_method() -> None:
    found = compare_sides(
        side("one", OLD, definition()), side("two", OLD, definition(0, 1)), "mine"
    )
    assert found.score.by_method == pytest.approx(found.score.total)
    assert found.summary()["score"]["share_by_method"] == pytest.approx(1)


def test_an_indicator_that_only_one_edition_has_leaves_one_order() -> None:
    wider = definition(
        children=[{"indicator": "a"}, {"indicator": "b"}, {"indicator": "c", "weight": 2}]
    )
    third = NEW | {"c": [1.0, 2.0, 3.0]}
    found = compare_sides(side("one", OLD, definition()), side("two", third, wider), "mine")
    assert found.orders == 1
    assert found.indicators_only_new == ("c",)
    # new data by the old method, then the new method: A0 15, 25, 13
    assert found.score.by_data[0] == pytest.approx(10)
    assert found.score.by_method[0] == pytest.approx(-12)
    assert any("cannot be computed without c" in note for note in found.notes)


def test_what_each_edition_lacks_of_the_other_leaves_the_change_whole() -> None:
    first = definition(children=[{"indicator": "a"}])
    second = definition(children=[{"indicator": "z"}])
    found = compare_sides(
        side("one", {"a": OLD["a"]}, first), side("two", {"z": NEW["a"]}, second), "mine"
    )
    assert found.orders == 0
    assert np.isnan(found.score.by_data).all()
    assert np.isnan(found.score.by_method).all()
    assert found.score.total == pytest.approx([20, 0, 0])
    assert found.summary()["score"]["share_by_data"] is None


def test_a_turned_direction_is_a_change_of_method() -> None:
    ranks = {"normalise": {"method": "percentile_rank"}}
    method = definition(**ranks)
    found = compare_sides(side("one", OLD, method), side("two", OLD, method, down=("b",)), "mine")
    assert found.method_changes == ("direction of b: higher_is_riskier to lower_is_riskier",)
    assert found.score.by_method == pytest.approx(found.score.total)
    assert np.abs(found.score.total).max() > 0


def test_areas_are_matched_by_code_and_the_rest_listed() -> None:
    method = definition()
    later = side("two", NEW, method, codes=("A2", "A9", "A0"))
    found = compare_sides(side("one", OLD, method), later, "mine")
    assert found.codes.tolist() == ["A2", "A0"]
    assert (found.only_old, found.only_new) == (("A1",), ("A9",))
    assert found.score.old.tolist() == [3, 15]
    assert found.score.new.tolist() == [25, 7]


def test_strangers_are_refused() -> None:
    other = side("two", NEW, definition(), codes=("B0", "B1", "B2"))
    with pytest.raises(NotFoundError, match="areas in both one and two"):
        compare_sides(side("one", OLD, definition()), other, "mine")


def test_missing_scores_stay_missing() -> None:
    gaps = {"a": [np.nan, 0.0, 5.0], "b": [np.nan, 8.0, 1.0]}
    found = compare_sides(side("one", gaps, definition()), side("two", NEW, definition()), "mine")
    assert np.isnan(found.score.total[0])
    assert found.decile_old[0] == 0
    assert found.summary()["areas"]["scored_in_both"] == 2


def test_a_definition_of_another_form_is_said() -> None:
    first = side("one", OLD, definition())
    unread = Side("one", first.table, None, first.score, first.rank, first.decile, first.labels)
    found = compare_sides(unread, side("two", NEW, definition()), "mine")
    assert found.orders == 0
    assert "one by the method of one: the definition is of a form" in found.notes[0]


def test_words_of_a_definition_are_no_change_of_method() -> None:
    assert definition_changes(definition(), definition(title="Other", version="2")) == ()
    changed = definition_changes(definition(), definition(aggregate={"method": "geometric"}))
    assert any(line.startswith("index, aggregate: ") for line in changed)


def test_fields_that_only_explain_are_no_change_of_method() -> None:
    plain = definition()
    told = {"indicator": "a", "weight": 1, "response": "skills", "title": "An A"}
    with_words = Definition.parse(
        plain.model_dump(mode="json")
        | {"title": "Ours", "children": [told, {"indicator": "b", "weight": 1}]}
    )
    assert definition_changes(plain, with_words) == ()


def test_the_summary_and_frame_hold_everything() -> None:
    found = compare_sides(
        side("one", OLD, definition(1, 1)), side("two", NEW, definition(3, 1)), "mine"
    )
    published = json.loads(json.dumps(found.summary(), allow_nan=False))
    assert published["areas"]["in_both"] == 3
    assert sum(map(sum, published["tenths"])) == 3
    frame = found.to_frame()
    assert frame["code"].tolist() == list(CODES)
    parts = frame["score_by_data"] + frame["score_by_method"] + frame["score_by_program"]
    assert parts.to_numpy() == pytest.approx(frame["score_change"].to_numpy())


def test_an_edition_equals_itself(sample_edition: Path) -> None:
    found = compare(sample_edition, sample_edition, "exclusion")
    assert len(found.codes) > 100
    assert found.score.total == pytest.approx(np.zeros(len(found.codes)))
    assert found.notes == ()
    assert found.summary()["same_tenth"] == len(found.codes)


def test_what_the_program_does_not_reproduce_is_kept_apart(
    sample_edition: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(sample_edition, other)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    manifest["edition"] = "other"
    mine = next(one for one in manifest["indices"] if one["id"] == "exclusion")
    first, *_ = mine["definition"]["children"]
    first["weight"] = 5 * first["weight"] + 1
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = compare(other, sample_edition, "exclusion")
    assert found.score.total == pytest.approx(np.zeros(len(found.codes)))
    assert np.abs(found.score.by_method).max() > 0.1
    assert found.score.by_program == pytest.approx(-found.score.by_method)
    assert any("other: " in note and "this version computes" in note for note in found.notes)


def test_a_folder_that_is_no_edition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match=r"manifest\.json"):
        compare(tmp_path, tmp_path, "exclusion")
