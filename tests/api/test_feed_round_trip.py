"""Our own API as a feed of another directory: what one service says, another one reads back."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient
from typer.testing import CliRunner

from exclusion_map.cli import app as command_line
from exclusion_map.database import open_database
from exclusion_map.directory import Directory, Held, Listing, Offer, Provider, prepare
from exclusion_map.directory.feeds import read_feed
from exclusion_map.directory.importing import build_services, load
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.editions.reader import open_edition
from exclusion_map.settings import FeedSettings

from .directory_apps import directory_client

HUB = Listing(
    name="Ashby Hub",
    kind="community_venue",
    description="Beside the market.",
    provider=Provider(name="Ashby Volunteers", website="https://hub.example"),
    address="1 High Street",
    city="Ashby",
    accessibility=("step_free", "hearing_loop"),
    offers=(
        Offer(
            name="Computer help",
            description="Sit down with somebody.",
            support={"skills_courses": "stated", "free_wifi": "stated"},
            cost="free",
            fees="Free",
            languages=("en", "cy"),
            phone="0161 496 0000",
            email="hub@example.org",
            url="https://hub.example/help",
            schedule={"mon": [["09:00", "12:00"]], "fri": [["10:00", "11:30"]]},
        ),
        Offer(name="Tablet loans", support={"devices": "stated"}),
    ),
)


@contextmanager
def served(client: TestClient) -> Iterator[str]:
    """Yield the address of a client's service on a real port."""
    config = uvicorn.Config(
        client.app, host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def host(sample_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = f"sqlite:///{tmp_path_factory.mktemp('directory') / 'd.db'}"
    with directory_client(sample_processed, url) as client:
        directory: Directory = client.app.state.directory  # type: ignore[attr-defined]
        directory.add(HUB, by="ada")
        client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
        with served(client) as found:
            yield found


def told(held: Held) -> dict[str, object]:
    """Return what a listing says, without ids and what each directory finds by itself."""
    plain = held.listing.model_dump(exclude={"as_of", "area_code", "placed_by", "provider"})
    offers = [{**offer, "id": ""} for offer in plain["offers"]]
    return {**plain, "offers": sorted(offers, key=lambda one: str(one["name"]))}


def test_a_directory_reads_another(host: str, sample_edition: Path, database_url: str) -> None:
    found = read_feed(f"http://{host}/openreferral", settings=FeedSettings(feeds_allowed=host))
    assert found.complete
    built = build_services(found.services, geocoder_of(open_edition(sample_edition)))
    assert not built.rejected
    with closing(open_database(database_url)) as database:
        prepare(database)
        directory = Directory(database)
        report = load(directory, built, "neighbour", by="import")
        assert report.counts()["added"] == len(built.listings) > 100
        again = load(directory, built, "neighbour", by="import")
        assert again.counts()["unchanged"] == len(built.listings)
        hub = next(one for one in directory.all() if one.listing.name == "Ashby Hub")
    assert hub.listing.provider is not None
    assert hub.listing.provider.name == "Ashby Volunteers"
    there = told(hub)
    wanted = {**HUB.model_dump(exclude={"as_of", "area_code", "placed_by", "provider"})}
    wanted["offers"] = sorted(wanted["offers"], key=lambda one: str(one["name"]))
    assert there == wanted


def test_the_same_on_the_command_line(
    host: str, sample_processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    monkeypatch.setenv("EXCLUSION_MAP_PROCESSED_DIR", str(sample_processed))
    address = f"http://{host}/openreferral/services"
    run = CliRunner().invoke
    command = ["directory", "feed", address, "--source", "neighbour"]
    refused = run(command_line, command)
    assert "not on the public internet" in str(refused.exception)
    monkeypatch.setenv("EXCLUSION_MAP_FEEDS_ALLOWED", host)
    tried = run(command_line, [*command, "--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert "Nothing was written" in tried.output
    done = run(command_line, command)
    assert done.exit_code == 0, done.output
    assert " added, 0 changed" in done.output
    more = run(command_line, ["directory", "feed", address, "--source", "neighbour-again"])
    assert "places may be there twice" in more.output
    listed = run(command_line, ["directory", "duplicates", "--show", "3"])
    assert listed.exit_code == 0, listed.output
    assert "0 new pairs" in listed.output
