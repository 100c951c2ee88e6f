"""Each importer on a small folder in the publisher's own layout."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from exclusion_map.errors import SourceError
from exclusion_map.sources.provenance import Lock, Record, write_lock
from exclusion_map.support.importers import (
    IMPORTERS,
    gp_practices,
    jobcentres,
    ods_register,
    pharmacies,
    pharmacies_local,
    pharmacies_named,
    pharmacies_register,
)
from exclusion_map.support.record import Imported
from exclusion_map.terms import SupportKind

from .support_lists import adds_up, by_key, put, table

PRACTICE = {
    "org_code": "A81001",
    "name": "THE DENSHAM SURGERY",
    "addr1": "THE HEALTH CENTRE",
    "addr2": "LAWSON STREET",
    "addr3": "STOCKTON ON TEES",
    "postcode": "TS18 1HU",
    "status": "A",
    "tel": "01642 672351",
    "prescribing_setting": "4",
}
REGISTER = [
    PRACTICE,
    PRACTICE | {"org_code": "A81002", "status": "C"},
    PRACTICE | {"org_code": "A81003", "prescribing_setting": "9"},
]


# The same rows as Data Search and Export writes them: words and roles in the same columns.
REPORT = [
    row
    | {
        "status": {"A": "ACTIVE", "C": "INACTIVE"}[row["status"]],
        "prescribing_setting": {"4": "RO177|RO76", "9": "RO177|RO72"}[row["prescribing_setting"]],
    }
    for row in REGISTER
]


def official(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the official layout: 27 columns, every cell quoted, no heading line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ods_register.LAYOUT, restval="", quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return text.getvalue()


def put_zip(raw: Path, source: str, name: str, text: str) -> None:
    (raw / source).mkdir(exist_ok=True)
    with zipfile.ZipFile(raw / source / f"{name}.zip", "w") as archive:
        archive.writestr(f"{name}.csv", text)
        archive.writestr(f"{name}.pdf", "About the file.")


def fetched(raw: Path, name: str) -> None:
    """Write the provenance lock as a fetch on 3 February 2026 would leave it."""
    record = Record(
        address="https://example.invalid",
        bytes=1,
        sha256="0" * 64,
        fetched="2026-02-03T04:05:06+00:00",
        licence="OGL-UK-3.0",
    )
    write_lock(raw, Lock(files={name: record}))


@pytest.mark.parametrize("rows", [REGISTER, REPORT], ids=["old codes", "new codes"])
def test_gp_practices_in_the_official_zip_without_headings(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    put_zip(tmp_path, "nhs-ods-gp-practices", "epraccur", official(rows))
    imported = gp_practices.read(tmp_path)
    (place,) = imported.places
    assert (place.key, place.name) == ("A81001", "The Densham Surgery")
    assert place.address == "The Health Centre, Lawson Street, Stockton on Tees"
    assert place.phone == "01642 672351"
    assert place.as_of == "September 2025"
    assert dict(imported.left_out) == {"not_a_gp_practice": 1, "not_active": 1}
    assert adds_up(imported)


def test_gp_practices_as_fetched_tell_the_day(tmp_path: Path) -> None:
    put(tmp_path, "nhs-ods-gp-practices", "epraccur_report.csv", official(REPORT))
    assert [place.as_of for place in gp_practices.read(tmp_path).places] == [""]
    fetched(tmp_path, "nhs-ods-gp-practices/epraccur_report.csv")
    assert [place.as_of for place in gp_practices.read(tmp_path).places] == ["3 February 2026"]


def test_gp_practices_with_headings_read_alike(tmp_path: Path) -> None:
    columns = [name for name in ods_register.LAYOUT if not name.startswith("empty")]
    put(tmp_path, "nhs-ods-gp-practices", "epraccur.csv", table(columns, REGISTER))
    assert [place.key for place in gp_practices.read(tmp_path).places] == ["A81001"]


def test_what_a_register_says_of_wales_is_told(tmp_path: Path) -> None:
    put(tmp_path, "nhs-ods-gp-practices", "epraccur_report.csv", official(REPORT))
    assert gp_practices.NOT_IN_WALES in gp_practices.read(tmp_path).notes
    welsh = [*REPORT, REPORT[0] | {"org_code": "W97017"}]
    put(tmp_path, "nhs-ods-gp-practices", "epraccur_report.csv", official(welsh))
    assert gp_practices.NOT_IN_WALES not in gp_practices.read(tmp_path).notes


@pytest.mark.parametrize("columns", [26, 32])
def test_a_register_of_another_width_is_refused(tmp_path: Path, columns: int) -> None:
    row = ",".join(["A81001", "THE SURGERY", *["x"] * (columns - 2)])
    put(tmp_path, "nhs-ods-gp-practices", "epraccur.csv", row)
    with pytest.raises(SourceError, match=f"{columns} columns"):
        gp_practices.read(tmp_path)


def test_codes_that_nobody_knows_make_no_list_and_are_told(tmp_path: Path) -> None:
    rows = [row | {"status": "LIVE"} for row in REGISTER]
    put(tmp_path, "nhs-ods-gp-practices", "epraccur_report.csv", official(rows))
    imported = gp_practices.read(tmp_path)
    assert not imported.listed
    assert imported.places == ()
    assert adds_up(imported)
    assert "None of the 3 rows" in imported.notes[0]
    assert "status 'LIVE'; setting '4', '9'" in imported.notes[0]


@pytest.mark.parametrize("kind", IMPORTERS)
def test_without_any_file_there_is_no_list_and_it_says_how_to_get_one(
    tmp_path: Path, kind: SupportKind
) -> None:
    imported = IMPORTERS[kind](tmp_path)
    assert imported.kind is kind
    assert not imported.listed
    assert (imported.read, imported.places) == (0, ())
    (note,) = imported.notes
    assert "is missing" in note
    assert "run `exclusion-map fetch` to get it" in note or "get it from https://" in note
    assert str(tmp_path) not in note


def test_jobcentres_are_those_the_public_can_visit(tmp_path: Path) -> None:
    row = {"TYPE": "JCP", "NAME": "Romford Jobcentre Plus", "Postcode": "RM1 3HH"}
    place = {"BUILDINGNAME": "Crown House", "STREET": "30 Main Road", "TOWN": "Romford"}
    rows = [
        row | place | {"MNEMONIC": "100204", "lat": "51.58102", "long": "0.18641"},
        row | {"MNEMONIC": "9095", "TYPE": "BDC"},
    ]
    columns = ("MNEMONIC", "TYPE", "NAME", "BUILDINGNAME", "STREET", "TOWN", "CITY", "COUNTY")
    text = table((*columns, "Postcode", "lat", "long"), rows)
    put(tmp_path, "dwp-jobcentres", "jobcentres_gb_2017_01.csv", text)
    imported = jobcentres.read(tmp_path)
    (kept,) = imported.places
    assert (kept.key, kept.latitude, kept.longitude) == ("100204", 51.58102, 0.18641)
    assert kept.address == "Crown House, 30 Main Road, Romford"
    assert "2016" in kept.about
    assert dict(imported.left_out) == {"not_open_to_visitors": 1}


def pharmacy(code: str, name: str, postcode: str) -> dict[str, str]:
    place = {"OrganisationCode": code, "OrganisationName": name, "Postcode": postcode}
    return (
        place
        | {"Address1": "1 High Street", "City": "Leeds", "Latitude": "53.8"}
        | {
            "Longitude": "-1.5",
            "Phone": "0113 2450000",
        }
    )


def local(code: str, name: str, postcode: str) -> dict[str, str]:
    row = {"organisation_data_service_code": code, "pharmacy_name": name, "postcode": postcode}
    return (
        row
        | {"address": "491 Radcliffe Road, Bolton"}
        | dict.fromkeys(pharmacies_local.HOURS.values(), "08:30-13:00,14:00-17:30")
    )


def pharmacies_of(
    raw: Path, named: list[dict[str, str]], current: list[str], newer: list[dict[str, str]]
) -> Imported:
    put(
        raw, "nhs-pharmacies", pharmacies_named.NAMED, table(pharmacies_named._NAMED_COLUMNS, named)
    )
    icb = {"icb_name": pharmacies_local.LOCAL_ICB}
    rows = [{"postcode": code} | (icb if code.startswith("BL") else {}) for code in current]
    put(raw, "nhs-pharmacies", pharmacies_named.CONTRACTORS, table(("postcode", "icb_name"), rows))
    put(raw, "nhs-pharmacies", pharmacies_local.LOCAL, table(pharmacies_local.COLUMNS, newer))
    return pharmacies.read(raw)


def test_a_pharmacy_whose_postcode_is_gone_is_probably_closed(tmp_path: Path) -> None:
    named = [
        pharmacy("FAA01", "Boots", "LS1 1AA"),
        pharmacy("FAA02", "Rowlands Pharmacy", "LS2 2BB"),
        pharmacy("FAA03", "Boots", "CF10 1AA"),
        pharmacy("FAA04", "LloydsPharmacy Inside Sainsbury's", "LS1 1AA"),
        pharmacy("FAA05", "Pharmacy2U.com", "LS1 1AA"),
    ]
    imported = pharmacies_of(tmp_path, named, ["LS11AA", "LS33CC"], [])
    assert set(by_key(imported)) == {"FAA01", "FAA03"}
    assert dict(imported.left_out) == {
        "probably_closed": 1,
        "withdrawn_in_2023": 1,
        "online_only": 1,
    }
    assert by_key(imported)["FAA01"].as_of == "February 2020"
    assert any(note.startswith("1 postcodes of the contractors' list") for note in imported.notes)
    assert adds_up(imported)


def test_a_newer_local_list_gives_names_and_hours_and_replaces_the_old(tmp_path: Path) -> None:
    named = [pharmacy("FM664", "OLD NAME", "BL3 1SX"), pharmacy("FM665", "Replaced", "BL3 2QS")]
    newer = [local("FM664", "A1 Pharmacy", "BL3 1SX"), local("FNEW1", "New One", "BL3 2QS")]
    imported = pharmacies_of(tmp_path, named, ["BL31SX", "BL32QS"], newer)
    places = by_key(imported)
    assert set(places) == {"FM664", "FNEW1"}
    assert places["FM664"].name == "A1 Pharmacy"
    assert places["FM664"].phone == "0113 2450000"
    assert places["FM664"].address == "491 Radcliffe Road, Bolton"
    assert places["FNEW1"].hours.schedule is not None
    assert len(places["FNEW1"].hours.schedule["mon"]) == 2
    assert dict(imported.left_out) == {"not_in_newer_local_list": 1, "online_only": 0}
    assert adds_up(imported)


def test_without_the_contractors_list_closed_pharmacies_cannot_be_told(tmp_path: Path) -> None:
    named = [pharmacy("FAA01", "Boots", "LS1 1AA"), pharmacy("FAA05", "Pharmacy2U.com", "LS1 1AA")]
    text = table(pharmacies_named._NAMED_COLUMNS, named)
    put(tmp_path, "nhs-pharmacies", pharmacies_named.NAMED, text)
    imported = pharmacies.read(tmp_path)
    assert set(by_key(imported)) == {"FAA01"}
    assert any("many of those shown may have" in note for note in imported.notes)
    assert any(pharmacies_named.CONTRACTORS in note for note in imported.notes)


def dispensary(code: str, name: str, **more: str) -> dict[str, str]:
    row = {"org_code": code, "name": name, "addr1": "1 HIGH STREET", "addr3": "LEEDS"}
    coded = {"postcode": "LS1 1AA", "status": "A", "org_subtype": "1"}
    return row | coded | more


DISPENSARIES = [
    dispensary("FAA01", "BOOTS", tel="0113 2450000"),
    dispensary("FAA02", "GONE PHARMACY", status="C"),
    dispensary("FAA03", "SMITH APPLIANCES LTD", org_subtype="2"),
    dispensary("FAA04", "PHARMACY2U.CO.UK"),
    dispensary("FAA05", "FFERYLLFA'R BALA", postcode="LL23 7AA"),
]
DISPENSARY_REPORT = [
    row
    | {
        "status": {"A": "ACTIVE", "C": "INACTIVE"}[row["status"]],
        "org_subtype": {"1": "RO182", "2": "RO94"}[row["org_subtype"]],
    }
    for row in DISPENSARIES
]
DISPENSARY_FOLDER = "nhs-ods-pharmacies"


@pytest.mark.parametrize("rows", [DISPENSARIES, DISPENSARY_REPORT], ids=["old codes", "new codes"])
def test_the_current_register_is_preferred_to_the_named_list(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    put_zip(tmp_path, DISPENSARY_FOLDER, "edispensary", official(rows))
    imported = pharmacies_of(tmp_path, [pharmacy("FOLD1", "Old", "LS1 1AA")], ["LS11AA"], [])
    places = by_key(imported)
    assert set(places) == {"FAA01", "FAA05"}
    assert places["FAA01"].name == "Boots"
    assert places["FAA01"].address == "1 High Street, Leeds"
    assert places["FAA01"].phone == "0113 2450000"
    assert places["FAA01"].source == DISPENSARY_FOLDER
    assert dict(imported.left_out) == {"not_a_pharmacy": 1, "not_active": 1, "online_only": 1}
    assert adds_up(imported)
    assert any("distance-selling" in note for note in imported.notes)
    assert pharmacies_register.NOT_IN_WALES not in imported.notes


def test_a_register_of_england_says_that_it_lacks_wales(tmp_path: Path) -> None:
    put(tmp_path, DISPENSARY_FOLDER, "edispensary_report.csv", official(DISPENSARY_REPORT[:1]))
    fetched(tmp_path, f"{DISPENSARY_FOLDER}/edispensary_report.csv")
    imported = pharmacies.read(tmp_path)
    assert by_key(imported)["FAA01"].as_of == "3 February 2026"
    assert pharmacies_register.NOT_IN_WALES in imported.notes


def test_the_register_gets_its_hours_from_the_local_list(tmp_path: Path) -> None:
    put(tmp_path, DISPENSARY_FOLDER, "edispensary_report.csv", official(DISPENSARY_REPORT))
    newer = [local("FAA01", "Another name", "LS1 1AA"), local("FNEW1", "Unknown", "LS1 1AA")]
    places = by_key(pharmacies_of(tmp_path, [], [], newer))
    assert set(places) == {"FAA01", "FAA05"}
    assert places["FAA01"].name == "Boots"
    assert places["FAA01"].hours.schedule is not None
    assert places["FAA01"].hours.note == pharmacies_register.HOURS_OF
    assert places["FAA05"].hours.schedule is None


def test_a_register_with_unknown_codes_gives_way_to_the_named_list(tmp_path: Path) -> None:
    rows = [row | {"status": "LIVE"} for row in DISPENSARY_REPORT]
    put(tmp_path, DISPENSARY_FOLDER, "edispensary_report.csv", official(rows))
    imported = pharmacies_of(tmp_path, [pharmacy("FOLD1", "Old", "LS1 1AA")], ["LS11AA"], [])
    assert set(by_key(imported)) == {"FOLD1"}
    assert any("status 'LIVE'" in note for note in imported.notes)
