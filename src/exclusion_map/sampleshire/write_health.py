"""GP practices as the ODS register has them, and pharmacies in the three lists there are."""

from pathlib import Path

from exclusion_map.sampleshire import codes
from exclusion_map.sampleshire.files import csv_text, write, zip_bytes
from exclusion_map.sampleshire.sites import DAYS, Planner, Site

PRACTICES = "nhs-ods-gp-practices"
PHARMACIES = "nhs-pharmacies"

_PRACTICE_NAMES = (
    "SURGERY",
    "MEDICAL CENTRE",
    "HEALTH CENTRE",
    "MEDICAL PRACTICE",
    "FAMILY PRACTICE",
)
_PHARMACY_NAMES = ("Sample Chemist", "Specimen Pharmacy", "Made-up Pharmacy", "Example Chemists")
_CLOSED_PRACTICES = (21, 26)
_OTHER_SETTINGS = {31: "9", 32: "26", 33: "10", 34: "8", 35: "0"}
_WEEK = ("09:00-13:00,14:00-18:00",) * 5 + ("09:00-13:00", "CLOSED")
_LONG_WEEK = ("08:00-22:30",) * 5 + ("08:00-22:00", "10:00-16:00")


def write_practices(folder: Path, planner: Planner) -> None:
    """Write the official zip: no headings, 27 columns, also closed practices, other prescribers."""
    rows = [_practice(site) for site in planner.plan(36)]
    text = csv_text([], sorted(rows), crlf=True)
    data = zip_bytes({"epraccur.csv": text.encode(), "epraccur.pdf": b"An invented notice.\n"})
    write(folder / PRACTICES / "epraccur.zip", data)


def _practice(site: Site) -> list[str]:
    """Return one row of the register, in capitals as it is written."""
    welsh = codes.AUTHORITIES[site.authority].icb is None
    icb, sub_icb = ("7ZZ", "7ZZ") if welsh else _bodies(site.authority)
    closed = site.number in _CLOSED_PRACTICES
    setting = _OTHER_SETTINGS.get(site.number, "4")
    name = f"{site.district} {_PRACTICE_NAMES[site.number % len(_PRACTICE_NAMES)]}"
    if setting != "4":
        name = f"{site.town} OUT OF HOURS SERVICE"
    return [
        f"{'W' if welsh else 'Z'}99{site.number + 1:03d}",
        name.upper(),
        "W00" if welsh else "Y99",
        icb,
        f"{site.district.upper()} SURGERY" if site.number % 4 == 0 else site.street.upper(),
        site.street.upper() if site.number % 4 == 0 else "",
        site.town.upper(),
        "SAMPLESHIRE",
        "",
        site.postcode,
        "19740401",
        "20191031" if closed else "",
        "C" if closed else "A",
        "B",
        sub_icb,
        "20130401",
        "20191031" if closed else "",
        site.phone,
        *("", "", ""),
        "0",
        "",
        sub_icb,
        "",
        setting,
        "",
    ]


def _bodies(authority: str) -> tuple[str, str]:
    home = codes.AUTHORITIES[authority]
    assert home.icb is not None  # noqa: S101 - Welsh authorities are told apart before
    assert home.sub_icb is not None  # noqa: S101
    return codes.ICBS[home.icb][1], codes.SUB_ICBS[home.sub_icb][1]


def write_pharmacies(folder: Path, planner: Planner) -> None:
    """Write the named list, the contractors' postcodes, and the list with opening hours.

    Some of the named have no coordinates, some are no longer among the contractors, one is a shop
    online, and some contractors have no name in any list. The lists are of England.
    """
    sites = planner.plan(54, welsh=False, rural=0.15)
    named, nameless = sites[:-3], sites[-3:]
    header = [
        *("OrganisationCode", "OrganisationName", "Address1", "Address2", "Address3", "City"),
        *("Postcode", "Phone", "Latitude", "Longitude"),
    ]
    rows = [_pharmacy(site) for site in named]
    write(folder / PHARMACIES / "Pharmacy.csv", csv_text(header, rows))
    gone = {named[22 % len(named)].number, named[37 % len(named)].number}
    contractors = sorted(
        (site.bare_postcode, *_contract(site.authority))
        for site in [*named, *nameless]
        if site.number not in gone
    )
    write(
        folder / PHARMACIES / "consolidated_pharmaceutical_list_postcodes.csv",
        csv_text(["postcode", "icb_code", "icb_name"], contractors),
    )
    write(
        folder / PHARMACIES / "greater_manchester_pharmacies_with_hours.csv",
        _with_hours([site for site in named if site.number % 4 == 1 and site.number not in gone]),
    )


def _pharmacy_name(site: Site) -> str:
    if site.number == 29:
        return "Placeholder Online Pharmacy"
    return f"{_PHARMACY_NAMES[site.number % len(_PHARMACY_NAMES)]}, {site.district}"


def _pharmacy_code(site: Site) -> str:
    return f"ZS{site.number + 1:03d}"


def _pharmacy(site: Site) -> list[object]:
    exact = site.number % 6 != 5
    return [
        _pharmacy_code(site),
        _pharmacy_name(site),
        site.street,
        site.district if site.number % 3 == 0 else "",
        "",
        site.town,
        site.postcode,
        site.phone,
        site.latitude if exact else "",
        site.longitude if exact else "",
    ]


def _contract(authority: str) -> tuple[str, str]:
    icb = codes.AUTHORITIES[authority].icb
    assert icb is not None  # noqa: S101 - pharmacies are planned in England only
    return codes.ICBS[icb][0], codes.ICBS[icb][2]


def _with_hours(sites: list[Site]) -> str:
    header = [
        *("pharmacy_name", "address", "postcode"),
        *(f"opening_hours_{day.lower()}" for day in DAYS),
        *("organisation_data_service_code", "health_and_wellbeing_board", "ward_code"),
        *("ward_name", "la_code", "la_name"),
    ]
    rows = [
        [
            _pharmacy_name(site),
            f"{site.street}, {site.town}, Sampleshire",
            site.postcode,
            *(_LONG_WEEK if site.number % 8 == 1 else _WEEK),
            _pharmacy_code(site),
            site.authority,
            *("", ""),
            site.authority_code,
            site.authority,
        ]
        for site in sites
    ]
    return csv_text(header, rows)
