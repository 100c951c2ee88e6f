"""What changed between two editions: API, page and download."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.editions import new_edition, publish
from exclusion_map.settings import DataSettings, ServiceSettings

from .conftest import DEFINITION, SMALL, manifest, publish_tiny, read_csv, write_edition

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Two tiny editions: in the later one "old" weighs nothing, by the same data."""
    processed = tmp_path_factory.mktemp("changed")
    publish_tiny(processed, "before")
    with new_edition(processed, "after") as folder:
        write_edition(folder)
        turned = {**DEFINITION, "children": [{"indicator": "old", "weight": 0},
                                             {"indicator": "poor", "weight": 1}]}  # fmt: skip
        whole = manifest("after")
        indices = tuple(
            one.model_copy(update={"definition": turned}) if one.id == "risk" else one
            for one in whole.indices
        )
        sources = (*whole.sources[1:],)
        publish(folder, whole.model_copy(update={"indices": indices, "sources": sources}))
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_one_edition_is_said_plainly(client: TestClient) -> None:
    found = client.get("/api/v1/changes").json()
    assert found["available"] is False
    assert "one edition" in found["reason"]
    assert "exclusion-map build" in found["reason"]
    html = client.get("/changes", headers=HTML)
    assert html.status_code == 200
    assert "holds one edition" in html.text
    assert client.get("/api/v1/changes?format=csv").status_code == 404


def test_two_editions_are_compared(changed: TestClient) -> None:
    found = changed.get("/api/v1/changes").json()
    assert (found["old"], found["new"]) == ("before", "after")
    assert found["summary"]["method_changes"] == ["index > old, weight: 2.0 to 0.0"]
    assert [one["fate"] for one in found["sources"]] == ["gone"]
    assert found["total"] == 4
    for area in found["areas"]:
        if area["score_by_data"] is not None:
            parts = area["score_by_data"] + area["score_by_method"] + area["score_by_program"]
            assert parts == pytest.approx(area["score_change"])
    rows = read_csv(changed.get("/api/v1/changes?format=csv&within=E06000001&sort=code").text)
    assert [row["code"] for row in rows] == SMALL[:2]


def test_page_of_changes(changed: TestClient) -> None:
    html = changed.get("/changes", headers=HTML).text
    assert "index &gt; old, weight: 2.0 to 0.0" in html
    assert "no longer used" in html
    assert 'value="before" selected' in html


@pytest.mark.parametrize(
    ("asked", "status"),
    [("old=after&new=after", 422), ("old=never", 404), ("index=skills2", 404), ("within=X", 404)],
)
def test_comparisons_that_cannot_be(changed: TestClient, asked: str, status: int) -> None:
    assert changed.get(f"/api/v1/changes?{asked}").status_code == status


def test_a_damaged_edition_is_left_out(tmp_path: Path) -> None:
    publish_tiny(tmp_path, "before")
    shutil.copytree(tmp_path / "editions" / "before", tmp_path / "editions" / "broken")
    (tmp_path / "editions" / "broken" / "manifest.json").write_text("{")
    app = create_app(ServiceSettings(), DataSettings(processed_dir=tmp_path))
    with TestClient(app) as made:
        found = made.get("/api/v1/changes").json()
    assert [one["id"] for one in found["editions"]] == ["before"]
