"""Links whose secret stands after ``#``: browsers send that to nobody.

It is in no log of a server or proxy, and in no address that another page learns. A script puts it
into a form; without scripts people paste the link. From then on it is a field of forms.
"""

from typing import Annotated, Any, Final

from fastapi import Form, Request
from fastapi.responses import HTMLResponse

from api.pages.templating import render

# Of links handed out by earlier versions the secret is part of the address: no other page may learn
# it. Not ``no-referrer``, for then browsers would not say either that the form comes from here.
NO_PATH: Final = {"Referrer-Policy": "strict-origin", "X-Robots-Tag": "noindex"}
CANNOT_BE_USED: Final = "This link cannot be used: it was used before, or its time is over."
Pasted = Annotated[str, Form(max_length=1_000)]


def secret_in(link: str) -> str:
    """Return the secret of a link, or of what was pasted of it; only signs that one may have."""
    last = link.strip().rpartition("#")[2].rpartition("/")[2]
    return "".join(sign for sign in last if sign.isascii() and (sign.isalnum() or sign in "-_"))


def opening(
    request: Request, action: str, faults: dict[str, str], *, sign_in: str = ""
) -> HTMLResponse:
    """Return the page where a link leads, before its secret is known here.

    Args:
        request: that asks for it.
        action: where its form goes.
        faults: what was wrong with the link, if it was sent.
        sign_in: where somebody must sign in first; empty where they need not, or have.
    """
    context: dict[str, Any] = {"action": action, "faults": faults, "sign_in_first": sign_in}
    page = render(request, "pages/invitation_open.html", context, status=404 if faults else 200)
    page.headers.update(NO_PATH)
    return page
