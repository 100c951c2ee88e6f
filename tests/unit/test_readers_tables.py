"""The registry of tables: what it knows, where files lie, and what is asked of them."""

import zipfile
from pathlib import Path

import pytest

from exclusion_map.errors import CatalogueError, SourceError, SourceMissingError
from exclusion_map.sources import files, tables

HEADER = "date,geography,geography code"


def census(raw: Path, table: str, columns: str, cells: str) -> None:
    folder = raw / tables.CENSUS
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"census2021-{table}.zip", "w") as archive:
        text = f"{HEADER},{columns}\n2021,A place,E01000001,{cells}\n"
        archive.writestr(f"census2021-{table}-lsoa.csv", text)


@pytest.mark.parametrize("table", list(tables.TABLES))
def test_every_table_comes_from_a_declared_file(table: str) -> None:
    spec = tables.table_source(table)
    assert files.declared(spec.source, spec.path).path == spec.path


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        tables.TABLES["ts001"] = tables.TABLES["ts003"]  # type: ignore[index]


def test_an_unknown_table_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="age_bands"):
        tables.read_table("ts999", tmp_path)


def test_the_catalogue_decides_which_columns_must_be_there(tmp_path: Path) -> None:
    columns = (
        "Residence type: Total; measures: Value,"
        "Residence type: Lives in a household; measures: Value,"
        "Residence type: Lives in a communal establishment; measures: Value"
    )
    census(tmp_path, "ts001", columns, "10,9,1")
    read = tables.read_table("ts001", tmp_path)
    assert read.loc["E01000001"].tolist() == [10.0, 9.0, 1.0]
    census(tmp_path, "ts001", f"{columns},Residence type: Lives on a boat", "10,9,1,0")
    with pytest.raises(SourceError, match="Lives on a boat"):
        tables.read_table("ts001", tmp_path)
    census(tmp_path, "ts001", columns.rsplit(",", 1)[0], "10,9")
    with pytest.raises(SourceError, match="communal establishment"):
        tables.read_table("ts001", tmp_path)


def test_whether_a_file_is_there_and_needed(tmp_path: Path) -> None:
    assert not tables.is_there("ts001", tmp_path)
    assert tables.is_required("ts001")
    assert not tables.is_required("ofcom_fixed_coverage")
    with pytest.raises(SourceMissingError, match="exclusion-map fetch"):
        tables.read_table("ts001", tmp_path)


def test_ages_are_there_when_one_of_two_tables_is(tmp_path: Path) -> None:
    assert tables.is_required("age_bands")
    assert not tables.is_there("age_bands", tmp_path)
    census(tmp_path, "ts007a", "Age: Total", "10")
    assert tables.is_there("age_bands", tmp_path)
    with pytest.raises(SourceError, match="Age: Aged 65 to 69 years"):
        tables.read_table("age_bands", tmp_path)
