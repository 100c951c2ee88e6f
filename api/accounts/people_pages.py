"""What admins do: accounts and their roles, invitations, the audit log."""

import csv
import io
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.client import scheme_of
from api.accounts.cookies import settings_of as account_settings_of
from api.accounts.guard import Keeper, KeeperProven, actor_of, require_accounts
from api.accounts.words import fault_of, role_options
from api.dependencies import settings_of
from api.pages.templating import render
from exclusion_map.accounts import Role
from exclusion_map.accounts.telling import tell_of_invitation
from exclusion_map.errors import ConflictError, InvalidRequestError
from exclusion_map.exports.areas_csv import safe_cell

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
TOLD = {
    "role": "The role is changed. The person has to sign in again.",
    "disable": "The account is stopped, with its sessions and tokens.",
    "enable": "The person can sign in again.",
    "delete": "The account is deleted.",
    "second": "Their password alone signs them in now. They are signed out everywhere.",
    "withdraw": "The invitation works no longer.",
}
PAGE_SIZE: Final = 100
COLUMNS: Final = ("number", "at", "who", "by", "what", "on", "detail", "request_id")
Text = Annotated[str, Form(max_length=1_000)]


@router.get("/people")
def people_page(request: Request, person: Keeper, told: str = "") -> Response:  # noqa: ARG001
    """Who has an account, and what may they do?"""
    return _page(request, told=TOLD.get(told, ""))


@router.post("/people/invite")
def invite(
    request: Request,
    person: KeeperProven,
    email: Text = "",
    invite_role: Annotated[Role, Form()] = Role.CONTRIBUTOR,
) -> Response:
    """Make an invitation; its link is shown in this one answer."""
    invitations = require_accounts(request.app.state).invitations
    try:
        secret = invitations.invite(actor_of(request, person), email, invite_role)
    except (InvalidRequestError, ConflictError) as error:
        return _page(request, faults=_fault(error), email=email[:254])
    link, address = _link(request, secret), email.strip()[:254]
    words = f"A link with which {address} can join as {invite_role.value}."
    mailed = tell_of_invitation(invitations.find(secret), link)
    return _page(request, link=link, link_words=words, mailed_to=address if mailed else "")


@router.post("/people/invitations/{invitation_id}/withdraw")
def withdraw(request: Request, person: Keeper, invitation_id: str) -> Response:
    """End an invitation that nobody used."""
    accounts = require_accounts(request.app.state)
    accounts.invitations.withdraw(actor_of(request, person), invitation_id)
    return _back("withdraw")


@router.post("/people/{account_id}/role")
def change_role(
    request: Request, person: KeeperProven, account_id: str, role: Annotated[Role, Form()]
) -> Response:
    """Change what somebody may do."""
    people = require_accounts(request.app.state).people
    try:
        people.set_role(actor_of(request, person), account_id, role)
    except ConflictError as error:
        return _page(request, faults={f"role-{account_id}": _words(error)})
    return _back("role")


@router.post("/people/{account_id}/disable")
def disable(request: Request, person: KeeperProven, account_id: str) -> Response:
    """Stop an account."""
    people = require_accounts(request.app.state).people
    try:
        people.set_state(actor_of(request, person), account_id, active=False)
    except ConflictError as error:
        return _page(request, faults={f"role-{account_id}": _words(error)})
    return _back("disable")


@router.post("/people/{account_id}/enable")
def enable(request: Request, person: KeeperProven, account_id: str) -> Response:
    """Let a stopped account sign in again."""
    people = require_accounts(request.app.state).people
    people.set_state(actor_of(request, person), account_id, active=True)
    return _back("enable")


@router.post("/people/{account_id}/reset")
def reset(request: Request, person: KeeperProven, account_id: str) -> Response:
    """Make a link with which somebody sets a new password; it is shown in this one answer."""
    people = require_accounts(request.app.state).people
    account = people.one(account_id)
    secret = people.reset(actor_of(request, person), account_id)
    words = f"A link with which {account.name} can set a new password within 24 hours."
    return _page(request, link=_link(request, secret), link_words=words)


@router.get("/audit")
def audit_page(
    request: Request,
    person: Keeper,  # noqa: ARG001
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """What was done with accounts?"""
    accounts = require_accounts(request.app.state)
    total = accounts.audit.count()
    context = {
        "entries": accounts.audit.entries(skip=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE),
        "names": {one.id: one.name for one in accounts.people.all()},
        "total": total,
        "number": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return render(request, "pages/audit.html", context)


@router.get("/audit.csv")
def audit_file(request: Request, person: Keeper) -> Response:  # noqa: ARG001
    """Return the whole audit log as a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in require_accounts(request.app.state).audit.entries():
        values = [getattr(entry, name) for name in COLUMNS]
        values[1] = entry.at.isoformat(timespec="seconds")
        writer.writerow([safe_cell(value) for value in values])
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _page(request: Request, *, faults: dict[str, str] | None = None, **more: Any) -> Response:
    accounts = require_accounts(request.app.state)
    context = {
        "people": accounts.people.all(),
        "with_codes": accounts.second.in_use(),
        "waiting": accounts.invitations.waiting(),
        "roles": role_options(Role.ADMIN),
        "faults": faults or {},
        **more,
    }
    return render(request, "pages/people.html", context, status=422 if faults else 200)


def link_base(request: Request) -> str:
    """Return what links begin with that people pass on: the public address of the service."""
    scheme = scheme_of(request.scope, account_settings_of(request.app.state).trusted_proxies)
    return settings_of(request).base_url.rstrip("/") or f"{scheme}://{request.url.netloc}"


def _link(request: Request, secret: str) -> str:
    return f"{link_base(request)}/invitation#{secret}"


def _back(told: str) -> Response:
    return RedirectResponse(f"/people?told={told}", 303)


def _fault(error: InvalidRequestError | ConflictError) -> dict[str, str]:
    if isinstance(error, InvalidRequestError):
        return fault_of(error, "email")
    return {"email": _words(error)}


def _words(error: ConflictError) -> str:
    return f"Found {error.found}; expected {error.expected}. {error.mend}"
