"""The configuration of the proxy, run as it stands, before a real service."""

import gzip
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from exclusion_map.editions import set_current
from tests.benchmarks.archive import draw
from tests.benchmarks.peers.files import nginx
from tests.benchmarks.soak_editions import stage
from tests.integration.service_process import service_process

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
SAME = (
    "content-type",
    "content-encoding",
    "content-range",
    "cache-control",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cross-origin-resource-policy",
    "x-content-type-options",
)
PACKED = {"Accept-Encoding": "gzip"}

pytestmark = pytest.mark.skipif(nginx() is None, reason="nginx is not installed")


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _proxy(folder: Path, upstream: int, editions: Path) -> Iterator[str]:
    folder.mkdir()
    text = CONFIGURATION.read_text(encoding="utf-8")
    port = _port()
    for word, here in {
        "listen 8080": f"listen 127.0.0.1:{port}",
        "web:8000": f"127.0.0.1:{upstream}",
        "/data/processed/editions": str(editions),
        "/tmp/nginx": str(folder),  # noqa: S108
        "/dev/stderr": str(folder / "log"),
    }.items():
        assert word in text
        text = text.replace(word, here)
    written = folder / "nginx.conf"
    written.write_text(text, encoding="utf-8")
    program = nginx()
    assert program is not None
    command = [program, "-p", str(folder), "-c", str(written), "-e", str(folder / "log")]
    # Started by root, its workers would be somebody who cannot read this folder.
    command += ["-g", "user root;"] if os.geteuid() == 0 else []
    with subprocess.Popen(command) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _get(base: str, path: str, headers: dict[str, str] | None = None) -> httpx2.Response:
    """Ask once it answers: both processes take their time to start."""
    until = time.monotonic() + 180
    while True:
        try:
            answer = httpx2.get(base + path, headers=headers or {}, timeout=30)
            if answer.status_code not in (502, 504):
                return answer
        except httpx2.TransportError:
            pass
        assert time.monotonic() < until
        time.sleep(0.05)


def _raw(base: str, path: str, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Return status, bytes as they were sent, and the headers that must be the same."""
    with httpx2.stream("GET", base + path, headers=headers, timeout=30) as answer:
        body = b"".join(answer.iter_raw())
        told = {name: answer.headers[name] for name in SAME if name in answer.headers}
        return answer.status_code, body, told


def test_through_the_proxy_it_is_the_same_and_a_new_edition_arrives(
    sample_edition: Path, tmp_path: Path
) -> None:
    processed = tmp_path / "processed"
    old, new = stage(sample_edition, processed)
    tile = "/".join(map(str, draw(sample_edition)[0]))
    settings = {
        "EXCLUSION_MAP_DATABASE_URL": "none",
        "EXCLUSION_MAP_LOG_FORMAT": "json",
        "EXCLUSION_MAP_LOG_REQUESTS": "all",
        "EXCLUSION_MAP_TRUSTED_PROXIES": "127.0.0.1",
    }
    with (
        service_process(processed, settings) as service,
        _proxy(tmp_path / "nginx", service.port, processed / "editions") as proxy,
    ):
        assert _get(proxy, "/readyz").json()["edition"] == old
        _is_the_same(service.base, proxy, old, tile)
        kept = _raw(proxy, f"/tiles/{old}/areas/{tile}.mvt", PACKED)[1]
        set_current(processed, new)
        until = time.monotonic() + 180
        while _get(proxy, "/api/v1/edition").json()["edition"] != new:
            assert time.monotonic() < until
            time.sleep(0.2)
        _is_the_same(service.base, proxy, new, tile)
        assert _raw(proxy, f"/tiles/{new}/areas/{tile}.mvt", PACKED)[1] != kept
        current = _raw(proxy, f"/tiles/areas/{tile}.mvt", PACKED)[1]
        assert current == _raw(proxy, f"/tiles/{new}/areas/{tile}.mvt", PACKED)[1]
        assert _get(proxy, "/metrics").status_code == 404
        request = _get(proxy, "/api/v1/search?q=ZZ1+1AA").headers["x-request-id"]
        service.stop()
        # Without the service: files and kept tiles still; all else says so.
        assert _raw(proxy, f"/tiles/{old}/areas/{tile}.mvt", PACKED)[1] == kept
        assert _raw(proxy, f"/tiles/{new}/areas.pmtiles", {"Range": "bytes=0-6"})[1] == b"PMTiles"
        assert httpx2.get(f"{proxy}/api/v1/edition", timeout=30).status_code == 502
    # The service took over the id that the proxy gave, and neither log tells what was asked.
    assert request in {line.get("request_id") for line in service.logged()}
    log = (tmp_path / "nginx" / "log").read_text(encoding="utf-8")
    assert request in log
    assert "ZZ1" not in log + "".join(service.lines)


def _is_the_same(service: str, proxy: str, edition: str, tile: str) -> None:
    named = f"/tiles/{edition}/areas/{tile}.mvt"
    direct = _raw(service, named, PACKED)
    assert direct[0] == 200
    assert direct[2]["content-encoding"] == "gzip"
    assert "immutable" in direct[2]["cache-control"]
    for _ in range(2):  # Passed on, then kept.
        assert _raw(proxy, named, PACKED) == direct
    plain = _raw(proxy, named, {"Accept-Encoding": "identity"})
    assert (plain[0], plain[1]) == (200, gzip.decompress(direct[1]))
    assert "content-encoding" not in plain[2]
    archive = f"/tiles/{edition}/areas.pmtiles"
    for asked in ({}, {"Range": "bytes=0-126"}, {"Range": "bytes=-16"}, {"Range": "bytes=1000-"}):
        assert _raw(proxy, archive, asked) == _raw(service, archive, asked), asked
    beyond = {"Range": "bytes=999999999999-"}
    assert _raw(proxy, archive, beyond)[0] == _raw(service, archive, beyond)[0] == 416
    assert _raw(proxy, f"/tiles/{edition}/nothing.pmtiles", {})[0] == 404
    for other in (f"/tiles/{edition}/../../current", f"/tiles/..%2f{edition}/areas.pmtiles"):
        assert _raw(proxy, other, {})[0] in (400, 404), other


def test_the_configuration_is_sound() -> None:
    program = nginx() or ""
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert shutil.which(program)
    # Every place that sets headers of its own for the service must set them all.
    assert text.count("proxy_set_header X-Forwarded-For") == text.count("proxy_set_header Host")
