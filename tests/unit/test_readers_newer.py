"""Publishers' files as people have them: newer, saved from a spreadsheet, with notes around."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from exclusion_map.areas.rollup_reading import read_list_file
from exclusion_map.areas.upload_files import read_upload
from exclusion_map.directory.importing.spoken_hours import parse_spoken
from exclusion_map.errors import (
    DefinitionError,
    GeographyError,
    InvalidRequestError,
    SourceError,
    SourceMissingError,
)
from exclusion_map.geography.small_areas import load
from exclusion_map.index.load import load_definition
from exclusion_map.indicators.population import everywhere
from exclusion_map.settings import UploadSettings
from exclusion_map.sources import files
from exclusion_map.sources.readers.counts import WITHHELD
from exclusion_map.sources.readers.iod import CODE, read_file7
from exclusion_map.sources.readers.text import read_csv, read_text
from exclusion_map.targeting.footprint.listing import read_listing
from exclusion_map.uploads.text import text_of_file, with_commas

TABLE = "LSOA21CD,WD24NM\nE01000001,Aldersgate\nE01000002,Bread Street\n"
COLUMNS = ("LSOA21CD", "WD24NM")


def write(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "lookup.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode("utf-16"),
        "A note of the publisher\n\n" + TABLE,
        TABLE + "\nNotes:\nSource: Office for National Statistics\n",
        TABLE + ",\n,\n",
        TABLE.replace(",", ";"),
        TABLE.replace(",", "\t"),
        TABLE.replace("LSOA21CD,WD24NM", "lsoa21cd, wd24nm"),
        TABLE.replace("WD24NM\n", "WD24NM,,\n"),
        TABLE.replace("\n", "\r\n"),
        TABLE + "E01000002,Bread Street\n",
    ],
    ids=[
        "UTF-16",
        "a note above",
        "notes below",
        "empty rows",
        "semicolons",
        "tabs",
        "other capitals",
        "columns without headings",
        "Windows lines",
        "a row that says the same again",
    ],
)
def test_the_table_is_the_same(data: str | bytes, tmp_path: Path) -> None:
    frame = read_csv(write(tmp_path, data), COLUMNS, key=COLUMNS[:1])
    assert frame.values.tolist() == [["E01000001", "Aldersgate"], ["E01000002", "Bread Street"]]


def test_an_area_that_lacks_a_name_is_no_note(tmp_path: Path) -> None:
    frame = read_csv(write(tmp_path, TABLE + "E01000003,\n"), COLUMNS)
    assert frame["WD24NM"].isna().tolist() == [False, False, True]


def test_two_rows_that_differ_are_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, TABLE + "E01000002,Candlewick\n")
    with pytest.raises(SourceError, match="such as the one of E01000002"):
        read_csv(path, COLUMNS, key=COLUMNS[:1])


def test_headings_without_rows_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, TABLE.splitlines()[0])
    with pytest.raises(SourceError, match="headings and no rows"):
        read_csv(path, COLUMNS, needs_rows=True)
    assert read_csv(path, COLUMNS).empty


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not text"):
        read_text(write(tmp_path, b"a,b\n1\x00,2\n"))


def test_a_newer_release_of_the_indices_may_have_more_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f'{CODE},Built-up area,Score,People,New rank\nE01000001,Barking,12.5,"1,234",7\n'
        "E01000002,Barking,[x],..,8\nE01000003,Barking,c,:,9\n",
    )
    table = read_file7(path, ["Score", "People"])
    assert list(table.values.columns) == ["Score", "People", "New rank"]
    assert table.values["People"].iloc[0] == 1234
    assert table.values[["Score", "People"]].iloc[1:].isna().all(axis=None)
    assert list(table.suppressed["Score"]) == ["E01000002", "E01000003"]


def test_a_dash_or_low_is_no_marker_since_some_mean_none_by_it() -> None:
    assert not {"-", "[low]"} & set(WITHHELD)


def test_an_absent_file_tells_what_is_there_instead(tmp_path: Path) -> None:
    folder = tmp_path / "ons-nspl-postcodes"
    folder.mkdir()
    (folder / "NSPL_AUG_2026.zip").touch()
    with pytest.raises(SourceMissingError, match=r"which holds NSPL_AUG_2026\.zip"):
        files.find(tmp_path, "ons-nspl-postcodes", "NSPL_MAY_2025.zip")


def outlines(tmp_path: Path, shapes: list[object]) -> Path:
    (tmp_path / "ons-lsoa21-boundaries").mkdir()
    codes = [f"E0100000{number}" for number in range(len(shapes))]
    columns = {"lsoa21cd": codes, "LSOA21NM": codes, "geometry": shapes}
    frame = gpd.GeoDataFrame(columns, crs=4326)
    frame.to_file(tmp_path / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.geojson")
    return tmp_path


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (shapely.box(53.1, -3.2, 53.2, -3.1), "swapped"),
        (shapely.Point(-3.1, 53.1), "centroids"),
    ],
)
def test_outlines_that_cannot_be_of_small_areas_are_refused(
    shape: object, told: str, tmp_path: Path
) -> None:
    with pytest.raises(GeographyError, match=told):
        load(outlines(tmp_path, [shape]))


def test_headings_of_a_layer_may_be_in_other_capitals(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match="ons-oa21"):  # the outlines are read, then lookups
        load(outlines(tmp_path, [shapely.box(-3.2, 53.1, -3.1, 53.2)]))


def test_an_area_without_people_is_told_before_anything_is_made_of_it() -> None:
    people = pd.DataFrame({"area_code": ["E01000001", "E01000002"], "population": [0.0, np.nan]})
    assert everywhere(people[:1]) is not None
    with pytest.raises(SourceError, match="such as E01000002"):
        everywhere(people)


VALUES = "area_code,value\nE01000001,12.5\nE01000002,7\n"


@pytest.mark.parametrize(
    "data",
    [
        VALUES.encode("utf-16"),
        VALUES.replace(",", ";"),
        "Our council\n\n" + VALUES + ",\n",
        VALUES.replace("7\n", "7%\n"),
        VALUES.replace("area_code", "LSOA21CD") + "E01000003,[c]\n",
    ],
    ids=["UTF-16", "semicolons", "notes and empty rows", "per cent", "withheld"],
)
def test_values_of_ones_own_are_read_however_they_were_saved(
    data: str | bytes, tmp_path: Path
) -> None:
    shares = read_upload(write(tmp_path, data)).shares()
    assert {code: shares[code] for code in ("E01000001", "E01000002")} == {
        "E01000001": 12.5,
        "E01000002": 7,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("area_code;value\nE01000001;12,5\n", "full stop"),
        ('area_code,value\nE01000001,"12,5"\n', "full stop"),
        ("area_code,value,value\nE01000001,1,2\n", "two columns headed value"),
    ],
)
def test_values_that_could_be_misread_are_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        read_upload(write(tmp_path, text))


def test_a_definition_may_be_saved_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    text = 'id = "own"\ntitle = "Own"\n[[children]]\nindicator = "disabled"\n'
    path.write_text(text, encoding="utf-8-sig")
    assert load_definition(path).id == "own"
    path.write_text(text + "weight = 1e300\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="weight"):
        load_definition(path)


@pytest.mark.parametrize("above", ["", "Our programme 2025\nPrinted 1 May\n\n", "Title,,\n"])
def test_counts_are_found_below_titles(above: str) -> None:
    text = above + "Postcode,Patients\nCH41 2AB,12\nCH41 2AD,7\n"
    listing = read_listing(text.encode(), "list.csv", UploadSettings())
    assert (listing.columns.headed, listing.columns.count, len(listing)) == (True, 1, 2)
    assert any("headings are in row" in note for note in listing.notes) == bool(above)


def test_names_that_nobody_headed_are_all_kept() -> None:
    listing = read_listing("Liverpool\nPlace\nAnfield\n", "list.csv", UploadSettings())
    assert len(listing) == 3


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_lists_to_roll_up_are_read_however_they_were_saved(encoding: str, tmp_path: Path) -> None:
    text = "pcn;code\nMôn;W01000001\nFôn;W01000002\n"
    lists = read_list_file(write(tmp_path, text.encode(encoding)))
    assert lists == {"Môn": ("W01000001",), "Fôn": ("W01000002",)}


def test_tables_brought_to_a_command_get_commas_between_cells(tmp_path: Path) -> None:
    path = write(tmp_path, "name;postcode;cost\nHall;CH41 2AB;1,200\n".encode("utf-16"))
    text = with_commas(text_of_file(path, "list"))
    assert text.splitlines()[1] == 'Hall,CH41 2AB,"1,200"'
    assert with_commas("a,b\n1,2\n") == "a,b\n1,2\n"
    with pytest.raises(InvalidRequestError, match="list: found"):
        text_of_file(tmp_path / "absent.csv", "list")


@pytest.mark.parametrize(
    ("welsh", "english"),
    [
        ("Llun-Gwener 9am-5pm", "Mon-Fri 9am-5pm"),
        ("Dydd Llun 10:00 tan 16:00, Dydd Sul ar gau", "Mon 10:00 to 16:00, Sun closed"),
        ("Mawrth a Iau 9am i 1pm", "Tue and Thu 9am to 1pm"),
    ],
)
def test_hours_of_welsh_lists_are_those_of_english_ones(welsh: str, english: str) -> None:
    assert parse_spoken(welsh) == parse_spoken(english)
