"""The service as a whole: health, errors, headers, description, switching, a real server."""

import json
import shutil
import threading
import urllib.request
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.editions import new_edition, publish
from exclusion_map.settings import DataSettings, ServiceSettings

from .conftest import manifest, publish_tiny, write_edition

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def served(processed: Path) -> TestClient:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    return TestClient(app, raise_server_exceptions=False)


def test_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    told = client.get("/readyz").json()
    assert (told["status"], told["edition"]) == ("ready", "tiny")
    assert told["directory"] == "read-only: The service runs without a database."


def test_without_an_edition_it_lives_and_says_what_to_do(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        assert client.get("/healthz").status_code == 200
        for path in ("/readyz", "/api/v1/edition", "/api/v1/areas/E01000001", "/tiles/areas.json"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert "exclusion-map build" in answer.json()["mend"]
            assert answer.headers["retry-after"] == "30"
        assert client.get("/tiles/areas/6/31/21.mvt").status_code == 503
        assert client.get("/tiles/tiny/areas/6/31/21.mvt").status_code == 503


@pytest.mark.parametrize(
    "name",
    [
        "areas.parquet",
        "larger_areas.parquet",
        "indicators.parquet",
        "larger_indicators.parquet",
        "scores.parquet",
        "support.parquet",
        "postcodes.arrow",
        "areas.pmtiles",
        "support.pmtiles",
    ],
)
@pytest.mark.parametrize("damage", ["missing", "cut", "garbage"])
def test_a_damaged_edition_is_not_served_and_the_file_is_named(
    tiny: Path, name: str, damage: str
) -> None:
    path = tiny / "editions" / "tiny" / name
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    else:  # The right size, so only reading it can tell.
        path.write_bytes(b"\x00" * len(whole))
    with served(tiny) as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert name in answer.json()["detail"]
        assert client.get("/healthz").status_code == 200


def test_an_edition_under_another_name_is_not_served(tiny: Path) -> None:
    (tiny / "editions" / "tiny").rename(tiny / "editions" / "other")
    (tiny / "current").write_text("other\n")
    with served(tiny) as client:
        assert "'tiny'" in client.get("/readyz").json()["found"]


def test_readiness_fails_when_files_vanish_under_a_running_service(tiny: Path) -> None:
    with served(tiny) as client:
        assert client.get("/readyz").status_code == 200
        shutil.rmtree(tiny / "editions" / "tiny")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "no such file" in answer.json()["found"]


def test_a_new_edition_is_taken_up_and_the_old_tiles_stay_for_open_pages(tiny: Path) -> None:
    with served(tiny) as client:
        holder = client.app.state.holder
        assert not holder.refresh()
        publish_tiny(tiny, "newer")
        assert client.get("/api/v1/edition").json()["edition"] == "tiny"
        assert holder.refresh()
        assert client.get("/api/v1/edition").json()["edition"] == "newer"
        for edition in ("tiny", "newer"):
            assert client.get(f"/tiles/{edition}/areas/6/31/21.mvt").status_code == 200
        publish_tiny(tiny, "newest")
        assert holder.refresh()
        assert client.get("/tiles/tiny/areas/6/31/21.mvt").status_code == 404
        assert client.get("/tiles/newer/areas/6/31/21.mvt").status_code == 200


def test_a_bad_new_edition_does_not_stop_the_old_one(tiny: Path) -> None:
    with served(tiny) as client:
        with new_edition(tiny, "bad") as folder:
            write_edition(folder)
            (folder / "scores.parquet").write_text("not a table")
            publish(folder, manifest("bad"))
        assert not client.app.state.holder.refresh()
        assert client.get("/api/v1/edition").json()["edition"] == "tiny"
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/api/v1/areas/E99999999"])
def test_errors_are_problems_for_programs_and_pages_for_people(client, path: str) -> None:
    problem = client.get(path)
    assert problem.status_code == 404
    assert problem.headers["content-type"] == "application/problem+json"
    body = problem.json()
    assert (body["status"], body["instance"]) == (404, path)
    assert {"type", "title", "detail"} <= set(body)
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1" in page.text


def test_other_methods_are_405(client: TestClient) -> None:
    answer = client.post("/api/v1/edition")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_error_of_our_own_hides_its_inside(tiny: Path) -> None:
    with served(tiny) as client:

        def broken(*_: object) -> None:
            raise RuntimeError("secret")

        object.__setattr__(client.app.state.service.search_index, "search", broken)
        answer = client.get("/api/v1/search?q=x")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "secret" not in answer.text


def test_head_is_answered_everywhere(client: TestClient) -> None:
    for path in ("/healthz", "/api/v1/edition", "/api/v1/areas?format=csv"):
        head = client.head(path)
        assert head.status_code == 200, path
        assert head.content == b""
    assert client.head("/nowhere").status_code == 404


def test_json_has_a_tag_under_the_editions_name(client: TestClient) -> None:
    first = client.get("/api/v1/areas/E01000001")
    assert first.headers["etag"].startswith('W/"tiny-')
    again = client.get("/api/v1/areas/E01000001", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_json_is_compressed_where_it_is_worth_it(client: TestClient) -> None:
    answer = client.get("/api/v1/areas/E01000001")
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]


def test_security_headers(client: TestClient) -> None:
    for path in ("/healthz", "/nowhere", "/api/v1/edition"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "worker-src 'self' blob:" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"]


def test_the_policy_lets_the_street_basemap_in_and_nothing_else(tmp_path: Path) -> None:
    settings = ServiceSettings(basemap_style="https://tiles.example/{z}/{x}/{y}.png")
    app = create_app(settings, DataSettings(processed_dir=tmp_path))
    with TestClient(app) as client:
        policy = client.get("/healthz").headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://tiles.example;" in policy
    assert "connect-src 'self' https://tiles.example;" in policy


def test_other_sites_may_read_the_api_but_not_frame_pages(client: TestClient) -> None:
    assert client.get("/api/v1/edition").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/healthz").headers


def test_the_edition_without_its_files(client: TestClient) -> None:
    edition = client.get("/api/v1/edition").json()
    assert edition["synthetic"] is True
    assert "files" not in edition
    assert edition["sources"][0]["attribution"] == "Source: ONS"
    assert client.get("/api/v1/indices").json()["default"] == "risk"


def test_every_route_is_described(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    tags = {tag["name"] for tag in described["tags"]}
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation.get("summary"), path
            assert operation.get("description"), path
            for one in operation.get("parameters", ()):
                assert one.get("description"), (path, one["name"])
            assert set(operation["tags"]) <= tags, path
            if "{" in path:
                assert "404" in operation["responses"], path
    assert "/tiles/{edition}/{tileset}/{z}/{x}/{y}.mvt" in described["paths"]
    text = json.dumps(described)
    assert "HTTPValidationError" not in text


def test_every_reference_in_the_description_leads_somewhere(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()

    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [one for value in part.values() for one in references(value)]
        if isinstance(part, list):
            return [one for value in part for one in references(value)]
        return []

    for reference in references(described):
        name = reference.removeprefix("#/components/schemas/")
        assert name in described["components"]["schemas"], reference


def test_a_real_server_on_a_real_port(tiny_processed: Path) -> None:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=tiny_processed))
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{base}/readyz") as answer:
            assert json.load(answer)["edition"] == "tiny"
        with urllib.request.urlopen(f"{base}/tiles/tiny/areas/6/31/21.mvt") as answer:
            assert answer.status == 200
            assert "content-encoding" not in answer.headers
        head = urllib.request.Request(f"{base}/api/v1/edition", method="HEAD")
        with urllib.request.urlopen(head) as answer:
            assert answer.read() == b""
    finally:
        server.should_exit = True
        thread.join(10)
