"""The declared sources: well formed, safe to download, and true of the real files."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from exclusion_map import catalogue
from exclusion_map.catalogue import Delivery, Source, SourceFile, load_sources
from exclusion_map.errors import CatalogueError, SourceError, SourceMissingError
from exclusion_map.sources import files, layout
from exclusion_map.terms import Nation

FILES = [
    pytest.param(source, file, id=f"{source.id}/{file.path}")
    for source in catalogue.sources().values()
    for file in source.files
]

DATASETS = """
    ons-lsoa21-boundaries ons-ward25-boundaries ons-lad24-boundaries ons-icb24-boundaries
    ons-country-boundaries ons-lhb22-boundaries ons-lsoa11-lsoa21-lookup ons-lsoa21-ward24-lookup
    ons-lsoa21-icb24-lookup ons-lad24-region24-lookup ons-lsoa21-ruc21
    ons-oa21-lsoa21-msoa21-lookup hoc-msoa-names nomis-census2021 mhclg-iod2025 wg-wimd2019
    wg-wimd2025 sg-dz11-boundaries sg-dz11-lookup sg-hb19-boundaries sg-simd2020v2
    nrs-census2022-dz11 nrs-mid2020-dz11 nisra-soa-boundaries nisra-soa-lgd-lookup
    nisra-nimdm2017 ons-dpi-census2021 cdrc-iuc2018 oac2021 gmca-deri mysociety-uk-imd
    ofcom-lad-2021 ofcom-connected-nations-2025 ons-nspl-postcodes ace-libraries
    nhs-ods-gp-practices nhs-ods-pharmacies nhs-pharmacies nhs-pomi-2020 dwp-jobcentres
    trafford-data-lab dfe-family-hubs
""".split()  # noqa: SIM905 - forty quoted names are harder to read


def test_every_dataset_is_declared() -> None:
    assert sorted(catalogue.sources()) == sorted(DATASETS)


def test_census_tables_that_are_only_downloaded_are_declared() -> None:
    paths = {file.path: file for file in catalogue.source("nomis-census2021").files}
    for table in ("ts003", "ts007a", "ts066"):
        file = paths[f"census2021-{table}.zip"]
        assert file.delivery is Delivery.FILE
        assert not file.required


@pytest.mark.parametrize("source", catalogue.sources().values(), ids=list(catalogue.sources()))
def test_a_source_says_whose_it_is(source: Source) -> None:
    assert source.licence in ("OGL-UK-3.0", "OGL-UK-3.0 AND MIT", "OPL-UK-3.0", "CC-BY-4.0", "OGL")
    assert source.licence_url
    assert source.attribution.endswith((".", "2024.", "2025."))
    assert source.page
    assert set(source.nations) <= set(Nation)
    names = [name for file in source.files for name in (file.path, *file.also)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("source", "file"), FILES)
def test_a_file_can_be_judged_before_it_replaces_another(source: Source, file: SourceFile) -> None:
    if file.delivery is Delivery.BY_HAND:
        assert file.address or source.page
        return
    assert file.address.startswith("https://")
    assert file.max_bytes is not None, "a download needs a bound"
    assert file.max_bytes < 1_000_000_000
    if file.required:
        assert file.rows, "a required file needs a count of rows"
        assert file.columns or file.copy_columns
        assert file.min_bytes > 1 or file.rows < 1000


def test_what_only_judges_the_index_is_not_needed_by_an_edition() -> None:
    for identity in ("ons-dpi-census2021", "gmca-deri", "nhs-pomi-2020", "mysociety-uk-imd"):
        assert not any(file.required for file in catalogue.source(identity).files)


def test_files_that_serve_instead_are_declared_beside() -> None:
    for source in catalogue.sources().values():
        paths = {file.path for file in source.files}
        for file in source.files:
            assert set(file.instead) <= paths - {file.path}
            assert set(file.rename.values()) <= set(file.columns)


@pytest.mark.national
@pytest.mark.parametrize(("source", "file"), FILES)
def test_a_declaration_is_true_of_the_real_file(
    national_raw: Path, source: Source, file: SourceFile
) -> None:
    """Rows and columns are compared exactly, whatever a later download may differ by."""
    path = files.find_or_none(national_raw, source.id, file.path)
    if path is None:
        assert not file.required
        return  # only downloadable
    exact = file.model_copy(update={"rows_within": 0.0})
    label = f"{source.id}/{path.name}"
    if path.name == file.path:
        # Its smallest and largest size are those of the publisher's file, not of the copy's.
        sized = exact.model_copy(update={"min_bytes": 1})
        found = layout.check(path, sized, label=label, unpacked_limit=1_000_000_000)
    else:
        found = layout.check_copy(path, exact, label=label)
    assert found.rows == file.rows
    if file.copy_columns:
        assert set(file.copy_columns) <= set(found.columns or ())


@pytest.mark.national
def test_every_real_file_is_declared(national_raw: Path) -> None:
    declared = {
        f"{source.id}/{name}"
        for source in catalogue.sources().values()
        for file in source.files
        for name in (file.path, *file.also)
    }
    there = {
        str(path.relative_to(national_raw)) for path in national_raw.glob("*/*") if path.is_file()
    }
    assert there - declared == set()


@pytest.mark.national
def test_the_real_folder_lacks_nothing(national_raw: Path) -> None:
    assert files.absent(national_raw) == []


# -- finding files --------------------------------------------------------------------------------


def test_the_published_name_is_preferred_to_a_copy(tmp_path: Path) -> None:
    source, path = "ons-lsoa21-boundaries", "LSOA_2021_EW_BGC.geojson"
    folder = tmp_path / source
    folder.mkdir()
    (folder / "LSOA_2021_EW_BGC.parquet").touch()
    assert files.find(tmp_path, source, path).suffix == ".parquet"
    (folder / path).touch()
    assert files.find(tmp_path, source, path).suffix == ".geojson"
    assert files.find(tmp_path, source, "LSOA_2021_EW_BGC.parquet").suffix == ".geojson"


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError) as caught:
        files.find(tmp_path, "ons-lsoa21-boundaries", "LSOA_2021_EW_BGC.geojson")
    error = caught.value
    assert error.thing == "ons-lsoa21-boundaries/LSOA_2021_EW_BGC.geojson"
    assert str(tmp_path) in error.found
    assert error.expected == "LSOA_2021_EW_BGC.geojson or LSOA_2021_EW_BGC.parquet"
    assert "exclusion-map fetch" in error.mend
    assert "EXCLUSION_MAP_RAW_DIR" in error.mend


def test_a_missing_file_without_a_direct_address_names_the_page(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match=r"by hand from https://www\.gov\.uk"):
        files.find(tmp_path, "dwp-jobcentres", "jobcentres_gb_2017_01.csv")


def test_an_undeclared_file_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no file 'x\.csv'"):
        files.find(tmp_path, "hoc-msoa-names", "x.csv")
    with pytest.raises(CatalogueError, match="no such id"):
        files.find(tmp_path, "no-such-source", "x.csv")


def test_an_empty_folder_lacks_every_required_file(tmp_path: Path) -> None:
    lacking = files.absent(tmp_path / "nowhere")
    required = [f for s in catalogue.sources().values() for f in s.files if f.required]
    assert len(lacking) == len(required) > 20
    assert str(lacking[0]) == f"{lacking[0].source.id}/{lacking[0].file.path}"
    assert any(item.by_hand for item in lacking)


def made_up(*declared: SourceFile) -> dict[str, Source]:
    plain = catalogue.source("dwp-jobcentres")
    return {"made-up": plain.model_copy(update={"id": "made-up", "files": declared})}


def file_of(path: str, **fields: Any) -> SourceFile:
    return SourceFile.model_validate(
        {"path": path, "format": "csv", "delivery": "by_hand"} | fields
    )


def test_a_file_that_serves_instead_is_enough(tmp_path: Path) -> None:
    sources = made_up(file_of("a.csv", instead=("b.csv",)), file_of("b.csv", required=False))
    (tmp_path / "made-up").mkdir()
    assert [item.file.path for item in files.absent(tmp_path, sources)] == ["a.csv"]
    (tmp_path / "made-up" / "b.csv").touch()
    assert files.absent(tmp_path, sources) == []


# -- declarations that are refused ----------------------------------------------------------------

SOURCE = """
id = "made-up"
title = "A"
publisher = "B"
licence = "OGL-UK-3.0"
attribution = "C"
vintage = "2021"
geography = "LSOA 2021"
nations = ["England"]
used_for = "Tests"
[[files]]
path = "a.csv"
format = "csv"
delivery = "file"
address = "https://example.invalid/a.csv"
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("https://", "http://", "address http://example.invalid/a.csv"),
        ('address = "https://example.invalid/a.csv"', "", "needs an address"),
        ('delivery = "file"', 'delivery = "post"', "files.0.delivery"),
        ('title = "A"', 'title = "A"\ncolour = "red"', "colour"),
        ('id = "made-up"', 'id = "other"', "id 'other'"),
        ("[[files]]", "[[files]", "TOML"),
        ('path = "a.csv"', 'path = "a.csv"\nmin_bytes = 9\nmax_bytes = 8', "max_bytes is smaller"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, old: str, new: str, found: str) -> None:
    assert old in SOURCE
    (tmp_path / "made-up.toml").write_text(SOURCE.replace(old, new, 1))
    with pytest.raises(CatalogueError) as caught:
        load_sources(tmp_path)
    assert found in caught.value.message


# -- layouts --------------------------------------------------------------------------------------


def test_notes_around_a_table_are_not_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "A title,,\n\ncode,name,value\n,,\nE01,x,1\n,keyless,2\n,,\n,a note below the table,\n"
    )
    found = layout.check(
        path,
        file_of("a.csv", skip_lines=2, rows=2, columns=["code", "value"]),
        label="a.csv",
        unpacked_limit=1,
    )
    assert found == layout.Observed(path.stat().st_size, 2, ("code", "name", "value"))


def test_a_table_without_headings_has_only_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A81001,THE SURGERY\nA81002,THE OTHER\n")
    found = layout.check(
        path, file_of("a.csv", headings=False, rows=2), label="a.csv", unpacked_limit=1
    )
    assert (found.rows, found.columns) == (2, None)


def test_the_measures_suffix_makes_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("geography code,Total; measures: Value\nE01,1\n")
    for column in ("Total", "Total; measures: Value"):
        layout.check(path, file_of("a.csv", columns=[column]), label="a.csv", unpacked_limit=1)


CELL = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
ROW = f"<table:table-row>{CELL}</table:table-row>"
MANIFEST = """<?xml version="1.0"?><manifest:manifest
  xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
CONTENT = """<?xml version="1.0"?><office:document-content
  xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
  <table:table table:name="Notes">{notes}</table:table>
  <table:table table:name="Data">{rows}</table:table>
  </office:spreadsheet></office:body></office:document-content>"""


def test_a_short_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", MANIFEST)
        book.writestr("content.xml", CONTENT.format(notes=ROW, rows=ROW * 9))
    layout.check(path, file_of("a.ods", format="ods", rows=8), label="a.ods", unpacked_limit=1)
    with pytest.raises(SourceError, match="longest sheet has 9 rows; expected at least 10 rows"):
        layout.check(path, file_of("a.ods", format="ods", rows=10), label="a.ods", unpacked_limit=1)
