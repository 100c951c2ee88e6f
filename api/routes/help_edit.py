"""Who keeps help without a place current: add, correct, confirm as checked today, take out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api.accounts.guard import Contributor, Moderator, Person
from api.editing import lowest_keeper
from api.pages.help_anywhere import help_view
from api.pages.templating import render
from api.remote_help import shelf_of, store_of
from exclusion_map.directory.remote import NATIONS, NEED_KEYS, NEEDS, HeldHelp, Help
from exclusion_map.errors import ConflictError, ForbiddenError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Short = Annotated[str, Form(max_length=1_000)]
Version = Annotated[int, Form(ge=1)]
_TEXTS = [name for name in Help.model_fields if name not in ("price", "nations")]
_WORDS = {
    "need": "Choose what it helps with",
    "name": "Enter a name",
    "price": "Enter pounds a month, such as 15 or 12.50, or leave it empty if you are not sure",
    "phone": "Enter a phone number in figures and spaces, or leave it empty",
    "url": "Enter a web address that begins with https://, or leave it empty",
    "source_url": "Enter a web address that begins with https://, or leave it empty",
    "nations": "Choose nations from the list",
}


def keeps(request: Request, person: Contributor) -> Person:
    """Return who may change this list: moderators alone where contributions wait for them.

    Raises:
        ForbiddenError: what the person sends would have to wait, and this list has no queue.
    """
    if not person.role.allows(lowest_keeper(request.app.state)):
        raise ForbiddenError(
            "this list",
            found=f"{person.name}, who is {person.role.value}",
            expected="somebody who is moderator or more, as contributions wait for them here",
            mend="Tell a moderator of this service what to change.",
        )
    return person


Keeper = Annotated[Person, Depends(keeps)]


async def _typed(request: Request) -> dict[str, Any]:
    """Return what was typed: a text for each field, and the nations as a list."""
    form = await request.form()
    texts = {
        name: str(form.get(name, "")).strip() for name in (*_TEXTS, "price", "version", "note")
    }
    return {**texts, "nations": [str(value) for value in form.getlist("nations")]}


Typed = Annotated[dict[str, Any], Depends(_typed)]


@router.get("/help-anywhere/add")
def add_page(request: Request, _person: Keeper) -> HTMLResponse:
    """Add an entry."""
    return _form(request, {"need": NEED_KEYS[0]}, {})


@router.post("/help-anywhere/add")
def add(request: Request, person: Keeper, typed: Typed) -> Response:
    """Add an entry that somebody filled in."""
    entry, faults = _read(typed)
    if entry is None:
        return _form(request, typed, faults)
    store_of(request.app.state).add(entry, by=person.name, note=typed["note"])
    return _done(request, "added")


@router.get("/help-anywhere/{identity}/edit")
def edit_page(request: Request, _person: Keeper, identity: str) -> HTMLResponse:
    """Correct an entry."""
    held = store_of(request.app.state).get(identity)
    entry = held.listing
    price = "" if entry.price is None else f"{entry.price:g}"
    typed = {**entry.model_dump(), "price": price, "version": held.version}
    return _form(request, typed, {}, held)


@router.post("/help-anywhere/{identity}/edit")
def edit(request: Request, person: Keeper, identity: str, typed: Typed) -> Response:
    """Save a corrected entry; whoever saves it has checked it today."""
    entry, faults = _read(typed)
    if entry is None:
        return _form(request, typed, faults, store_of(request.app.state).get(identity))
    try:
        version = int(typed["version"]) if str(typed["version"]).isdecimal() else 0
        store_of(request.app.state).change(
            identity, entry, version=version, by=person.name, note=typed["note"]
        )
    except ConflictError as error:
        held = store_of(request.app.state).get(identity)
        # What was typed stays; with the newer version it can be sent once more, knowingly.
        again = {**typed, "version": held.version}
        return _form(request, again, {"version": error.message}, held, status=409)
    return _done(request, "changed")


@router.post("/help-anywhere/{identity}/confirm")
def confirm(request: Request, person: Keeper, identity: str, version: Version) -> Response:
    """Note that an entry was checked today and is right."""
    store_of(request.app.state).confirm(identity, version=version, by=person.name)
    return _done(request, "confirmed")


@router.post("/help-anywhere/{identity}/remove")
def remove(
    request: Request, person: Moderator, identity: str, version: Version, note: Short = ""
) -> Response:
    """Take an entry out."""
    store_of(request.app.state).remove(identity, version=version, by=person.name, note=note)
    return _done(request, "removed")


@router.post("/help-anywhere/{identity}/restore")
def restore(request: Request, person: Moderator, identity: str) -> Response:
    """Bring an entry back that was taken out."""
    store_of(request.app.state).restore(identity, by=person.name)
    return _done(request, "restored")


def _read(typed: dict[str, Any]) -> tuple[Help | None, dict[str, str]]:
    """Return the entry, or what is wrong with each field."""
    price = typed["price"].removeprefix("£").replace(",", "")
    told = {name: typed[name] for name in _TEXTS}
    try:
        return Help(**told, price=price or None, nations=tuple(typed["nations"])), {}
    except ValidationError as error:
        names = [str(fault["loc"][0]) for fault in error.errors()]
        return None, {name: _WORDS.get(name, "Shorten this text") for name in names}


def _form(
    request: Request,
    typed: dict[str, Any],
    faults: dict[str, str],
    held: HeldHelp | None = None,
    *,
    status: int | None = None,
) -> HTMLResponse:
    context = {
        "typed": typed,
        "faults": faults,
        "entry": help_view(held) if held else None,
        "needs": [(need.key, need.name) for need in NEEDS],
        "nations": NATIONS,
    }
    code = status or (422 if faults else 200)
    return render(request, "pages/help_anywhere_edit.html", context, status=code)


def _done(request: Request, what: str) -> Response:
    shelf_of(request.app.state).forget()
    return RedirectResponse(f"/help-anywhere?told={what}", 303)
