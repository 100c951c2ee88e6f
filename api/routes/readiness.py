"""Readiness as programs use it, with an API token: the same teams, the same privacy.

Making and rating need a token of a contributor; teams, links and deleting need a person with a
browser.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.accounts.guard import Contributor, Viewer
from api.accounts.limits import limited
from api.dependencies import NoParameters, OpenService
from api.directory_bodies import answer_json
from api.errors import PreconditionFailedError, responses
from api.readiness import Desk, Identity, area_named, round_asked
from api.readiness_bodies import (
    AnswerBody,
    AssessmentAnswer,
    CanvasAnswer,
    ComparedAnswer,
    HeldAnswerAnswer,
    HistoryAnswer,
    ListAnswer,
    NewBody,
    RoundBody,
)
from api.readiness_figures import figures_of
from api.readiness_files import Ending, text_file
from api.routes.directory_api import WRITES, Version
from exclusion_map.errors import ConflictError
from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.comparing import compare, earlier
from exclusion_map.readiness.exporting import plain, plain_change
from exclusion_map.readiness.models import Assessment, Details

_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_SIZE: Final = 100
_READS = responses(401, 404, 422, 429, 503)
_CHANGES = {**WRITES, **responses(404, 412, 428)}
Limited = Depends(limited("readiness by programs", per_client=600, window_s=60))
router = APIRouter(prefix="/api/v1/readiness", tags=["readiness"], dependencies=[Limited])
FactorKey = Annotated[str, Path(max_length=40, examples=["leadership"])]


@router.get(
    "/canvas",
    summary="The eleven factors, and what each rating means",
    response_model=CanvasAnswer,
    responses=responses(422, 429),
    dependencies=[NoParameters],
)
def read_canvas() -> Response:
    """The eleven factors with the meaning of each rating; the same for everybody."""
    held = canvas().model_dump(mode="json")
    return answer_json(CanvasAnswer.model_validate(held))


@router.get(
    "",
    summary="List the assessments of your teams",
    response_model=ListAnswer,
    responses=responses(401, 422, 429, 503),
    dependencies=[NoParameters],
)
def list_mine(request: Request, person: Viewer) -> Response:
    """The assessments of all teams that you belong to."""
    mine = Desk.of(request, person).held.mine(person.id)
    names = ("id", "title", "scope", "access", "round_name", "rated", "updated_at")
    listed = [{name: getattr(one, name) for name in names} for one in mine]
    return answer_json(ListAnswer.model_validate({"assessments": listed}), _PRIVATE)


@router.post(
    "",
    summary="Create an assessment",
    status_code=201,
    response_model=AssessmentAnswer,
    responses={**WRITES, **responses(404)},
    dependencies=[NoParameters],
)
def make(request: Request, service: OpenService, person: Contributor, body: NewBody) -> Response:
    """Create an assessment; you become its owner."""
    desk = Desk.of(request, person)
    details = _with_area(service, body.details)
    return _answer(desk.get(desk.held.make(desk.actor, details, body.round_name)), 201)


@router.get(
    "/{identity}",
    summary="An assessment with its rounds",
    response_model=AssessmentAnswer,
    responses=_READS,
    dependencies=[NoParameters],
)
def read_one(request: Request, person: Viewer, identity: Identity) -> Response:
    """An assessment of a team that you belong to. Everybody else gets 404."""
    return _answer(Desk.of(request, person).get(identity))


@router.put(
    "/{identity}",
    summary="Change the name and details of an assessment",
    response_model=AssessmentAnswer,
    responses=_CHANGES,
    dependencies=[NoParameters],
)
def change_details(
    request: Request,
    service: OpenService,
    person: Contributor,
    identity: Identity,
    version: Version,
    body: Details,
) -> Response:
    """If-Match must name the version you read: 412 means that somebody changed it since."""
    desk = Desk.of(request, person)
    desk.get(identity)
    try:
        desk.held.change_details(desk.actor, identity, _with_area(service, body), version=version)
    except ConflictError as error:
        raise PreconditionFailedError.of(error) from None
    return _answer(desk.get(identity))


@router.put(
    "/{identity}/factors/{factor}",
    summary="Rate a factor",
    description="If-Match names the version of the answer that you read, in the open round: "
    "412 means that somebody changed it since, or started another round.",
    response_model=HeldAnswerAnswer,
    responses=_CHANGES,
    dependencies=[NoParameters],
)
def rate(
    request: Request,
    person: Contributor,
    identity: Identity,
    factor: FactorKey,
    version: Version,
    body: AnswerBody,
) -> Response:
    """Rate a factor that is still at the version that was read."""
    desk = Desk.of(request, person)
    try:
        held = desk.held.answer(
            desk.actor, identity, factor, body.answer, round_number=body.round, version=version
        )
    except ConflictError as error:
        raise PreconditionFailedError.of(error) from None
    told = HeldAnswerAnswer(
        round=body.round,
        factor=factor,
        version=held.version,
        updated_at=held.updated_at,
        updated_by=held.updated_by,
        answer=held.answer,
    )
    return answer_json(told, _PRIVATE)


@router.post(
    "/{identity}/rounds",
    summary="Close the open round and start the next",
    status_code=201,
    response_model=AssessmentAnswer,
    responses={**WRITES, **responses(404, 409)},
    dependencies=[NoParameters],
)
def start_round(
    request: Request, service: OpenService, person: Contributor, identity: Identity, body: RoundBody
) -> Response:
    """Start a round without ratings; the area's figures are stored with the round that ends.

    Of two who start one at once, one gets 409.
    """
    desk = Desk.of(request, person)
    figures = figures_of(request, service, desk.get(identity).details.area_code)
    kept = figures.to_json() if figures else None
    desk.held.start_round(desk.actor, identity, body.name, after=body.after, figures=kept)
    return _answer(desk.get(identity), 201)


@router.get(
    "/{identity}/changes",
    summary="What changed between two rounds",
    response_model=ComparedAnswer,
    responses=_READS,
)
def read_changes(
    request: Request,
    person: Viewer,
    identity: Identity,
    before: Annotated[int | None, Query(ge=1, description="The previous round if omitted.")] = None,
    after: Annotated[int | None, Query(ge=1, description="The open round if omitted.")] = None,
) -> Response:
    """Rating and evidence of each factor in both rounds."""
    assessment = Desk.of(request, person).get(identity)
    later = round_asked(assessment, after)
    latest = next(earlier(assessment, later), later)
    first = latest if before is None else round_asked(assessment, before)
    factors = [
        {
            "factor": one.factor.key,
            "before": one.before.rating,
            "after": one.after.rating,
            "change": one.change,
            "words": one.words,
        }
        for one in compare(assessment, first, later)
    ]
    told = ComparedAnswer(before=first.number, after=later.number, factors=factors)
    return answer_json(told, _PRIVATE)


@router.get(
    "/{identity}/history",
    summary="Who said what, and when",
    response_model=HistoryAnswer,
    responses=_READS,
)
def read_history(
    request: Request,
    person: Viewer,
    identity: Identity,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """The changes of an assessment, newest first, 100 per page."""
    desk = Desk.of(request, person)
    total = desk.held.changes(person.id, identity)
    found = desk.held.history(person.id, identity, skip=(page - 1) * _SIZE, limit=_SIZE)
    changes = [plain_change(one) for one in found]
    return answer_json(HistoryAnswer(id=identity, total=total, changes=changes), _PRIVATE)


@router.get(
    "/{identity}/answers.csv",
    summary="One row per round and factor, as CSV",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **_READS},
    dependencies=[NoParameters],
)
def read_csv(request: Request, person: Viewer, identity: Identity) -> Response:
    """All answers of all rounds as a table. The download is recorded in the audit log."""
    desk = Desk.of(request, person)
    answer = text_file(desk.get(identity), (), Ending.CSV)
    desk.held.note_export(desk.actor, identity, "csv")
    return answer


def _with_area(service: OpenService, details: Details) -> Details:
    code = area_named(service, details.area_code)
    return details.model_copy(update={"area_code": code})


def _answer(assessment: Assessment, status: int = 200) -> Response:
    told = AssessmentAnswer(
        id=assessment.id,
        version=assessment.version,
        access=assessment.access,
        details=assessment.details,
        rounds=plain(assessment)["rounds"],
        page=f"/tools/readiness/{assessment.id}",
    )
    location = {"Location": f"/api/v1/readiness/{assessment.id}"} if status == 201 else {}
    return answer_json(told, _PRIVATE | location, status)
