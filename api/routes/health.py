"""Health: is the process alive, and can it answer?"""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from api.directory_service import directory_of
from api.errors import Problem, problem_of, respond, responses
from api.holder import Holder
from api.operations.checks import Condition, checks_of

router = APIRouter(tags=["health"])

_UNCACHED = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """State of the service."""

    model_config = ConfigDict(frozen=True)

    status: str
    edition: str | None = None
    current: str | None = None
    problem: str | None = None
    directory: str | None = None
    checks: dict[str, str] | None = Field(
        default=None, description="Each check: passed, or what is wrong, in words."
    )


class Unready(Problem):
    """Why the service should get no requests now."""

    edition: str | None = None
    directory: str | None = None
    checks: dict[str, str] = Field(
        default_factory=dict, description="Each check, as when it is ready."
    )


@router.get(
    "/livez",
    summary="Is the process alive?",
    description="Always 200 while the process lives and answers at all, also under any load, "
    "without an edition, and during shutdown. Does not check database or disk.",
    response_model=Health,
    response_model_exclude_none=True,
)
@router.get(
    "/healthz",
    summary="Is the process alive? (same as /livez)",
    description="Always 200 while the process lives, with or without an edition.",
    response_model=Health,
    response_model_exclude_none=True,
)
async def healthz() -> Response:
    """Answer at once."""
    return JSONResponse({"status": "alive"}, headers=_UNCACHED)


@router.get(
    "/readyz",
    summary="Can it answer requests?",
    description="200 if everything named in EXCLUSION_MAP_READY_NEEDS is well: an edition is "
    "open and its files exist, the database answers with the tables of this "
    "version, there is free disk space, heavy work is progressing, the edition "
    "is not old, and the service is not shutting down. Otherwise 503, with a "
    "reason for each failure in 'errors' and 'checks'. 'status' is ready or "
    "degraded. Degraded means that there is a problem the service can work "
    "around, or that the current edition, named by 'current', could not be "
    "opened for the reason in 'problem', and an earlier one, named by 'edition', "
    "is served instead. 'directory' is ready, loading, or read-only with the "
    "reason: places are served in any case.",
    response_model=Health,
    response_model_exclude_none=True,
    responses={503: responses(503)[503] | {"description": "It is not ready, for these reasons."}},
)
async def readyz(request: Request) -> Response:
    """Look at everything and answer."""
    found = await checks_of(request.app.state).look()
    if found.failing:
        return respond(request, _unready(request, found))
    holder: Holder = request.app.state.holder
    told: dict[str, Any] = {
        "status": "degraded" if found.faults else "ready",
        **_facts(request),
        "checks": found.words(),
    }
    notice = holder.notice
    if notice is not None:
        told |= {"status": "degraded", "problem": notice.fault.message}
        told |= {"current": notice.wanted} if notice.wanted else {}
    return JSONResponse(told, headers=_UNCACHED)


def _facts(request: Request) -> dict[str, Any]:
    holder: Holder = request.app.state.holder
    edition = {} if holder.service is None else {"edition": holder.service.edition.id}
    return {**edition, "directory": directory_of(request.app.state).status}


def _unready(request: Request, found: Condition) -> Unready:
    """Return the reasons: the first as the problem itself, all of them one by one."""
    faults = found.failing
    first = problem_of(next(iter(faults.values())), request.url.path)
    reasons = tuple(
        {"check": name, "found": one.found, "expected": one.expected, "mend": one.mend}
        for name, one in faults.items()
    )
    plain = first.model_dump() | {
        "detail": " ".join(fault.message for fault in faults.values()),
        "errors": reasons,
        "checks": found.words(),
    }
    return Unready(**plain, **_facts(request))
