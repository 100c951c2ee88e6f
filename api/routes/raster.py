"""Raster tiles: PNG pictures of risk for clients that cannot paint vector tiles themselves."""

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import FIVE_MINUTES, FOREVER, model_json
from api.dependencies import OpenService
from api.engine import Engine, engines_of
from api.errors import responses
from api.holder import Holder
from api.hosts import base_address
from api.negotiation import matches
from api.painting import Painter, PaintParams, Picture, credit, painter_of
from api.service import Service
from exclusion_map.errors import NotFoundError
from exclusion_map.maps.raster_colour import encode, paint
from exclusion_map.terms import AreaKind

router = APIRouter(tags=["tiles"])

PNG = "image/png"
SIZE = 256
MAX_ZOOM = 17
LINES_FROM = {
    AreaKind.SMALL_AREA: 12,
    AreaKind.NEIGHBOURHOOD: 10,
    AreaKind.WARD: 10,
    AreaKind.LOCAL_AUTHORITY: 6,
}
"""From which zoom borders are drawn; for other kinds from 5."""
LEGEND_FIELDS = set(PaintParams.model_fields)
_ROW = re.compile(r"(?P<row>[0-9]{1,6})(?P<double>@2x)?")


class RasterParams(PaintParams):
    """Query parameters of raster tiles."""

    level: AreaKind | None = Field(
        default=None,
        description="Kind of area to show; by zoom if omitted: local authorities, from zoom 8 "
        "neighbourhoods, from zoom 10 small areas.",
    )
    lines: bool | None = Field(
        default=None, description="Thin white borders; where they are legible if omitted."
    )


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {PNG: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The tile, with a palette; transparent where there is nothing to show.",
    },
    304: {"description": "The client already has it."},
    **responses(404, 422, 503),
}
_DESCRIPTION = (
    "256 pixels wide; 512 with @2x after the row. 1 = the highest-risk tenth is the darkest. No "
    "data is white with grey stripes, never a light colour. Zooms 0 to 17."
)
Index = Annotated[str, Path(max_length=60, description="Id of the index, from /api/v1/indices.")]
Whole = Annotated[int, Path(ge=0)]
Row = Annotated[str, Path(description="Row, counted from the north; with @2x for double size.")]


@router.get(
    "/tiles/{edition}/{index}/{z}/{x}/{y}.png",
    summary="A raster tile of an edition, cached indefinitely",
    description=_DESCRIPTION,
    response_class=Response,
    responses=_ANSWERS,
)
def tile_of_edition(
    request: Request,
    edition: Annotated[str, Path(description="Id of an open edition.")],
    index: Index,
    z: Whole,
    x: Whole,
    y: Row,
    params: Annotated[RasterParams, Query()],
) -> Response:
    """Return a tile under the name of its edition."""
    holder: Holder = request.app.state.holder
    return _answer(request, holder.named(edition), index, (z, x, y), params, FOREVER)


@router.get(
    "/tiles/{index}/{z}/{x}/{y}.png",
    summary="A raster tile of the current edition",
    description=_DESCRIPTION,
    response_class=Response,
    responses=_ANSWERS,
)
def tile(
    request: Request,
    service: OpenService,
    index: Index,
    z: Whole,
    x: Whole,
    y: Row,
    params: Annotated[RasterParams, Query()],
) -> Response:
    """Return a tile of the current edition."""
    return _answer(request, service, index, (z, x, y), params, FIVE_MINUTES)


def _answer(
    request: Request,
    service: Service,
    index: str,
    address: tuple[int, int, str],
    params: RasterParams,
    cache: str,
) -> Response:
    z, x, row = address
    found = _ROW.fullmatch(row)
    y = int(found["row"]) if found else -1
    if not found or z > MAX_ZOOM or not (x < 1 << z and 0 <= y < 1 << z):
        raise NotFoundError(
            f"tile {request.url.path}",
            found="an address outside the grid of tiles",
            expected=f"/tiles/{{index}}/{{z}}/{{x}}/{{y}}.png with z from 0 to {MAX_ZOOM}",
            mend="See /tiles/{index}/raster.json.",
        )
    engine = engines_of(request.app.state).of(service)
    painter = painter_of(request.app.state, engine)
    scale = 2 if found["double"] else 1
    key = (index, z, x, y, scale, params)
    picture = painter.pictures.get(
        key, lambda: draw(painter, engine, index, (z, x, y), scale, params)
    )
    headers = {"ETag": picture.etag, "Cache-Control": cache}
    if matches(request.headers.get("if-none-match", ""), picture.etag):
        return Response(status_code=304, headers=headers)
    return Response(picture.data, headers=headers, media_type=PNG)


def draw(
    painter: Painter,
    engine: Engine,
    index: str,
    at: tuple[int, int, int],
    scale: int,
    params: RasterParams,
) -> Picture:
    """Return a tile as a finished picture.

    Args:
        painter: of the edition.
        engine: of the edition.
        index: id of an index.
        at: zoom, column and row on the grid.
        scale: 1 for 256 pixels, 2 for 512.
        params: what to paint.
    """
    kind = params.level or painter.level_at(at[0])
    scheme = params.scheme
    owners = painter.owners(kind)
    classes = painter.classes(engine, index, params, kind)
    runs = painter.numbers.tile(painter.numbers.layer_of(kind), *at, SIZE * scale)
    lines = at[0] >= LINES_FROM.get(kind, 5) if params.lines is None else params.lines
    if owners is None:
        shown, bordered = runs.through(classes), runs.pixels if lines else None
    else:
        shown = runs.through(classes[owners])
        bordered = runs.through(owners) if lines else None
    painted = paint(shown, scheme, bordered, scale=scale)
    return Picture(encode(painted, scheme), painter.tag(index, at, scale, kind, lines, params))


class RasterTileJson(BaseModel):
    """TileJSON 3.0.0 of raster tiles, plus tile size and legend."""

    model_config = ConfigDict(frozen=True)

    tilejson: str = "3.0.0"
    name: str
    description: str
    version: str = Field(description="The edition.")
    attribution: str
    scheme: str = "xyz"
    tiles: tuple[str, ...]
    minzoom: int = 0
    maxzoom: int = MAX_ZOOM
    bounds: tuple[float, float, float, float]
    center: tuple[float, float, int]
    tileSize: int = SIZE  # noqa: N815 - the name that MapLibre and Mapbox look for
    legend: str = Field(description="Address of the legend image.")


@router.get(
    "/tiles/{index}/raster.json",
    summary="TileJSON of raster tiles of an index",
    description="TileJSON 3.0 with the given weights, base and colours. Its tile addresses "
    "contain the edition's name, so clients may cache tiles indefinitely.",
    response_model=RasterTileJson,
    responses=responses(404, 422, 503),
)
def raster_tilejson(
    request: Request,
    service: OpenService,
    index: Index,
    params: Annotated[RasterParams, Query()],
) -> Response:
    """Return the TileJSON of the raster tiles of an index."""
    engine = engines_of(request.app.state).of(service)
    painter = painter_of(request.app.state, engine)
    kind = params.level or painter.level_at(0)
    painter.classes(engine, index, params, kind)  # says what is wrong before any tile does
    manifest = service.edition.manifest
    west, south, east, north = manifest.bounds
    base = base_address(request)
    query = f"?{request.url.query}" if request.url.query else ""
    legend = urlencode(params.model_dump(mode="json", include=LEGEND_FIELDS, exclude_defaults=True))
    described = RasterTileJson(
        name=f"{engine.definition(index).title}, {manifest.title}",
        description="Risk of digital exclusion by area, as raster tiles. Risk, not reality.",
        version=manifest.edition,
        attribution=credit(engine, index),
        tiles=(f"{base}/tiles/{manifest.edition}/{index}/{{z}}/{{x}}/{{y}}.png{query}",),
        bounds=manifest.bounds,
        center=((west + east) / 2, (south + north) / 2, 6),
        legend=f"{base}/legends/{index}.png" + (f"?{legend}" if legend else ""),
    )
    return model_json(request, described)
