"""Map styles: our layer in our colours for MapLibre, QGIS and ArcGIS, from one address."""

import io
import json
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import FIVE_MINUTES, JSON, tagged
from api.dependencies import NoParameters, OpenService
from api.engine import engines_of
from api.errors import responses
from api.hosts import base_address
from api.pages.map import map_levels
from api.painting import PaintParams, credit, scores_at
from api.questions import ScoringParams
from api.scored_tiles import tileset_of
from api.service import Service
from exclusion_map.maps.map_style import (
    StyledLevel,
    StyledTiles,
    map_style,
    sprite_json,
    sprite_pixels,
)
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.archive import TileArchive

router = APIRouter(tags=["tiles"])

MAX_ZOOM = 24.0
_OF_TILES = {*ScoringParams.model_fields, "level"}


Form = Annotated[Literal["json", "png"], Path()]


class StyleParams(PaintParams):
    """Query parameters of a style."""

    level: AreaKind | None = Field(
        default=None, description="Kind of area to draw at every zoom; by zoom if omitted."
    )


@router.get("/styles/sprite.{form}", dependencies=[NoParameters], include_in_schema=False)
def sprite(request: Request, form: Form) -> Response:
    """Return the picture that styles use for areas without data, or its index."""
    return _sprite(request, form, 1)


@router.get("/styles/sprite@2x.{form}", dependencies=[NoParameters], include_in_schema=False)
def double_sprite(request: Request, form: Form) -> Response:
    """Return the same for screens of double density."""
    return _sprite(request, form, 2)


def _sprite(request: Request, form: str, scale: int) -> Response:
    if form == "json":
        return tagged(request, sprite_json(scale), JSON, cache=FIVE_MINUTES)
    buffer = io.BytesIO()
    sprite_pixels(scale).save(buffer, "PNG")
    return tagged(request, buffer.getvalue(), "image/png", cache=FIVE_MINUTES)


@router.get(
    "/styles/{index}.json",
    summary="A map style for an index",
    description="MapLibre style, version 8, for the scored vector tiles of the current "
    "edition: paste its address into MapLibre, QGIS or ArcGIS. It has no "
    "background, so it can be laid over another map.",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "object"}}}},
        **responses(404, 422, 503),
    },
)
def style(
    request: Request,
    service: OpenService,
    index: Annotated[str, Path(description="Id of the index, from /api/v1/indices.")],
    params: Annotated[StyleParams, Query()],
) -> Response:
    """Return the style of an index with weights, base and colours."""
    engine = engines_of(request.app.state).of(service)
    edition = service.edition
    scores_at(
        engine, index, params, params.level or AreaKind.SMALL_AREA
    )  # refuses what tiles would
    archive = edition.tiles[tileset_of(edition, params.level)]
    base = base_address(request)
    asked = params.model_dump(mode="json", include=_OF_TILES, exclude_defaults=True)
    made = map_style(
        f"{engine.definition(index).title}, {edition.manifest.title}",
        StyledTiles(
            f"{base}/tiles/{index}/{{z}}/{{x}}/{{y}}.mvt"
            + (f"?{urlencode(asked)}" if asked else ""),
            archive.info.min_zoom,
            archive.info.max_zoom,
            edition.manifest.bounds,
            credit(engine, index),
        ),
        _levels(service, archive, params.level),
        params.scheme,
        params.measure,
        # What was not chosen has no score either; it must not look like a gap in the data.
        missing=not (params.where or params.within),
        sprite=f"{base}/styles/sprite",
        metadata={
            "exclusion-map:edition": edition.id,
            "exclusion-map:note": "Scores show risk, not reality: areas, not persons.",
        },
    )
    return tagged(request, json.dumps(made).encode(), JSON, cache=FIVE_MINUTES)


def _levels(service: Service, archive: TileArchive, level: AreaKind | None) -> list[StyledLevel]:
    """Return what is painted at which zooms: as the map does, or one kind at every zoom."""
    lowest = {layer["id"]: layer.get("minzoom", 0) for layer in archive.metadata["vector_layers"]}
    if level is not None:
        return [StyledLevel(level, lowest[level.value], MAX_ZOOM)]
    return [
        StyledLevel(AreaKind(one["kind"]), max(one["minzoom"], lowest[one["kind"]]), one["maxzoom"])
        for one in map_levels(service)
        if one["kind"] in lowest
    ]
