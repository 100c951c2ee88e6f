"""A service whose people sign in with a provider that really runs: what the tests of it share."""

import html
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.settings import OpenIdSettings, ServiceSettings

from .directory_apps import directory_client
from .openid_provider import CLIENT, SECRET, Provider, provider_at_work
from .signed_in import PAGE, accounts


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provider_at_work() as made:
        yield made


@pytest.fixture(scope="module")
def service(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('openid') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        made.app.state.settings = ServiceSettings(base_url="http://testserver")
        yield made


@pytest.fixture
def client(service: TestClient, provider: Provider) -> TestClient:
    configure(service, provider)
    return service


ADDRESSES = (f"192.0.2.{number}" for number in range(1, 250))


def browser_of(client: TestClient) -> TestClient:
    """A browser that was never here, at an address of its own: limits are by address."""
    return TestClient(
        client.app,
        raise_server_exceptions=False,
        follow_redirects=False,
        client=(next(ADDRESSES), 50_000),
    )


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    return browser_of(client)


def configure(service: TestClient, provider: Provider, **more: str) -> None:
    service.app.state.openid_settings = OpenIdSettings(
        openid_issuer=provider.issuer,
        openid_client_id=CLIENT,
        openid_client_secret=SecretStr(SECRET),
        openid_name="the county",
        **more,
    )


def there(visitor: TestClient, provider: Provider, path: str = "/sign-in/openid") -> dict[str, str]:
    """Go to the provider; return what it sends back with the browser."""
    answer = visitor.get(path, headers=PAGE)
    assert answer.status_code == 303, answer.text
    return provider.authorise(answer.headers["location"])


def come_back(visitor: TestClient, given: dict[str, str]) -> object:
    return visitor.get("/sign-in/openid/back", params=given, headers=PAGE)


def whole_way(visitor: TestClient, provider: Provider, path: str = "/sign-in/openid") -> object:
    return come_back(visitor, there(visitor, provider, path))


@contextmanager
def state_with(client: TestClient, name: str, value: object) -> Iterator[None]:
    state = client.app.state
    kept = getattr(state, name)
    setattr(state, name, value)
    try:
        yield
    finally:
        setattr(state, name, kept)


def me(visitor: TestClient) -> object:
    return visitor.get("/api/v1/me")


def new_email() -> str:
    return f"{uuid.uuid4().hex}@example.org"


def invited(client: TestClient, provider: Provider) -> str:
    """Invite somebody; have the provider sign them in."""
    email = new_email()
    accounts(client).invitations.invite(COMMAND_LINE, email, Role.MODERATOR)
    provider.claims |= {"email": email, "sub": email}
    return email


def way_of(page: object) -> str:
    """Return the link to the provider on the page of connecting."""
    found = re.search(r'href="(http[^"]+/authorize[^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])
