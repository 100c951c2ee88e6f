"""Who asks, and may they: the dependencies that routes which change something declare.

``Viewer``, ``Contributor``, ``Moderator`` and ``Admin`` hand a route the person and let nobody of a
lower role through; a request that changes something with a cookie must also come from a page of
ours (``csrf.check``). ``Checked`` asks the same of a form that people send without signing in.
``Myself`` and ``Keeper`` are a viewer and an admin who came with a browser, not with a token;
``MyselfProven`` and ``KeeperProven`` showed a moment ago that it is they. Who must first set up a
second factor gets through none of them but ``MyselfAnyway`` and ``MyselfSettingUp``.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.requests import HTTPConnection

from api.accounts import cookies, csrf
from api.accounts.client import address_of
from api.accounts.cookies import Cookie
from api.operations.rarely import Rarely
from exclusion_map.accounts import Accounts, Actor, Known, Role
from exclusion_map.database import now
from exclusion_map.errors import DatabaseError, ForbiddenError, NotSignedInError

_ASKED: Final = "em_person"
_GUARDED: Final = "em_guarded"
_bearer = HTTPBearer(auto_error=False, description="An API token, created at /account.")
logger = logging.getLogger(__name__)
_unknown: Final = Rarely(logger, "who asks could not be looked up")


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks.

    Attributes:
        id: of the account.
        name: as histories show it.
        role: what they may do, by the session or token they came with.
        by_token: whether a program asks with an API token.
        email: by which they sign in.
        session: id of the session; empty with a token.
        proved_at: when they last showed, in this session, that it is they.
        held_back: whether they must first set up a second factor; the role is the lowest then.
        ends_at: when the session ends in any case; None with a token.
        idle_s: seconds without use after which it ends, too.
    """

    id: str
    name: str
    role: Role
    by_token: bool
    email: str = ""
    session: str = ""
    proved_at: datetime | None = None
    held_back: bool = False
    ends_at: datetime | None = None
    idle_s: float = 0.0

    @property
    def ends_in(self) -> int:
        """Seconds until the session ends in any case; for templates."""
        return 0 if self.ends_at is None else int((self.ends_at - now()).total_seconds())

    def allows(self, role: str) -> bool:
        """Whether the person may do what a role may; for templates."""
        return self.role.allows(Role(role))


def accounts_of(state: State) -> Accounts | None:
    """Return the accounts of an app; None where there is no database that answers."""
    directory = state.directory
    if directory is None:
        return None
    held: tuple[object, Accounts] | None = getattr(state, "accounts_held", None)
    if held is None or held[0] is not directory:
        held = (directory, Accounts(directory.database, cookies.settings_of(state)))
        state.accounts_held = held
    return held[1]


def require_accounts(state: State) -> Accounts:
    """Return the accounts of an app.

    Raises:
        DatabaseError: it has no database that answers, and so is read-only.
    """
    accounts = accounts_of(state)
    if accounts is None:
        state.directory_service.require()
        raise AssertionError("a directory without accounts")
    return accounts


def person_of(connection: HTTPConnection) -> Person | None:
    """Return who asks; None where nobody is signed in, or where that cannot be told now."""
    try:
        return known_person(connection)
    except Exception as error:
        # Public pages must not fail because the database does.
        _unknown.tell(error)
        return None


def known_person(connection: HTTPConnection) -> Person | None:
    """Return who asks, looked up once a request.

    Raises:
        Exception: of the driver, where the database does not answer.
    """
    state = connection.scope.setdefault("state", {})
    if _ASKED not in state:
        state[_ASKED] = _look_up(connection)
    person: Person | None = state[_ASKED]
    return person


def is_guarded(connection: HTTPConnection) -> bool:
    """Whether the answer to a request is for one person alone."""
    return bool(connection.scope.get("state", {}).get(_GUARDED))


def has_secret(connection: HTTPConnection) -> bool:
    """Whether a request brings a session or a token."""
    return bool(_token(connection) or cookies.read(connection, Cookie.SESSION))


def actor_of(request: Request, person: Person) -> Actor:
    """Return a person as the audit log notes them."""
    return Actor(person.id, person.name, request_id_of(request))


def request_id_of(request: Request) -> str:
    """Return the id of a request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def client_address(request: HTTPConnection) -> str:
    """Return the network address that a request comes from."""
    return address_of(request.scope, cookies.settings_of(request.app.state).trusted_proxies)


class ProofNeededError(ForbiddenError):
    """Somebody who is signed in must first show again that it is they."""


class SecondFactorNeededError(ForbiddenError):
    """Somebody who is signed in must first set up a second factor."""


def at_least(
    role: Role, *, in_person: bool = False, proven: bool = False, setting_up: bool = False
) -> Callable[..., Awaitable[Person]]:
    """Return a dependency that lets people of a role or a higher one through.

    Args:
        role: the least one.
        in_person: whether API tokens are refused: a token that leaked must not make more of them.
        proven: whether they must have shown a moment ago that it is they.
        setting_up: whether those are let through who must first set up a second factor.
    """

    async def guard(
        request: Request, _token_given: Annotated[Any, Security(_bearer)] = None
    ) -> Person:
        request.scope.setdefault("state", {})[_GUARDED] = True
        require_accounts(request.app.state)
        person = await run_in_threadpool(_answering, request)
        if person is None:
            raise NotSignedInError(
                "this address",
                found="an API token that does not work" if _token(request) else "nobody signed in",
                expected=f"somebody who is {role.value} or more",
                mend="Sign in, or send an API token as Authorization: Bearer.",
            )
        if not person.by_token and request.method not in csrf.SAFE:
            await csrf.check(request, signed_in=True)
        _expect(person, role, in_person=in_person, setting_up=setting_up)
        if proven and not is_proven(request, person):
            raise ProofNeededError(
                "this change",
                found="a session that has been running for a while",
                expected="somebody who showed just now that it is they",
                mend="Confirm your identity, then make the change again.",
            )
        return person

    guard.__dict__["role"] = role
    guard.__dict__["proven"] = proven
    return guard


def _expect(person: Person, role: Role, *, in_person: bool, setting_up: bool) -> None:
    """Refuse somebody who is signed in and may not do this.

    Raises:
        ForbiddenError: by a token, of too low a role, or without a second factor they must have.
    """
    if person.by_token and in_person:
        raise ForbiddenError(
            "this address",
            found="an API token",
            expected="a person signed in with a browser",
            mend="Accounts, roles and tokens are managed on the website.",
        )
    if person.held_back and not setting_up:
        raise SecondFactorNeededError(
            "this address",
            found="an account without a second factor",
            expected="one that has set it up, as this service requires for its role",
            mend="Set it up at /account/second-factor.",
        )
    if not person.role.allows(role):
        raise ForbiddenError(
            "this address",
            found=f"{person.name}, who is {person.role.value}",
            expected=f"somebody who is {role.value} or more",
            mend="Ask an admin of this service for that role.",
        )


def is_proven(connection: HTTPConnection, person: Person) -> bool:
    """Whether somebody showed a moment ago, in this session, that it is they."""
    minutes = cookies.settings_of(connection.app.state).session_proof_minutes
    return person.proved_at is not None and now() - person.proved_at < timedelta(minutes=minutes)


async def checked(request: Request) -> None:
    """Let a form through that a browser sends from a page of ours, signed in or not.

    Raises:
        ForbiddenError: it comes from elsewhere.
        DatabaseError: there is no database to write to.
    """
    request.scope.setdefault("state", {})[_GUARDED] = True
    require_accounts(request.app.state)
    if request.method in csrf.SAFE:
        return
    person = await run_in_threadpool(_answering, request)
    if person is None or not person.by_token:
        await csrf.check(request, signed_in=person is not None)


def sign_in_address(request: Request) -> str:
    """Return where somebody signs in who then wants to go on with a request."""
    return f"/sign-in?next={quote(path_to_go_on(request), safe='/')}"


def path_to_go_on(request: Request) -> str:
    """Return where somebody goes on who was held up: the same page, or that of the form."""
    if request.method in csrf.SAFE:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        referer = urlsplit(request.headers.get("referer", ""))
        wanted = referer.path if referer.netloc == request.headers.get("host") else "/"
    return own_path(wanted)


def own_path(wanted: str) -> str:
    """Return an address to go on to, if it is a path of this service; else the first page.

    Browsers read two slashes, or a slash and a backslash, as the start of another host, and leave
    out control characters.
    """
    parts = urlsplit(wanted) if wanted.isprintable() else None
    own = (
        parts is not None
        and wanted.startswith("/")
        and not wanted.startswith("//")
        and "\\" not in wanted
        and not parts.scheme
        and not parts.netloc
        and len(wanted) <= 2_000
    )
    return wanted if own else "/"


def _answering(request: Request) -> Person | None:
    try:
        return known_person(request)
    except Exception as error:
        _unknown.tell(error)
        raise DatabaseError(
            "database",
            found=f"no answer ({type(error).__name__})",
            expected="one that answers",
            mend="Try again in a moment.",
        ) from None


def _look_up(connection: HTTPConnection) -> Person | None:
    accounts = accounts_of(connection.app.state)
    if accounts is None:
        return None
    token = _token(connection)
    if token:
        return _person(accounts.tokens.find(token), by_token=True)
    secret = cookies.read(connection, Cookie.SESSION)
    return _person(accounts.sessions.find(secret), by_token=False) if secret else None


def _token(connection: HTTPConnection) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _person(known: Known | None, *, by_token: bool) -> Person | None:
    if known is None:
        return None
    return Person(
        id=known.account_id,
        name=known.name,
        role=Role.VIEWER if known.held_back else known.role,
        by_token=by_token,
        email=known.email,
        session="" if by_token else known.by,
        proved_at=known.proved_at,
        held_back=known.held_back,
        ends_at=known.ends_at,
        idle_s=known.idle_s,
    )


Viewer = Annotated[Person, Depends(at_least(Role.VIEWER))]
Contributor = Annotated[Person, Depends(at_least(Role.CONTRIBUTOR))]
Moderator = Annotated[Person, Depends(at_least(Role.MODERATOR))]
Admin = Annotated[Person, Depends(at_least(Role.ADMIN))]
Myself = Annotated[Person, Depends(at_least(Role.VIEWER, in_person=True))]
MyselfAnyway = Annotated[Person, Depends(at_least(Role.VIEWER, in_person=True, setting_up=True))]
MyselfSettingUp = Annotated[
    Person, Depends(at_least(Role.VIEWER, in_person=True, proven=True, setting_up=True))
]
Keeper = Annotated[Person, Depends(at_least(Role.ADMIN, in_person=True))]
MyselfProven = Annotated[Person, Depends(at_least(Role.VIEWER, in_person=True, proven=True))]
KeeperProven = Annotated[Person, Depends(at_least(Role.ADMIN, in_person=True, proven=True))]
Checked = Depends(checked)
