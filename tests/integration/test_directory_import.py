"""Lists go into a real database and come out again: all of it or nothing, and nothing twice."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.database import open_database
from exclusion_map.directory import CostLine, Directory, Listing, Offer, Provider, prepare
from exclusion_map.directory.importing import (
    Geocoder,
    ImportReport,
    build,
    build_services,
    guess,
    is_services,
    load,
    read_services,
    read_table,
)
from exclusion_map.directory.importing.sources import sources_of
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind
from pipelines.directory_lists import export

TOP = "Id,Name,Postcode,Phone,Wifi\n"
HUB, HALL = "1,Hub,,01632 960001,yes\n", "2,Hall,,01632 960002,no\n"


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    return open_edition(sample_edition)


@pytest.fixture(scope="module")
def geocoder(edition: Edition) -> Geocoder:
    return geocoder_of(edition)


def bring(directory: Directory, geocoder: Geocoder, text: str, **how: bool) -> ImportReport:
    table = read_table(text.encode(), "a.csv")
    return load(directory, build(table, guess(table), geocoder), "venues", by="ada", **how)


def names(directory: Directory) -> list[str]:
    return [held.listing.name for held in directory.all()]


def test_a_list_is_loaded_once_and_edits_stay(directory: Directory, geocoder: Geocoder) -> None:
    first = bring(directory, geocoder, TOP + HUB + HALL)
    assert first.loaded
    assert first.counts()["added"] == 2
    hub = directory.all()[1]
    assert (hub.source, hub.source_key, hub.listing.name) == ("venues", "1", "Hub")
    assert directory.history(hub.id)[0].by == "ada"
    offer = hub.listing.offers[0].model_copy(update={"phone": "01632 960009"})
    edited = hub.listing.model_copy(update={"offers": (offer,)})
    directory.change(hub.id, edited, version=hub.version, by="ben")
    again = bring(directory, geocoder, TOP + HUB + HALL.replace("no", "yes"))
    counts = again.counts()
    assert (counts["added"], counts["changed"], counts["unchanged"]) == (0, 1, 1)
    moved = bring(directory, geocoder, TOP + HUB.replace("960001", "960005") + HALL)
    assert moved.counts()["edits_kept"] == 1
    assert directory.get(hub.id).listing.offers[0].phone == "01632 960009"
    assert "Edits made here that were kept: Hub" in moved.text()


def test_what_is_gone_stays_until_it_is_said(directory: Directory, geocoder: Geocoder) -> None:
    bring(directory, geocoder, TOP + HUB + HALL)
    assert bring(directory, geocoder, TOP + HUB).sync.gone == ("Hall",)
    assert names(directory) == ["Hall", "Hub"]
    # A row that cannot be read may be the very place: nothing is taken out then.
    spoilt = bring(directory, geocoder, TOP + HUB + "2,,,01632 960002,no\n", remove_gone=True)
    assert (spoilt.sync.gone, spoilt.sync.removed) == (("Hall",), False)
    assert names(directory) == ["Hall", "Hub"]
    assert bring(directory, geocoder, TOP + HUB, remove_gone=True).counts()["removed"] == 1
    assert names(directory) == ["Hub"]


def test_all_or_nothing_and_trying(directory: Directory, geocoder: Geocoder) -> None:
    tried = bring(directory, geocoder, TOP + HUB, dry_run=True)
    assert (tried.loaded, tried.counts()["added"]) == (False, 1)
    assert directory.generation() == 0
    bad = TOP + HUB + ",,,,\n3,,,x,yes\n"
    strict = bring(directory, geocoder, bad, strict=True)
    assert strict.refused.startswith("1 row cannot be taken")
    assert names(directory) == []
    assert bring(directory, geocoder, bad).counts()["rejected_rows"] == 1
    assert names(directory) == ["Hub"]
    none = bring(directory, geocoder, TOP + "3,,,x,yes\n", remove_gone=True)
    assert not none.loaded
    assert names(directory) == ["Hub"]


def test_a_fault_in_the_middle_leaves_nothing(directory: Directory, geocoder: Geocoder) -> None:
    table = read_table((TOP + HUB + HALL).encode(), "a.csv")
    built = build(table, guess(table), geocoder)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(directory, built, "venues", by="ada", progress=stop)
    assert names(directory) == []
    assert directory.generation() == 0


@pytest.mark.parametrize("source", ["", "here", "our venues", "x" * 101])
def test_a_source_needs_a_name(directory: Directory, geocoder: Geocoder, source: str) -> None:
    table = read_table((TOP + HUB).encode(), "a.csv")
    built = build(table, guess(table), geocoder)
    with pytest.raises(InvalidRequestError, match="name of the source"):
        load(directory, built, source, by="ada")


def full(edition: Edition) -> list[Listing]:
    """Return listings that say everything a form can hold, on and off the map."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    place = edition.support.nearest(float(small.longitude[0]), float(small.latitude[0]))[0].place
    at = (round(place.latitude, 5), round(place.longitude, 5), place.area_code)
    week = {day: [["09:00", "12:30"], ["13:30", "17:00"]] for day in ("mon", "tue")}
    return [
        Listing(
            name="Hub",
            kind="community_venue",
            description="Ring the bell.\nTwice.",
            provider=Provider(name="Ashby Aid", website="https://example.org/aid"),
            address="1 High Street, Upper Ashby",
            city="Ashby",
            latitude=at[0],
            longitude=at[1],
            area_code=at[2],
            placed_by="coordinates",
            accessibility=("step_free", "hearing_loop"),
            access_note="A ramp at the back.",
            as_of="2024-05-01",
            offers=(
                Offer(
                    name="Drop-in",
                    description="Tea, too.",
                    support={"free_wifi": "stated", "public_computers": "usual"},
                    cost="free",
                    languages=("en", "pl", "bfi"),
                    minimum_age=16,
                    maximum_age=99,
                    url="https://example.org/drop-in",
                    email="hub@example.org",
                    phone="+44 1632 960001",
                    contact="Ada",
                    alert="Closed for a week in May.",
                    schedule={**week, "wed": [], "sun": []},
                    hours_note="Not on bank holidays.",
                    computers=0,
                    staffed_hours=12.5,
                ),
                Offer(
                    name="Course", support={"skills_courses": "stated"}, cost="charge", fees="£2"
                ),
            ),
        ),
        Listing(name="-Hall-", kind="library", offers=(Offer(name="Library services"),)),
    ]


def bare(listing: Listing, **without: object) -> Listing:
    """Return a listing without ids, which differ from one directory to the next."""
    offers = tuple(offer.model_copy(update={"id": "", **without}) for offer in listing.offers)
    provider = listing.provider and listing.provider.model_copy(update={"id": ""})
    return listing.model_copy(update={"offers": offers, "provider": provider})


def round_trip(
    directory: Directory, edition: Edition, geocoder: Geocoder, path: Path
) -> list[Listing]:
    """Return what an import makes, in an empty directory, of an export."""
    assert export(directory, edition, path, "") == 2
    other = open_database(f"sqlite:///{path.parent / 'other.db'}")
    prepare(other)
    if is_services(path):
        built = build_services(read_services(path), geocoder)
    else:
        table = read_table(path)
        built = build(table, guess(table), geocoder)
    assert built.rejected == ()
    assert load(Directory(other), built, "copy", by="ada").counts()["added"] == 2
    listings = [held.listing for held in Directory(other).all()]
    other.close()
    return listings


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_an_export_comes_back_as_it_was(
    directory: Directory, edition: Edition, geocoder: Geocoder, tmp_path: Path, ending: str
) -> None:
    listings = full(edition)
    for listing in listings:
        directory.add(listing, by="ada")
    found = round_trip(directory, edition, geocoder, tmp_path / f"out.{ending}")
    assert sorted(map(bare, found), key=lambda one: one.name) == sorted(
        map(bare, listings), key=lambda one: one.name
    )


def test_open_referral_comes_back_but_for_what_it_cannot_say(
    directory: Directory, edition: Edition, geocoder: Geocoder, tmp_path: Path
) -> None:
    hub, hall = full(edition)
    first = hub.offers[0].model_copy(update={"costs": (CostLine(option="Print", amount=0.2),)})
    second = hub.offers[1].model_copy(update={"cost": "unknown"})
    hub = hub.model_copy(update={"offers": (first, second), "as_of": ""})
    for listing in (hub, hall):
        directory.add(listing, by="ada")
    found = round_trip(directory, edition, geocoder, tmp_path / "out.json")
    back = next(listing for listing in found if listing.name == "Hub")
    # No computers, staffed hours or closed days in the standard; fees say that it is free.
    week = {day: spans for day, spans in (first.schedule or {}).items() if spans}
    expected = first.model_copy(
        update={"computers": None, "staffed_hours": None, "schedule": week, "fees": "Free"}
    )
    today = back.as_of
    same = hub.model_copy(update={"offers": (expected, second), "as_of": today})
    assert bare(back) == bare(same)


def test_where_the_places_come_from(directory: Directory, geocoder: Geocoder) -> None:
    bring(directory, geocoder, TOP + HUB + HALL)
    hall = directory.all()[0]
    directory.remove(hall.id, version=1, by="ada")
    (found,) = sources_of(directory.database)
    assert (found.source, found.places, found.placed, found.taken_out) == ("venues", 1, 0, 1)


def run(*arguments: object, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["directory", *map(str, arguments)], env={"COLUMNS": "200"})
    assert found.exit_code == code, (found.output, found.exception)
    return found.output


def test_the_command_line(
    sample_processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_PROCESSED_DIR", str(sample_processed))
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", f"sqlite:///{tmp_path / 'd.db'}")
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("Title;Nr;W\nHub;1;yes\nHall;2;no\n;3;no\n", encoding="utf-8")
    shown = run("mapping", "a.csv", "--map", "id=Nr", "--map", "support.free_wifi=W",
                "--write-mapping", "m.toml")  # fmt: skip
    assert "heading 'Title'" in shown
    again = run("mapping", "a.csv", "--mapping", "m.toml")
    assert "support.free_wifi" in again
    tried = run("import", "a.csv", "--source", "v", "--mapping", "m.toml", "--dry-run")
    assert "2 added" in tried
    assert "Row 4" in tried
    strict = run("import", "a.csv", "--source", "v", "--mapping", "m.toml", "--strict", code=1)
    assert "Nothing was loaded" in strict
    told = run("import", "a.csv", "--source", "v", "--mapping", "m.toml", "--set", "kind=library",
               "--report", "r.json", "--report", "r.csv", "--report", "r.txt")  # fmt: skip
    assert "Source v: 2 added" in told
    report = json.loads(Path("r.json").read_text())
    assert (report["loaded"], report["counts"]["rejected_rows"]) == (True, 1)
    assert report["rejected"][0]["row"] == 4
    assert Path("r.csv").read_text("utf-8-sig").startswith("Title,Nr,W,why it was left out\n")
    assert "v" in run("sources")
    assert "2 places written" in run("export", "out.csv")
    assert Path("out.csv").read_text("utf-8-sig").count("library") >= 2
    assert "name" in run("mapping", "a.csv", "--fields")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "absent.csv", "--source", "v"), "absent.csv"),
        (("import", "a.csv", "--source", "two words"), "name of the source"),
        (("import", "a.csv", "--source", "v", "--map", "nonsense=x"), "--map"),
        (("import", "a.csv", "--source", "v", "--map", "name=Nothing"), "'Title'"),
        (("import", "a.csv", "--source", "v", "--report", "r.doc"), ".json, .csv or .txt"),
        (("import", "a.csv", "--source", "v", "--mapping", "absent.toml"), "absent.toml"),
        (("import", "a.csv", "--source", "v", "--sheet", "x"), "workbook"),
        (("export", "out.csv"), "directory: found none"),
    ],
)
def test_orders_that_cannot_be_followed(
    arguments: tuple[str, ...],
    told: str,
    sample_processed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_PROCESSED_DIR", str(sample_processed))
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", f"sqlite:///{tmp_path / 'd.db'}")
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("Title,Postcode\nHub,\n", encoding="utf-8")
    found = CliRunner().invoke(app, ["directory", *arguments])
    assert found.exit_code != 0
    assert told in str(found.exception)
