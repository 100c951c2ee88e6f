"""From the cells of a row to a listing with one service."""

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from exclusion_map.directory.importing.cells import Cells
from exclusion_map.directory.importing.hours import read_days, read_hours
from exclusion_map.directory.importing.placing import Where, degrees
from exclusion_map.directory.importing.vocabulary import (
    features_in,
    kind_of,
    languages_in,
    terms_in,
)
from exclusion_map.directory.listing import Listing, Offer, Provider
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.support import tidy
from exclusion_map.support.opening_hours import Week

_FREE = re.compile(
    r"\s*(?:free(?: of charge| to (?:use|all|access|attend|join))?|no charge|none|nil|no cost"
    r"|£?0(?:\.00)?|yes - free)\s*[.!]?\s*",
    re.IGNORECASE,
)
_DIALLED = re.compile(r"[\d\s()+/\-.]{9,}").fullmatch
"""What can be dialled; words may follow it, such as the name of an extension."""
_CLOSED = frozenset(("closed", "defunct", "permanently closed", "inactive", "closed permanently"))
_STATUS = {"temporarily closed": "temporarily closed", "closed temporarily": "temporarily closed"}


def closed_for_good(cells: Cells) -> bool:
    """Whether the row is of a place that is no more."""
    return cells.text("status").casefold() in _CLOSED


def listing_of(cells: Cells) -> Listing | None:
    """Return the listing of a row, not yet on the map; None where the row cannot be taken."""
    cells.name = name = tidy.squeeze(cells.text("name") or cells.text("organisation"))
    if not name:
        cells.reject("name", "nothing", "the name of the place", "Add it.")
        return None
    kind = _kind(cells)
    offer = _offer(cells, kind)
    try:
        return Listing(
            name=name,
            kind=kind,
            description=cells.text("description", "\n"),
            provider=_provider(cells),
            address=_address(cells),
            city=cells.text("city"),
            postcode=cells.text("postcode"),
            accessibility=tuple(_accessibility(cells)),
            access_note=cells.text("access_note"),
            offers=(Offer(**offer),),
            as_of=cells.text("as_of")[:30],
        )
    except ValidationError as error:
        for one in error.errors(include_url=False):
            key = str(one["loc"][0]) if one["loc"] else ""
            cells.reject(key, repr(one["input"])[:100], one["msg"])
        return None


def where_of(cells: Cells) -> Where:
    """Return what a row says of where its place is."""
    latitude, longitude, column = _coordinates(cells)
    return Where(
        row=cells.row.number,
        name=cells.name,
        postcode=cells.text("postcode"),
        latitude=latitude,
        longitude=longitude,
        postcode_column=cells.column("postcode"),
        latitude_column=column,
    )


def _coordinates(cells: Cells) -> tuple[float | None, float | None, str]:
    latitude, longitude = (_figure(cells, key) for key in ("latitude", "longitude"))
    if latitude is not None and longitude is not None:
        if not (latitude == 0 and longitude == 0):
            return latitude, longitude, cells.column("latitude")
        cells.warn("latitude", "0, 0", "a point in the United Kingdom", "Not used.")
    easting, northing = (_figure(cells, key) for key in ("easting", "northing"))
    if easting is None or northing is None:
        return None, None, cells.column("latitude")
    at = degrees(easting, northing)
    if at is None:
        found = f"easting {easting:g}, northing {northing:g}"
        cells.warn("easting", found, "metres of the British National Grid", "Not used.")
        return None, None, cells.column("easting")
    return at[0], at[1], cells.column("easting")


def _figure(cells: Cells, key: str) -> float | None:
    text = cells.text(key).replace(",", "").replace("−", "-").rstrip("°NnEe ")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        cells.warn(key, repr(text[:40]), "a number", "Not used.")
        return None


def _kind(cells: Cells) -> str:
    text = cells.text("kind")
    if not text:
        return "other"
    kind = kind_of(text, cells.mapping.kinds)
    if kind is None:
        known = ", ".join(taxonomy(PLACES).term_keys)
        mend = 'Taken as "other". Say what it is under [kinds] in the mapping.'
        cells.warn("kind", repr(text[:60]), f"a kind of place ({known})", mend)
    return kind or "other"


def _provider(cells: Cells) -> Provider | None:
    name = tidy.squeeze(cells.text("organisation"))[:300]
    if not name:
        return None
    return Provider(name=name, website=tidy.web(cells.text("organisation_website")))


def _address(cells: Cells) -> str:
    """Return the address in one line, without what stands in fields of its own."""
    said = [text for _, text in cells.said("address")]
    if len(said) < 2 and "\n" not in "".join(said):
        return cells.text("address")
    postcode = re.sub(r"\s+", "", cells.text("postcode")).casefold()
    others = {cells.text("city").casefold(), cells.name.casefold()}
    parts: dict[str, None] = {}
    for part in re.split(r"[,\n]", "\n".join(said)):
        bare = " ".join(part.split())
        known = bare.casefold() in others or re.sub(r"\s+", "", bare).casefold() == postcode
        if bare and not known:
            parts[bare] = None
    return ", ".join(parts) or ", ".join(said)


def _accessibility(cells: Cells) -> list[str]:
    found = cells.features()
    for column, text in cells.said("accessibility"):
        known, others = features_in(text)
        found += known
        if others:
            expected = "features of access, such as step-free or hearing loop"
            cells.warn("accessibility", repr("; ".join(others)[:100]), expected, f"In {column!r}.")
    return list(dict.fromkeys(found))


def _offer(cells: Cells, kind: str) -> dict[str, Any]:
    week = _hours(cells)
    notes = dict.fromkeys(part for part in (cells.text("hours_note"), week.note) if part)
    status = _STATUS.get(cells.text("status").casefold(), "active")
    support = _support(cells)
    default = taxonomy(PLACES).term(kind).name if kind != "other" else cells.name
    return {
        "name": tidy.squeeze(cells.text("service"))[:300]
        or ("Digital support" if support["support"] else default),
        "description": cells.text("service_description", "\n"),
        "status": status,
        **support,
        **_cost(cells),
        **_contacts(cells),
        "alert": cells.text("alert"),
        "minimum_age": _whole(cells, "minimum_age", 120),
        "maximum_age": _whole(cells, "maximum_age", 120),
        "schedule": week.schedule,
        "hours_note": " ".join(notes),
        "staffed_hours": cells.number("staffed_hours", 0, 168),
    }


def _support(cells: Cells) -> dict[str, Any]:
    """Return the kinds of support, the number of computers and the languages."""
    ticks = cells.supports()
    support: dict[str, str] = {key: "stated" for key, yes in ticks.items() if yes}
    for key, how in (("services", "stated"), ("services_usual", "usual")):
        for _, text in cells.said(key):
            known, others = terms_in(text, cells.mapping.terms)
            for term in known:
                if ticks.get(term) is not False:
                    support.setdefault(term, how)
            if others:
                mend = "Left out. Say what it is under [terms] in the mapping."
                found = repr("; ".join(others)[:100])
                cells.warn(key, found, "kinds of support that are known", mend)
    computers = _whole(cells, "computers", 10_000)
    if computers:
        support.setdefault("public_computers", "stated")
    return {"support": support, "computers": computers, "languages": _languages(cells)}


def _languages(cells: Cells) -> tuple[str, ...]:
    codes: list[str] = []
    for _, text in cells.said("languages"):
        known, others = languages_in(text)
        codes += known
        if others:
            found, expected = repr(", ".join(others)[:100]), "names of languages, or ISO 639 codes"
            cells.warn("languages", found, expected, "Left out.")
    return tuple(dict.fromkeys(codes))


def _cost(cells: Cells) -> dict[str, str]:
    text, fees = cells.text("cost"), cells.text("fees")
    low = text.casefold()
    headed_free = "free" in cells.column("cost").casefold()
    if _FREE.fullmatch(text or fees) or (headed_free and low in ("yes", "y", "true", "1", "x")):
        return {"cost": "free", "fees": fees}
    if low in ("charge", "paid") or (headed_free and low in ("no", "n", "false", "0")):
        return {"cost": "charge", "fees": fees}
    words = " ".join(dict.fromkeys(part for part in (text, fees) if part))
    charged = "£" in words and "free" not in words.casefold()
    return {"cost": "charge" if charged else "unknown", "fees": words}


def _contacts(cells: Cells) -> dict[str, str]:
    """Return whom to ask; what stands in a column of another kind is put where it belongs."""
    told = dict.fromkeys(_CLEAN, "")
    strays: list[tuple[str, str]] = []
    for key, (clean, _) in _CLEAN.items():
        text = cells.text(key)
        if text:
            told[key] = clean(text)
            if not told[key]:
                strays.append((key, text))
    whom = cells.text("contact")
    if not _put_right(told, whom):
        told["contact"] = whom[:300]
    for key, text in strays:
        if text.casefold() not in _NONE and not _put_right(told, text):
            cells.warn(key, repr(text[:80]), _CLEAN[key][1], "Left out.")
    return told


def _put_right(told: dict[str, str], text: str) -> bool:
    """Put a text where its form belongs, unless something is there; tell whether it has a form."""
    for key, (clean, _) in _CLEAN.items():
        if text and (made := clean(text)):
            told[key] = told[key] or made
            return True
    return False


def _phone(text: str) -> str:
    return tidy.phone(text)[:60] if _DIALLED(text[:16]) or _DIALLED(text) else ""


def _web(text: str) -> str:
    bare = text.strip()
    if "://" not in bare and " " not in bare and "." in bare and "@" not in bare:
        bare = f"https://{bare}"
    return tidy.web(bare)


_CLEAN: dict[str, tuple[Callable[[str], str], str]] = {
    "phone": (_phone, "a telephone number"),
    "email": (tidy.email, "an email address"),
    "url": (_web, "a web address"),
}
_NONE = frozenset(("n/a", "none", "-", "na"))


def _whole(cells: Cells, key: str, most: int) -> int | None:
    text = cells.text(key).casefold()
    if key == "computers" and text in ("yes", "no", "y", "n", "x"):
        return None if text != "no" and text != "n" else 0
    number = cells.number(key, 0, most)
    if number is not None and not number.is_integer():
        cells.reject(key, repr(text), "a whole number")
        return None
    return None if number is None else int(number)


def _hours(cells: Cells) -> Week:
    closed = cells.mapping.other_days == "closed"
    days = cells.days()
    if days:
        week = read_days(days, others_closed=closed)
        key = "hours"
    else:
        week = read_hours(cells.text("hours", "; "), others_closed=closed)
        key = "hours"
    for problem in week.problems:
        found = repr(problem[:120])
        mend = "Kept as a note about the hours, not as hours."
        cells.warn(key, found, "a week such as Mo-Fr 09:00-17:00", mend)
    return week
