"""Figures of one's own and weights: read, checked, joined to the index."""

import math
from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.atlas import Atlas
from exclusion_map.areas.scoring import Question, answer, parse_weights
from exclusion_map.areas.upload_files import read_upload, upload_from
from exclusion_map.areas.uploads import Upload, bring
from exclusion_map.errors import (
    InvalidRequestError,
)
from exclusion_map.index import Definition
from exclusion_map.terms import Direction

from .conftest import CODES


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
    with pytest.raises(InvalidRequestError, match="Income: rank, Crime"):
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
