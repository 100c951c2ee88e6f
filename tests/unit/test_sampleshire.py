"""The invented county: whole, consistent, plainly not real, and the same every time."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from exclusion_map import catalogue
from exclusion_map.errors import SourceError
from exclusion_map.sampleshire import MARKER, TITLE, is_synthetic, write_raw
from exclusion_map.sources import files, layout, tables
from exclusion_map.sources.readers.layers import read_layer
from exclusion_map.sources.readers.text import read_csv

AREAS = 320

# Recommended files the county does without: tables that other tables stand in for or no indicator
# uses, and the newer list of pharmacies, in whose place the county has the older lists.
LEFT_OUT = {
    "census2021-ts003.zip",
    "census2021-ts007a.zip",
    "census2021-ts066.zip",
    "edispensary_report.csv",
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sampleshire") / "raw"
    write_raw(folder, areas=AREAS)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def texts(folder: Path) -> Iterator[str]:
    """Every text in the folder, also those in zips."""
    for name, data in contents(folder).items():
        if name.endswith((".csv", ".txt")):
            yield data.decode("utf-8-sig")
        elif name.endswith("epraccur.zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield archive.read("epraccur.csv").decode()


def test_the_same_seed_gives_the_same_bytes_also_over_another_county(tmp_path: Path) -> None:
    write_raw(tmp_path / "one", seed=5, areas=60)
    write_raw(tmp_path / "two", seed=6, areas=60)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert set(one) == set(two)
    boundaries = "ons-lsoa21-boundaries/LSOA_2021_EW_BGC.geojson"
    assert one[boundaries] != two[boundaries]
    unchanged = {name for name in one if one[name] == two[name]}
    before = {name: (tmp_path / "two" / name).stat().st_mtime_ns for name in unchanged}
    write_raw(tmp_path / "two", seed=5, areas=60)
    assert contents(tmp_path / "two") == one
    # What is the same already is left alone, so that nothing is built anew because of it.
    assert unchanged
    after = {name: (tmp_path / "two" / name).stat().st_mtime_ns for name in unchanged}
    assert after == before


def test_the_marker_says_that_all_is_invented(raw: Path, tmp_path: Path) -> None:
    assert TITLE == "Sampleshire"
    assert is_synthetic(raw)
    assert not is_synthetic(tmp_path)
    text = (raw / MARKER).read_text(encoding="utf-8")
    assert "invented" in text
    assert "not a real county" in text


def test_real_raw_files_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "nomis-census2021").mkdir()
    with pytest.raises(SourceError, match="not Sampleshire's"):
        write_raw(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["nomis-census2021"]


@pytest.mark.parametrize("areas", [59, 1001])
def test_a_county_of_a_silly_size_is_refused(tmp_path: Path, areas: int) -> None:
    with pytest.raises(SourceError, match="between 60 and 1,000"):
        write_raw(tmp_path / "raw", areas=areas)
    assert not (tmp_path / "raw").exists()


def test_every_file_an_edition_needs_is_there_in_its_declared_layout(raw: Path) -> None:
    wanted = [
        (source, file)
        for source in catalogue.sources().values()
        for file in source.files
        if (file.required or file.recommended) and file.path not in LEFT_OUT
    ]
    assert len(wanted) > 25
    for source, file in wanted:
        path = files.find(raw, source.id, file.path)
        # A county is smaller than a country: only its size may differ from the declaration.
        small = file.model_copy(update={"rows": None, "min_bytes": 1})
        if path.name == file.path:
            layout.check(path, small, label=path.name, unpacked_limit=10**9)
        else:
            layout.check_copy(path, small, label=path.name)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("ofcom-connected-nations-2025", "202507_fixed_broadband_coverage_r01.zip"),
        ("ons-dpi-census2021", "digitalpropensityindexlsoas.csv"),
        ("gmca-deri", "deri_nation_level_scores.csv"),
        ("nhs-pharmacies", "Pharmacy.csv"),
        ("nhs-pharmacies", "consolidated_pharmaceutical_list_postcodes.csv"),
        ("nhs-pharmacies", "greater_manchester_pharmacies_with_hours.csv"),
        ("ons-ward25-boundaries", "WD_2025_UK_BGC.geojson"),
        ("ons-lad24-boundaries", "LAD_2024_UK_BGC.geojson"),
        ("ons-icb24-boundaries", "ICB_2024_EN_BGC.geojson"),
        ("ons-country-boundaries", "CTRY_2020_UK_BUC.geojson"),
    ],
)
def test_files_that_only_add_something_are_there_too(raw: Path, source: str, path: str) -> None:
    declared = next(file for file in catalogue.source(source).files if file.path == path)
    found = files.find(raw, source, path)
    small = declared.model_copy(update={"rows": None, "min_bytes": 1})
    if found.name == path:
        layout.check(found, small, label=path, unpacked_limit=10**9)
    else:
        layout.check_copy(found, small, label=path)


def test_nothing_is_there_that_the_catalogue_does_not_know(raw: Path) -> None:
    known = {
        f"{source.id}/{name}"
        for source in catalogue.sources().values()
        for file in source.files
        for name in (file.path, *file.also)
    }
    assert set(contents(raw)) - known == {MARKER}


def test_small_areas_cover_the_county_without_gap_or_overlap(raw: Path) -> None:
    areas = read_layer(raw / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.geojson")
    outlines = areas.geometry.to_numpy()
    assert len(areas) == AREAS
    assert areas["LSOA21CD"].is_monotonic_increasing
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    grid = pyproj.Transformer.from_crs(4326, 27700, always_xy=True)
    metres = shapely.transform(
        outlines, lambda xy: np.column_stack(grid.transform(xy[:, 0], xy[:, 1]))
    )
    assert shapely.coverage_is_valid(metres)
    square_km = shapely.area(metres) / 1e6
    assert 1_500 < square_km.sum() < 2_500
    assert square_km.min() > 0.02
    whole = shapely.coverage_union_all(outlines)
    assert len(shapely.get_parts(whole)) == 2  # the mainland and one island
    assert not any(len(part.interiors) for part in shapely.get_parts(whole))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("ons-ward25-boundaries/WD_2025_UK_BGC.parquet", "WD25CD"),
        ("ons-lad24-boundaries/LAD_2024_UK_BGC.parquet", "LAD24CD"),
        ("ons-country-boundaries/CTRY_2020_UK_BUC.parquet", "CTRY20CD"),
    ],
)
def test_larger_areas_are_made_of_the_small_ones(raw: Path, path: str, code: str) -> None:
    small = read_layer(raw / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.geojson")
    larger = read_layer(raw / path)
    assert larger[code].is_unique
    whole = shapely.coverage_union_all(small.geometry.to_numpy())
    together = shapely.coverage_union_all(larger.geometry.to_numpy())
    assert shapely.equals(whole, together)


def test_every_small_area_belongs_to_everything_it_should(raw: Path) -> None:
    wards = read_csv(
        raw / "ons-lsoa21-ward24-lookup" / "LSOA21_WD24_LAD24_EW_LU.csv",
        ("LSOA21CD", "LSOA21NM", "WD24CD", "LAD24CD", "LAD24NM"),
    ).set_index("LSOA21CD")
    icbs = read_csv(
        raw / "ons-lsoa21-icb24-lookup" / "LSOA21_SICBL24_ICB24_EN_LU.csv",
        ("LSOA21CD", "SICBL24CD", "ICB24CD"),
    )
    output_areas = read_csv(
        raw / "ons-oa21-lsoa21-msoa21-lookup" / "OA_LSOA_MSOA_EW_DEC_2021_LU.csv",
        ("OA21CD", "LSOA21CD", "MSOA21CD", "MSOA21NM"),
    )
    assert wards.index.is_unique
    assert len(wards) == AREAS
    assert set(icbs["LSOA21CD"]) == {code for code in wards.index if code.startswith("E")}
    assert set(output_areas["LSOA21CD"]) == set(wards.index)
    assert output_areas["OA21CD"].is_unique
    assert output_areas.groupby("LSOA21CD").size().between(4, 6).all()
    assert wards.groupby("WD24CD")["LAD24CD"].nunique().max() == 1
    assert 35 <= wards["WD24CD"].nunique() <= 45
    assert 60 <= output_areas["MSOA21CD"].nunique() <= 70
    assert wards["LAD24NM"].nunique() == 5
    assert icbs["ICB24CD"].nunique() == 2
    # A small area is named after its neighbourhood, with a letter, as real ones are.
    home = output_areas.drop_duplicates("LSOA21CD").set_index("LSOA21CD")["MSOA21NM"]
    assert (wards["LSOA21NM"].str[:-1] == home.loc[wards.index]).all()
    assert wards["LSOA21NM"].is_unique


def test_old_areas_are_mostly_unchanged_with_some_splits_and_mergers(raw: Path) -> None:
    lookup = read_csv(
        raw / "ons-lsoa11-lsoa21-lookup" / "LSOA11_LSOA21_LAD22_EW_LU.csv",
        ("LSOA11CD", "LSOA21CD", "CHGIND"),
    )
    same = lookup["CHGIND"] == "U"
    assert (lookup.loc[same, "LSOA11CD"] == lookup.loc[same, "LSOA21CD"]).all()
    assert lookup["LSOA21CD"].nunique() == AREAS
    split, merged = (lookup[lookup["CHGIND"] == change] for change in "SM")
    assert split.groupby("LSOA11CD").size().eq(2).all()
    assert split["LSOA21CD"].is_unique
    assert merged.groupby("LSOA21CD").size().eq(2).all()
    assert merged["LSOA11CD"].is_unique
    assert 4 <= len(split) <= 30
    assert 2 <= len(merged) <= 20


def test_broadband_is_a_zip_in_a_zip_with_windows_text(raw: Path) -> None:
    path = raw / "ofcom-connected-nations-2025" / "202507_fixed_broadband_coverage_r01.zip"
    with zipfile.ZipFile(path) as outer:
        assert sum("fixed_oa" in name for name in outer.namelist()) == 2
        about = outer.read("202507_fixed_coverage_r01/about_this_data.txt")
    with pytest.raises(UnicodeDecodeError):
        about.decode("utf-8")
    assert "£" in about.decode("cp1252")
    coverage = tables.read_table("ofcom_fixed_coverage", raw)
    cannot = coverage["Number of premises unable to receive 30Mbit/s"]
    assert (cannot <= coverage["All Matched Premises"]).all()
    assert (coverage["All Matched Premises"] <= coverage["All Premises"]).all()
    assert coverage.index.str.match(r"[EW]00\d{6}").all()


def test_the_outcome_lacks_some_areas_and_is_no_function_of_one_table(raw: Path) -> None:
    propensity = read_csv(
        raw / "ons-dpi-census2021" / "digitalpropensityindexlsoas.csv", ("LSOAcode", "Score")
    )
    old = read_csv(
        raw / "ons-lsoa11-lsoa21-lookup" / "LSOA11_LSOA21_LAD22_EW_LU.csv", ("LSOA11CD",)
    )["LSOA11CD"].unique()
    assert set(propensity["LSOAcode"]) < set(old)
    assert len(propensity) > 0.9 * len(old)
    score = propensity["Score"].astype(float)
    assert score.between(70, 100).all()
    assert 91 < score.mean() < 96


def test_nobody_can_be_called_written_to_or_visited(raw: Path) -> None:
    everything = "\n".join(texts(raw))
    phones = set(re.findall(r"\b0\d{3,4} ?\d{3} ?\d{3,4}\b", everything))
    assert phones
    assert all(re.fullmatch(r"01632 960\d{3}", phone) for phone in phones)
    addresses = set(re.findall(r"[\w.]+@([\w.]+)", everything))
    assert addresses == {"example.org"}
    links = set(re.findall(r"https?://([\w.]+)", everything))
    assert links == {"example.org"}
    postcodes = set(re.findall(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", everything))
    assert len(postcodes) > 100
    assert all(postcode.startswith("ZS") for postcode in postcodes)


def test_support_places_have_the_faults_that_real_ones_have(raw: Path) -> None:
    libraries = read_csv(
        raw / "ace-libraries" / "libraries.csv", ("Postcode", "Year closed", "Library name")
    )
    known = set(
        pd.read_parquet(raw / "ons-nspl-postcodes" / "NSPL_postcodes_lat_long.parquet")["pcds"]
    )
    assert libraries["Year closed"].notna().sum() == 2
    assert (~libraries["Postcode"].isin(known)).sum() == 1
    with zipfile.ZipFile(raw / "nhs-ods-gp-practices" / "epraccur.zip") as archive:
        rows = list(csv.reader(io.StringIO(archive.read("epraccur.csv").decode())))
    assert {len(row) for row in rows} == {27}
    assert {row[12] for row in rows} == {"A", "C"}
    assert len({row[25] for row in rows}) > 3
    assert {row[9] for row in rows} <= known
    named = read_csv(raw / "nhs-pharmacies" / "Pharmacy.csv", ("Postcode", "Latitude"))
    contractors = read_csv(
        raw / "nhs-pharmacies" / "consolidated_pharmaceutical_list_postcodes.csv", ("postcode",)
    )
    gone = ~named["Postcode"].str.replace(" ", "").isin(contractors["postcode"])
    assert gone.sum() == 2
    assert named["Latitude"].isna().any()


def test_every_small_area_has_live_postcodes_inside_it(raw: Path) -> None:
    postcodes = pd.read_parquet(raw / "ons-nspl-postcodes" / "NSPL_postcodes_lat_long.parquet")
    areas = read_layer(raw / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.geojson")
    assert postcodes["pcds"].is_monotonic_increasing
    assert postcodes["pcds"].is_unique
    assert postcodes["pcds"].str.fullmatch(r"ZS\d{1,2} [1-9][ABD-HJLNP-UW-Z]{2}").all()
    assert 4_000 < len(postcodes) < 8_000
    assert 0.5 < postcodes["live"].mean() < 0.9
    live = postcodes[postcodes["live"]]
    points = shapely.points(live["long"].to_numpy(), live["lat"].to_numpy())
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, area = tree.query(points, predicate="intersects")
    assert set(area) == set(range(AREAS))
    # One stands on a pier: off the coast, and less than 200 m from it.
    off = sorted(set(range(len(points))) - set(point.tolist()))
    assert len(off) == 1
    degrees = shapely.distance(points[off[0]], areas.geometry.to_numpy()).min()
    assert 0 < degrees < 200 / 111_200
