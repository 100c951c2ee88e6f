"""The page for a form whose session ended meanwhile: nothing that was typed is lost.

Somebody signs in, or shows who they are, in another tab, and sends the same form from here.
"""

from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from api.accounts import csrf
from api.accounts.guard import ProofNeededError, SecondFactorNeededError, person_of
from api.negotiation import prefers_html
from api.pages.edit_typed import Typed, read_typed
from api.pages.templating import render
from exclusion_map.errors import ExclusionMapError, ForbiddenError, NotSignedInError

FORM: Final = "form"
SECRET: Final = frozenset({"password", "old", "new", "code"})
"""Fields that no page repeats: people type these anew."""
OUT, PROOF, SECOND, OLD = "out", "proof", "second", "old"


async def once_more(request: Request, error: ExclusionMapError) -> HTMLResponse | None:
    """Return the page that sends a form once more; None where that would not help.

    It is made only for forms that our own pages sent, and nothing of it is kept by the service.
    """
    why = _why(request, error)
    html = prefers_html(request.headers.get("accept", ""))
    if not why or request.method != "POST" or not html or not _ours(request):
        return None
    held: Typed | None = getattr(request.state, "typed", None)
    typed, file = (held, False) if held is not None else await _typed(request)
    if typed is None or SECRET & typed.values.keys() or not any(typed.pairs()):
        return None
    context = {
        "typed": typed,
        "action": request.url.path,
        "why": why,
        # Forms of the directory go to the step that saves nothing yet; others as they were sent.
        "do": typed.one("do") if held is None else "preview",
        "file": file,
    }
    status = 401 if isinstance(error, NotSignedInError) else 403
    return render(request, "pages/edit_once_more.html", context, status=status)


def _why(request: Request, error: ExclusionMapError) -> str:
    if isinstance(error, NotSignedInError):
        return OUT
    if isinstance(error, ProofNeededError):
        return PROOF
    if isinstance(error, SecondFactorNeededError):
        return SECOND
    if isinstance(error, ForbiddenError) and error.thing == FORM:
        return OLD if person_of(request) is not None else OUT
    return ""


async def _typed(request: Request) -> tuple[Typed | None, bool]:
    """Return what a form sent that its route has not kept, and whether it brought a file.

    None where it is no form, or too large.
    """
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return None, False
    try:
        typed = await read_typed(request)
        form: FormData = await request.form()
        file = any(getattr(value, "filename", "") for _, value in form.multi_items())
        await request.close()
    except (ExclusionMapError, HTTPException, RuntimeError):
        # Larger than people type, broken, or read as a stream by its route.
        return None, False
    return typed, file


def _ours(request: Request) -> bool:
    try:
        csrf.check_origin(request)
    except ForbiddenError:
        return False
    return True
