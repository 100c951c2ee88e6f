"""The service over the edition of England and Wales."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def national(national_processed: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=national_processed))
    with TestClient(app) as client:
        yield client


def first(client: TestClient, query: str) -> dict:
    results = client.get("/api/v1/search", params={"q": query}).json()["results"]
    assert results, query
    return results[0]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Liverpool", "E08000012"),
        ("liverpol", "E08000012"),
        ("tower hamlet", "E09000030"),
        ("towerhamlets", "E09000030"),
        ("Ynys Môn", "W06000001"),
        ("ynys mon", "W06000001"),
        ("isle of anglesey", "W06000001"),
        ("anglesy", "W06000001"),
        ("anglesey", "W06000001"),
        ("london", "E12000007"),
        ("caerdydd", "W06000015"),
        ("hull", "E06000010"),
        ("bath", "E06000022"),
        ("kings lynn", "E07000146"),
        ("st helens", "E08000013"),
        ("newcastle upon tyne", "E08000021"),
        ("cheshire and merseyside", "E54000008"),
        ("north west", "E12000002"),
        ("cymru", "W92000004"),
        ("e08000015", "E08000015"),
        ("Wirral 011C", "E01007122"),
    ],
)
def test_places_people_look_for(national: TestClient, query: str, code: str) -> None:
    assert first(national, query)["code"] == code


def test_a_misspelt_town_gives_its_neighbourhoods(national: TestClient) -> None:
    result = first(national, "birkenhed")
    assert result["name"].startswith("Birkenhead")
    assert result["context"] == "Wirral"


def test_a_postcode_and_its_parts(national: TestClient) -> None:
    result = first(national, "ch41 2ab")
    assert (result["kind"], result["context"]) == ("small_area", "Wirral")
    assert first(national, "CH41")["matched"] == "postcode_part"
    assert first(national, "L1")["context"] == "Liverpool"


@pytest.mark.parametrize(
    ("code", "starts", "parents"),
    [
        ("E08000012", "Liverpool: ", ["England", "North West"]),
        ("W06000001", "Isle of Anglesey: ", ["Wales"]),
        ("E09000030", "Tower Hamlets: ", ["England", "London"]),
    ],
)
def test_profiles_of_three_very_different_places(national, code, starts, parents) -> None:
    profile = national.get(f"/api/v1/areas/{code}").json()
    assert profile["lead"].startswith(starts)
    assert [parent["name"] for parent in profile["parents"]][: len(parents)] == parents
    assert profile["standing"]["base"] == "local authorities in England and Wales"
    inside = {count["kind"]: count["inside"] for count in profile["support_inside"]}
    assert inside["library"] > 0
    shares = [fact for fact in profile["indicators"] if fact["unit"] == "percent"]
    assert shares
    for fact in shares:
        if fact["value"] is not None:
            assert 0 <= fact["value"] <= 100
            assert fact["people"]


def test_what_is_published_for_england_alone_is_missing_in_wales(national: TestClient) -> None:
    profile = national.get("/api/v1/areas/W06000001").json()
    income = next(
        fact for fact in profile["indicators"] if fact["indicator"] == "income_deprivation"
    )
    assert income["value"] is None
    english = national.get("/api/v1/areas/E08000012").json()
    income = next(
        fact for fact in english["indicators"] if fact["indicator"] == "income_deprivation"
    )
    assert income["compared_with"] == "local authorities in England"


def test_every_small_area_is_there_once(national: TestClient) -> None:
    edition = national.get("/api/v1/edition").json()
    counts = {level["kind"]: level["count"] for level in edition["levels"]}
    assert counts["small_area"] == 35_672
    address = f"/api/v1/editions/{edition['edition']}/values/small_area/{edition['default_index']}"
    deciles = national.get(f"{address}.bin").content
    assert len(deciles) == 35_672
    assert set(deciles) <= set(range(11))


def test_small_areas_lie_in_one_area_of_each_kind_that_covers_them(national) -> None:
    atlas = national.app.state.service.edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    for kind in (AreaKind.NEIGHBOURHOOD, AreaKind.LOCAL_AUTHORITY, AreaKind.NATION):
        assert (small.parents[kind] >= 0).all(), kind
        assert atlas.level(kind).small_areas.sum() == len(small)


def test_the_service_is_small(national_processed: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from starlette.testclient import TestClient
        from api.app import create_app
        from exclusion_map.settings import DataSettings, ServiceSettings
        app = create_app(ServiceSettings(), DataSettings(processed_dir=Path(sys.argv[1])))
        with TestClient(app) as client:
            for path in (
                "/api/v1/areas/E92000001", "/api/v1/areas/E01000001", "/api/v1/search?q=londn",
                "/api/v1/search?q=CH41", "/api/v1/areas/E01000001/outline", "/api/v1/areas",
            ):
                assert client.get(path).status_code == 200, path
            status = Path("/proc/self/status").read_text()
            print(int(status.split("VmRSS:")[1].split()[0]) // 1024)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(national_processed)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 400
