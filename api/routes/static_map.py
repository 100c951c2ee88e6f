"""Maps for reports: one picture with title, legend, scale bar and credits."""

import json
import math
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import FIVE_MINUTES, model_json
from api.dependencies import OpenService
from api.engine import Engine, engines_of
from api.errors import responses
from api.negotiation import matches
from api.painting import Painter, PaintParams, Picture, credit, painter_of
from api.routes.legends import legend_of
from api.service import Service
from api.work import in_thread
from exclusion_map.areas.atlas import Level
from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.raster_colour import Bytes
from exclusion_map.maps.static_map import Bounds, Frame, lay_out
from exclusion_map.maps.static_map_pixels import Ring, draw_map, to_png
from exclusion_map.printable import printable
from exclusion_map.terms import AreaKind

router = APIRouter(tags=["map"])

MOST_PIXELS = 8_000_000
"""Of a picture: an A4 page at 300 dots an inch has 8.7 million."""
_MEDIA = {"png": "image/png", "svg": "image/svg+xml"}
_LOCAL = frozenset(
    (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.WARD, AreaKind.LOCAL_AUTHORITY)
)
"""Kinds of area whose map shows small areas whatever its scale."""
_AROUND = 0.05
"""Share of an area's width and height that is shown around it."""


class StaticMapParams(PaintParams):
    """Query parameters of a static map."""

    index: str | None = Field(
        default=None, max_length=60, description="Id of an index; the default index if omitted."
    )
    area: str = Field(
        default="",
        max_length=12,
        description="Code of an area of any kind: the map shows it, with its boundary.",
        examples=["E08000012"],
    )
    bbox: str = Field(
        default="",
        max_length=120,
        description="west,south,east,north in degrees, instead of an area; the whole edition if "
        "neither is given.",
        examples=["-3.1,53.3,-2.7,53.5"],
    )
    level: AreaKind | None = Field(
        default=None, description="Kind of area that is coloured; by scale if omitted."
    )
    surroundings: bool = Field(
        default=False, description="With area: whether its surroundings are coloured too."
    )
    width: int = Field(default=900, ge=200, le=4000, description="In CSS pixels.")
    height: int = Field(default=650, ge=200, le=4000, description="In CSS pixels.")
    scale: int = Field(
        default=1, ge=1, le=3, description="Device pixels per CSS pixel, for PNG: 2 or 3 for print."
    )
    title: str | None = Field(
        default=None,
        max_length=200,
        description="Your own title; empty for none; generated if omitted.",
    )
    legend: bool = Field(default=True, description="Whether there is a legend.")
    lines: bool | None = Field(
        default=None, description="Thin white borders; where they are legible if omitted."
    )


class StaticMapWords(BaseModel):
    """A static map in words, for those who do not see it and for captions."""

    model_config = ConfigDict(frozen=True)

    title: str
    alt: str
    credit: str
    edition: str
    index: str
    level: AreaKind
    bounds: Bounds = Field(description="What the map shows: west, south, east, north.")


@dataclass(frozen=True)
class _Plan:
    """Everything about a static map but the drawing."""

    frame: Frame
    kind: AreaKind
    index: str
    classes: Bytes
    focus: tuple[Level, int] | None
    title: str
    alt: str
    credit: str
    lines: bool


@router.get(
    "/api/v1/static-map.{form}",
    summary="A map for a report, as a picture or in words",
    description="png, svg, or json for its text only. The picture contains title, legend, "
    "scale bar, credits and edition. scale=2 doubles the pixels of a PNG for "
    "print.",
    response_class=Response,
    responses={
        200: {
            "model": StaticMapWords,
            "content": {
                "image/png": {"schema": {"type": "string", "format": "binary"}},
                "image/svg+xml": {"schema": {"type": "string"}},
            },
        },
        304: {"description": "The client already has it."},
        **responses(404, 422, 503),
    },
)
async def static_map(
    request: Request,
    service: OpenService,
    form: Annotated[Literal["png", "svg", "json"], Path(description="png, svg or json.")],
    params: Annotated[StaticMapParams, Query()],
) -> Response:
    """Return a static map."""
    if form == "json":
        return await anyio.to_thread.run_sync(_answer, request, service, form, params)
    return await in_thread(request, lambda _: _answer(request, service, form, params))


def _answer(
    request: Request, service: Service, form: Literal["png", "svg", "json"], params: StaticMapParams
) -> Response:
    engine = engines_of(request.app.state).of(service)
    painter = painter_of(request.app.state, engine)
    if form == "json":
        plan = _plan(engine, painter, params)
        words = StaticMapWords(
            title=plan.title,
            alt=plan.alt,
            credit=plan.credit,
            edition=service.edition.id,
            index=plan.index,
            level=plan.kind,
            bounds=plan.frame.bounds,
        )
        return model_json(request, words)

    def make() -> Picture:
        plan = _plan(engine, painter, params)
        data = _png(engine, painter, plan, params) if form == "png" else _svg(engine, plan, params)
        return Picture(data, painter.tag("static", form, params))

    picture = painter.pictures.get(("static", form, params), make)
    headers = {"ETag": picture.etag, "Cache-Control": FIVE_MINUTES}
    if matches(request.headers.get("if-none-match", ""), picture.etag):
        return Response(status_code=304, headers=headers)
    return Response(picture.data, headers=headers, media_type=_MEDIA[form])


def _plan(engine: Engine, painter: Painter, params: StaticMapParams) -> _Plan:
    pixels = params.width * params.height * params.scale**2
    if pixels > MOST_PIXELS:
        raise InvalidRequestError(
            "size",
            found=f"{pixels:,} pixels",
            expected=f"at most {MOST_PIXELS:,}: width times height times scale twice",
            mend="Ask for a smaller picture or scale, or for SVG.",
        )
    if params.area and params.bbox:
        raise InvalidRequestError("area and bbox", found="both of them", expected="one")
    index = engine.service.index(params.index).id if params.index is None else params.index
    definition = engine.definition(index)
    focus = painter.atlas.find(params.area) if params.area else None
    bounds = _bounds(engine, params, focus)
    credits_said = _credit(engine, index)
    where = focus[0].labels[focus[1]] if focus else engine.service.edition.manifest.title
    made = definition.title if params.bbox else f"{definition.title}: {where}"
    title = made if params.title is None else printable(params.title).strip()

    def frame_of(kind: AreaKind) -> Frame:
        # Edition and caution stand in the credits.
        legend = replace(legend_of(engine, index, params, kind), foot="") if params.legend else None
        size = (params.width, params.height)
        return lay_out(bounds, *size, title=title, legend=legend, credit=credits_said)

    # The kind depends on the scale, and words of the legend, that may take room, on the kind.
    frame = frame_of(params.level or AreaKind.SMALL_AREA)
    zoom = math.log2(frame.window.pixels_a_unit / 256)
    kind = params.level or _kind(painter, math.floor(zoom + 0.5), focus)
    if kind is not (params.level or AreaKind.SMALL_AREA):
        frame = frame_of(kind)
    classes = painter.classes(engine, index, params, kind)
    if focus and not params.surroundings:
        rows = painter.atlas.within(kind, *focus) + 1
        only = np.zeros_like(classes)
        only[rows] = classes[rows]
        classes = only
    counts = np.bincount(classes[1:], minlength=params.scheme.missing + 1)
    alt = (
        f"Map of {where} by {kind.label}: {definition.title}. {int(counts[1:].sum()):,} "
        f"{kind.label_plural} are coloured, dark for the highest risk; "
        f"{int(counts[params.scheme.missing]):,} have no data. {credits_said}"
    )
    lines = _lines(kind, zoom) if params.lines is None else params.lines
    return _Plan(
        frame, kind, index, classes, focus, title or definition.title, alt, credits_said, lines
    )


def _kind(painter: Painter, zoom: int, focus: tuple[Level, int] | None) -> AreaKind:
    if focus and focus[0].kind in _LOCAL:
        return AreaKind.SMALL_AREA
    return painter.level_at(zoom)


def _lines(kind: AreaKind, zoom: float) -> bool:
    readable = {AreaKind.SMALL_AREA: 11.5, AreaKind.NEIGHBOURHOOD: 9.5, AreaKind.WARD: 9.5}
    return zoom >= readable.get(kind, 5)


def _bounds(engine: Engine, params: StaticMapParams, focus: tuple[Level, int] | None) -> Bounds:
    if focus:
        west, south, east, north = focus[0].bbox[focus[1]].tolist()
        aside, above = (east - west) * _AROUND, (north - south) * _AROUND
        return (west - aside, south - above, east + aside, north + above)
    if not params.bbox:
        return engine.service.edition.manifest.bounds
    try:
        west, south, east, north = (float(part) for part in params.bbox.split(","))
    except ValueError:
        raise InvalidRequestError(
            "bbox",
            found=repr(params.bbox),
            expected="west,south,east,north in degrees, such as -3.1,53.3,-2.7,53.5",
        ) from None
    return (west, south, east, north)


def _credit(engine: Engine, index: str) -> str:
    """Return edition, caution, and whom the data is of."""
    manifest = engine.service.edition.manifest
    made_up = " A made-up place." if manifest.synthetic else ""
    return (
        f"Exclusion Map, {manifest.title}, edition {manifest.edition}. Risk, not reality: areas, "
        f"not persons.{made_up} {credit(engine, index)}"
    )


def _png(engine: Engine, painter: Painter, plan: _Plan, params: StaticMapParams) -> bytes:
    layer = painter.numbers.layer_of(plan.kind)
    owners = painter.owners(plan.kind)
    rings = _rings(engine.service.edition.outline(*plan.focus)) if plan.focus else []
    picture = draw_map(
        plan.frame,
        lambda window: painter.numbers.window(layer, window),
        plan.classes if owners is None else plan.classes[owners],
        params.scheme,
        scale=params.scale,
        owners=owners,
        lines=plan.lines,
        outline=rings,
    )
    told = {"Title": plan.title, "Description": plan.alt, "Copyright": plan.credit}
    return to_png(picture, params.scale, told)


def _svg(engine: Engine, plan: _Plan, params: StaticMapParams) -> bytes:
    import shapely  # Neither is needed to start.

    from exclusion_map.maps.static_map_svg import areas_in, map_svg

    rows, outlines = areas_in(engine.service.edition.folder, plan.kind, plan.frame)
    outline = engine.service.edition.outline(*plan.focus) if plan.focus else None
    return map_svg(
        plan.frame,
        rows,
        outlines,
        plan.classes,
        params.scheme,
        title=plan.title,
        alt=plan.alt,
        lines=plan.lines,
        outline=None if outline is None else shapely.from_geojson(json.dumps(outline)),
    ).encode()


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    """Return the rings of a polygon, or of several, as GeoJSON has them."""
    single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if single else geometry["coordinates"]
    return [ring for polygon in polygons for ring in polygon]
