"""TileJSON: where the tiles of the current edition are and what is in them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import model_json
from api.dependencies import NoParameters, OpenService, Settings
from api.errors import responses
from exclusion_map.errors import NotFoundError

router = APIRouter(tags=["tiles"])


class TileJson(BaseModel):
    """TileJSON 3.0.0."""

    model_config = ConfigDict(frozen=True)

    tilejson: str = "3.0.0"
    name: str
    description: str
    version: str = Field(description="The edition.")
    attribution: str
    scheme: str = "xyz"
    tiles: tuple[str, ...]
    minzoom: int
    maxzoom: int
    bounds: tuple[float, float, float, float]
    center: tuple[float, float, int]
    vector_layers: tuple[dict[str, Any], ...]


_ABOUT = {
    "areas": "Outlines of areas. A feature's id is its row in the values of its kind.",
    "support": "Places that can help people get online or use services without it.",
}


@router.get(
    "/tiles/{tileset}.json",
    summary="Where tiles are",
    description="TileJSON 3.0 of the current edition. Its tile addresses hold the edition's name.",
    response_model=TileJson,
    responses=responses(404, 422, 503),
    dependencies=[NoParameters],
)
def tilejson(
    request: Request,
    service: OpenService,
    settings: Settings,
    tileset: Annotated[Literal["areas", "support"], Path(description="Which tiles.")],
) -> Response:
    """Return the TileJSON of a tileset of the current edition."""
    archive = service.edition.tiles.get(tileset)
    if archive is None:
        raise NotFoundError(
            f"tileset {tileset}", found="none in this edition", expected="areas or support"
        )
    manifest = service.edition.manifest
    west, south, east, north = manifest.bounds
    base = (settings.base_url or str(request.base_url)).rstrip("/")
    described = TileJson(
        name=f"Exclusion Map: {tileset}, {manifest.title}",
        description=_ABOUT[tileset],
        version=manifest.edition,
        attribution="; ".join(dict.fromkeys(s.attribution for s in manifest.sources)),
        tiles=(f"{base}/tiles/{manifest.edition}/{tileset}/{{z}}/{{x}}/{{y}}.mvt",),
        minzoom=archive.info.min_zoom,
        maxzoom=archive.info.max_zoom,
        bounds=manifest.bounds,
        center=((west + east) / 2, (south + north) / 2, archive.info.min_zoom),
        vector_layers=tuple(_layers(archive.metadata)),
    )
    return model_json(request, described)


def _layers(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the layers the archive declares; TileJSON demands an id and fields of each."""
    layers = metadata.get("vector_layers", [])
    return [{**layer, "fields": layer.get("fields", {})} for layer in layers]
