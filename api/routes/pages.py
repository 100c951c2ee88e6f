"""The HTML pages. Each is whole without JavaScript; the map is an island on the first."""

from typing import Annotated, Any
from urllib.parse import urlencode

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.hosts import base_address
from api.pages import areas as area_pages
from api.pages import insight
from api.pages import map as map_page
from api.pages import profile as profiles
from api.pages.changes import changes
from api.pages.help_anywhere import in_short
from api.pages.lens import SLIDER, Lens, codes_of, from_sliders, lens_of
from api.pages.method import method_view
from api.pages.patterns import area_pattern
from api.pages.picture import locator
from api.pages.sheet import KINDS as SHEET_KINDS
from api.pages.spread import area_spread
from api.pages.templating import render
from api.pages.validation import validation_view
from api.remote_help import help_entries
from api.routes.features import edition_service, parse_bounds
from api.routes.support_pages import find_place
from api.support_query import places_in
from api.work import in_turn
from exclusion_map.areas.bases import BaseName
from exclusion_map.editions.dcat import schema_org
from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.palette import DECILE_COLOURS
from exclusion_map.terms import AreaKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Query(max_length=120)]
Where = Annotated[str, Query(max_length=4000)]


def chosen_lens(
    request: Request,
    service: OpenService,
    index: Text = "",
    weights: Annotated[str, Query(max_length=2000)] = "",
    base: Text = "",
    where: Where = "",
) -> Lens:
    """Return how the reader looks at the areas: index, weights and base of the address."""
    return lens_of(engines_of(request.app.state).of(service), index, weights, base, where)


ChosenLens = Annotated[Lens, Depends(chosen_lens)]


@router.get("/")
def map_view(
    request: Request, lens: ChosenLens, settings: Settings, show: Text = "", area: Text = ""
) -> HTMLResponse:
    """Where is the risk of digital exclusion high?"""
    places = places_in(request, lens.engine.service)
    context = map_page.context(lens, settings, places, show)
    atlas = lens.engine.service.edition.atlas
    if atlas.has(area):  # Without scripts, whoever follows a link to a place is led there.
        level, row = atlas.find(area)
        context = {**context, "chosen": (level.codes[row], level.labels[row])}
    return render(request, "pages/map.html", context)


@router.get("/lens")
def lens_panel(request: Request, lens: ChosenLens) -> HTMLResponse:
    """Return the controls of "Change what counts" as a fragment, for the index of the address."""
    return render(request, "parts/lens.html", {"lens": lens})


@router.get("/top-areas")
def top_areas(request: Request, lens: ChosenLens) -> HTMLResponse:
    """Return the table beneath the map as a fragment."""
    return render(
        request, "parts/top_table.html", {"lens": lens, "table": map_page.top_table(lens)}
    )


@router.get("/ranking-changes")
def ranking_changes(
    request: Request, lens: ChosenLens, within: Text = "", part: bool = False
) -> HTMLResponse:
    """What changes in the ranking?"""
    code = area_pages.code_of(lens.engine.service, within)
    context = {"lens": lens, "changes": changes(lens, code), "folded": part}
    return render(request, "parts/changes.html" if part else "pages/changes.html", context)


@router.get("/panel")
def panel(
    request: Request,
    service: OpenService,
    lens: ChosenLens,
    code: Text = "",
    support: Text = "",
    edition: Text = "",
    kind: AreaKind | None = None,
    feature: int | None = None,
) -> HTMLResponse:
    """Return what the panel beside the map shows: an area, or a support place."""
    if support:
        place = find_place(request, service, support)
        return render(request, "parts/panel_support.html", {"place": place})
    if not code and kind is not None and feature is not None:
        served = edition_service(request, edition) if edition else service
        level = served.edition.atlas.level(kind)
        code = level.codes[feature] if 0 <= feature < len(level) else ""
    if not code:
        raise InvalidRequestError(
            "panel", found="no place", expected="code, support, or kind and feature"
        )
    profile = service.profile(code)
    seen = None if lens.plain else insight.seen(lens, profile)
    context = {
        "profile": profile,
        "title": profiles.title(profile),
        "where": profiles.where(profile),
        "drivers": profiles.drivers_seen(seen, profiles.SHORT)
        if seen
        else profiles.driver_rows(profile, profiles.SHORT),
        "sure": insight.sureness(service, *service.edition.atlas.find(code)),
        "estimate": insight.estimate(service, *service.edition.atlas.find(code)),
        "announcement": profiles.announcement(profile),
        "lens": lens,
        "seen": seen,
    }
    return render(request, "parts/panel.html", context)


@router.get("/search")
def search(
    request: Request, service: OpenService, settings: Settings, q: Text = ""
) -> HTMLResponse:
    """Which place are you looking for?"""
    text = q.strip()
    answer = service.search(text, settings.search_limit) if text else None
    context = {
        "q": text,
        "results": answer.results if answer else (),
        "note": answer.note if answer else "",
    }
    return render(request, "pages/search.html", context)


@router.get("/areas")
def area_list(
    request: Request,
    service: OpenService,
    settings: Settings,
    index: Text = "",
    weights: Annotated[str, Query(max_length=2000)] = "",
    base: Text = "",
    where: Where = "",
    kind: AreaKind | None = None,
    within: Text = "",
    decile: Annotated[str, Query(pattern=r"^([1-9]|10)?$")] = "",
    bbox: Text = "",
    sort: area_pages.Sort = "rank",
    order: area_pages.Order = "asc",
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """Which areas should we look at first?"""
    engine = engines_of(request.app.state).of(service)
    if any(name.startswith(SLIDER) for name in request.query_params):
        return RedirectResponse(_without_sliders(request, engine), status_code=303)
    lens = lens_of(engine, index, weights, base, where)
    atlas = service.edition.atlas
    held = area_pages.code_of(service, within)
    first = map_page.first_kind(service)
    query = area_pages.Query(
        kind=kind or (area_pages.kind_inside(atlas, held) if held else first),
        within=held,
        decile=int(decile) if decile else None,
        bbox=parse_bounds(bbox) if bbox else None,
        sort=sort,
        order=order,
        page=page,
        lens=lens.query,
    )
    found = area_pages.list_areas(lens, query, settings.page_size)
    return render(request, "pages/areas.html", area_pages.context(service, found, lens))


def _without_sliders(request: Request, engine: Engine) -> str:
    """Return the address of a form of sliders with the weights said as other addresses say them."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if value]
    sliders = {name.removeprefix(SLIDER): value for name, value in asked if name.startswith(SLIDER)}
    index = request.query_params.get("index", "")
    said = {"weights", "where"}
    kept = [pair for pair in asked if pair[0] not in said and not pair[0].startswith(SLIDER)]
    weights = from_sliders(engine, index, sliders)
    if weights:
        kept.append(("weights", weights))
    if request.query_params.get("base") == BaseName.SELECTION:
        places = codes_of(engine, request.query_params.get("where", ""))
        kept.append(("where", ",".join(places)))
    return f"/areas?{urlencode(kept, safe=',:')}"


@router.get("/areas/{code}")
def area(request: Request, service: OpenService, lens: ChosenLens, code: str) -> HTMLResponse:
    """What is this place like, how sure are we, what would help?"""
    profile = service.profile(code)
    level, row = service.edition.atlas.find(code)
    seen = insight.seen(lens, profile)
    context: dict[str, Any] = {
        "profile": profile,
        "title": profiles.title(profile),
        "crumbs": [each for each in profile.parents if each.kind in profiles.CRUMBS],
        "also": [each for each in profile.parents if each.kind not in profiles.CRUMBS],
        "where": profiles.where(profile),
        "drivers": profiles.driver_rows(profile) if lens.plain else profiles.drivers_seen(seen),
        "inside": profiles.inside(lens, profile),
        "lens": lens,
        "seen": seen,
        "parts": insight.parts(lens, seen),
        "sure": insight.sureness(service, level, row),
        "estimate": insight.estimate(service, level, row),
        "similar": insight.similar(service, level, row, seen),
        "responses": insight.suggested(seen),
        "local": insight.local_standing(seen, profile),
        "places": insight.by_indicator(seen),
        "pattern": area_pattern(service, level, row),
        "spread": area_spread(service, level, row),
        "picture": locator(service.edition, level, row, profile.standing.decile or 0),
        "from_home": in_short(help_entries(request.app.state), profile.nation),
        "sheet": level.kind in SHEET_KINDS,
    }
    return render(request, "pages/area.html", context)


@router.get("/method")
async def method(request: Request, service: OpenService, index: Text = "") -> HTMLResponse:
    """How is the score made?"""
    engine = engines_of(request.app.state).of(service)
    view = await in_turn(request, engine.audited, lambda: method_view(engine, index or None))
    return await anyio.to_thread.run_sync(render, request, "pages/method.html", {"method": view})


@router.get("/validation")
def validation(request: Request, service: OpenService) -> HTMLResponse:
    """Does the score agree with what people do?"""
    view = validation_view(service.edition.manifest)
    return render(request, "pages/validation.html", {"validation": view})


@router.get("/data")
def data(request: Request, service: OpenService) -> HTMLResponse:
    """Where do the figures come from, and how old are they?"""
    manifest = service.edition.manifest
    described = schema_org(manifest, base_address(request))
    context = {"sources": manifest.sources, "described": described}
    return render(request, "pages/data.html", context)


@router.get("/help")
def help_page(request: Request) -> HTMLResponse:
    """How do I use it, and how not?"""
    return render(request, "pages/help.html", {})


@router.get("/accessibility")
def accessibility(request: Request) -> HTMLResponse:
    """Can everyone use it?"""
    return render(request, "pages/accessibility.html", {})


@router.get("/about")
def about(request: Request) -> HTMLResponse:
    """Who made it, and why?"""
    return render(request, "pages/about.html", {})


@router.get("/mark.svg")
def mark() -> Response:
    """Return the mark of the site, drawn in the colours of the map."""
    squares = "".join(
        f'<rect x="{x}" y="{y}" width="9" height="9" rx="1.5" fill="{DECILE_COLOURS[step]}"/>'
        for (x, y), step in zip(((2, 2), (13, 2), (2, 13), (13, 13)), (7, 5, 3, 1), strict=True)
    )
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<g transform="rotate(45 12 12) scale(.84) translate(2.3 2.3)">{squares}</g></svg>'
    )
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(drawing, media_type="image/svg+xml", headers=headers)
