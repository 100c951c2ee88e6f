"""Visitors keep coming while a new edition is published: nothing fails, nothing is mixed up."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.editions import read_manifest, set_current
from exclusion_map.settings import DataSettings, ServiceSettings
from tests.benchmarks.soak import soak
from tests.benchmarks.soak_editions import stage

SECONDS, CONNECTIONS = 8, 40


def test_a_new_edition_in_the_middle_of_a_load(sample_edition: Path) -> None:
    # In a thread of its own: a browser of other tests may hold this one's event loop.
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(soak, sample_edition, seconds=SECONDS, connections=CONNECTIONS)
    found = work.result()
    tally = found.tally
    assert tally.faults == []
    assert tally.failed == 0
    assert tally.switched_s is not None
    # Pages that were open go on to be answered from the edition they were made from.
    assert tally.old_after_switch > 0
    assert set(tally.by_edition) == {sample_edition.name, "twin"}
    assert set(tally.taken) >= {"tiles", "values", "values, weights", "profiles", "search"}
    assert "scored tiles" in tally.taken


def test_the_edition_before_is_answered_under_its_own_name(
    sample_edition: Path, tmp_path: Path
) -> None:
    old, new = stage(sample_edition, tmp_path)
    values = (
        f"/api/v1/editions/{old}/values/small_area/{read_manifest(sample_edition).default_index}"
    )
    paths = [
        f"{values}.bin{query}" for query in ("", "?measure=score", "?bits=4", "?weights=age:2")
    ]
    app = create_app(ServiceSettings(), DataSettings(processed_dir=tmp_path))
    with TestClient(app) as client:
        before = {path: client.get(path) for path in paths}
        set_current(tmp_path, new)
        assert app.state.holder.refresh()
        for path, first in before.items():
            tag = first.headers["etag"]
            assert tag.startswith(f'W/"{old}-')
            again = client.get(path)
            assert (again.headers["etag"], again.content) == (tag, first.content)
            assert again.headers["exclusion-map-edition"] == old
            assert client.get(path, headers={"if-none-match": tag}).status_code == 304
