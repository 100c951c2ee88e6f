"""The edition itself: what it is made of, and its indices."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import create_model
from starlette.responses import Response

from api.answers import JSON, model_json, tagged
from api.dependencies import NoParameters, OpenService
from api.engine import engines_of
from api.errors import responses
from api.index_facts import Indices, all_indices
from api.work import in_turn
from exclusion_map.editions.manifest import Manifest

router = APIRouter(prefix="/api/v1", tags=["edition"], dependencies=[NoParameters])

_KEPT = {"files", "sealed"}
"""What says how the edition is kept, not what it is."""
_SHOWN: dict[str, Any] = {
    name: (field.annotation, field)
    for name, field in Manifest.model_fields.items()
    if name not in _KEPT
}
EditionFacts = create_model("EditionFacts", **_SHOWN)


@router.get(
    "/edition",
    summary="The edition being served",
    description="Its sources with licences and checksums, indicators, indices, checks and notes.",
    response_model=EditionFacts,
    responses=responses(422, 503),
)
def edition(request: Request, service: OpenService) -> Response:
    """Return the manifest without its list of files."""
    manifest = service.edition.manifest
    return tagged(request, manifest.model_dump_json(exclude=_KEPT).encode(), JSON)


@router.get(
    "/indices",
    summary="List indices",
    description=(
        "Each with its complete definition: indicators, weights and the evidence for "
        "them; the effective contribution of its parts to the score; and what the "
        "edition lacks for it. Those with published scores come first; the others "
        "can be calculated with /api/v1/scores."
    ),
    response_model=Indices,
    responses=responses(422, 503),
)
async def indices(request: Request, service: OpenService) -> Response:
    """Return the indices."""
    engine = engines_of(request.app.state).of(service)
    found = await in_turn(request, engine.audited, lambda: all_indices(engine))
    return model_json(request, found)
