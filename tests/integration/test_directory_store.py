"""The directory in SQLite and in PostgreSQL: what goes in comes out, and nothing is lost."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import exclusion_map.accounts.tables
import exclusion_map.directory.tables
import exclusion_map.readiness.tables  # noqa: F401
from exclusion_map.database import Base, Database, open_database
from exclusion_map.database.migrate import current_revision, latest_revision
from exclusion_map.directory import CostLine, Directory, Listing, Offer, Provider, prepare
from exclusion_map.errors import ConflictError, NotFoundError, SettingsError

LISTING = Listing(
    name="Ashby Library",
    kind="library",
    provider=Provider(name="Sampleshire Council", website="https://example.org"),
    address="1 High Street",
    city="Ashby",
    postcode="SA1 1AA",
    latitude=52.5,
    longitude=-1.25,
    area_code="S01000001",
    placed_by="postcode",
    accessibility=("step_free", "hearing_loop"),
    access_note="Ring the bell for the ramp.",
    offers=(
        Offer(
            name="Computers and Wi-Fi",
            support={"free_wifi": "stated", "public_computers": "usual"},
            cost="free",
            costs=(CostLine(option="Printing", amount=0.2, amount_description="a page"),),
            languages=("en", "pl"),
            phone="01632 960001",
            contact="The desk",
            schedule={"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "sun": []},
            hours_note="Closed on bank holidays.",
            computers=8,
            staffed_hours=30.5,
        ),
        Offer(name="Learn My Way", support={"skills_courses": "stated"}),
    ),
)


def bare(listing: Listing) -> Listing:
    """Return a listing without the ids it got when it was stored."""
    provider = listing.provider and listing.provider.model_copy(update={"id": ""})
    offers = tuple(offer.model_copy(update={"id": ""}) for offer in listing.offers)
    return listing.model_copy(update={"offers": offers, "provider": provider})


def test_what_goes_in_comes_out(directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    assert bare(held.listing) == LISTING
    assert directory.get(held.id) == held
    assert directory.all() == [held]
    assert (held.version, held.source) == (1, "here")


def test_a_listing_with_nothing_but_a_name_comes_out_as_it_went_in(directory: Directory) -> None:
    plain = Listing(name="Somewhere")
    assert directory.add(plain, by="ada").listing == plain


def test_missing_hours_stay_unlike_closed_ones(directory: Directory) -> None:
    offers = (Offer(name="Unknown"), Offer(name="Closed", schedule={"mon": []}))
    held = directory.add(Listing(name="Hall", offers=offers), by="ada")
    assert [offer.schedule for offer in held.listing.offers] == [None, {"mon": []}]


def test_a_change_keeps_what_was_before(directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    edited = held.listing.model_copy(update={"postcode": "SA1 1AB", "offers": ()})
    changed = directory.change(held.id, edited, version=1, by="ben", note="It moved.")
    assert (changed.version, changed.listing.postcode) == (2, "SA1 1AB")
    assert changed.listing.offers == ()
    newest, oldest = directory.history(held.id)
    assert (newest.action, newest.by, newest.note) == ("changed", "ben", "It moved.")
    assert Listing.model_validate(newest.before) == held.listing
    assert Listing.model_validate(newest.after) == changed.listing
    assert (oldest.action, oldest.before) == ("added", None)


def test_who_saves_an_old_version_is_told(directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    directory.change(held.id, held.listing, version=1, by="ben")
    with pytest.raises(ConflictError, match="version 2, changed since you opened it"):
        directory.change(held.id, LISTING, version=1, by="cy")
    assert directory.get(held.id).version == 2


def test_what_is_taken_out_can_be_brought_back(directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    directory.remove(held.id, version=1, by="ben", note="Closed for good.")
    assert directory.all() == []
    with pytest.raises(NotFoundError, match="no place of that id"):
        directory.get(held.id)
    assert directory.restore(held.id, by="cy").listing == held.listing
    actions = [change.action for change in directory.history(held.id)]
    assert actions == ["restored", "removed", "added"]


def test_a_confirmation_tells_who_and_when(directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    confirmed = directory.confirm(held.id, by="ben")
    assert confirmed.confirmed_by == "ben"
    assert confirmed.confirmed_at is not None
    assert confirmed.confirmed_at.tzinfo is not None


def test_the_generation_grows_with_every_change(directory: Directory) -> None:
    assert directory.generation() == 0
    held = directory.add(LISTING, by="ada")
    first = directory.generation()
    directory.confirm(held.id, by="ada")
    assert directory.generation() > first > 0


def test_an_error_in_the_middle_changes_nothing(database: Database) -> None:
    from exclusion_map.database import new_id
    from exclusion_map.directory.store import New, put_new

    def fail() -> None:
        with database.writing() as session:
            put_new(session, [New(new_id(), LISTING)], by="ada")
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        fail()
    assert Directory(database).all() == []
    assert Directory(database).generation() == 0


def test_two_who_edit_at_once_cannot_both_win(directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def edit(number: int) -> None:
        start.wait()
        edited = held.listing.model_copy(update={"name": f"Name {number}"})
        try:
            directory.change(held.id, edited, version=1, by=str(number))
            outcomes.append("saved")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["saved"]
    assert len(directory.history(held.id)) == 2


def test_writers_of_different_listings_lose_nothing(directory: Directory) -> None:
    held = [directory.add(Listing(name=f"Place {n}"), by="ada") for n in range(4)]

    def confirm(listing_id: str) -> None:
        for _ in range(5):
            directory.confirm(listing_id, by="ben")

    threads = [threading.Thread(target=confirm, args=(one.id,)) for one in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [directory.get(one.id).version for one in held] == [6] * 4


def test_preparing_twice_changes_nothing(database: Database, directory: Directory) -> None:
    held = directory.add(LISTING, by="ada")
    prepare(database)
    assert directory.all() == [held]
    assert current_revision(database) == latest_revision()


def test_an_empty_database_is_made_ready(empty_url: str) -> None:
    database = open_database(empty_url)
    assert current_revision(database) is None
    prepare(database)
    assert current_revision(database) == latest_revision()
    assert Directory(database).all() == []
    database.close()


def test_the_migrations_make_the_tables_that_the_code_declares(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_address_of_another_kind_is_refused_without_telling_its_password() -> None:
    with pytest.raises(SettingsError, match="sqlite:///path") as caught:
        open_database("mysql://me:secret@host/name")
    assert "secret" not in str(caught.value)
