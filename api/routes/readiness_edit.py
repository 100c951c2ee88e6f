"""The forms of readiness: make an assessment, rate its factors, start rounds, delete it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Myself
from api.accounts.limits import limited
from api.accounts.words import fault_of
from api.dependencies import OpenService
from api.pages import readiness as views
from api.pages.edit_typed import Typed, read_kept
from api.pages.templating import render
from api.readiness import Desk, Identity, area_named
from api.readiness_figures import figures_of
from api.service import Service
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError
from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.models import Access, Assessment, Details

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Limited = Depends(limited("assessments", per_client=30, window_s=600))
Kept = Annotated[Typed, Depends(read_kept)]
Number = Annotated[int, Form(ge=0, le=1_000_000)]
Line = Annotated[str, Form(max_length=1_000)]
PREVIEW = "preview"
"""What ``do`` says where a form comes from the page that sends it once more: nothing is saved."""


@router.get("/tools/readiness/new")
def new_page(request: Request, person: Myself) -> HTMLResponse:  # noqa: ARG001
    """What shall be assessed?"""
    return _details_page(request, {}, {})


@router.post("/tools/readiness/new", dependencies=[Limited])
def make(request: Request, service: OpenService, typed: Kept, person: Myself) -> Response:
    """Make an assessment that the person owns."""
    texts = _texts(typed)
    details, faults = _details(service, texts)
    if typed.one("do") == PREVIEW or details is None:
        return _details_page(request, texts, faults)
    try:
        desk = Desk.of(request, person)
        identity = desk.held.make(desk.actor, details, typed.one("round_name"))
    except InvalidRequestError as error:
        return _details_page(request, texts, fault_of(error, "round_name"))
    return _to(identity, "?said=made")


@router.get("/tools/readiness/{identity}/details")
def details_page(request: Request, person: Myself, identity: Identity) -> HTMLResponse:
    """What is it called, and what is it of?"""
    assessment = Desk.of(request, person).get(identity)
    texts = {name: str(value) for name, value in assessment.details.to_json().items()}
    texts |= {"area": texts["area_code"], "version": str(assessment.version)}
    return _details_page(request, texts, {}, assessment)


@router.post("/tools/readiness/{identity}/details")
def change_details(
    request: Request, service: OpenService, typed: Kept, person: Myself, identity: Identity
) -> Response:
    """Change what it is called and what it is of."""
    desk = Desk.of(request, person)
    assessment, texts = desk.get(identity), _texts(typed)
    details, faults = _details(service, texts, assessment.details.area_code)
    if typed.one("do") == PREVIEW or details is None:
        return _details_page(request, texts, faults, assessment)
    try:
        desk.held.change_details(
            desk.actor, identity, details, version=_whole(texts.get("version", ""))
        )
    except ConflictError:
        # What was typed stays; with the newer version it can be sent once more, knowingly.
        assessment = desk.get(identity)
        texts["version"] = str(assessment.version)
        return _details_page(request, texts, {}, assessment, conflict=True)
    return _to(identity, "?said=saved")


@router.get("/tools/readiness/{identity}/factors/{factor}")
def factor_page(
    request: Request, service: OpenService, person: Myself, identity: Identity, factor: str
) -> HTMLResponse:
    """Where do we stand with this factor?"""
    found, assessment = canvas().find(factor), Desk.of(request, person).get(identity)
    figures = figures_of(request, service, assessment.details.area_code)
    context = views.factor_page(assessment, found, figures)
    return render(request, "pages/readiness_factor.html", context)


@router.post("/tools/readiness/{identity}/factors/{factor}")
def rate(
    request: Request,
    service: OpenService,
    typed: Kept,
    person: Myself,
    identity: Identity,
    factor: str,
) -> Response:
    """Save what a team says of a factor; somebody else's change meanwhile is shown, not lost."""
    found, desk = canvas().find(factor), Desk.of(request, person)
    answer, faults, texts = views.read_answer(typed)
    conflict = False
    if answer is not None and typed.one("do") != PREVIEW:
        try:
            number, version = _whole(typed.one("round")), _whole(typed.one("version"))
            desk.held.answer(
                desk.actor, identity, factor, answer, round_number=number, version=version
            )
        except ConflictError:
            conflict = True
        else:
            return _onward(identity, factor, typed.one("do"))
    assessment = desk.get(identity)
    figures = figures_of(request, service, assessment.details.area_code)
    context = views.factor_page(
        assessment, found, figures, typed=texts, faults=faults, conflict=conflict
    )
    context["moved"] = conflict and typed.one("round") != str(assessment.now.number)
    status = 409 if conflict else 422 if faults else 200
    return render(request, "pages/readiness_factor.html", context, status=status)


@router.post("/tools/readiness/{identity}/rounds")
def start_round(
    request: Request,
    service: OpenService,
    person: Myself,
    identity: Identity,
    name: Line = "",
    after: Number = 0,
) -> Response:
    """Close the open round, with the figures of the area as they are now, and start the next."""
    desk = Desk.of(request, person)
    figures = figures_of(request, service, desk.get(identity).details.area_code)
    kept = figures.to_json() if figures else None
    try:
        desk.held.start_round(desk.actor, identity, name, after=after, figures=kept)
    except (ConflictError, InvalidRequestError) as error:
        assessment, conflict = desk.get(identity), isinstance(error, ConflictError)
        told = f"Somebody else started {assessment.now.name} meanwhile: look at theirs first."
        if isinstance(error, InvalidRequestError):
            told = fault_of(error)[error.thing.split()[0]]
        context = views.overview(assessment, assessment.now, figures)
        context |= {"told": "", "faults": {"name": told}, "typed_name": name}
        status = 409 if conflict else 422
        return render(request, "pages/readiness_one.html", context, status=status)
    return _to(identity, "?said=round")


@router.post("/tools/readiness/{identity}/rounds/take-back")
def take_round_back(
    request: Request, person: Myself, identity: Identity, number: Number = 0
) -> Response:
    """Undo the start of a round in which nothing was said yet."""
    desk = Desk.of(request, person)
    desk.held.take_round_back(desk.actor, identity, number=number)
    return _to(identity, "?said=taken-back")


@router.get("/tools/readiness/{identity}/delete")
def delete_page(request: Request, person: Myself, identity: Identity) -> HTMLResponse:
    """Shall all of it go?"""
    return _delete_page(request, Desk.of(request, person).get(identity), {})


@router.post("/tools/readiness/{identity}/delete")
def delete(request: Request, person: Myself, identity: Identity, title: Line = "") -> Response:
    """Delete an assessment for good."""
    desk = Desk.of(request, person)
    try:
        desk.held.delete(desk.actor, identity, title=title)
    except InvalidRequestError:
        faults = {"title": "Type the name of the assessment as it is shown"}
        return _delete_page(request, desk.get(identity), faults)
    return RedirectResponse("/tools/readiness?said=deleted", 303)


def _delete_page(request: Request, assessment: Assessment, faults: dict[str, str]) -> HTMLResponse:
    context = {
        "assessment": assessment,
        "base": views.address(assessment),
        "faults": faults,
        "may": assessment.access is Access.OWNER,
    }
    status = 422 if faults else 200
    return render(request, "pages/readiness_delete.html", context, status=status)


def _texts(typed: Typed) -> dict[str, str]:
    names = ("title", "scope", "about", "area", "round_name", "version")
    return {name: typed.one(name).strip() for name in names}


def _details(
    service: Service, texts: dict[str, str], held: str = ""
) -> tuple[Details | None, dict[str, str]]:
    """Return the details that were typed, the area found by its name; or what is wrong.

    The code that is held stays good, though the edition may have the area no longer.
    """
    told = {name: texts[name] for name in ("title", "scope", "about")}
    faults = {}
    try:
        same = held and texts["area"] == held
        told["area_code"] = held if same else area_named(service, texts["area"])
    except (NotFoundError, InvalidRequestError):
        faults["area"] = "No area is called that: try a council, an ICB, a postcode or a code"
    details, more = views.read_details(told)
    return (None if faults else details), {**more, **faults}


def _details_page(
    request: Request,
    texts: dict[str, str],
    faults: dict[str, str],
    assessment: Assessment | None = None,
    *,
    conflict: bool = False,
) -> HTMLResponse:
    context = {
        "assessment": assessment,
        "base": views.address(assessment) if assessment else "",
        "typed": texts,
        "faults": faults,
        "scopes": views.SCOPES,
        "conflict": conflict,
    }
    status = 409 if conflict else 422 if faults else 200
    return render(request, "pages/readiness_details.html", context, status=status)


def _onward(identity: str, factor: str, do: str) -> Response:
    keys = canvas().keys
    at = keys.index(factor) + 1
    if do == "next" and at < len(keys):
        return _to(identity, f"/factors/{keys[at]}")
    return _to(identity, f"?said=saved#{factor}")


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _to(identity: str, end: str) -> Response:
    return RedirectResponse(f"/tools/readiness/{identity}{end}", 303)
