"""The page for a form of somebody who was signed out meanwhile: nothing that was typed is lost."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.accounts import csrf
from api.accounts.guard import person_of
from api.negotiation import prefers_html
from api.pages.edit_typed import Typed
from api.pages.templating import render
from exclusion_map.errors import ExclusionMapError, ForbiddenError, NotSignedInError

FORM = "form"


def once_more(request: Request, error: ExclusionMapError) -> HTMLResponse | None:
    """Return the page that sends a form once more; None where that would not help.

    It is made only for forms of our own pages, and sends to the step that saves nothing yet.
    """
    typed: Typed | None = getattr(request.state, "typed", None)
    signed_out = isinstance(error, NotSignedInError)
    old_mark = isinstance(error, ForbiddenError) and error.thing == FORM
    if typed is None or not (signed_out or old_mark):
        return None
    if not prefers_html(request.headers.get("accept", "")) or not _ours(request):
        return None
    context = {
        "typed": typed,
        "action": request.url.path,
        "signed_out": person_of(request) is None,
    }
    status = 401 if signed_out else 403
    return render(request, "pages/edit_once_more.html", context, status=status)


def _ours(request: Request) -> bool:
    try:
        csrf.check_origin(request)
    except ForbiddenError:
        return False
    return True
