"""Selections, bases, uploads, weights and rolling up: worked by hand on six small areas."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.areas.atlas import Atlas, IndicatorValues, Level, ScoreSet
from exclusion_map.areas.bases import BaseName, base_of, outside_note, parse_base
from exclusion_map.areas.explanation import percentile_at
from exclusion_map.areas.rolling import larger_base, roll_scores, weighted_mean
from exclusion_map.areas.scoring import Question, answer, at_level, explained_at, parse_weights
from exclusion_map.areas.selection import (
    choose,
    geometry_of,
    outlined,
    read_codes,
    read_outline,
)
from exclusion_map.areas.upload_files import read_upload, upload_from
from exclusion_map.areas.uploads import Upload, bring
from exclusion_map.areas.value_table import value_table
from exclusion_map.errors import (
    DefinitionError,
    ExclusionMapError,
    InvalidRequestError,
    NotFoundError,
)
from exclusion_map.index import Base, Definition
from exclusion_map.index.explain import percentiles
from exclusion_map.terms import AreaKind, Direction

N = 6
CODES = tuple(f"E0100000{n}" for n in range(1, N + 1))
PEOPLE = np.array([100.0, 300.0, 100.0, 100.0, 200.0, 200.0])
COUNCIL = np.array([0, 0, 0, 1, 1, 1], dtype=np.int32)
REGION = np.array([0, 0, 0, 0, -1, -1], dtype=np.int32)
OLD = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
POOR = np.array([6.0, 5.0, 4.0, 3.0, 2.0, np.nan])


def level(kind: AreaKind, codes: tuple[str, ...], **more: object) -> Level:
    n = len(codes)
    given: dict[str, object] = {
        "population": np.full(n, 500.0),
        "longitude": np.arange(n) + 0.5,
        "latitude": np.full(n, 0.5),
        "parents": {},
    }
    return Level(
        kind=kind,
        codes=codes,
        names=codes,
        labels=tuple(f"Place {code}" for code in codes),
        nations=("England",) * n,
        households=np.full(n, 5.0),
        bbox=np.zeros((n, 4)),
        small_areas=np.ones(n, dtype=np.int32),
        position={code: row for row, code in enumerate(codes)},
        **(given | more),  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    values = np.column_stack([OLD, POOR])
    small = level(
        AreaKind.SMALL_AREA,
        CODES,
        population=PEOPLE,
        parents={AreaKind.LOCAL_AUTHORITY: COUNCIL, AreaKind.REGION: REGION},
        rural_urban=("Urban", "Urban", "Rural", "Rural", "Urban", ""),
    )
    return Atlas(
        levels={
            AreaKind.SMALL_AREA: small,
            AreaKind.LOCAL_AUTHORITY: level(AreaKind.LOCAL_AUTHORITY, ("E06000001", "E06000002")),
            AreaKind.REGION: level(AreaKind.REGION, ("E12000001",)),
        },
        scores={},
        indicators={
            AreaKind.SMALL_AREA: IndicatorValues(
                ids=("old", "poor"),
                value=values,
                numerator=values,
                denominator=np.full(values.shape, 100.0),
                quality=np.zeros(values.shape, dtype=np.uint8),
                qualities=("observed",),
            )
        },
    )


@pytest.fixture(scope="module")
def table(atlas: Atlas):
    up = Direction.HIGHER_IS_RISKIER
    return value_table(atlas, {"old": up, "poor": up})


@pytest.fixture(scope="module")
def definition() -> Definition:
    return Definition.parse(
        {
            "id": "risk",
            "title": "Risk",
            "children": [
                {"id": "age", "title": "Age", "weight": 2, "children": [{"indicator": "old"}]},
                {"indicator": "poor", "weight": 1},
            ],
        }
    )


# selections


def test_codes_of_any_kind_are_combined_and_each_area_counts_once(atlas: Atlas) -> None:
    found = choose(atlas, ["E06000001", " e01000001 ", "E01000005", "E09999999", ""])
    assert found.rows.tolist() == [0, 1, 2, 4]
    assert found.unknown == ("E09999999",)
    assert found.repeated == 1
    assert found.mask(N).tolist() == [True, True, True, False, True, False]


def test_one_code_is_described_by_its_name(atlas: Atlas) -> None:
    assert choose(atlas, ["E06000001"]).described == "Place E06000001"


@pytest.mark.parametrize("codes", [[], ["", "  "]])
def test_an_empty_list_is_refused(atlas: Atlas, codes: list[str]) -> None:
    with pytest.raises(InvalidRequestError, match="no code"):
        choose(atlas, codes)


def test_a_list_of_unknown_codes_is_refused_by_name(atlas: Atlas) -> None:
    with pytest.raises(NotFoundError, match="X1, X2, X3 and 1 more"):
        choose(atlas, ["X1", "X2", "X3", "X4"])


def square(west: float, east: float) -> dict[str, object]:
    ring = [[west, 0], [east, 0], [east, 1], [west, 1], [west, 0]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


@pytest.mark.parametrize(
    "outline",
    [
        square(0, 2),
        feature(square(0, 2)),
        {"type": "FeatureCollection", "features": [feature(square(0, 2))]},
        {
            "type": "FeatureCollection",
            "features": [feature(square(0, 1)), feature(square(1, 2))],
        },
    ],
)
def test_an_outline_takes_in_areas_whose_point_is_inside(atlas: Atlas, outline: dict) -> None:
    found = outlined(atlas, outline)
    assert found.rows.tolist() == [0, 1]
    assert "point" in found.how


@pytest.mark.parametrize(
    "outline",
    [
        {},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": "everywhere"},
        {"type": "Feature", "geometry": None},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": ["x"]},
        {"type": "FeatureCollection", "features": [feature({"type": "Point"})]},
        square(50, 60),
    ],
)
def test_a_malformed_or_empty_outline_is_refused(atlas: Atlas, outline: dict) -> None:
    with pytest.raises(InvalidRequestError, match="drawn outline"):
        outlined(atlas, outline)


def test_multipolygons_of_a_collection_are_joined() -> None:
    both = {"type": "MultiPolygon", "coordinates": [[1], [2]]}
    joined = geometry_of({"type": "FeatureCollection", "features": [feature(both), feature(both)]})
    assert joined["coordinates"] == [[1], [2], [1], [2]]


def test_outlines_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(square(0, 1)))
    assert read_outline(path)["type"] == "Polygon"
    path.write_text("[1]")
    with pytest.raises(InvalidRequestError, match="no object"):
        read_outline(path)
    path.write_text("{")
    with pytest.raises(InvalidRequestError, match=r"area\.geojson"):
        read_outline(path)


@pytest.mark.parametrize(
    "text",
    [
        "E01000001\nE01000002\n",
        "\ufeffcode\nE01000001\n\nE01000002\n",
        "name,LSOA21CD\nA,E01000001\nB,E01000002\n",
        "anything\nE01000001\nE01000002\n",
    ],
)
def test_lists_of_codes_with_and_without_a_heading(tmp_path: Path, text: str) -> None:
    path = tmp_path / "codes.csv"
    path.write_text(text, encoding="utf-8")
    assert read_codes(path) == ("E01000001", "E01000002")


def test_a_list_without_codes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    for text in ("", "code\n"):
        path.write_text(text)
        with pytest.raises(InvalidRequestError, match="no code"):
            read_codes(path)
    with pytest.raises(InvalidRequestError, match=r"absent\.csv"):
        read_codes(tmp_path / "absent.csv")


# bases


def test_bases_by_name(atlas: Atlas) -> None:
    assert base_of(atlas, BaseName.ALL).groups is None
    council = base_of(atlas, BaseName.LOCAL_AUTHORITY)
    assert council.groups is not None
    assert council.groups.tolist() == COUNCIL.tolist()
    assert council.names == ("Place E06000001", "Place E06000002")
    classes = base_of(atlas, BaseName.RURAL_URBAN)
    assert classes.groups is not None
    assert classes.names == ("Rural", "Urban")
    assert classes.groups.tolist() == [1, 1, 0, 0, 1, -1]
    chosen = base_of(atlas, BaseName.SELECTION, choose(atlas, [CODES[1]]))
    assert chosen.groups is not None
    assert chosen.groups.tolist() == [-1, 0, -1, -1, -1, -1]


def test_bases_that_cannot_be(atlas: Atlas) -> None:
    with pytest.raises(InvalidRequestError, match="no areas chosen"):
        base_of(atlas, BaseName.SELECTION)
    with pytest.raises(NotFoundError, match="icb"):
        base_of(atlas, BaseName.ICB)
    with pytest.raises(InvalidRequestError, match="local_authority"):
        parse_base("council")


def test_areas_outside_a_base_are_told(atlas: Atlas) -> None:
    assert outside_note(atlas, base_of(atlas, BaseName.ALL)) == ""
    assert outside_note(atlas, base_of(atlas, BaseName.LOCAL_AUTHORITY)) == ""
    assert outside_note(atlas, base_of(atlas, BaseName.REGION)).startswith(
        "2 small areas (England)"
    )


# rolling up


def test_a_mean_by_people_leaves_gaps_out() -> None:
    values = np.array([10.0, 20.0, np.nan, 40.0, 1.0, 2.0])
    parent = np.array([0, 0, 0, 1, -1, -1], dtype=np.int32)
    # (10 * 100 + 20 * 300) / 400; the third area of the first has no value, the third none at all
    assert weighted_mean(values, PEOPLE, parent, 3).tolist()[:2] == [17.5, 40.0]
    assert math.isnan(weighted_mean(values, PEOPLE, parent, 3)[2])


def test_scores_of_larger_areas_by_hand() -> None:
    scores = ScoreSet(
        score=np.array([100.0, 0.0, np.nan, 50.0, 50.0, 80.0]),
        rank=np.array([1, 5, 0, 3, 3, 2], dtype=np.int32),
        decile=np.array([1, 10, 0, 5, 5, 1], dtype=np.uint8),
        ranked=5,
        data_share=np.array([1.0, 1.0, 0.25, 1.0, 1.0, 0.5]),
        worst_tenth_share=np.full(N, np.nan),
    )
    rolled = roll_scores(scores, PEOPLE, COUNCIL, 2)
    assert rolled.score.tolist() == [25.0, 62.0]
    assert rolled.rank.tolist() == [2, 1]
    assert rolled.ranked == 2
    # people of all three areas: (100 + 300 + 0.25 * 100) / 500, (100 + 200 + 0.5 * 200) / 500
    assert rolled.data_share.tolist() == [0.85, 0.8]
    # people with a score alone: 100 of 400, 200 of 500
    assert rolled.worst_tenth_share.tolist() == [0.25, 0.4]


def test_larger_areas_are_ranked_in_the_group_that_holds_nearly_all_of_them() -> None:
    assert larger_base(Base.everyone(), COUNCIL, 2) is None
    inside = larger_base(Base(COUNCIL, ("a", "b")), COUNCIL, 2)
    assert inside is not None
    assert inside.groups is not None
    assert inside.groups.tolist() == [0, 1]
    across = larger_base(Base(np.array([0, 0, 1, 1, 1, -1], np.int32)), COUNCIL, 2)
    assert across is not None
    assert across.groups is not None
    # the first lies across two groups; the second in one, but for an area outside the base
    assert across.groups.tolist() == [-1, 1]


def test_percentiles_of_one_are_those_of_all() -> None:
    values = np.array([3.0, 1.0, np.nan, 3.0, 5.0])
    every = np.ones(5, dtype=bool)
    assert [percentile_at(values, every, row) for row in (0, 1, 3, 4)] == [
        pytest.approx(one) for one in percentiles(values)[[0, 1, 3, 4]]
    ]
    assert percentile_at(values, every, 2) is None
    assert percentile_at(values, None, 0) is None
    assert percentile_at(values, every, 1, lower=True) == 87.5


# uploads


def test_uploads_become_columns_and_join_the_index(atlas: Atlas, table, definition) -> None:
    upload = Upload(id="meals", counts={CODES[0]: (1, 4), CODES[1]: (0, 0), "X": (1, 2)})
    brought = bring(atlas, table, definition, [upload], {"meals": 3})
    column = brought.table.column("meals")
    assert column[0] == 25.0
    assert np.isnan(column[1:]).all()
    assert brought.unknown == ("X",)
    assert brought.definition.weights()["meals"] == 3
    assert "1 of 6" in brought.notes[0]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, "either values or counts"),
        ({"values": {"a": 1}, "counts": {"a": (1, 2)}}, "either values or counts"),
        ({"counts": {"a": (3, 2)}}, "above their denominator"),
        ({"counts": {"a": (-1, 2)}}, "greater than or equal to 0"),
        ({"values": {"a": math.inf}}, "finite"),
    ],
)
def test_uploads_that_cannot_be(fields: dict[str, object], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        Upload.model_validate({"id": "meals", **fields})


def test_uploads_are_checked_against_the_edition(atlas: Atlas, table, definition) -> None:
    with pytest.raises(InvalidRequestError, match="already"):
        bring(atlas, table, definition, [Upload(id="old", values={CODES[0]: 1})], {})
    with pytest.raises(InvalidRequestError, match="no value for any small area"):
        bring(atlas, table, definition, [Upload(id="meals", values={"X": 1})], {})
    many = [Upload(id=f"m{n}", values={CODES[0]: 1}) for n in range(11)]
    with pytest.raises(InvalidRequestError, match="at most 10"):
        bring(atlas, table, definition, many, {})


def test_a_declared_direction_holds_for_an_upload(atlas: Atlas, table) -> None:
    definition = Definition.parse(
        {
            "id": "speed",
            "title": "Speed",
            "supplied": [{"id": "mbit", "title": "Speed", "direction": "lower_is_riskier"}],
            "children": [{"indicator": "mbit"}],
        }
    )
    values = {code: float(n) for n, code in enumerate(CODES)}
    upload = Upload(id="mbit", values=values)
    found = answer(atlas, table, Question(definition=definition, uploads=(upload,)))
    assert found.composite.rank.tolist() == [1, 2, 3, 4, 5, 6]
    other = Upload(id="mbit", values=values, direction=Direction.HIGHER_IS_RISKIER)
    with pytest.raises(InvalidRequestError, match="lower_is_riskier"):
        answer(atlas, table, Question(definition=definition, uploads=(other,)))


def test_uploads_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "Free meals.csv"
    path.write_text("Area_Code,value\nE01000001,1.5\nE01000002,\n")
    read = read_upload(path, direction=Direction.LOWER_IS_RISKIER)
    assert read.id == "free_meals"
    assert read.values == {"E01000001": 1.5, "E01000002": None}
    assert read.direction is Direction.LOWER_IS_RISKIER
    path.write_text("code,numerator,denominator\nE01000001,1,4\nE01000002,,4\n")
    assert read_upload(path).shares() == {"E01000001": 25.0}


def test_one_column_of_a_wider_file_under_a_name_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "File_7.csv"
    path.write_text("LSOA code (2021),Income: rank,Crime\nE01000001,12,3\nE01000002,7,\n")
    named = upload_from(f"income_rank={path}:Income: rank")
    assert (named.id, named.values) == ("income_rank", {"E01000001": 12.0, "E01000002": 7.0})
    assert upload_from(f"{path}:crime").id == "crime"
    with pytest.raises(InvalidRequestError, match="income: rank, crime"):
        upload_from(f"{path}:Health")
    with pytest.raises(InvalidRequestError, match="No such file"):
        upload_from(str(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "columns none"),
        ("area_code,amount\n", "columns area_code, amount"),
        ("area_code,value\nE01000001,many\n", "'many' in row 2"),
        ("area_code,value\nE01000001,inf\n", "'inf' in row 2"),
        ("area_code,value\nE01000001,1\nE01000001,2\n", "E01000001 twice"),
        ("area_code,value\n,1\n", "row 2 without a code"),
        ("area_code,value\n", "either values or counts"),
        ("area_code,numerator,denominator\nE01000001,5,4\n", "above their denominator"),
    ],
)
def test_files_that_are_no_uploads(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "extra.csv"
    path.write_text(text)
    with pytest.raises(InvalidRequestError, match=found):
        read_upload(path)


# weights


def test_weights_as_text_and_as_json() -> None:
    assert parse_weights("") == {}
    assert parse_weights("age:2, poor:0.5") == {"age": 2.0, "poor": 0.5}
    assert parse_weights('{"age": 2, "poor": 0.5}') == {"age": 2.0, "poor": 0.5}


@pytest.mark.parametrize(
    "text",
    ["age", "age:", ":2", "age:-1", "age:nan", "age:inf", "age:2,age:3", "{", '{"age": "x"}',
     '{"age": {"b": 1}}', '{"age": true}', '{"age": 1, "age": 2}'],
)  # fmt: skip
def test_weights_that_are_none(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="weights"):
        parse_weights(text)


# answers


def test_an_answer_at_each_level(atlas: Atlas, table, definition) -> None:
    found = answer(atlas, table, Question(definition=definition, weights={"poor": 0}))
    # old alone: the score runs with it
    assert found.composite.rank.tolist() == [6, 5, 4, 3, 2, 1]
    councils = at_level(atlas, found, AreaKind.LOCAL_AUTHORITY)
    mean = [(0 * 100 + 20 * 300 + 40 * 100) / 500, (60 * 100 + 80 * 200 + 100 * 200) / 500]
    assert councils.scores.score.tolist() == pytest.approx(mean)
    assert councils.scores.rank.tolist() == [2, 1]
    assert councils.ranked.tolist() == [2, 2]


def test_within_each_authority_ranks_start_again(atlas: Atlas, table, definition) -> None:
    asked = Question(definition=definition, weights={"poor": 0}, base=BaseName.LOCAL_AUTHORITY)
    scored = at_level(atlas, answer(atlas, table, asked), AreaKind.SMALL_AREA)
    assert scored.scores.rank.tolist() == [3, 2, 1, 3, 2, 1]
    assert scored.ranked.tolist() == [3] * N
    assert scored.group(0) == "Place E06000001"


def test_a_base_of_one_area_is_told(atlas: Atlas, table, definition) -> None:
    asked = Question(
        definition=definition, base=BaseName.SELECTION, selection=choose(atlas, [CODES[2]])
    )
    found = answer(atlas, table, asked)
    assert found.composite.score[2] == 50
    assert np.isnan(np.delete(found.composite.score, 2)).all()
    assert any("does not differ" in note for note in found.notes)


def test_adding_areas_outside_the_selection_changes_nothing_in_it(
    atlas: Atlas, table, definition
) -> None:
    three = choose(atlas, ["E06000001"])
    whole = answer(
        atlas, table, Question(definition=definition, base=BaseName.SELECTION, selection=three)
    )
    each = answer(atlas, table, Question(definition=definition, base=BaseName.LOCAL_AUTHORITY))
    assert whole.composite.score[:3].tolist() == each.composite.score[:3].tolist()


def test_means_of_contributions_add_up_at_every_level(atlas: Atlas, table, definition) -> None:
    found = answer(atlas, table, Question(definition=definition))
    median = np.median(found.composite.score)
    councils = explained_at(atlas, found, AreaKind.LOCAL_AUTHORITY)
    assert councils.contributions.sum(axis=1) == pytest.approx(councils.score - median)
    assert councils.components["age"].shape == (2,)


def test_only_the_areas_of_a_selection_are_shown(atlas: Atlas, table, definition) -> None:
    asked = Question(definition=definition, selection=choose(atlas, [CODES[4]]))
    found = answer(atlas, table, asked)
    assert at_level(atlas, found, AreaKind.SMALL_AREA).rows.tolist() == [4]
    assert at_level(atlas, found, AreaKind.LOCAL_AUTHORITY).rows.tolist() == [1]
    assert at_level(atlas, found, AreaKind.REGION).rows.tolist() == []


@pytest.mark.parametrize(
    ("weights", "found"),
    [({"none": 1}, "no group or indicator 'none'"), ({"age": 0, "poor": 0}, "all weights are 0")],
)
def test_weights_the_definition_cannot_have(
    atlas: Atlas, table, definition, weights: dict[str, float], found: str
) -> None:
    with pytest.raises(DefinitionError, match=found):
        answer(atlas, table, Question(definition=definition, weights=weights))


def test_a_table_without_directions_is_refused(atlas: Atlas) -> None:
    with pytest.raises(ExclusionMapError, match="poor"):
        value_table(atlas, {"old": Direction.HIGHER_IS_RISKIER})


def test_the_table_of_an_edition_is_rolled_up_alike(atlas: Atlas, table, definition) -> None:
    from exclusion_map.areas.rollup import score_table
    from exclusion_map.geography.larger import PARENT_COLUMNS

    small = pd.DataFrame({"code": CODES, "population": PEOPLE})
    for column, _ in PARENT_COLUMNS.values():
        small[column] = None
    small["local_authority_code"] = np.array(["E06000001", "E06000002"])[COUNCIL]
    found = answer(atlas, table, Question(definition=definition))
    rows = score_table("risk", found.composite, small).set_index("kind").loc["local_authority"]
    rolled = at_level(atlas, found, AreaKind.LOCAL_AUTHORITY).scores
    assert rows["code"].tolist() == ["E06000001", "E06000002"]
    assert rows["score"].tolist() == rolled.score.tolist()
    assert rows["rank"].tolist() == rolled.rank.tolist()
    assert rows["worst_tenth_share"].tolist() == rolled.worst_tenth_share.tolist()
