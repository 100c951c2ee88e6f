"""What those who run the service see: logs, ids of requests, figures, traces, readiness."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.operations import checks, logs
from api.operations.templates import UNMATCHED
from exclusion_map.settings import (
    DatabaseSettings,
    DataSettings,
    OperationsSettings,
    ServiceSettings,
)

SECRET = "sixteen characters or more"
NONE = "none"


@contextmanager
def _served(
    processed: Path, database: str = NONE, *, peer: str = "testclient", **settings: Any
) -> Iterator[TestClient]:
    app = create_app(
        ServiceSettings(),
        DataSettings(processed_dir=processed),
        DatabaseSettings(database_url=database),
        OperationsSettings(**settings),
    )
    with TestClient(app, raise_server_exceptions=False, client=(peer, 1)) as client:
        yield client


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as JSON lines; put back as it was after."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    levels = {name: logging.getLogger(name).level for name in logs.LOUD}
    stream = io.StringIO()
    logs.install(OperationsSettings(log_format="json"), stream)
    yield stream
    root.handlers[:], root.level = before[0], before[1]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_told_by_its_template(tiny_processed: Path, log: io.StringIO) -> None:
    with _served(tiny_processed) as client:
        plain = {"Accept-Encoding": "identity"}
        answer = client.get("/api/v1/areas/E01000001?index=risk", headers=plain)
        client.head("/api/v1/areas/E01000001")
        client.get("/somewhere/else")
        client.get("/tiles/tiny/areas/6/31/21.mvt")
    told = [line for line in _lines(log) if line["message"] == "request"]
    assert [(one["method"], one["route"], one["status"]) for one in told] == [
        ("GET", "/api/v1/areas/{code}", answer.status_code),
        ("HEAD", "/api/v1/areas/{code}", 200),
        ("GET", UNMATCHED, 404),
    ]
    assert told[0]["request_id"] == answer.headers["x-request-id"]
    assert told[0]["bytes"] == len(answer.content)
    assert told[0]["ms"] > 0


def test_problems_name_the_request(tiny_processed: Path) -> None:
    with _served(tiny_processed) as client:
        answer = client.get("/api/v1/areas/E99999999")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("peer", "given", "taken"),
    [
        ("10.0.0.5", "0123456789abcdef0123456789ABCDEF", True),
        ("10.0.0.5", "8f14e45f-ceea-467f-a8b2-0123456789ab", True),
        ("10.0.0.5", "jane.appleby", False),
        ("10.0.0.5", "abc", False),
        ("10.0.0.5", "a" * 65, False),
        ("10.9.9.9", "0123456789abcdef0123456789abcdef", False),
    ],
)
def test_ids_are_taken_from_a_proxy_of_ours_alone(
    tiny_processed: Path, monkeypatch: pytest.MonkeyPatch, peer: str, given: str, taken: bool
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_TRUSTED_PROXIES", "10.0.0.5")
    with _served(tiny_processed, peer=peer) as client:
        answer = client.get("/livez", headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) is taken


def test_errors_tell_where_and_not_what(log: io.StringIO) -> None:
    postcode = "ZZ1 1AA"
    try:
        try:
            int(postcode)
        except ValueError as inner:
            raise KeyError(postcode) from inner
    except KeyError:
        logging.getLogger("somewhere").exception("it failed")
    (line,) = _lines(log)
    assert [one["type"] for one in line["errors"]] == ["builtins.KeyError", "builtins.ValueError"]
    assert "test_errors_tell_where_and_not_what" in line["errors"][0]["at"][0]
    assert postcode not in log.getvalue()


def test_a_failure_of_our_own_is_logged_with_its_request(
    tiny_processed: Path, log: io.StringIO
) -> None:
    with _served(tiny_processed) as client:

        def fail() -> None:
            raise RuntimeError("ZZ1 1AA")

        client.app.add_api_route("/fails", fail)  # type: ignore[attr-defined]
        answer = client.get("/fails")
    assert answer.status_code == 500
    (line,) = [one for one in _lines(log) if one.get("route") == "/fails"]
    assert (line["level"], line["status"]) == ("error", 500)
    assert "ZZ1" not in log.getvalue()


def test_plain_lines_are_for_people() -> None:
    record = logging.LogRecord("api", logging.INFO, "", 1, "request", None, None)
    record.fields = {"route": "/about", "status": 200}
    assert logs.PlainLines().format(record).endswith("request  route=/about  status=200")


def test_there_are_no_figures_without_a_secret(tiny_processed: Path) -> None:
    with _served(tiny_processed) as client:
        assert client.get("/metrics").status_code == 404
    with _served(tiny_processed, metrics_token=SECRET) as client:
        for given in ("", "Bearer", "Bearer wrong", f"Basic {SECRET}"):
            answer = client.get("/metrics", headers={"Authorization": given})
            assert answer.status_code == 401
            assert "exclusion_map" not in answer.text


def test_figures_are_as_many_as_routes_whatever_is_asked(tiny_processed: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    with _served(tiny_processed, metrics_token=SECRET) as client:
        for number in range(30):
            client.get(f"/api/v1/areas/E{number:08}")
            client.get(f"/nowhere/{number}")
            client.request(f"METHOD{number}", "/about")
        client.get("/tiles/tiny/areas/6/31/21.mvt")
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
    families = {one.name: one.samples for one in text_string_to_metric_families(answer.text)}
    counted = {
        (one.labels["method"], one.labels["route"], one.labels["status"]): one.value
        for one in families["exclusion_map_requests"]
        if one.name.endswith("_total")
    }
    assert counted["GET", "/api/v1/areas/{code}", "404"] == 30
    assert counted["GET", UNMATCHED, "404"] == 30
    assert counted["GET", "/tiles/{tile}.mvt", "200"] == 1
    assert {key[0] for key in counted} == {"GET", "OTHER"}
    assert len(counted) <= 6
    for name in ("edition_open", "edition_age_seconds", "resident_bytes", "database_up"):
        assert len(families[f"exclusion_map_{name}"]) == 1, name
    assert families["exclusion_map_edition_open"][0].value == 1
    assert families["exclusion_map_database_up"][0].value == 0


class _Collector(BaseHTTPRequestHandler):
    taken: list[bytes]

    def do_POST(self) -> None:
        self.taken.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_traces_reach_a_collector_and_tell_nothing_about_people(tiny_processed: Path) -> None:
    from gzip import decompress

    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    taken: list[bytes] = []
    handler = type("Collector", (_Collector,), {"taken": taken})
    with HTTPServer(("127.0.0.1", 0), handler) as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{collector.server_address[1]}/v1/traces"
        try:
            with _served(tiny_processed, traces_to=address) as client:
                answer = client.get("/api/v1/search?q=ZZ1+1AA", headers={"traceparent": "00-aa"})
        finally:
            collector.shutdown()
            thread.join()
    bodies = [decompress(one) if one[:2] == b"\x1f\x8b" else one for one in taken]
    spans = [
        span
        for body in bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    (span,) = spans
    told = {one.key: one.value for one in span.attributes}
    assert span.name == "GET /api/v1/search"
    assert told["http.response.status_code"].int_value == answer.status_code
    assert told["exclusion_map.request_id"].string_value == answer.headers["x-request-id"]
    assert b"ZZ1" not in b"".join(bodies)


def _reasons(client: TestClient) -> dict[str, str]:
    told = client.get("/readyz")
    assert told.status_code == 503
    assert told.headers["retry-after"]
    body = told.json()
    for one in body["errors"]:
        assert one["found"] in body["detail"]
        assert one["mend"]
        assert body["checks"][one["check"]] != checks.WELL
    return {one["check"]: one["found"] for one in body["errors"]}


def test_readiness_tells_each_thing(tiny_processed: Path) -> None:
    with _served(tiny_processed) as client:
        told = client.get("/readyz").json()
    assert told["status"] == "ready"
    assert told["checks"] == dict.fromkeys(checks.CHECKS, checks.WELL)


def test_not_ready_without_an_edition(tmp_path: Path) -> None:
    with _served(tmp_path) as client:
        assert list(_reasons(client)) == ["edition"]
        assert (
            "text/html"
            in client.get("/readyz", headers={"Accept": "text/html"}).headers["content-type"]
        )


def _loaded(client: TestClient) -> None:
    """Wait until the lists are in the database."""
    service = client.app.state.directory_service  # type: ignore[attr-defined]
    waiting = threading.Event()
    for _ in range(600):
        if service.loaded:
            return
        waiting.wait(0.05)
    raise AssertionError("never loaded")


def test_not_ready_with_old_tables_or_no_database(tiny_processed: Path, tmp_path: Path) -> None:
    from sqlalchemy import text

    with _served(tiny_processed, f"sqlite:///{tmp_path}/one.db", metrics_token=SECRET) as client:
        _loaded(client)
        assert client.get("/readyz").json()["checks"]["database"] == checks.WELL
        state = client.app.state  # type: ignore[attr-defined]
        with state.directory.database.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        state.checks._asked -= checks.ASK_AGAIN_S
        assert "0001" in _reasons(client)["database"]
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
        assert "exclusion_map_database_up 0.0" in answer.text


def test_what_is_not_needed_does_not_make_it_unready(tiny_processed: Path) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    for needs, status in (("edition,database", 503), ("edition", 200)):
        with _served(tiny_processed, away, ready_needs=needs) as client:
            service = client.app.state.directory_service  # type: ignore[attr-defined]
            waiting = threading.Event()
            while not service.tried:
                waiting.wait(0.01)
            answer = client.get("/readyz")
            assert answer.status_code == status, answer.text
            assert answer.json()["checks"]["database"] != checks.WELL
            assert answer.json()["directory"].startswith("read-only")
    assert answer.json()["status"] == "degraded"


def test_not_ready_when_the_disk_is_full(
    tiny_processed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=199_000_000)
    with _served(tiny_processed) as client:
        monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage)
        assert _reasons(client) == {"disk": "199 MB free"}


def test_an_edition_that_nobody_renewed_is_told_to_be_old(tiny_processed: Path) -> None:
    with _served(tiny_processed, edition_days=1) as client:
        service = client.app.state.holder.service  # type: ignore[attr-defined]
        built = datetime.now(UTC) - timedelta(days=1)
        vars(service.edition.manifest)["built"] = built
        told = client.get("/readyz")
        assert (told.status_code, told.json()["status"]) == (200, "degraded")
        assert "built 1 days ago" in told.json()["checks"]["age"]
    with _served(tiny_processed, edition_days=1, ready_needs="age") as client:
        service = client.app.state.holder.service  # type: ignore[attr-defined]
        vars(service.edition.manifest)["built"] = built
        assert list(_reasons(client)) == ["age"]


def test_not_ready_when_heavy_work_hangs(tiny_processed: Path) -> None:
    from api.work import pool_of

    with _served(tiny_processed, work_stuck_seconds=60) as client:
        pool = pool_of(client.app.state)  # type: ignore[attr-defined]

        async def fill() -> None:
            for number in range(pool.at_once):
                pool.limiter.acquire_on_behalf_of_nowait(number)

        client.portal.call(fill)  # type: ignore[union-attr]
        assert client.get("/readyz").status_code == 200
        pool._moved -= 61
        assert "none of which ended" in _reasons(client)["work"]
        pool.moved()
        assert client.get("/readyz").status_code == 200


def test_not_ready_while_it_stops(tiny_processed: Path) -> None:
    with _served(tiny_processed) as client:
        client.app.state.stopping = True  # type: ignore[attr-defined]
        assert list(_reasons(client)) == ["stopping"]
        assert client.get("/livez").status_code == 200
