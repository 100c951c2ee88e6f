"""The pages of an import: a list is sent, its columns are looked at, checked, and loaded."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State, UploadFile

from api.accounts.guard import Moderator
from api.accounts.limits import limited
from api.dependencies import OpenService
from api.directory_service import directory_of
from api.import_drafts import DATA, MAPPING, REJECTED, Draft, Drafts, Stage
from api.import_work import (
    CHECKING,
    Desk,
    Tell,
    check,
    fetch,
    load_checked,
    note_columns,
    read_mapping,
)
from api.pages.edit_typed import Typed, read_typed, typed_of_form
from api.pages.imports import columns_context, mapping_typed, result_context, start_context
from api.pages.templating import render
from api.service import Service
from api.uploads import refuse_by_length
from exclusion_map.directory.importing import is_services
from exclusion_map.directory.importing.loading import check_source
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.errors import ExclusionMapError, InvalidRequestError
from exclusion_map.settings import ImportSettings, ServiceSettings, read

router = APIRouter(prefix="/import", include_in_schema=False, default_response_class=HTMLResponse)

Sent = Annotated[Typed, Depends(read_typed)]
OFTEN = Depends(limited("uploads", per_client=30, per_account=60, window_s=600))


def most_bytes(request: Request) -> int:
    """Return how large a file may be that a page sends."""
    settings: ServiceSettings = request.app.state.settings
    return min(read(ImportSettings).import_max_bytes, settings.upload_limit)


def desk_of(state: State) -> Desk:
    """Return where the uploads of an app are worked on."""
    if not hasattr(state, "import_desk"):
        folder = read(ImportSettings).import_dir
        state.import_desk = Desk(Drafts(Path(folder) if folder else None))
    desk: Desk = state.import_desk
    return desk


@router.get("")
def start(request: Request, person: Moderator) -> HTMLResponse:
    """Which list do you bring?"""
    return _start_page(request, person, {}, {})


@router.post("", dependencies=[OFTEN])
async def send(request: Request, service: OpenService, person: Moderator) -> Response:
    """Take a file or the address of a feed."""
    limit = most_bytes(request)
    await refuse_by_length(request, limit, must_say=True)
    async with request.form(max_files=1, max_fields=20, max_part_size=limit) as form:
        typed, file = typed_of_form(form), form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = (file.filename or "file") if isinstance(file, UploadFile) else ""
    try:
        return await run_in_threadpool(_take, request, service, person, typed, content, name)
    except ExclusionMapError as error:
        asked = {key: typed.one(key) for key in ("source", "feed-source", "address")}
        faults = {
            _field_of(error, typed): f"Found {error.found}; expected {error.expected}. {error.mend}"
        }
        return await run_in_threadpool(_start_page, request, person, asked, faults)


@router.get("/{identity}")
def look(request: Request, person: Moderator, identity: str) -> Response:
    """How far is this upload, and what was found in it?"""
    drafts = desk_of(request.app.state).drafts
    draft = drafts.get(identity, person)
    if draft.stage is Stage.COLUMNS:
        return RedirectResponse(f"/import/{draft.id}/columns", 303)
    if draft.at_work or draft.stage is Stage.FAILED:
        return render(request, "pages/import_wait.html", {"draft": draft})
    return render(request, "pages/import_result.html", result_context(drafts, draft))


@router.get("/{identity}/columns")
def columns(request: Request, person: Moderator, identity: str) -> Response:
    """What is in each column?"""
    drafts = desk_of(request.app.state).drafts
    draft = _at_rest(drafts.get(identity, person))
    context = columns_context(drafts, draft, read_mapping(drafts, draft))
    return render(request, "pages/import_columns.html", context)


@router.post("/{identity}/columns")
def choose_columns(
    request: Request, service: OpenService, person: Moderator, identity: str, typed: Sent
) -> Response:
    """Take what is in each column, and check every row; or read another sheet."""
    desk = desk_of(request.app.state)
    draft = _at_rest(desk.drafts.get(identity, person))
    again = RedirectResponse(f"/import/{draft.id}/columns", 303)
    if typed.one("do") == "sheet":
        note_columns(desk.drafts, draft, sheet=typed.one("sheet"))
        return again
    try:
        mapping = mapping_typed(desk.drafts, draft, typed.values)
    except InvalidRequestError as error:
        held = read_mapping(desk.drafts, draft)
        context = columns_context(desk.drafts, draft, held)
        for column in context["columns"]:
            column["field"] = typed.one(column["name"])
        told = f"{error.thing}: found {error.found}; expected {error.expected}. {error.mend}"
        context["faults"] = {context["columns"][0]["name"]: told}
        return render(request, "pages/import_columns.html", context, status=422)
    desk.drafts.write(draft, MAPPING, mapping.model_dump(mode="json"))
    if typed.one("do") == "again":
        return again
    _begin_check(request, service, desk, draft)
    return _to(draft)


@router.get("/{identity}/left-out.csv")
def left_out(request: Request, person: Moderator, identity: str) -> Response:
    """Return the rows that are left out, each with the reason, to be mended and sent again."""
    drafts = desk_of(request.app.state).drafts
    draft = drafts.get(identity, person)
    path = drafts.path(draft, REJECTED)
    if not path.is_file():
        raise InvalidRequestError(
            "rows that are left out", found="none", expected="a list that was checked"
        )
    return Response(
        path.read_bytes(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="rows-left-out.csv"'},
    )


@router.post("/{identity}/load")
def load(
    request: Request, service: OpenService, person: Moderator, identity: str, typed: Sent
) -> Response:
    """Load the rows that can be loaded."""
    desk = desk_of(request.app.state)
    draft = desk.drafts.get(identity, person)
    if draft.stage is not Stage.CHECKED:
        return _to(draft)
    directory = directory_of(request.app.state)
    held, geocoder = directory.require(), geocoder_of(service.edition)
    strict, remove_gone = typed.one("strict") == "yes", typed.one("gone") == "remove"

    def work(begun: Draft, tell: Tell) -> Draft:
        done = load_checked(
            desk.drafts, begun, held, geocoder, tell, strict=strict, remove_gone=remove_gone
        )
        tell("Bringing lists and maps up to date", 0.9)
        directory.refresh()
        return done

    desk.start(draft, "Loading", work)
    return _to(draft)


@router.post("/{identity}/drop")
def drop(request: Request, person: Moderator, identity: str) -> Response:
    """Forget an upload; what was loaded stays."""
    drafts = desk_of(request.app.state).drafts
    drafts.drop(drafts.get(identity, person))
    return RedirectResponse("/import", 303)


def _take(
    request: Request,
    service: Service,
    person: Moderator,
    typed: Typed,
    content: bytes,
    name: str,
) -> Response:
    desk = desk_of(request.app.state)
    if typed.one("do") == "feed":
        return _take_feed(request, service, person, typed, desk)
    source = typed.one("source").strip()
    check_source(source)
    if not content:
        raise InvalidRequestError(
            "file", found="none, or an empty one", expected="a file with a list of places"
        )
    draft = desk.drafts.make(
        person, name, source, table=not is_services(content), size=len(content)
    )
    desk.drafts.write(draft, DATA, content)
    try:
        if draft.table:
            note_columns(desk.drafts, draft)
        else:
            _begin_check(request, service, desk, draft)
    except ExclusionMapError:
        desk.drafts.drop(draft)
        raise
    return _to(draft)


def _take_feed(
    request: Request, service: Service, person: Moderator, typed: Typed, desk: Desk
) -> Response:
    from exclusion_map.directory.feeds.feed import services_address  # Not needed to start.

    source = typed.one("feed-source").strip()
    address = services_address(typed.one("address"))
    check_source(source)
    draft = desk.drafts.make(person, str(address), source, table=False, size=0)
    directory, geocoder = directory_of(request.app.state).require(), geocoder_of(service.edition)

    def work(begun: Draft, tell: Tell) -> Draft:
        fetched = fetch(desk.drafts, begun, tell)
        return check(desk.drafts, fetched, directory, geocoder, tell)

    desk.start(draft, f"Reading {address}", work)
    return _to(draft)


def _begin_check(request: Request, service: Service, desk: Desk, draft: Draft) -> None:
    directory, geocoder = directory_of(request.app.state).require(), geocoder_of(service.edition)

    def work(begun: Draft, tell: Tell) -> Draft:
        return check(desk.drafts, begun, directory, geocoder, tell)

    desk.start(draft, CHECKING, work)


def _at_rest(draft: Draft) -> Draft:
    """Return an upload whose columns can be looked at.

    Raises:
        InvalidRequestError: it is worked on, is loaded, or has no columns.
    """
    if draft.at_work or draft.stage is Stage.LOADED or not draft.table:
        raise InvalidRequestError(
            "columns",
            found="an upload that is already imported, in progress, or without columns",
            expected="a table that is waiting",
            mend="Go back to /import.",
        )
    return draft if draft.stage is Stage.COLUMNS else replace(draft, stage=Stage.COLUMNS)


def _start_page(
    request: Request, person: Moderator, asked: dict[str, str], faults: dict[str, str]
) -> HTMLResponse:
    directory = directory_of(request.app.state).require()
    drafts = desk_of(request.app.state).drafts
    waiting = drafts.of(person)
    context: dict[str, Any] = start_context(directory, waiting, most_bytes(request))
    context |= {"asked": asked, "faults": faults}
    return render(request, "pages/import.html", context, status=422 if faults else 200)


def _field_of(error: ExclusionMapError, typed: Typed) -> str:
    feed = typed.one("do") == "feed"
    if error.thing == "name of the source":
        return "feed-source" if feed else "source"
    return "address" if feed else "file"


def _to(draft: Draft) -> RedirectResponse:
    return RedirectResponse(f"/import/{draft.id}", 303)
