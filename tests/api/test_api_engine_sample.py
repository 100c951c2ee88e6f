"""The index engine over HTTP on Sampleshire: what is computed live is what was published."""

from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.service import Service
from exclusion_map.terms import AreaKind


@pytest.fixture(scope="module")
def sample(sample_client: TestClient) -> TestClient:
    return sample_client


@pytest.fixture(scope="module")
def service(sample: TestClient) -> Service:
    return sample.app.state.service


@pytest.mark.parametrize("kind", list(AreaKind))
def test_live_scores_are_the_published_ones(
    sample: TestClient, service: Service, kind: AreaKind
) -> None:
    for index in service.edition.manifest.indices:
        stored = service.edition.atlas.score_set(index.id, kind)
        params = {"index": index.id, "level": kind.value, "size": 5000}
        live = sample.get("/api/v1/scores", params=params).json()["areas"]
        score = np.array([np.nan if one["score"] is None else one["score"] for one in live])
        assert score == pytest.approx(stored.score, abs=1e-9, nan_ok=True)
        assert [one["rank"] or 0 for one in live] == stored.rank.tolist()
        assert [one["decile"] or 0 for one in live] == stored.decile.tolist()
        share = [np.nan if (s := one["worst_tenth_share"]) is None else s for one in live]
        assert share == pytest.approx(stored.worst_tenth_share, nan_ok=True)


@pytest.mark.parametrize("kind", ["small_area", "ward", "local_authority"])
def test_live_values_with_the_published_weights_are_the_stored_ones(
    sample: TestClient, service: Service, kind: str
) -> None:
    index = service.default_index
    address = f"/api/v1/editions/{service.edition.id}/values/{kind}/{index}.bin"
    weights = sample.get(f"/api/v1/indices/{index}").json()["definition"]["children"]
    same = ",".join(f"{one['id']}:{2 * one['weight']}" for one in weights)
    live = sample.get(address, params={"weights": same})
    assert live.content == sample.get(address).content
    other = sample.get(address, params={"weights": f"{weights[0]['id']}:0"})
    assert len(other.content) == len(live.content)
    assert other.content != live.content


@pytest.mark.parametrize("base", ["all", "local_authority", "rural_urban", "region"])
@pytest.mark.parametrize("kind", [AreaKind.SMALL_AREA, AreaKind.WARD, AreaKind.LOCAL_AUTHORITY])
def test_contributions_add_up_in_every_base(
    sample: TestClient, service: Service, base: str, kind: AreaKind
) -> None:
    level = service.edition.atlas.level(kind)
    for row in {0, len(level) // 2, len(level) - 1}:
        params = {"area": level.codes[row], "base": base, "weights": "age:1"}
        found = sample.get("/api/v1/explain", params=params).json()
        if found["score"] is None:
            assert found["difference"] is None
            continue
        assert found["adds_up"]
        for part in ("indicators", "components"):
            points = [one["points"] for one in found[part]]
            assert sum(points) == pytest.approx(found["difference"], abs=1e-6)
        assert found["indicators"][0]["people"]
        assert found["suggestions"]


def test_intervals_hold_the_published_rank_of_most_areas(sample: TestClient) -> None:
    params = {"draws": 100, "size": 5000}
    found = sample.get("/api/v1/uncertainty", params=params).json()["areas"]
    held = [one["rank_low"] <= one["rank"] <= one["rank_high"] for one in found if one["rank"]]
    assert np.mean(held) > 0.8
    first = sample.get("/api/v1/uncertainty", params={"draws": 100, "size": 1}).json()
    assert first["areas"] == found[:1]


def test_nothing_heavy_is_imported_for_answers(sample_processed: Path) -> None:
    import subprocess
    import sys

    code = f"""
import sys
from pathlib import Path
from starlette.testclient import TestClient
from api.app import create_app
from exclusion_map.settings import DataSettings, ServiceSettings
data = DataSettings(processed_dir=Path({str(sample_processed)!r}))
with TestClient(create_app(ServiceSettings(), data)) as client:
    code = client.app.state.service.edition.atlas.level("small_area").codes[0]
    for address in ("scores", "scores?format=csv", "scores?format=arrow", "indices", "validation",
                    f"explain?area={{code}}", f"similar?area={{code}}", "uncertainty?draws=10"):
        assert client.get(f"/api/v1/{{address}}").status_code == 200, address
heavy = ("pandas", "geopandas", "shapely", "scipy", "pyogrio", "pyproj", "numba", "weasyprint",
         "docx", "xlsxwriter", "openpyxl", "alembic", "psycopg", "exclusion_map.cli")
print([name for name in heavy if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
