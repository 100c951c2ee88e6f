"""The pages of moderators: what waits, and the decision."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Moderator
from api.dependencies import OpenService
from api.editing import Desk
from api.pages.edit_moderate import STATES, queue, single
from api.pages.edit_typed import Typed, read_typed
from api.pages.templating import render
from exclusion_map.directory.suggestions import State
from exclusion_map.errors import ConflictError

router = APIRouter(prefix="/moderate", include_in_schema=False, default_response_class=HTMLResponse)

LONGEST_REASON = 300


@router.get("")
def moderate(
    request: Request,
    service: OpenService,
    person: Moderator,
    state: State = State.WAITING,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """What waits for a decision?"""
    desk = Desk.of(request, service, person)
    return render(request, "pages/moderate.html", queue(desk, state, page))


@router.get("/{identity}")
def suggestion(
    request: Request, service: OpenService, person: Moderator, identity: str
) -> Response:
    """Shall this suggestion change the directory?"""
    return _page(Desk.of(request, service, person), identity)


@router.post("/{identity}")
def decide(
    request: Request,
    service: OpenService,
    person: Moderator,
    identity: str,
    typed: Annotated[Typed, Depends(read_typed)],
) -> Response:
    """Accept, decline, or say that it is spam."""
    desk = Desk.of(request, service, person)
    do, reason = typed.one("do"), typed.one("reason").strip()
    if len(reason) > LONGEST_REASON or (do == "decline" and not reason):
        told = f"Say why, in at most {LONGEST_REASON} characters"
        return _page(desk, identity, {"reason": told}, reason, status=422)
    try:
        desk.decide(identity, do, reason)
    except ConflictError as error:
        return _page(desk, identity, {"decide": error.message}, reason, status=409)
    return RedirectResponse("/moderate", 303)


def _page(
    desk: Desk,
    identity: str,
    errors: dict[str, str] | None = None,
    reason: str = "",
    *,
    status: int = 200,
) -> Response:
    view = single(desk, identity)
    context = {
        "view": view,
        "errors": errors or {},
        "reason": reason,
        "longest": LONGEST_REASON,
        "state_words": STATES[State(view.suggestion.state)],
    }
    return render(desk.request, "pages/moderate_one.html", context, status=status)
