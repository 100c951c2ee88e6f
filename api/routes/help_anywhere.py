"""Help that reaches people anywhere: the page, JSON and CSV."""

import csv
import io
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import NoParameters, Params
from api.editing import lowest_keeper
from api.errors import responses
from api.pages.help_anywhere import help_history, help_view, needs_view
from api.pages.templating import render
from api.remote_help import help_entries, help_entry, store_of
from exclusion_map.directory.remote import NATIONS, NEED_KEYS, NEEDS, HeldHelp, Help, choose
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.areas_csv import safe_cell
from exclusion_map.exports.csv_files import MARK

pages = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
router = APIRouter(prefix="/api/v1", tags=["support"])


class HelpParams(Params):
    """What somebody needs, and where they live."""

    need: str = Field(default="", description=f"One of: {', '.join(NEED_KEYS)}; all if omitted.")
    nation: str = Field(default="", description=f"One of: {', '.join(NATIONS)}; any if omitted.")

    def checked(self) -> "HelpParams":
        """Return the same.

        Raises:
            InvalidRequestError: a value is none that there is.
        """
        for name, known in (("need", NEED_KEYS), ("nation", NATIONS)):
            value = getattr(self, name)
            if value and value not in known:
                raise InvalidRequestError(
                    name, found=repr(value), expected=f"one of: {', '.join(known)}"
                )
        return self


class HelpPageParams(HelpParams):
    """Also what was just done, after a change."""

    told: str = Field(default="", max_length=20)


@pages.get("/help-anywhere")
def help_page(request: Request, asked: Annotated[HelpPageParams, Query()]) -> HTMLResponse:
    """What help is there that needs no place to go to?"""
    params = asked.checked()
    context = {
        "asked": params,
        "groups": needs_view(help_entries(request.app.state), params.need, params.nation),
        "needs": [(need.key, need.name) for need in NEEDS],
        "nations": [(nation, nation) for nation in NATIONS],
        "told": TOLD.get(asked.told, ""),
        "keeper": lowest_keeper(request.app.state).value,
    }
    return render(request, "pages/help_anywhere.html", context)


TOLD = {
    "added": "The entry was added.",
    "changed": "The entry was changed.",
    "confirmed": "The entry is marked as checked today.",
    "removed": "The entry was taken out. It can be brought back from its history.",
    "restored": "The entry is back.",
}


@pages.get("/help-anywhere/{identity}")
def help_entry_page(request: Request, identity: str) -> Response:
    """Lead to an entry on the page of all."""
    return RedirectResponse(f"/help-anywhere#{help_entry(request.app.state, identity).id}", 303)


@pages.get("/help-anywhere/{identity}/history")
def help_history_page(request: Request, identity: str) -> HTMLResponse:
    """Who changed what about this entry, and when?"""
    store = store_of(request.app.state)
    held = store.get(identity, deleted=True)
    context = {
        "entry": help_view(held),
        "removed": held.deleted_at is not None,
        "changes": help_history(store.history(held.id)),
    }
    return render(request, "pages/help_anywhere_history.html", context)


@router.get(
    "/help-anywhere",
    summary="Help that needs no place",
    description="Social tariffs, free data and devices, online lessons and helplines, each "
    "with its source and the date it was last verified. A null price has not "
    "been verified.",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}, **responses(422)},
)
def help_json(request: Request, asked: Annotated[HelpParams, Query()]) -> Response:
    """Return entries as JSON."""
    params = asked.checked()
    chosen = choose(help_entries(request.app.state), params.need, params.nation)
    told = {"matched": len(chosen), "help": [_told(held) for held in chosen]}
    return tagged(request, json.dumps(told, ensure_ascii=False).encode(), JSON)


@router.get(
    "/help-anywhere.csv",
    summary="Help that needs no place, as CSV",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **responses(422)},
)
def help_csv(request: Request, asked: Annotated[HelpParams, Query()]) -> Response:
    """The same entries as a CSV file."""
    params = asked.checked()
    chosen = choose(help_entries(request.app.state), params.need, params.nation)
    headers = {"Content-Disposition": 'attachment; filename="exclusion-map-help-anywhere.csv"'}
    return Response(_csv(chosen), headers=headers, media_type="text/csv; charset=utf-8")


@router.get(
    "/help-anywhere/{identity}",
    summary="One offer of help that needs no place",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}, **responses(404, 422)},
    dependencies=[NoParameters],
)
def help_one(request: Request, identity: str) -> Response:
    """One entry with its costs, source and the date it was last verified."""
    held = help_entry(request.app.state, identity)
    return tagged(request, json.dumps(_told(held), ensure_ascii=False).encode(), JSON)


def _told(held: HeldHelp) -> dict[str, Any]:
    checked = held.checked()
    return {
        "id": held.id,
        "version": held.version,
        **held.listing.to_json(),
        "checked_on": checked.on.isoformat() if checked.on else None,
        "checked_by": held.confirmed_by if checked.by_people else "",
        "check_before_relying_on_it": not checked.recent,
    }


_COLUMNS = ["id", *Help.model_fields, "checked_on", "checked_by", "check_before_relying_on_it"]


def _csv(chosen: list[HeldHelp]) -> str:
    """Return entries as CSV; the mark at the start makes spreadsheets believe it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for held in chosen:
        told = {**_told(held), "nations": "; ".join(held.listing.nations)}
        cells = ("" if told[name] is None else told[name] for name in _COLUMNS)
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return MARK + buffer.getvalue()
