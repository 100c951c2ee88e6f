"""Selections and bases: worked by hand on six small areas."""

from pathlib import Path

import pytest

from exclusion_map.areas.atlas import Atlas
from exclusion_map.areas.bases import BaseName, base_of, outside_note, parse_base
from exclusion_map.areas.selection import (
    choose,
    geometry_of,
    outlined,
    read_codes,
)
from exclusion_map.errors import (
    InvalidRequestError,
    NotFoundError,
)

from .conftest import CODES, COUNCIL, N


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
        with pytest.raises(InvalidRequestError, match=r"no code|an empty file"):
            read_codes(path)
    with pytest.raises(InvalidRequestError, match=r"absent\.csv"):
        read_codes(tmp_path / "absent.csv")


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
