"""One source of support: a place that people add shows wherever support is told of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from exclusion_map.directory.builtin import listing_of
from exclusion_map.directory.loading import support_rows
from exclusion_map.directory.places import ListedPlaces, source_id
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.snapshot_reading import snapshot_of
from exclusion_map.editions import current_path
from exclusion_map.editions.reader import open_edition
from pipelines.places import sites_now

from .directory_apps import directory_client
from .test_directory_service import HUB, added

AREA, COUNCIL = "E01000003", "E06000002"


@pytest.fixture
def client(tiny_processed: Path, database_url: str) -> Iterator[TestClient]:
    with directory_client(tiny_processed, database_url) as made:
        yield made


def with_hub(client: TestClient) -> str:
    identity = added(client)
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    return identity


def inside(client: TestClient) -> dict[str, int]:
    profile = client.get(f"/api/v1/areas/{COUNCIL}").json()
    return {one["kind"]: one["inside"] for one in profile["support_inside"]}


def near(client: TestClient) -> dict[str, dict[str, Any]]:
    profile = client.get(f"/api/v1/areas/{AREA}").json()
    return {one["kind"]: one for one in profile["nearest_support"]}


def test_profiles_tell_of_an_added_place_and_forget_a_removed_one(client: TestClient) -> None:
    assert inside(client) == {"library": 1, "gp_practice": 1, "pharmacy": 0, "jobcentre": 0}
    assert "community_venue" not in near(client)
    identity = with_hub(client)
    assert inside(client)["community_venue"] == 1
    told = near(client)["community_venue"]
    assert told["name"] == "Zebra Community Hub"
    assert (told["address"], told["postcode"]) == ("2 Low Road", "AB2 1AA")
    assert told["url"] == f"/support/{identity}"
    directory = client.app.state.directory  # type: ignore[attr-defined]
    directory.remove(identity, version=1, by="bo")
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    assert "community_venue" not in inside(client)
    assert "community_venue" not in near(client)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"/areas/{AREA}", "Zebra Community Hub"),
        (f"/areas/{COUNCIL}", "1 community venue</a> inside it"),
        (f"/panel?code={AREA}", "Zebra Community Hub"),
        (f"/compare?areas={AREA},E01000001", "Zebra Community Hub"),
        (f"/sheet/{AREA}", "Zebra Community Hub"),
        (f"/support?area={AREA}", "Zebra Community Hub"),
        ("/support-in-view?bbox=-0.8,51,-0.7,51.1", "Zebra Community Hub"),
    ],
)
def test_pages_show_it(tiny_processed: Path, tmp_path: Path, path: str, said: str) -> None:
    with directory_client(tiny_processed, f"sqlite:///{tmp_path / 'd.db'}") as client:
        assert said not in client.get(path).text
        with_hub(client)
        assert said in client.get(path).text


def test_the_collection_of_features_holds_it(client: TestClient) -> None:
    def items(query: str = "") -> list[dict[str, Any]]:
        answer = client.get(f"/ogc/collections/support/items?{query}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["features"]
        return found

    before = client.get("/ogc/collections/support/items").headers["etag"]
    assert items("kind=community_venue") == []
    identity = with_hub(client)
    (hub,) = items("kind=community_venue")
    told = hub["properties"]
    assert (hub["id"], told["name"], told["postcode"]) == (identity, HUB.name, "AB2 1AA")
    assert told["phone"] == "01632 960 001"
    assert told["opening_hours"] == '{"mon":[["10:00","12:00"]],"tue":[]}'
    assert told["source"] == "here"
    assert told["local_authority"] == "Bexhill"
    assert client.get(f"/ogc/collections/support/items/{identity}").json()["id"] == identity
    assert client.get("/ogc/collections/support/items").headers["etag"] != before
    # A place that is not on the map is in the directory, and no feature.
    directory = client.app.state.directory  # type: ignore[attr-defined]
    nowhere = HUB.model_copy(update={"name": "Nowhere Hub", "latitude": None, "longitude": None})
    directory.add(nowhere, by="ada")
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    assert [one["properties"]["name"] for one in items("kind=community_venue")] == [HUB.name]


def test_gaps_of_api_and_command_count_it(client: TestClient, tiny_processed: Path) -> None:
    query = f"/api/v1/access?within={COUNCIL}&kind=community_venue"
    before = client.get(query).json()
    with_hub(client)
    assert client.get(query).json() != before
    url = client.app.state.directory_service._url  # type: ignore[attr-defined]
    edition = open_edition(current_path(tiny_processed))
    console = Console(quiet=True)
    assert len(sites_now(edition, url, console)) == 4
    assert len(sites_now(edition, "none", console)) == 3


def test_a_command_makes_no_database(tiny_processed: Path, tmp_path: Path) -> None:
    edition = open_edition(current_path(tiny_processed))
    path = tmp_path / "none.db"
    assert len(sites_now(edition, f"sqlite:///{path}", Console(quiet=True))) == 3
    assert not path.exists()


def test_without_a_database_the_lists_of_the_edition_answer(tiny_processed: Path) -> None:
    with directory_client(tiny_processed, "none") as client:
        assert inside(client)["library"] == 1
        assert near(client)["library"]["name"] == "Bexhill Library"
        assert len(client.get("/ogc/collections/support/items").json()["features"]) == 3


def test_lists_read_quickly_are_the_listings_they_stand_for(sample_edition: Path) -> None:
    rows = list(support_rows(sample_edition / "support.parquet", synthetic=True))
    quick = ListedPlaces("x", rows).snapshot
    slow = snapshot_of(
        (source_id(row), str(row["id"]), with_ids(listing_of(row), source_id(row))) for row in rows
    )
    assert (quick.ids, quick.names, quick.keys) == (slow.ids, slow.names, slow.keys)
    assert (quick.offer_ids, quick.offer_names) == (slow.offer_ids, slow.offer_names)
    for name in ("longitude", "latitude", "kind", "stated", "usual", "cost", "opens", "closes"):
        assert getattr(quick, name).tolist() == getattr(slow, name).tolist(), name
