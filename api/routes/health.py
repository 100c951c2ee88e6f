"""Health: is the process alive, and can it answer?"""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from api.directory_service import directory_of
from api.errors import responses
from api.holder import Holder

router = APIRouter(tags=["health"])

_UNCACHED = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """State of the service."""

    model_config = ConfigDict(frozen=True)

    status: str
    edition: str | None = None
    directory: str | None = None


@router.get(
    "/healthz",
    summary="Is the process alive?",
    description="Always 200 while the process lives, with or without an edition.",
    response_model=Health,
    response_model_exclude_none=True,
)
async def healthz() -> Response:
    """Answer at once."""
    return JSONResponse({"status": "alive"}, headers=_UNCACHED)


@router.get(
    "/readyz",
    summary="Can it answer?",
    description="200 when an edition is open and its files are there; else 503 with the reason. "
    "'directory' is ready, loading, or read-only with the reason: places are served in any case.",
    response_model=Health,
    responses=responses(503),
)
def readyz(request: Request) -> Response:
    """Check the edition and answer.

    Raises:
        EditionError: there is none, or its files are gone.
    """
    holder: Holder = request.app.state.holder
    holder.check()
    edition = holder.require().edition.id
    directory = directory_of(request.app.state).status
    told = {"status": "ready", "edition": edition, "directory": directory}
    return JSONResponse(told, headers=_UNCACHED)
