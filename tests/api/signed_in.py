"""People who are signed in, for tests: browsers with a session, and programs with a token."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from api.accounts.guard import accounts_of
from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, Role

PASSWORD = "plum kettle tractor violin"
ORIGIN = "http://testserver"
FROM_US = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
PAGE = {"accept": "text/html"}


def accounts(client: TestClient) -> Accounts:
    """Return the accounts of the service of a client."""
    found = accounts_of(client.app.state)  # type: ignore[attr-defined]
    assert found is not None, "this service has no database"
    return found


def make_account(held: Accounts, role: Role, email: str = "", name: str = "") -> str:
    """Make an account by invitation; return its id."""
    address = email or f"{role.value}@example.org"
    secret = held.invitations.invite(COMMAND_LINE, address, role)
    return held.invitations.accept(secret, name or role.value.title(), PASSWORD)


def csrf_of(client: TestClient, path: str = "/sign-in") -> str:
    """Return the token in a page with a form."""
    page = client.get(path, headers=PAGE)
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, f"no form that writes at {path}: {page.status_code}"
    return found[1]


@dataclass
class Browser:
    """A client with a session, that sends forms as a browser does."""

    client: TestClient

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, headers=PAGE, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        token = csrf_of(self.client, "/account")
        headers = {**PAGE, **FROM_US, **more.pop("headers", {})}
        return self.client.post(path, data={"csrf": token, **(data or {})}, headers=headers, **more)


def sign_in(client: TestClient, role: Role, email: str = "") -> Browser:
    """Make an account where there is none, sign the client in; redirects are not followed."""
    held, address = accounts(client), email or f"{role.value}@example.org"
    if held.people.find(address) is None:
        make_account(held, role, address)
    fresh = TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)
    answer = fresh.post(
        "/sign-in",
        data={"csrf": csrf_of(fresh), "email": address, "password": PASSWORD, "next": "/account"},
        headers={**PAGE, **FROM_US},
    )
    assert answer.status_code == 303, answer.text
    return Browser(fresh)


def bearer(client: TestClient, role: Role, email: str = "") -> dict[str, str]:
    """Return the header of a program that acts for somebody of a role."""
    held, address = accounts(client), email or f"{role.value}@example.org"
    account = held.people.find(address)
    identity = account.id if account else make_account(held, role, address)
    actor = Actor(identity, role.value.title())
    return {"authorization": f"Bearer {held.tokens.make(actor, 'test', role, 1)}"}
