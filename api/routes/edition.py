"""The edition itself: what it is made of, and its indices."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, create_model
from starlette.responses import Response

from api.answers import JSON, model_json, tagged
from api.dependencies import NoParameters, OpenService
from api.errors import responses
from exclusion_map.editions.manifest import EditionIndex, Manifest

router = APIRouter(prefix="/api/v1", tags=["edition"], dependencies=[NoParameters])

_SHOWN: dict[str, Any] = {
    name: (field.annotation, field)
    for name, field in Manifest.model_fields.items()
    if name != "files"
}
EditionFacts = create_model("EditionFacts", **_SHOWN)


class Indices(BaseModel):
    """The indices of the edition."""

    model_config = ConfigDict(frozen=True)

    edition: str
    default: str
    indices: tuple[EditionIndex, ...]


@router.get(
    "/edition",
    summary="The edition that is served",
    description="Its sources with licences and checksums, indicators, indices, checks and notes.",
    response_model=EditionFacts,
    responses=responses(422, 503),
)
def edition(request: Request, service: OpenService) -> Response:
    """Return the manifest without its list of files."""
    manifest = service.edition.manifest
    return tagged(request, manifest.model_dump_json(exclude={"files"}).encode(), JSON)


@router.get(
    "/indices",
    summary="The indices of the edition",
    description="Each with its whole definition: indicators, weights and the evidence for them.",
    response_model=Indices,
    responses=responses(422, 503),
)
def indices(request: Request, service: OpenService) -> Response:
    """Return the indices of the edition."""
    manifest = service.edition.manifest
    return model_json(
        request,
        Indices(edition=manifest.edition, default=manifest.default_index, indices=manifest.indices),
    )
