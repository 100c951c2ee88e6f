"""Suggestions as programs send and decide them: with an API token."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.accounts.guard import Contributor, Moderator
from api.dependencies import NoParameters, OpenService
from api.directory_bodies import (
    DecisionBody,
    SuggestionAnswer,
    SuggestionBody,
    SuggestionsAnswer,
    WaitingAnswer,
    answer_json,
    waiting,
    well,
)
from api.editing import Desk
from api.errors import responses
from api.routes.directory_api import WRITES, Identity, Limited
from exclusion_map.directory.suggestions import About, State, Suggested
from exclusion_map.directory.tables import Suggestion
from exclusion_map.errors import InvalidRequestError

MOST_LISTED: Final = 100
router = APIRouter(prefix="/api/v1", tags=["directory"], dependencies=[Limited])


@router.post(
    "/suggestions",
    summary="Suggest a correction or a place",
    description="It waits for a moderator. The web form is at /support/suggest.",
    status_code=202,
    response_model=WaitingAnswer,
    responses={**WRITES, **responses(404)},
    dependencies=[NoParameters],
)
def suggest(
    request: Request, service: OpenService, person: Contributor, body: SuggestionBody
) -> Response:
    """Put a suggestion before a moderator."""
    desk = Desk.of(request, service, person)
    addition = body.about is About.ADDITION
    if addition is not (body.listing_id is None) or (addition and body.proposed is None):
        raise InvalidRequestError(
            "suggestion",
            found=f"about {body.about.value} with listing_id {body.listing_id!r}",
            expected="an addition with proposed and no listing_id, else the place it is about",
        )
    held = desk.directory.get(body.listing_id) if body.listing_id else None
    proposed = body.proposed
    if proposed is not None:
        proposed = well(proposed, held.listing if held else None)
    wanted = Suggested(
        about=body.about,
        listing_id=body.listing_id,
        base_version=held.version if held else None,
        message=body.message,
        proposed=proposed,
        account=desk.by,
    )
    return waiting(desk.suggestions.put(wanted))


@router.get(
    "/suggestions",
    summary="Suggestions, for moderators",
    response_model=SuggestionsAnswer,
    responses=WRITES,
)
def list_suggestions(
    request: Request,
    service: OpenService,
    person: Moderator,
    state: State = State.WAITING,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Waiting suggestions with the oldest first; decided ones with the newest first."""
    desk = Desk.of(request, service, person)
    start = (page - 1) * MOST_LISTED
    listed = desk.suggestions.listed(state, start=start, limit=MOST_LISTED)
    answer = SuggestionsAnswer(
        counts=dict(desk.suggestions.counts()),
        page=page,
        suggestions=[_suggestion(one) for one in listed],
    )
    return answer_json(answer, {"Cache-Control": "private, no-store"})


@router.post(
    "/suggestions/{identity}/decision",
    summary="Decide on a suggestion",
    description="Accepting makes the change. 409 means that somebody else decided, or that "
    "the place changed since it was suggested.",
    response_model=SuggestionAnswer,
    responses={**WRITES, **responses(404, 409)},
    dependencies=[NoParameters],
)
def decide(
    request: Request,
    service: OpenService,
    person: Moderator,
    identity: Identity,
    body: DecisionBody,
) -> Response:
    """Accept, decline, say that it is spam, or let it wait again."""
    desk = Desk.of(request, service, person)
    desk.decide(identity, body.decision, body.reason)
    return answer_json(_suggestion(desk.suggestions.get(identity)))


def _suggestion(held: Suggestion) -> SuggestionAnswer:
    return SuggestionAnswer.model_validate(
        {name: getattr(held, name) for name in SuggestionAnswer.model_fields}
    )
