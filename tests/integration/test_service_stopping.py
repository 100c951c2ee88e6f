"""Real processes are asked more than they take on, tell nothing about people, and stop politely."""

import re
import socket
import time
from pathlib import Path

import httpx2
import pytest

from tests.integration.service_process import HalfAsked, Process, service_process

SECRET = "the secret of the metrics"
SETTINGS = {
    "EXCLUSION_MAP_DATABASE_URL": "none",
    "EXCLUSION_MAP_LOG_FORMAT": "json",
    "EXCLUSION_MAP_LOG_REQUESTS": "all",
    "EXCLUSION_MAP_METRICS_TOKEN": SECRET,
}
PERSONAL = ("ZZ1 1AA", "ZZ11AA", "Jane Appleby", "jane.appleby", "s3cret-t0ken", "0117 496 0000")


def ready(service: Process) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            if httpx2.get(f"{service.base}/readyz", timeout=30).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("it never got ready")


def _refuses(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asked:
            asked.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return asked.recv(1) == b""
    except OSError:
        return True


def until(met: object) -> None:
    assert callable(met)
    until = time.monotonic() + 180
    while not met():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


def _stops_politely(service: Process, under_way: list[HalfAsked]) -> None:
    """Tell it to stop, and hold it to what it has in hand."""
    service.process.terminate()
    until(lambda: _refuses(service.port))
    assert service.process.poll() is None
    for one in under_way:
        answer = one.finish()
        assert b" 422 " in answer.split(b"\r\n")[0]
        assert b"connection: close" in answer.lower()
    assert service.process.wait(60) == 0


def _tell_about_people(client: httpx2.Client) -> None:
    """Name people and postcodes in every place a request has."""
    headers = {
        "Authorization": "Bearer s3cret-t0ken",
        "Cookie": "em_session=s3cret-t0ken",
        "User-Agent": "jane.appleby",
        "Referer": "http://x/?q=ZZ1+1AA",
        "X-Request-Id": "jane.appleby-ZZ11AA",
        "X-Forwarded-For": "Jane Appleby",
    }
    for path in (
        "/api/v1/search?q=ZZ1+1AA",
        "/api/v1/search?wrong=ZZ1%201AA",
        "/api/v1/areas/ZZ11AA",
        "/?q=Jane%20Appleby",
        "/nowhere/jane.appleby@example.org/s3cret-t0ken",
        "/invitation/s3cret-t0ken",
        "/tiles/ZZ11AA/areas/1/1/1.mvt",
        "/static/ZZ11AA.js",
    ):
        answer = client.get(path, headers=headers)
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"]), path
    listed = {"postcodes": ["ZZ1 1AA"], "name": "Jane Appleby 0117 496 0000"}
    client.post("/api/v1/scores", json=listed, headers=headers)
    client.post("/api/v1/boundaries", content=b"ZZ1 1AA Jane Appleby", headers=headers)
    client.request("JANE", "/api/v1/search?q=ZZ11AA")


def _broken_line(port: int) -> None:
    """Send what is no HTTP at all: uvicorn itself must not repeat it either."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as asked:
        asked.sendall(b"GET /ZZ11AA Jane Appleby\r\n\x00\r\n\r\n")
        asked.recv(1000)


def test_too_much_is_refused_nothing_is_told_and_what_is_under_way_is_finished(
    sample_processed: Path,
) -> None:
    settings = SETTINGS | {"EXCLUSION_MAP_REQUESTS_AT_ONCE": "3"}
    with service_process(sample_processed, settings) as service:
        ready(service)
        with httpx2.Client(base_url=service.base, timeout=60) as client:
            edition = client.get("/api/v1/edition").json()["edition"]
            _tell_about_people(client)
            _broken_line(service.port)
            under_way = [HalfAsked(service.port) for _ in range(3)]
            until(lambda: client.get("/api/v1/edition").status_code == 503)
            before = _figure(client, "refused_total")
            # Ten times as many as there is room for: all are told at once, none is kept.
            for _ in range(30):
                refused = client.get("/api/v1/edition")
                assert refused.status_code == 503
                assert 1 <= int(refused.headers["retry-after"]) <= 5
                assert refused.json()["request_id"] == refused.headers["x-request-id"]
            assert _figure(client, "refused_total") == before + 30
            for path in ("/livez", "/healthz", "/readyz"):
                assert client.get(path).status_code == 200, path
            assert client.get(f"/tiles/{edition}/areas/0/0/0.mvt").status_code != 503
            assert under_way.pop().finish().startswith(b"HTTP/1.1 422")
            until(lambda: client.get("/api/v1/edition").status_code == 200)
        _stops_politely(service, under_way)
    log = "\n".join(service.lines)
    assert [line for line in service.logged() if line.get("route") == "/api/v1/search"]
    assert not [told for told in PERSONAL if told in log]
    assert not [line for line in service.logged() if line["level"] == "error"]


def test_two_processes_count_together_and_stop_politely(sample_processed: Path) -> None:
    with service_process(sample_processed, SETTINGS, workers=2) as service:
        ready(service)
        for _ in range(20):
            # A connection each: the system gives it to the process that is free.
            assert httpx2.get(f"{service.base}/api/v1/edition", timeout=60).status_code == 200
        with httpx2.Client(base_url=service.base, timeout=60) as client:
            labels = 'method="GET",route="/api/v1/edition",status="200"'
            assert _figure(client, "requests_total", labels) == 20
        under_way = [HalfAsked(service.port, begun=True) for _ in range(4)]
        _stops_politely(service, under_way)


def test_it_says_that_it_stops_and_leaves_what_does_not_end(sample_processed: Path) -> None:
    settings = SETTINGS | {
        "EXCLUSION_MAP_STOP_NOTICE_S": "3",
        "EXCLUSION_MAP_STOP_SECONDS": "0.5",
    }
    with service_process(sample_processed, settings) as service:
        ready(service)
        endless = HalfAsked(service.port)
        service.process.terminate()
        until(lambda: httpx2.get(f"{service.base}/readyz", timeout=60).status_code == 503)
        told = httpx2.get(f"{service.base}/readyz", timeout=60)
        assert [one["check"] for one in told.json()["errors"]] == ["stopping"]
        assert httpx2.get(f"{service.base}/livez", timeout=60).status_code == 200
        assert service.process.wait(60) == 0
        endless.socket.close()


def _figure(client: httpx2.Client, name: str, labels: str = "") -> float:
    page = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"}).text
    name = f"exclusion_map_{name}" + (f"{{{labels}}}" if labels else "")
    found = [line for line in page.splitlines() if line.startswith(f"{name} ")]
    assert len(found) == 1, page
    return float(found[0].split()[-1])


@pytest.mark.parametrize("given", ["short", "x" * 15])
def test_a_secret_that_can_be_guessed_is_refused(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exclusion_map.errors import SettingsError
    from exclusion_map.settings import OperationsSettings, read

    monkeypatch.setenv("EXCLUSION_MAP_METRICS_TOKEN", given)
    with pytest.raises(SettingsError, match="METRICS_TOKEN") as refused:
        read(OperationsSettings)
    assert repr(given) not in str(refused.value)
