"""Absolute links begin with what the settings say; other names of the service are refused."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

LINKED = ("/api/v1/catalog.jsonld", "/tiles/areas.json", "/ogc/", "/openreferral", "/data")


def client_of(processed: Path, **settings: str) -> TestClient:
    app = create_app(
        ServiceSettings(**settings),  # type: ignore[arg-type]
        DataSettings(processed_dir=processed),
        DatabaseSettings(database_url="none"),
    )
    return TestClient(app, base_url="http://evil.example")


@pytest.mark.parametrize("address", LINKED)
def test_links_begin_with_the_public_address(tiny_processed: Path, address: str) -> None:
    with client_of(tiny_processed, base_url="https://map.example.org") as client:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "evil.example" not in answer.text


def test_names_that_the_service_does_not_have_are_refused(tiny_processed: Path) -> None:
    with client_of(tiny_processed, hosts="map.example.org, [::1]") as client:
        for address in LINKED:
            refused = client.get(address)
            assert refused.status_code == 421
            assert "evil.example" not in refused.text
        for known in ("map.example.org", "MAP.example.org:8000", "[::1]:80"):
            assert client.get(LINKED[0], headers={"host": known}).status_code == 200, known
        assert client.get("/readyz").status_code == 200  # Probes come by number.
        assert client.head(LINKED[0]).content == b""


def test_without_names_any_will_do(tiny_processed: Path) -> None:
    with client_of(tiny_processed) as client:
        assert "http://evil.example" in client.get("/tiles/areas.json").text
