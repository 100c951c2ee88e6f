"""HTML pages on areas picked by hand: side by side, and picked without a map."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.answers import A_MINUTE
from api.dependencies import OpenService
from api.pages import compare, select
from api.pages.areas import Order, Sort
from api.pages.areas import Query as AreaQuery
from api.pages.lens import Lens
from api.pages.templating import render
from api.picking import Picked, area_codes, picked_by_code, picked_near
from api.routes.features import parse_bounds
from api.routes.pages import ChosenLens, Text
from api.tables import TableFormat, table_response
from exclusion_map.areas.inside import MAX_METRES
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Areas = Annotated[list[str] | None, Query(max_length=300)]
"""Codes or names; many in one with commas, or the parameter many times, as boxes of a form do."""
Metres = Annotated[float, Query(gt=0, le=MAX_METRES)]


def _joined(areas: list[str] | None) -> str:
    """Return a list as one text; a name alone may have a comma itself."""
    held = [one.strip().strip(",") for one in areas or () if one.strip(", ")]
    return held[0] if len(held) == 1 else ",".join(held)


@router.get("/compare")
def compare_page(
    request: Request, lens: ChosenLens, areas: Areas = None, add: Text = ""
) -> HTMLResponse:
    """How do these places differ?"""
    text = _joined(areas)
    places: list[compare.Place] = []
    fault: InvalidRequestError | NotFoundError | None = None
    status = 200
    try:
        codes = area_codes(lens.engine, text) if text else ()
        if add.strip():
            codes = tuple(dict.fromkeys((*codes, *area_codes(lens.engine, add))))
        places = compare.compared(lens, codes)
    except (InvalidRequestError, NotFoundError) as error:
        fault, status = error, 404 if isinstance(error, NotFoundError) else 422
        places = _kept(lens, text)
    context = compare.context(lens, places)
    more = {"fault": fault, "asked": text, "add": add if fault else ""}
    return render(request, "pages/compare.html", context | more, status=status)


def _kept(lens: Lens, text: str) -> list[compare.Place]:
    """Return those places of a comparison that can be shown when a further one cannot."""
    try:
        return compare.compared(lens, area_codes(lens.engine, text)) if text else []
    except (InvalidRequestError, NotFoundError):
        return []


@router.get("/compare.csv")
def compare_file(request: Request, lens: ChosenLens, areas: Areas = None) -> Response:
    """Return a comparison as a file, one row a place."""
    places = compare.compared(lens, area_codes(lens.engine, _joined(areas)))
    edition = lens.engine.service.edition.id
    name = f"exclusion-map-{edition}-{lens.index}-compared"
    columns = compare.table_columns(places)
    return table_response(request, columns, TableFormat.CSV, {}, name, A_MINUTE)


@router.get("/select")
def select_page(
    request: Request,
    service: OpenService,
    lens: ChosenLens,
    areas: Areas = None,
    near: Text = "",
    within_m: Metres = 1_000.0,
    kind: AreaKind = AreaKind.SMALL_AREA,
) -> HTMLResponse:
    """Which areas do you want to look at together?"""
    found: Picked | None = None
    fault: InvalidRequestError | NotFoundError | None = None
    status, text = 200, _joined(areas)
    try:
        if near.strip():
            found = picked_near(service, near, within_m, kind)
        elif text:
            found = picked_by_code(lens.engine, text)
    except (InvalidRequestError, NotFoundError) as error:
        fault, status = error, 404 if isinstance(error, NotFoundError) else 422
    context: dict[str, Any] = select.context(lens, found)
    asked = {"near": near.strip(), "within_m": f"{within_m:g}", "kind": kind.value, "asked": text}
    return render(request, "pages/select.html", context | asked | {"fault": fault}, status=status)


@router.get("/area-rows")
def area_rows(
    request: Request,
    lens: ChosenLens,
    kind: AreaKind = AreaKind.SMALL_AREA,
    bbox: Text = "",
    areas: Annotated[str, Query(max_length=4000)] = "",
    taken: Annotated[str, Query(max_length=4000)] = "",
    sort: Sort = "rank",
    order: Order = "asc",
) -> HTMLResponse:
    """Return the rows beside the map as a fragment: areas in view, or those picked."""
    if areas:
        found = picked_by_code(lens.engine, areas)
        context = select.context(lens, found)
        rows, total = context["rows"], len(found.areas)
        shown = {"actions": context["actions"], "picked": found, "of_view": False}
    else:
        query = AreaQuery(
            kind=kind,
            bbox=parse_bounds(bbox) if bbox else None,
            sort=sort,
            order=order,
            lens=lens.query,
        )
        rows, total = select.rows_in_view(lens, query, frozenset(taken.split(",")))
        shown = {"query": query, "of_view": True}
    told = {"rows": rows, "total": total, "kind": kind, "lens": lens, "sort": sort, "order": order}
    return render(request, "parts/area_rows.html", shown | told)
