"""Read a boundary in any usual form; what comes back is what other addresses take."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON
from api.errors import responses
from api.tables import NO_STORE
from api.uploads import MULTIPART, Sent, received
from api.work import Wanted, in_thread
from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads import read_boundary

router = APIRouter(prefix="/api/v1", tags=["uploads"])

_FIELDS = 2
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "crs": {"type": "string", "description": "Such as EPSG:29902; told by the file if left."},
        "layer": {"type": "string", "description": "Of a file with several; else the first."},
    },
}


class BoundaryOut(BaseModel):
    """A boundary as GeoJSON, and what was assumed to read it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="Kind of file.")
    crs: str = Field(description="Reference system of its coordinates.")
    notes: tuple[str, ...] = Field(
        description="What was guessed, repaired, simplified or left out."
    )
    geometry: dict[str, Any] = Field(description="Polygon or MultiPolygon, in degrees; valid.")


@router.post(
    "/boundaries",
    summary="Read a boundary from a file",
    description=(
        "A form (multipart/form-data) with a GeoJSON, GeoPackage, zipped Shapefile, "
        "KML, KMZ or WKT file, recognised by its content. Several shapes are merged; "
        "self-intersections are repaired; coordinates that cannot be in the stated "
        "reference system are read in the most plausible one for the UK. The notes "
        "say what was done. The geometry can be used as polygon in /rollup, /scores "
        "and others. Nothing is stored."
    ),
    response_model=BoundaryOut,
    responses=responses(408, 413, 422, 503),
    openapi_extra={"requestBody": {"required": True, "content": {MULTIPART: {"schema": _FORM}}}},
)
async def post_boundary(request: Request) -> Response:
    """Return the boundary in a file."""
    async with received(request, most_fields=_FIELDS, in_memory=False) as sent:
        found = await in_thread(request, lambda wanted: _read(sent, wanted))
    return Response(found.model_dump_json(), 200, {"Cache-Control": NO_STORE}, JSON)


def _read(sent: Sent, wanted: Wanted) -> BoundaryOut:
    if sent.file is None:
        raise InvalidRequestError("field file", found="no file", expected="a file with a boundary")
    crs, layer = (sent.texts.get(field, "").strip() for field in ("crs", "layer"))
    found = read_boundary(sent.file, sent.name, crs=crs, layer=layer, wanted=wanted)
    return BoundaryOut(
        name=sent.name, crs=found.crs_said, notes=found.notes, geometry=found.geojson
    )
