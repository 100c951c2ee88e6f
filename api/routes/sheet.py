"""The printed sheet of a neighbourhood: one A4 page for people who are not online."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import OpenService
from api.pages.sheet import SheetQuestion, sheet_context
from api.pages.templating import render
from api.remote_help import help_entries
from api.support_query import places_in
from exclusion_map.errors import NotFoundError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/sheet")
def sheet_of_postcode(
    request: Request, service: OpenService, asked: Annotated[SheetQuestion, Query()]
) -> HTMLResponse:
    """What help is near this postcode, on one page to print?"""
    if not asked.postcode.strip():
        return render(request, "pages/sheet_start.html", {"asked": asked})
    try:
        return _sheet(request, service, "", asked)
    except NotFoundError as fault:
        told = {"asked": asked, "fault": fault}
        return render(request, "pages/sheet_start.html", told, status=404)


@router.get("/sheet/{code}")
def sheet(
    request: Request, service: OpenService, code: str, asked: Annotated[SheetQuestion, Query()]
) -> HTMLResponse:
    """What help is near this neighbourhood, on one page to print?"""
    return _sheet(request, service, code, asked)


def _sheet(request: Request, service: OpenService, code: str, asked: SheetQuestion) -> HTMLResponse:
    origin = None
    postcode = " ".join(asked.postcode.split())
    if postcode:
        found = service.search(postcode, 1).results
        if not found or not found[0].matched.startswith("postcode"):
            raise NotFoundError(
                f"postcode {postcode!r}",
                found="no such postcode in this edition",
                expected="a full postcode, such as CH41 2AB",
                mend="Check it, or choose a neighbourhood below.",
            )
        origin = found[0].point
        code = code or found[0].code
        postcode = found[0].matched_text
    focus = service.edition.atlas.find(code)
    context = sheet_context(
        service,
        places_in(request, service),
        focus,
        asked.model_copy(update={"postcode": postcode}),
        help_entries(request.app.state),
        origin,
    )
    return render(request, "pages/sheet.html", context)
