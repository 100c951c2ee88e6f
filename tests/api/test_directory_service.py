"""The directory in the service: loaded beside it, always fresh, and done without where need be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from exclusion_map.directory import Listing, Offer
from exclusion_map.directory.listing import CostLine

from .directory_apps import directory_client

HUB = Listing(
    name="Zebra Community Hub",
    kind="community_venue",
    address="2 Low Road",
    postcode="AB2 1AA",
    latitude=51.05,
    longitude=-0.75,
    area_code="E01000003",
    accessibility=("step_free",),
    access_note="Use the side door.",
    offers=(
        Offer(
            name="Get online",
            support={"drop_in_help": "stated", "data": "stated"},
            cost="free",
            costs=(CostLine(option="Printing", amount=0.2, amount_description="a page"),),
            languages=("en", "pl"),
            schedule={"mon": [["10:00", "12:00"]], "tue": []},
            phone="01632 960 001",
            computers=4,
        ),
        Offer(name="Cafe", cost="charge", schedule={"sat": [["09:00", "17:00"]]}),
    ),
)


@pytest.fixture
def client(tiny_processed: Path, database_url: str) -> Iterator[TestClient]:
    with directory_client(tiny_processed, database_url) as made:
        yield made


def added(client: TestClient, listing: Listing = HUB) -> str:
    return client.app.state.directory.add(listing, by="ada").id  # type: ignore[attr-defined]


def names(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/api/v1/support?{query}")
    assert answer.status_code == 200, answer.text
    return [one["properties"]["name"] for one in answer.json()["features"]]


def test_lists_are_loaded_and_edits_show_at_once(client: TestClient) -> None:
    assert names(client, "area=E06000002") == ["Bexhill Library", "The Surgery"]
    assert client.get("/readyz").json()["directory"] == "ready"
    identity = added(client)
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    assert "Zebra Community Hub" in names(client, "area=E06000002")
    directory = client.app.state.directory  # type: ignore[attr-defined]
    directory.change(
        identity, HUB.model_copy(update={"name": "Yak Hub"}), version=1, by="bo", note="renamed"
    )
    html = client.get(f"/support/{identity}").text
    assert "Yak Hub" in html
    history = client.get(f"/support/{identity}/history").text
    assert "Changed: name" in history
    assert "renamed" in history
    directory.remove(identity, version=2, by="bo")
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    assert client.get(f"/support/{identity}").status_code == 404
    assert client.get(f"/api/v1/support/{identity}").status_code == 404


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("support=drop_in_help", True),
        ("support=drop_in_help&support=data", True),
        ("support=public_computers", False),
        ("open=mon-10:00", True),
        ("open=mon-12:00", False),
        ("open=tue-10:30", False),
        ("free=true", True),
        ("language=pl", True),
        ("language=cy", False),
        ("access=step_free", True),
        ("access=lift", False),
        ("words=zeb+hub", True),
        # Free help on Mondays, a cafe that charges on Saturdays: no free service on Saturdays.
        ("free=true&open=sat-10:00", False),
        ("support=drop_in_help&open=sat-10:00", False),
        ("open=sat-10:00", True),
    ],
)
def test_filters_ask_one_service_for_everything(
    tiny_processed: Path, tmp_path: Path, query: str, shown: bool
) -> None:
    with directory_client(tiny_processed, f"sqlite:///{tmp_path / 'd.db'}") as client:
        added(client)
        client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
        assert ("Zebra Community Hub" in names(client, query)) is shown


def test_usual_is_told_apart_from_stated(client: TestClient) -> None:
    library = client.get("/api/v1/support/library:ashford").json()["properties"]
    assert library["support_usual"] == ["public_computers", "free_wifi"]
    assert library["support_stated"] == []
    assert "Ashford Library" in names(client, "support=free_wifi")
    assert "Ashford Library" not in names(client, "support=free_wifi&stated=true")
    html = client.get("/support/library:ashford").text
    assert "Usual for this kind of place, not confirmed for this one" in html
    assert "Not confirmed for a year" in html


def test_a_place_tells_all_that_is_known(client: TestClient) -> None:
    identity = added(client)
    client.app.state.directory.confirm(identity, by="cy")  # type: ignore[attr-defined]
    html = client.get(f"/support/{identity}").text
    for text in (
        "Step-free entrance",
        "Use the side door.",
        "Printing £0.20 a page",
        "English, Polish",
        "10am to midday",
        'href="tel:01632960001"',
        'href="geo:51.05000,-0.75000?q=51.05000,-0.75000"',
        "Confirmed by cy on",
        "people who use this service",
    ):
        assert text in html, text
    assert "Not confirmed for a year" not in html


def test_pages_of_a_list(client: TestClient) -> None:
    first = client.get("/api/v1/support?limit=2").json()
    second = client.get("/api/v1/support?limit=2&page=2&format=json").json()
    assert (first["matched"], first["pages"], len(first["features"])) == (3, 2, 2)
    assert [place["name"] for place in second["places"]] == ["The Surgery"]
    assert client.get("/api/v1/support?page=9").json()["features"] == []


def test_edits_outlive_a_new_start(tiny_processed: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'd.db'}"
    with directory_client(tiny_processed, url) as client:
        place = client.get("/api/v1/support/library:ashford").json()["id"]
        directory = client.app.state.directory  # type: ignore[attr-defined]
        held = directory.get(place)
        corrected = held.listing.model_copy(update={"address": "2 High Street"})
        directory.change(place, corrected, version=1, by="ada")
    with directory_client(tiny_processed, url) as client:
        told = client.get(f"/api/v1/support/{place}").json()["properties"]
        assert told["address"] == "2 High Street"
        assert len(names(client, "area=E92000001")) == 3


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "none"])
def test_without_a_database_the_lists_are_served_and_the_page_says_so(
    tiny_processed: Path, url: str
) -> None:
    with directory_client(tiny_processed, url) as client:
        assert len(names(client, "area=E92000001")) == 3
        page = client.get("/support?q=ashford").text
        assert "Places cannot be added or corrected at the moment" in page
        assert client.get("/readyz").json()["directory"].startswith("read-only")
        place = client.get("/support/library:ashford")
        assert place.status_code == 200
        assert client.get(f"{place.url.path}/history").status_code == 503


def test_tiles_follow_edits_and_are_kept_by_their_number(client: TestClient) -> None:
    import mapbox_vector_tile

    def layers(query: str = "") -> dict:
        told = client.get(f"/tiles/directory/now.json{query}").json()
        address = told["tiles"][0].removeprefix("http://testserver")
        answer = client.get(address.format(z=14, x=8157, y=5481))
        if answer.status_code == 204:
            return {}
        assert "immutable" in answer.headers["cache-control"]
        return mapbox_vector_tile.decode(answer.content)

    [bexhill] = layers()["places"]["features"]
    assert bexhill["properties"]["name"] == "Bexhill Library"
    assert bexhill["properties"]["usual"] == "public_computers,free_wifi"
    added(client)
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    found = layers("?support=drop_in_help")["places"]["features"]
    assert [one["properties"]["stated"] for one in found] == ["data,drop_in_help"]
    assert len(layers()["places"]["features"]) == 2
    assert layers("?language=cy") == {}
    far = client.get("/tiles/directory/0/4/7/5.mvt")
    assert far.headers["cache-control"] == "no-cache"
    clusters = mapbox_vector_tile.decode(far.content)["clusters"]["features"]
    assert [one["properties"]["count"] for one in clusters] == [4]


@pytest.mark.parametrize(
    "path", ["0/20/0/0.mvt", "0/1/2/0.mvt", "0/1/0/0.mvt?support=magic", "0/1/0/0.mvt?x=1"]
)
def test_wrong_tiles_of_the_directory(tiny_processed: Path, path: str) -> None:
    with directory_client(tiny_processed, "none") as client:
        answer = client.get(f"/tiles/directory/{path}")
        assert answer.status_code == 422
        assert answer.json()["expected"]


def test_the_directory_is_downloaded_as_it_is_now(client: TestClient) -> None:
    import io

    import pandas as pd
    from python_calamine import CalamineWorkbook

    added(client)
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    csv = client.get("/api/v1/download/directory.csv?support=data")
    table = pd.read_csv(io.BytesIO(csv.content))
    [place] = table.to_dict("records")
    assert (place["name"], place["languages"], place["cost"]) == (
        "Zebra Community Hub",
        "en; pl",
        "free; charge",
    )
    assert (place["support_stated"], place["computers"]) == ("data; drop_in_help", 4)
    assert place["area_code"] == "E01000003"
    near = client.get("/api/v1/download/directory.geojson?near=51.05,-0.75&within_m=100").json()
    told = {one["properties"]["name"]: one["properties"]["distance_m"] for one in near["features"]}
    assert told == {"Bexhill Library": 0, "Zebra Community Hub": 0}
    answer = client.get("/api/v1/download/directory.xlsx?kind=library")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_name("Data")
    assert len(sheet.to_python()) == 3
    nothing = client.get("/api/v1/download/directory.csv?language=cy")
    assert nothing.status_code == 422


def test_the_page_keeps_its_area_and_lists_by_filters_alone(client: TestClient) -> None:
    html = client.get("/support?area=E06000002&q=").text
    assert '<input type="hidden" name="area" value="E06000002">' in html
    assert "Bexhill Library" in html
    assert "Ashford Library" not in html
    anywhere = client.get("/support?support=free_wifi").text
    assert "Ashford Library" in anywhere
    assert "directory.csv?support=free_wifi" in anywhere
