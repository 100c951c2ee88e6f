"""CSV readers: encodings, headers, and what they refuse."""

from pathlib import Path

import pytest

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.text import read_csv, read_text


def write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "lookup.csv"
    path.write_bytes(data)
    return path


def test_declared_columns_come_in_the_order_declared(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,ObjectId,b\n1,9,x\n2,8,y\n")
    frame = read_csv(path, ["b", "a"])
    assert list(frame.columns) == ["b", "a"]
    assert frame.values.tolist() == [["x", "1"], ["y", "2"]]


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffLSOA21CD,NM\nE01000001,Môn\n".encode())
    frame = read_csv(path, ["LSOA21CD", "NM"])
    assert frame.loc[0].tolist() == ["E01000001", "Môn"]


def test_windows_text_is_read_as_cp1252(tmp_path: Path) -> None:
    path = write(tmp_path, "code,name\nW06000001,Ynys Môn – island\n".encode("cp1252"))
    assert read_csv(path, ["name"]).loc[0, "name"] == "Ynys Môn – island"


def test_bytes_of_neither_encoding_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"code\n\x81\xff\n")
    with pytest.raises(SourceError, match="0x81 at 5"):
        read_text(path)


def test_only_an_empty_cell_is_missing(tmp_path: Path) -> None:
    frame = read_csv(write(tmp_path, b"code,name\nNA,\nnull,None\n"), ["code", "name"])
    assert frame["code"].tolist() == ["NA", "null"]
    assert frame["name"].isna().tolist() == [True, False]


def test_leading_zeros_stay(tmp_path: Path) -> None:
    assert read_csv(write(tmp_path, b"code\n01F\n007\n"), ["code"])["code"].tolist() == [
        "01F",
        "007",
    ]


def test_optional_columns_are_taken_when_there(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,w\n1,2\n")
    assert list(read_csv(path, ["a"], optional=["w", "z"]).columns) == ["a", "w"]


def test_a_missing_column_names_itself_and_those_found(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_csv(write(tmp_path, b"a,b\n1,2\n"), ["a", "LAD24CD"])
    assert caught.value.expected == "also ['LAD24CD']"
    assert "['a', 'b']" in caught.value.found
    assert "lookup.csv" in caught.value.thing


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="repeated columns"):
        read_csv(write(tmp_path, b"a,a\n1,2\n"), ["a"])


def test_a_web_page_saved_as_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a web page"):
        read_csv(write(tmp_path, b"\n<!DOCTYPE html><html></html>"), ["a"])


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no header row"):
        read_csv(write(tmp_path, b""), ["a"])


def test_a_row_longer_than_the_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="rows no longer than the header"):
        read_csv(write(tmp_path, b"a,b\n1,2\n1,2,3\n"), ["a", "b"])


def test_a_file_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="exclusion-map fetch"):
        read_csv(tmp_path / "gone.csv", ["a"])
