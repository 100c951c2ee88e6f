"""Codes of the right pattern, in ranges that no real area, place or postcode uses."""

from dataclasses import dataclass

REGION = ("E12900001", "Sample Region")
NATION_CODES = {"England": "E92000001", "Wales": "W92000004"}
"""The nations are real: the county has a part under English and a part under Welsh statistics."""


@dataclass(frozen=True)
class Authority:
    """A local authority and the NHS bodies over it; Welsh ones have no ICB in the lookup."""

    code: str
    icb: int | None
    sub_icb: int | None


AUTHORITIES = {
    "Sampleford": Authority("E06900001", 0, 0),
    "Samplehaven": Authority("E06900002", 1, 2),
    "Nether Sample": Authority("E07900001", 1, 1),
    "Sample Vale": Authority("E07900002", 0, 0),
    "Abersampl": Authority("W06900001", None, None),
}

ICBS = (
    ("E54900001", "QZ1", "NHS Sampleshire South (invented) Integrated Care Board"),
    ("E54900002", "QZ2", "NHS Sampleshire North (invented) Integrated Care Board"),
)
SUB_ICBS = (
    ("E38900001", "90Z", "NHS Sampleshire South (invented) ICB - 90Z"),
    ("E38900002", "91Z", "NHS Sampleshire North (invented) ICB - 91Z"),
    ("E38900003", "92Z", "NHS Sampleshire North (invented) ICB - 92Z"),
)

POSTCODE_AREA = "ZS"
"""Not a postcode area of the United Kingdom, and of a pattern that strict validators accept."""

PHONE = "01632 960{:03d}"
"""Numbers that Ofcom keeps for drama: nobody can be called on them."""


def small_area(nation_letter: str, number: int) -> str:
    """Return a code of a small area (LSOA)."""
    return f"{nation_letter}01{900_000 + number}"


def old_small_area(nation_letter: str, number: int) -> str:
    """Return a code of a small area of 2011 that was split or merged since."""
    return f"{nation_letter}01{950_000 + number}"


def output_area(nation_letter: str, number: int) -> str:
    """Return a code of an output area."""
    return f"{nation_letter}00{900_000 + number}"


def neighbourhood(nation_letter: str, number: int) -> str:
    """Return a code of a neighbourhood (MSOA)."""
    return f"{nation_letter}02{900_000 + number}"


def ward(nation_letter: str, number: int) -> str:
    """Return a code of a ward."""
    return f"{nation_letter}05{900_000 + number}"
