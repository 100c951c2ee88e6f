"""The service over Sampleshire, asked what its own description (OpenAPI) says one may ask.

schemathesis makes requests that the description allows, and others that it forbids, and checks
each answer by all of its checks: no 5xx, only statuses, content types, headers and bodies that are
documented, what is forbidden refused, what needs somebody signed in refused without.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings
from tests.api.directory_apps import directory_client

from .trying import LONG, trying

DESCRIPTION = "/api/v1/openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
REFUSED_ALL_THE_SAME = (400, 409, 412, 413, 422, 428)
"""What a request that the description allows may meet too: JSON Schema cannot say that one
parameter needs another, that a code must be one of this edition, or that a tag must be read first.
"""
COVERAGE_AT_MOST = 400


@dataclass(frozen=True)
class Described:
    """A service, what it says of itself, and things that are there, by parameter."""

    client: TestClient
    schema: Any
    there: Mapping[str, str]


@cache
def description() -> dict[str, Any]:
    """Return what the service says of itself; no edition is needed for that."""
    app = create_app(ServiceSettings(), DataSettings(), DatabaseSettings(database_url="none"))
    return app.openapi()


def operations(*, guarded: bool | None = None) -> list[str]:
    """Return every operation as "GET /path"; only those that do or do not want a token, if said."""
    return [
        f"{method.upper()} {path}"
        for path, methods in description()["paths"].items()
        for method, told in methods.items()
        if method in METHODS and guarded in (None, bool(told.get("security")))
    ]


@contextmanager
def described_service(processed: Path, database: Path) -> Iterator[Described]:
    """Yield a service with a directory and accounts of its own, and its description as loaded."""
    # Two seconds to import: only for those tests that use it.
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    with directory_client(processed, f"sqlite:///{database}") as client:
        schema = schemathesis.openapi.from_asgi(DESCRIPTION, client.app)
        accepted = schema.config.checks.positive_data_acceptance
        told = {*accepted.expected_statuses, *map(str, REFUSED_ALL_THE_SAME)}
        accepted.expected_statuses = sorted(told)
        yield Described(client, schema, _there(client))
    from schemathesis.python.asgi import shutdown_lifespans

    shutdown_lifespans()


def _there(client: TestClient) -> dict[str, str]:
    areas = client.get("/api/v1/areas").json()["areas"]
    place = re.findall(r'"id":"([^"]+)"', client.get("/api/v1/support?limit=1").text)[0]
    return {
        "edition": client.get("/api/v1/edition").json()["edition"],
        "code": areas[0]["code"],
        "identity": place,
        "place": place,
        "index": "exclusion",
        "kind": "small_area",
        "tileset": "areas",
        "collectionId": "local_authority",
        "tileMatrixSetId": "WebMercatorQuad",
        "form": "json",
        "ending": "csv",
        "layer": "index",
        "name": "areas.parquet",
        "tag": "now",
        "z": "9",
        "feature": "0",
    }


def ask(service: Described, label: str, mode: str, headers: dict[str, str], examples: int) -> None:
    """Try an operation with requests that its description allows (positive) or forbids.

    Raises:
        FailureGroup: an answer failed a check; the request is told as a curl command.
    """
    from schemathesis import GenerationMode

    operation = service.schema.find_operation_by_label(label)

    @trying(examples, shrink=False)
    @given(case=operation.as_strategy(GenerationMode(mode)), use=st.integers(0, 2))
    def tried(case: Any, use: int) -> None:
        if mode == "positive" and use:
            for name in set(case.path_parameters or ()) & set(service.there):
                case.path_parameters[name] = service.there[name]
        check(case, headers)

    try:
        tried()
    except Unsatisfiable:
        assert mode == "negative"  # any text at all is allowed


def check(case: Any, headers: dict[str, str]) -> None:
    """Send a request and check its answer."""
    names = [str(value) for value in (case.path_parameters or {}).values()]
    # Another address altogether: clients fold dots, and an empty name names the folder.
    if not any(name in ("", ".", "..") or "/" in name for name in names):
        case.call_and_validate(headers=headers)


def cover(service: Described, label: str, headers: dict[str, str]) -> int:
    """Send the requests at the edges of an operation's description; return how many."""
    from schemathesis import GenerationMode

    operation = service.schema.find_operation_by_label(label)
    cases = service.schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=service.schema.config.generation_for(operation=operation),
    )
    count = 0
    for count, case in enumerate(cases, start=1):
        check(case, headers)
        if count >= COVERAGE_AT_MOST:
            break
    return count


__all__ = ["LONG", "Described", "ask", "cover", "described_service", "operations"]
