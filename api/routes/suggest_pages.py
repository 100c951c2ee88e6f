"""The pages by which anybody suggests, without an account; a moderator decides."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Checked
from api.accounts.limits import limited
from api.dependencies import OpenService
from api.editing import Desk, editing_settings
from api.pages.edit_suggest import SuggestForm
from api.pages.edit_typed import Typed, read_typed
from api.pages.templating import render

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Sent = Annotated[Typed, Depends(read_typed)]
HOUR_S = 3600.0


async def few(request: Request) -> None:
    """Let only so many suggestions of one client through in an hour.

    Raises:
        TooManyRequestsError: there were more.
    """
    most = editing_settings(request.app.state).suggestions_per_hour
    await limited("suggestions", per_client=most, window_s=HOUR_S)(request)


Few = Depends(few)


@router.get("/support/suggest")
def suggest_place_form(request: Request, service: OpenService) -> Response:
    """Which place is missing?"""
    return _page(SuggestForm(Desk.of(request, service), Typed()))


@router.post("/support/suggest", dependencies=[Checked, Few])
def suggest_place(request: Request, service: OpenService, typed: Sent) -> Response:
    """Put a missing place before a moderator."""
    return _put(SuggestForm(Desk.of(request, service), typed))


@router.get("/support/suggested")
def suggested(request: Request) -> Response:
    """What happens with a suggestion?"""
    return render(request, "pages/suggested.html", {})


@router.get("/support/{identity}/suggest")
def suggest_form(request: Request, service: OpenService, identity: str) -> Response:
    """What is wrong about this place?"""
    desk = Desk.of(request, service)
    return _page(SuggestForm(desk, Typed(), desk.directory.get(identity)))


@router.post("/support/{identity}/suggest", dependencies=[Checked, Few])
def suggest(request: Request, service: OpenService, identity: str, typed: Sent) -> Response:
    """Put a correction before a moderator."""
    desk = Desk.of(request, service)
    return _put(SuggestForm(desk, typed, desk.directory.get(identity)))


def _put(form: SuggestForm) -> Response:
    if not form.trapped:
        wanted, errors = form.read()
        if wanted is None:
            return _page(form, errors, status=422)
        form.desk.suggestions.put(wanted)
    # A program that was caught is told nothing.
    return RedirectResponse("/support/suggested", 303)


def _page(
    form: SuggestForm, errors: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    context = form.context(errors or {})
    return render(form.desk.request, "pages/suggest.html", context, status=status)
