"""What the page of footprints shows: its form, who is served, who is missed, and files to take."""

import base64
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.engine import Engine
from api.footprint_query import LONGEST_ADDRESS, FootprintAsked, query_of
from api.pages import footprint_picture, words
from api.targets import Base
from exclusion_map.editions.footprint import INCLUSION_HEALTH, Footprinted, file_name
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import Columns, csv_text
from exclusion_map.targeting.footprint import Basis, Matching, Served
from exclusion_map.targeting.footprint.comparing import Part, Reading
from exclusion_map.targeting.footprint.footprint import Footprint
from exclusion_map.targeting.footprint.tables import (
    neighbourhood_columns,
    summary_columns,
    unmatched_columns,
)
from exclusion_map.terms import AreaKind, NhsGroup

SHOWN: Final = 20
SHOWN_ROWS: Final = 10
MOST_INSIDE: Final = 1_000_000
"""Characters of a file that a page carries; a longer one is cut, and says so."""
DRAWS: Final = 100
_BASES: Final = (
    ("", "Decide by the list"),
    (Basis.COUNTS.value, "People of the list: each row one, or as many as it says"),
    (Basis.RESIDENTS.value, "Places: all who live there"),
)


def form(engine: Engine, asked: FootprintAsked) -> dict[str, Any]:
    """Return what the form of the page needs; a list comes back only as it was typed."""
    params = asked.params
    return {
        "params": params,
        "where": asked.where if len(asked.where) <= 20_000 else "",
        "compare": params.compare,
        "name": params.name,
        "radius": "" if params.radius is None else f"{params.radius:g}",
        "bases": _BASES,
        "basis": params.basis.value if params.basis else "",
        "indices": [(one.id, one.title) for one in engine.service.edition.manifest.indices],
        "index": params.index or engine.service.default_index,
        "draws": params.draws,
        "usual_draws": DRAWS,
        "example": _example(engine),
        "told": None,
        "fault": None,
    }


def _example(engine: Engine) -> str:
    """Return the address of an example of this edition."""
    atlas = engine.service.edition.atlas
    wide = next(
        (
            atlas.levels[kind]
            for kind in (AreaKind.LOCAL_AUTHORITY, AreaKind.NEIGHBOURHOOD)
            if len(atlas.levels.get(kind, ())) > 1
        ),
        atlas.level(AreaKind.SMALL_AREA),
    )
    if wide.kind is AreaKind.LOCAL_AUTHORITY:
        row = int(wide.population.argmax())
        wards = atlas.levels.get(AreaKind.WARD) or atlas.level(AreaKind.SMALL_AREA)
        codes = [wards.codes[one] for one in atlas.within(wards.kind, wide, row)[:6].tolist()]
        query = {"name": f"A programme in {wide.labels[row]}", "compare": wide.codes[row]}
    else:
        codes, query = list(wide.codes[:4]), {"name": "A programme"}
    asked = query | {"where": ",".join(codes), "draws": str(DRAWS)}
    return f"/tools/footprint?{urlencode(asked, safe=',:')}"


def address_of(asked: FootprintAsked, served: Served) -> str:
    """Return an address that says the same.

    Empty where a list may tell of persons, counts people, is a table, or is too long.
    """
    matching = served.matching
    if matching.personal or matching.head or asked.content or asked.body is not None:
        return ""
    lines = [line.strip() for line in asked.where.splitlines() if line.strip()]
    table = len(lines) > 1 and any(sign in line for line in lines for sign in ",;\t|")
    where = ",".join(lines)
    if table or served.basis is Basis.COUNTS or not 0 < len(where) <= LONGEST_ADDRESS:
        return ""
    return f"/tools/footprint?{urlencode({**query_of(asked.params), 'where': where}, safe=',:')}"


def answer(
    base: Base,
    edition: Edition,
    told: Footprinted,
    asked: FootprintAsked,
    address: str,
    book: bytes,
) -> dict[str, Any]:
    """Return everything the page says of an answer.

    Args:
        base: for the map.
        edition: that is open.
        told: the answer.
        asked: the question.
        address: that says the same; empty where there is none.
        book: the workbook, for an answer without an address; empty otherwise.
    """
    found = told.found
    with_draws = asked.params.model_copy(update={"draws": DRAWS})
    sure = address_of(replace(asked, params=with_draws), found.served)
    _, legend = footprint_picture.classes_of(edition.atlas, found)
    workbook = address.replace("/tools/footprint?", "/tools/footprint.xlsx?")
    if book:
        coded = base64.b64encode(book).decode()
        workbook = f"data:{FileFormat.XLSX.facts.media};base64,{coded}"
    return {
        "told": told,
        "found": found,
        "workbook_name": f"{file_name(edition, told, 'people')}.xlsx",
        "lead": lead(found),
        "matching": found.served.matching,
        "matched": words.listed(
            [
                words.plural(count, way.label, way.label_plural)
                for way, count in found.served.matching.matched.items()
            ]
        ),
        "reasons": list(found.served.matching.reasons.items()),
        "few_rows": found.served.matching.unmatched[:SHOWN_ROWS],
        "chart": Markup(footprint_picture.tenths_svg(found)),  # noqa: S704  our own drawing
        "tenths": [_line(one, found) for one in (*found.tenths, found.fifth)],
        "groups": _groups(found),
        "inclusion_health": INCLUSION_HEALTH,
        "neighbourhoods": _neighbourhoods(edition, found),
        "more": max(len(found.neighbourhoods) - SHOWN, 0),
        "legend": legend,
        "map": "" if address else _inline(footprint_picture.map_svg(base, told)),
        "map_address": address.replace("/tools/footprint?", "/tools/footprint.svg?"),
        "support": found.support,
        "modelled": _modelled(found),
        "drivers": [one for one in found.drivers if abs(one.points) >= 0.5],
        "files": files(edition, told),
        "workbook": workbook,
        "unmatched_file": _unmatched_file(edition, found.served.matching),
        "here": address,
        "sure": f"{sure}#tenths" if sure else "",
        "api": address.replace("/tools/footprint?", "/api/v1/footprint?"),
        "counted": found.served.basis is Basis.COUNTS,
    }


def lead(found: Footprint) -> str:
    """Return the answer in two sentences."""
    fifth, place = found.fifth, found.comparator.name
    start = f"{found.total:,.0f} people live in the places served, looked at beside {place}."
    if found.served.basis is Basis.COUNTS:
        start = f"{found.total:,.0f} people of the list live in {place}."
    if fifth.reading is Reading.WITHHELD:
        return f"{start} How many live in its highest-risk areas is too small a count to be told."
    verdict = {
        Reading.MORE: "more than their part",
        Reading.FEWER: "fewer than their part",
        Reading.UNCLEAR: "no clear difference",
    }.get(fifth.reading, "nothing to compare")
    return (
        f"{start} {words.percent(100 * fifth.share)} of them live in the highest-risk fifth of "
        f"areas, as do {words.percent(100 * fifth.whole_share)} of all people there: {verdict}."
    )


def _line(part: Part, found: Footprint) -> dict[str, Any]:
    few = part.reading is Reading.WITHHELD
    return {
        "key": part.key,
        "words": part.words,
        "people": "withheld" if few else words.count(part.people),
        "households": _households(part, found),
        "share": "" if few else f"{100 * part.share:.1f}%",
        "whole": f"{100 * part.whole_share:.1f}%",
        "ratio": "" if few else _ratio(part.ratio),
        "chance": _ends(part.chance.low, part.chance.high),
        "other": _ends(part.other.low, part.other.high),
        "reading": part.reading.value,
        "mark": part.reading.name.lower(),
    }


def _households(part: Part, found: Footprint) -> str:
    if part.households != part.households:
        return "0" if part.people == 0 else "withheld"
    if found.rule is None:
        return words.count(part.households)
    return f"{part.households_low:,.0f} to {part.households:,.0f}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio == ratio else "none"


def _ends(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}" if low == low else ""


def _groups(found: Footprint) -> list[tuple[NhsGroup, list[dict[str, Any]]]]:
    return [
        (group, [_line(one, found) for one in found.groups if one.group is group])
        for group in NhsGroup
        if any(one.group is group for one in found.groups)
    ]


def _neighbourhoods(edition: Edition, found: Footprint) -> list[dict[str, Any]]:
    held = found.neighbourhoods
    level = edition.atlas.level(held.kind)
    return [
        {
            "code": level.codes[row],
            "name": level.labels[row],
            "high": held.high[at],
            "served": "withheld"
            if held.served[at] != held.served[at]
            else words.count(float(held.served[at])),
            "expected": held.expected[at],
            "short": held.short[at],
        }
        for at, row in enumerate(held.rows[:SHOWN].tolist())
        if held.short[at] > 0
    ]


def _modelled(found: Footprint) -> dict[str, str] | None:
    one, whole = found.estimate, found.whole_estimate
    if one is None or whole is None:
        return None

    def ends(low: float, high: float) -> str:
        told = dict.fromkeys(words.about(end).removeprefix("about ") for end in (low, high))
        return " to ".join(told)

    return {
        "people": words.about(one.people.middle),
        "people_range": ends(one.people.low, one.people.high),
        "households": words.about(one.households.middle),
        "households_range": ends(one.households.low, one.households.high),
        "share": f"{one.share.middle:.1f}%",
        "share_range": f"{one.share.low:.1f}% to {one.share.high:.1f}%",
        "whole": f"{whole.share.middle:.1f}%",
        "whole_range": f"{whole.share.low:.1f}% to {whole.share.high:.1f}%",
    }


def files(edition: Edition, told: Footprinted) -> list[dict[str, str]]:
    """Return files that the page carries itself: nothing has to be sent or kept for them."""
    found = told.found
    return [
        _file(
            "Tenths and groups (CSV)", summary_columns(found), file_name(edition, told, "people")
        ),
        _file(
            "All neighbourhoods (CSV)",
            neighbourhood_columns(edition.atlas, found),
            file_name(edition, told, "neighbourhoods"),
        ),
    ]


def _unmatched_file(edition: Edition, matching: Matching) -> dict[str, str] | None:
    if not matching.unmatched:
        return None
    name = f"exclusion-map-{edition.id}-rows-not-understood"
    return _file("Rows that were not understood (CSV)", unmatched_columns(matching), name)


def _file(title: str, columns: Columns, name: str) -> dict[str, str]:
    parts, size = [], 0
    for part in csv_text(columns):
        size += len(part)
        if size > MOST_INSIDE:
            break
        parts.append(part)
    text = "\ufeff" + "".join(parts)
    coded = base64.b64encode(text.encode()).decode()
    return {
        "title": title,
        "name": f"{name}.csv",
        "href": f"data:text/csv;charset=utf-8;base64,{coded}",
        "cut": "The file holds the first of them; the API sends all." if size > MOST_INSIDE else "",
    }


def _inline(svg: str) -> Markup:
    # Names in it were escaped where it was drawn.
    drawn = svg[svg.index("<svg") :].replace("<svg", '<svg class="em-picture"', 1)
    return Markup(drawn)  # noqa: S704
