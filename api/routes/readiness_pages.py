"""The pages of readiness that only show: what it is, an example, and what a team has said."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from api.accounts.guard import Viewer, person_of
from api.dependencies import OpenService
from api.directory_service import directory_of
from api.pages import readiness as views
from api.pages.readiness_sheet import printed
from api.pages.templating import render
from api.readiness import Desk, Identity, round_asked
from api.readiness_figures import figures_of
from api.readiness_files import Ending, pdf_file, text_file
from api.service import Service
from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.comparing import earlier
from exclusion_map.readiness.example import example
from exclusion_map.readiness.models import Assessment
from exclusion_map.readiness.tables import ReadinessChange
from exclusion_map.terms import AreaKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
PAGE_SIZE = 50
TOLD = {
    "made": "Made. Only you can see it until you invite others.",
    "saved": "Saved.",
    "round": "A new round has begun. What was said before is kept.",
    "taken-back": "The new round is taken back; the one before is open again.",
    "joined": "You belong to the team now.",
    "left": "You have left the team.",
    "deleted": "Deleted, with its rounds, history and team.",
}
RoundNumber = Annotated[int | None, Query(alias="round", ge=1, le=1_000)]


@router.get("/tools/readiness")
def start_page(request: Request, said: str = "") -> HTMLResponse:
    """Where does our system stand?"""
    person = person_of(request)
    context = {
        "factors": canvas().factor,
        "steps": canvas().step,
        "mine": Desk.of(request, person).held.mine(person.id) if person else [],
        "fault": directory_of(request.app.state).fault,
        "told": TOLD.get(said, ""),
    }
    return render(request, "pages/readiness.html", context)


def _example(service: Service) -> Assessment:
    """Return the example beside the figures of the first council of the edition."""
    levels = service.edition.atlas.levels
    level = levels.get(AreaKind.LOCAL_AUTHORITY)
    return example(level.codes[0] if level and len(level) else "")


@router.get("/tools/readiness/example")
def example_page(
    request: Request, service: OpenService, number: RoundNumber = None
) -> HTMLResponse:
    """What does it look like when it is filled in?"""
    return _overview(request, service, _example(service), number)


@router.get("/tools/readiness/example/changes")
def example_changes(
    request: Request, service: OpenService, before: int | None = None, after: int | None = None
) -> HTMLResponse:
    """What changed in the example?"""
    return _changes(request, _example(service), before, after)


@router.get("/tools/readiness/example/print")
def example_print(
    request: Request, service: OpenService, number: RoundNumber = None
) -> HTMLResponse:
    """Return the example on one page."""
    return _print(request, service, _example(service), number)


@router.get("/tools/readiness/example/download.{ending}", response_class=Response)
async def example_file(
    request: Request, service: OpenService, ending: Ending, number: RoundNumber = None
) -> Response:
    """Return the example as a file."""
    return await _file(request, service, _example(service), (), ending, number)


@router.get("/tools/readiness/{identity}")
def one_page(
    request: Request,
    service: OpenService,
    person: Viewer,
    identity: Identity,
    number: RoundNumber = None,
    said: str = "",
) -> HTMLResponse:
    """Where do we stand?"""
    return _overview(request, service, Desk.of(request, person).get(identity), number, said)


@router.get("/tools/readiness/{identity}/changes")
def changes_page(
    request: Request,
    person: Viewer,
    identity: Identity,
    before: int | None = None,
    after: int | None = None,
) -> HTMLResponse:
    """What changed between two rounds?"""
    return _changes(request, Desk.of(request, person).get(identity), before, after)


@router.get("/tools/readiness/{identity}/history")
def history_page(
    request: Request,
    person: Viewer,
    identity: Identity,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """Who said what, and when?"""
    desk = Desk.of(request, person)
    assessment = desk.get(identity)
    total = desk.held.changes(person.id, identity)
    found = desk.held.history(person.id, identity, skip=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    context = {
        "assessment": assessment,
        "base": views.address(assessment),
        "rows": views.history_rows(found),
        "total": total,
        "number": page,
        "size": PAGE_SIZE,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return render(request, "pages/readiness_history.html", context)


@router.get("/tools/readiness/{identity}/print")
def print_page(
    request: Request,
    service: OpenService,
    person: Viewer,
    identity: Identity,
    number: RoundNumber = None,
) -> HTMLResponse:
    """Return one round on one page."""
    return _print(request, service, Desk.of(request, person).get(identity), number)


@router.get("/tools/readiness/{identity}/download.{ending}", response_class=Response)
async def download(
    request: Request,
    service: OpenService,
    person: Viewer,
    identity: Identity,
    ending: Ending,
    number: RoundNumber = None,
) -> Response:
    """Return the whole assessment, or one page of it, as a file; the audit log notes that."""
    desk = Desk.of(request, person)
    assessment, changes = await run_in_threadpool(_taken, desk, identity, ending)
    return await _file(request, service, assessment, changes, ending, number)


def _taken(
    desk: Desk, identity: str, ending: Ending
) -> tuple[Assessment, Sequence[ReadinessChange]]:
    assessment = desk.get(identity)
    whole = ending is Ending.JSON
    changes = desk.held.history(desk.actor.id, identity) if whole else ()
    desk.held.note_export(desk.actor, identity, ending.value)
    return assessment, changes


async def _file(
    request: Request,
    service: Service,
    assessment: Assessment,
    changes: Sequence[ReadinessChange],
    ending: Ending,
    number: int | None,
) -> Response:
    if ending is not Ending.PDF:
        return text_file(assessment, changes, ending)
    shown = round_asked(assessment, number)
    code = assessment.details.area_code
    figures = await run_in_threadpool(figures_of, request, service, code)
    return await pdf_file(request, assessment, shown, figures)


def _overview(
    request: Request,
    service: Service,
    assessment: Assessment,
    number: int | None,
    said: str = "",
) -> HTMLResponse:
    shown = round_asked(assessment, number)
    figures = figures_of(request, service, assessment.details.area_code)
    context = views.overview(assessment, shown, figures) | {"told": TOLD.get(said, "")}
    return render(request, "pages/readiness_one.html", context)


def _changes(
    request: Request, assessment: Assessment, before: int | None, after: int | None
) -> HTMLResponse:
    later = round_asked(assessment, after)
    latest_before = next(earlier(assessment, later), later)
    first = latest_before if before is None else round_asked(assessment, before)
    context = views.comparison(assessment, first, later)
    return render(request, "pages/readiness_changes.html", context)


def _print(
    request: Request, service: Service, assessment: Assessment, number: int | None
) -> HTMLResponse:
    shown = round_asked(assessment, number)
    figures = figures_of(request, service, assessment.details.area_code)
    context = printed(assessment, shown, figures)
    return render(request, "pages/readiness_print.html", context)
