"""The page where a reader chooses a file to take away."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import OpenService
from api.engine import engines_of
from api.pages import download
from api.pages.lens import lens_of
from api.pages.templating import render
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.exports.area_columns import USUAL, ColumnGroup
from exclusion_map.exports.formats import parse_format
from exclusion_map.terms import AreaKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Query(max_length=120)]


@router.get("/download")
def download_page(
    request: Request,
    service: OpenService,
    index: Text = "",
    weights: Annotated[str, Query(max_length=2000)] = "",
    base: Text = "",
    place: Text = "",
    kind: AreaKind = AreaKind.SMALL_AREA,
    decile: Annotated[str, Query(pattern=r"^([1-9]|10)?$")] = "",
    columns: Annotated[list[ColumnGroup] | None, Query()] = None,
    format: Text = "",  # noqa: A002
) -> HTMLResponse:
    """Which figures do I want to take away?"""
    lens = lens_of(engines_of(request.app.state).of(service), index, weights, base)
    form = format if format in ("", download.MAP) else parse_format(format).value
    fault, code = "", ""
    try:
        code = download.parse_place(lens, place)
    except NotFoundError:
        fault = f"Nothing here is called “{place}”. Try a council, a ward, a postcode or a code."
    choice = download.Choice(
        place=code,
        kind=kind,
        decile=int(decile) if decile else None,
        groups=tuple(columns or USUAL),
        form=form or download.FIRST.value,
    )
    offer = None
    if not fault and form:
        try:
            offer = download.offer_of(lens, choice)
        except InvalidRequestError as error:
            fault = f"There is nothing to download: {error.found}. {error.mend}"
    context = {**download.context(lens, choice, offer), "fault": fault, "asked": place}
    return render(request, "pages/download.html", context, status=422 if fault else 200)
