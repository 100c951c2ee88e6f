"""What the service holds of a person, as a file; and the end of an account."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts import cookies
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    KeeperProven,
    MyselfProven,
    Person,
    actor_of,
    require_accounts,
)
from api.pages.templating import render
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.emails import normalised
from exclusion_map.accounts.tables import Account
from exclusion_map.errors import ConflictError
from exclusion_map.personal import delete_account, held_of
from exclusion_map.personal.deletion import former_name

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Text = Annotated[str, Form(max_length=1_000)]


@router.get("/account/data.json")
def my_data(request: Request, person: MyselfProven) -> Response:
    """Everything that is held of me."""
    return _data(request, person, person.id)


@router.get("/account/delete")
def my_deletion(request: Request, person: MyselfProven) -> Response:
    """What happens when I delete my account?"""
    return _page(request, person, person.id)


@router.post("/account/delete")
def delete_mine(request: Request, person: MyselfProven, email: Text = "") -> Response:
    """Delete my account."""
    refusal = _deleted(request, person, person.id, email)
    if refusal is not None:
        return refusal
    cookies.put(request, Cookie.SESSION, "")
    cookies.put(request, Cookie.KNOWN, "")
    return RedirectResponse("/sign-in?told=deleted", 303)


@router.get("/people/{account_id}/data.json")
def data_of(request: Request, person: KeeperProven, account_id: str) -> Response:
    """Everything that is held of a person, for an admin to hand out."""
    return _data(request, person, account_id)


@router.get("/people/{account_id}/delete")
def deletion_of(request: Request, person: KeeperProven, account_id: str) -> Response:
    """What happens when an account is deleted?"""
    return _page(request, person, account_id)


@router.post("/people/{account_id}/delete")
def delete_one(
    request: Request, person: KeeperProven, account_id: str, email: Text = ""
) -> Response:
    """Delete somebody's account."""
    refusal = _deleted(request, person, account_id, email)
    return refusal or RedirectResponse("/people?told=delete", 303)


def _data(request: Request, person: Person, account_id: str) -> Response:
    accounts = require_accounts(request.app.state)
    database = request.app.state.directory.database
    found = held_of(database, accounts.people.one(account_id).id)
    with database.writing() as session:
        note(session, actor_of(request, person), "data taken out", account_id)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    text = json.dumps(found, ensure_ascii=False, indent=2)
    return Response(text, headers=headers, media_type="application/json")


def _deleted(request: Request, person: Person, account_id: str, email: str) -> Response | None:
    """Delete an account; return the page that says why not, where it was not done."""
    account = require_accounts(request.app.state).people.one(account_id)
    if normalised(email) != account.email:
        words = "That is not the email address of the account."
        return _page(request, person, account_id, {"email": words})
    try:
        delete_account(request.app.state.directory.database, actor_of(request, person), account_id)
    except ConflictError as error:
        words = f"Found {error.found}; expected {error.expected}. {error.mend}"
        return _page(request, person, account_id, {"email": words})
    return None


def _page(
    request: Request, person: Person, account_id: str, faults: dict[str, str] | None = None
) -> Response:
    account: Account = require_accounts(request.app.state).people.one(account_id)
    mine = person.id == account_id
    context: dict[str, Any] = {
        "account": account,
        "mine": mine,
        "base": "/account" if mine else f"/people/{account_id}",
        "back": "/account" if mine else "/people",
        "former": former_name(account_id),
        "faults": faults or {},
    }
    return render(request, "pages/delete_account.html", context, status=422 if faults else 200)
