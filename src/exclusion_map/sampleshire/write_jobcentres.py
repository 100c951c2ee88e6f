"""Jobcentres, in the layout of the DWP register."""

from pathlib import Path

from exclusion_map.sampleshire.files import csv_text, write
from exclusion_map.sampleshire.sites import Planner, Site

_HEADER = (
    "key_0", "MNEMONIC", "TYPE", "NAME", "BUILDINGNAME", "STREET", "TOWN", "CITY", "COUNTY",
    "COUNTRY", "Postcode", "lat", "long", "area_code", "LAD24CD",
)  # fmt: skip
_TOWNS = ("Sampleford", "Samplehaven", "Sample-on-Sea", "Abersampl")
_BACK_OFFICE = "Market Sample"


def write_jobcentres(folder: Path, planner: Planner) -> None:
    """Write four jobcentres, and one office that is not open to the public."""
    sites = {site.town: site for site in reversed(planner.plan(8))}
    rows = [_row(number, sites[town], "JCP") for number, town in enumerate(_TOWNS, start=1)]
    rows.append(_row(5, sites[_BACK_OFFICE], "BDC"))
    write(folder / "dwp-jobcentres" / "jobcentres_gb_2017_01.csv", csv_text(_HEADER, rows))


def _row(number: int, site: Site, sort: str) -> list[object]:
    name = "Jobcentre Plus" if sort == "JCP" else "Benefit Delivery Centre"
    return [
        site.bare_postcode,
        f"99{number:04d}",
        sort,
        f"{site.town} {name}",
        "Specimen House" if number % 2 else "",
        site.street,
        site.town,
        "",
        "Sampleshire",
        "United Kingdom",
        site.postcode,
        site.latitude,
        site.longitude,
        site.area_code,
        site.authority_code,
    ]
