"""A new edition is opened at once where somebody asks for it by name, and an old one goes."""

import gc
import weakref
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import app as app_module
from api.app import create_app
from api.holder import Holder
from api.service import open_service
from exclusion_map.editions import current_path, read_manifest, set_current
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind
from tests.benchmarks.soak_editions import stage


@pytest.fixture(scope="module")
def two(sample_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    processed = tmp_path_factory.mktemp("two-editions")
    return processed, *stage(sample_edition, processed)


@pytest.mark.parametrize(
    "asked",
    [
        "/tiles/{edition}/areas/9/255/170.mvt",
        "/tiles/{edition}/{index}/9/255/170.mvt?weights=age:2",
        "/api/v1/editions/{edition}/values/small_area/{index}.bin",
    ],
)
def test_a_new_edition_is_opened_for_whoever_names_it(
    two: tuple[Path, str, str], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if another process had found it a moment ago, and this one does not look for long.
    monkeypatch.setattr(app_module, "LOOK_AGAIN_S", 3_600.0)
    processed, old, new = two
    index = read_manifest(current_path(processed)).default_index
    set_current(processed, old)
    app = create_app(
        ServiceSettings(),
        DataSettings(processed_dir=processed),
        DatabaseSettings(database_url="none"),
    )
    with TestClient(app) as client:
        path = asked.format(edition=new, index=index)
        assert client.get(path).status_code == 404
        set_current(processed, new)
        holder: Holder = app.state.holder
        holder._named = (0.0, None)  # It has been a while.
        answer = client.get(path)
        assert answer.status_code in (200, 204), answer.text
        assert holder.require().edition.id == new
        assert client.get(path.replace(new, "never-was")).status_code == 404


def test_only_the_current_one_is_looked_for(
    two: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    processed, old, new = two
    set_current(processed, old)
    app = create_app(
        ServiceSettings(),
        DataSettings(processed_dir=processed),
        DatabaseSettings(database_url="none"),
    )
    looks: list[int] = []
    with TestClient(app) as client:
        holder: Holder = app.state.holder
        monkeypatch.setattr(holder, "refresh", lambda: looks.append(1))
        for name in (old, new, "never-was", "..", "%2e%2e"):
            client.get(f"/tiles/{name}/areas/9/255/170.mvt")
            client.get(f"/api/v1/editions/{name}/values/small_area/x.bin")
    assert not looks


def test_an_edition_goes_without_the_collector(sample_edition: Path) -> None:
    """Nothing of it refers to itself in a circle: memory comes back as soon as it is let go of."""
    service = open_service(sample_edition)
    service.warm()
    service.rehearse()
    service.profile(service.edition.atlas.level(AreaKind.SMALL_AREA).codes[1])
    _ = service.gazetteer, service.estimates
    service.search("ash")
    gone = [weakref.ref(one) for one in (service, service.edition, service.search_index)]
    before = gc.isenabled()
    gc.disable()
    try:
        del service
        assert [one() for one in gone] == [None, None, None]
    finally:
        if before:
            gc.enable()
