"""Nomis: bulk zips with one or many geographies, and tables saved from a query."""

import zipfile
from pathlib import Path

import pytest

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.nomis import read_bulk, read_query

COLUMNS = ["General health: Total: All usual residents", "General health: Bad health"]
HEADER = "date,geography,geography code," + ",".join(
    f"{column}; measures: Value" for column in COLUMNS
)
ROWS = "2021,Adur 001B,E01031350,1500,70\n2021,Adur 001A,E01031349,1600,80\n"


def bulk(tmp_path: Path, members: dict[str, str], name: str = "census2021-ts037.zip") -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


def test_the_suffix_of_measures_is_dropped_and_areas_are_sorted(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{HEADER}\n{ROWS}"})
    made = read_bulk(path, COLUMNS, table="ts037")
    assert made.values.columns.tolist() == COLUMNS
    assert made.values.index.tolist() == ["E01031349", "E01031350"]
    assert made.values.loc["E01031349"].tolist() == [1600.0, 80.0]
    assert made.layout == "Nomis bulk zip"


def test_headings_without_the_suffix_are_the_same_table(tmp_path: Path) -> None:
    text = HEADER.replace("; measures: Value", "")
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{text}\n{ROWS}"})
    assert read_bulk(path, COLUMNS, table="ts037").values.shape == (2, 2)


def test_small_areas_are_found_among_many_geographies(tmp_path: Path) -> None:
    path = bulk(
        tmp_path,
        {
            "census2021-ts037-ctry.csv": f"{HEADER}\n2021,England,E92000001,1,1\n",
            "census2021-ts037-oa.csv": f"{HEADER}\n2021,E00000001,E00000001,1,1\n",
            "census2021-ts037-lsoa.csv": f"\ufeff{HEADER}\n{ROWS}",
            "metadata/ts037.txt": "notes",
        },
    )
    assert len(read_bulk(path, COLUMNS, table="ts037").values) == 2


def test_a_zip_without_small_areas_lists_what_it_holds(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-msoa.csv": "x"})
    with pytest.raises(SourceError, match=r"census2021-ts037-msoa\.csv"):
        read_bulk(path, COLUMNS, table="ts037")


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "census2021-ts037.zip"
    path.write_text("<html>")
    with pytest.raises(SourceError, match="a whole zip file"):
        read_bulk(path, COLUMNS, table="ts037")


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{HEADER}\n{ROWS}"})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match="a whole zip file"):
        read_bulk(path, COLUMNS, table="ts037")


def test_a_zip_whose_bytes_were_changed_is_refused(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{HEADER}\n{ROWS}"})
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1600", b"1900"))
    with pytest.raises(SourceError, match="CRC"):
        read_bulk(path, COLUMNS, table="ts037")


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{HEADER}\n{ROWS}"})
    with pytest.raises(SourceError, match="Very bad health"):
        read_bulk(path, [*COLUMNS, "General health: Very bad health"], table="ts037")


def test_an_undeclared_column_is_refused(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{HEADER}\n{ROWS}"})
    with pytest.raises(SourceError, match=r"unknown columns \['General health: Bad health'\]"):
        read_bulk(path, COLUMNS[:1], table="ts037")


def test_another_topic_under_the_same_name_is_refused(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts038-lsoa.csv": f"{HEADER}\n{ROWS}"})
    with pytest.raises(SourceError, match="columns that begin with 'Disability'"):
        read_bulk(path, [], table="ts038")


def test_small_areas_of_2011_in_the_place_of_others_are_refused(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROWS}2021,Adur,E07000223,1,1\n"
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": text})
    with pytest.raises(SourceError, match="E07000223"):
        read_bulk(path, COLUMNS, table="ts037")


def test_census_counts_are_never_withheld(tmp_path: Path) -> None:
    path = bulk(tmp_path, {"census2021-ts037-lsoa.csv": f"{HEADER}\n2021,A,E01000001,*,1\n"})
    with pytest.raises(SourceError, match=r"'\*' for E01000001"):
        read_bulk(path, COLUMNS, table="ts037")


QUERY = """RM121 - Sex by age,,
"ONS Crown Copyright Reserved [from Nomis on 14 February 2024]",,
Population :,All Usual residents,
Units      :,Persons,
Date       :,2021,
Sex        :,All persons,
,,
2021 super output area - lower layer,Total,Aged 65 years
,,
E01011954 : Hartlepool 001A,2280,17
W01000003 : Isle of Anglesey 001A,1500,30
,,
,"In order to protect against disclosure of personal information, records",
"""


def query(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "RM121-lsoa.csv"
    path.write_text(text)
    return path


def test_headings_and_footnotes_of_a_query_are_passed_over(tmp_path: Path) -> None:
    made = read_query(query(tmp_path, QUERY), ["Total", "Aged 65 years"])
    assert made.values.index.tolist() == ["E01011954", "W01000003"]
    assert made.values["Aged 65 years"].tolist() == [17.0, 30.0]


def test_a_query_of_other_areas_is_refused(tmp_path: Path) -> None:
    other = QUERY.replace("super output area - lower layer", "local authority")
    with pytest.raises(SourceError, match="2021 super output areas - lower layer"):
        read_query(query(tmp_path, other), ["Total"])


def test_a_query_without_a_band_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Aged 85 years and over"):
        read_query(query(tmp_path, QUERY), ["Total", "Aged 85 years and over"])


def test_a_row_of_a_query_that_is_no_area_is_refused(tmp_path: Path) -> None:
    text = QUERY.replace("W01000003 : Isle of Anglesey 001A", "Column total")
    with pytest.raises(SourceError, match="Column total"):
        read_query(query(tmp_path, text), ["Total"])
