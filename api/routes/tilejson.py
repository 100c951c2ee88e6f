"""TileJSON: where the tiles of the current edition are and what is in them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import model_json
from api.dependencies import NoParameters, OpenService
from api.errors import responses
from api.hosts import base_address
from exclusion_map.editions.manifest import Manifest
from exclusion_map.errors import NotFoundError
from exclusion_map.tiles.tilesets import TILESETS, Tileset

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


TilesetName = Literal["areas", "wards", "health", "regions", "support"]


class ArchiveTileJson(TileJson):
    """TileJSON 3.0.0 of a tileset of the edition, and its archive."""

    archive: str = Field(
        description="The whole tileset as one PMTiles archive, for range requests."
    )


@router.get(
    "/tiles/{tileset}.json",
    summary="TileJSON of a tileset",
    description="TileJSON 3.0 of the current edition. Its tile addresses contain the "
    "edition's name.",
    response_model=ArchiveTileJson,
    responses=responses(404, 422, 503),
    dependencies=[NoParameters],
)
def tilejson(
    request: Request,
    service: OpenService,
    tileset: Annotated[TilesetName, Path(description="Tileset.")],
) -> Response:
    """Return the TileJSON of a tileset of the current edition."""
    archive = service.edition.tiles.get(tileset)
    if archive is None:
        raise NotFoundError(
            f"tileset {tileset}",
            found="none in this edition",
            expected=f"one of: {', '.join(service.edition.tiles)}",
        )
    manifest = service.edition.manifest
    west, south, east, north = manifest.bounds
    base = base_address(request)
    described = ArchiveTileJson(
        name=f"Exclusion Map: {tileset}, {manifest.title}",
        description=TILESETS[tileset].about,
        version=manifest.edition,
        attribution=_attribution(manifest, TILESETS[tileset]),
        tiles=(f"{base}/tiles/{manifest.edition}/{tileset}/{{z}}/{{x}}/{{y}}.mvt",),
        archive=f"{base}/tiles/{manifest.edition}/{TILESETS[tileset].file}",
        minzoom=archive.info.min_zoom,
        maxzoom=archive.info.max_zoom,
        bounds=manifest.bounds,
        center=((west + east) / 2, (south + north) / 2, archive.info.min_zoom),
        vector_layers=tuple(_layers(archive.metadata)),
    )
    return model_json(request, described)


def _attribution(manifest: Manifest, tileset: Tileset) -> str:
    """Return the credit lines that the licences of a tileset's sources ask for, each once."""
    own = [source for source in manifest.sources if source.id in tileset.sources]
    lines = dict.fromkeys(source.attribution for source in own or manifest.sources)
    # A line that another goes on from says nothing of its own.
    longest = [a for a in lines if not any(b != a and b.startswith(a) for b in lines)]
    return "; ".join(longest)


def _layers(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the layers the archive declares; TileJSON demands an id and fields of each."""
    layers = metadata.get("vector_layers", [])
    return [{**layer, "fields": layer.get("fields", {})} for layer in layers]
