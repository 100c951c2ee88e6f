"""What the page of footprints shows: its form, who is served, who is missed, and files to take."""

import base64
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.engine import Engine
from api.footprint_asking import LONGEST_ADDRESS, FootprintAsked, query_of
from api.pages import footprint_picture, words
from exclusion_map.editions.footprint import INCLUSION_HEALTH, Footprinted, file_name
from exclusion_map.editions.papers.footprint import (
    SHOWN,
    group_lines,
    lead,
    line_of,
    missed_rows,
    modelled,
)
from exclusion_map.editions.papers.footprint_map import classes_of
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import Columns, csv_text
from exclusion_map.targeting.footprint import Basis, Matching, Served
from exclusion_map.targeting.footprint.tables import (
    neighbourhood_columns,
    summary_columns,
    unmatched_columns,
)
from exclusion_map.terms import AreaKind

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
    edition: Edition,
    told: Footprinted,
    asked: FootprintAsked,
    address: str,
    book: bytes,
) -> dict[str, Any]:
    """Return everything the page says of an answer.

    Args:
        edition: that is open.
        told: the answer.
        asked: the question.
        address: that says the same; empty where there is none.
        book: the workbook, for an answer without an address; empty otherwise.
    """
    found = told.found
    with_draws = asked.params.model_copy(update={"draws": DRAWS})
    sure = address_of(replace(asked, params=with_draws), found.served)
    _, legend = classes_of(edition.atlas, found)
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
        "tenths": [line_of(one, found) for one in (*found.tenths, found.fifth)],
        "groups": group_lines(found),
        "inclusion_health": INCLUSION_HEALTH,
        "neighbourhoods": missed_rows(edition, found),
        "more": max(len(found.neighbourhoods) - SHOWN, 0),
        "legend": legend,
        "map": "" if address else _inline(footprint_picture.map_svg(edition, told, inside=True)),
        "map_address": address.replace("/tools/footprint?", "/tools/footprint.svg?"),
        "support": found.support,
        "modelled": modelled(found),
        "drivers": [one for one in found.drivers if abs(one.points) >= 0.5],
        "files": files(edition, told),
        "workbook": workbook,
        "unmatched_file": _unmatched_file(edition, found.served.matching),
        "here": address,
        "sure": f"{sure}#tenths" if sure else "",
        "api": address.replace("/tools/footprint?", "/api/v1/footprint?"),
        "counted": found.served.basis is Basis.COUNTS,
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
