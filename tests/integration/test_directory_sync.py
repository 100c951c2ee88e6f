"""A source is read again: what it changed comes in, what people edited here stays."""

from exclusion_map.database import Database
from exclusion_map.directory import Directory, Listing, Offer
from exclusion_map.directory.syncing import SyncReport, sync

LIBRARY = Listing(
    name="Ashby Library",
    kind="library",
    postcode="SA1 1AA",
    offers=(Offer(name="Library services", phone="1", support={"free_wifi": "usual"}),),
)
HALL = Listing(name="Village Hall", kind="community_venue", postcode="SA1 1AB")


def read(database: Database, remove_gone: bool = False, **listings: Listing) -> SyncReport:
    with database.writing() as session:
        return sync(session, "a-feed", listings, by="import", remove_gone=remove_gone)


def test_new_places_are_added_once(database: Database) -> None:
    report = read(database, a=LIBRARY, b=HALL)
    assert report.added == ("Ashby Library", "Village Hall")
    again = read(database, a=LIBRARY, b=HALL)
    assert (again.added, again.changed, again.unchanged) == ((), (), 2)
    held = Directory(database).all()
    assert [(one.source, one.source_key, one.version) for one in held] == [
        ("a-feed", "a", 1),
        ("a-feed", "b", 1),
    ]


def test_edits_stay_and_changes_of_the_source_come_in(database: Database) -> None:
    read(database, a=LIBRARY)
    directory = Directory(database)
    held = directory.all()[0]
    offer = held.listing.offers[0].model_copy(update={"phone": "2", "cost": "free"})
    added = Offer(name="Tablet loans", support={"devices": "stated"})
    edited = held.listing.model_copy(update={"offers": (offer, added)})
    directory.change(held.id, edited, version=1, by="ada")
    news = LIBRARY.offers[0].model_copy(update={"phone": "3", "url": "https://example.org"})
    moved = LIBRARY.model_copy(update={"postcode": "SA1 1AC", "offers": (news,)})
    report = read(database, a=moved)
    assert report.changed == ("Ashby Library",)
    assert report.kept == {"Ashby Library": ("offers: Library services: phone",)}
    now = directory.get(held.id).listing
    assert now.postcode == "SA1 1AC"
    assert [one.name for one in now.offers] == ["Library services", "Tablet loans"]
    assert (now.offers[0].phone, now.offers[0].cost) == ("2", "free")
    assert now.offers[0].url == "https://example.org"


def test_what_is_gone_is_told_and_taken_out_only_when_asked(database: Database) -> None:
    read(database, a=LIBRARY, b=HALL)
    assert read(database, a=LIBRARY).gone == ("Village Hall",)
    assert len(Directory(database).all()) == 2
    assert read(database, remove_gone=True, a=LIBRARY).removed
    assert [held.listing.name for held in Directory(database).all()] == ["Ashby Library"]
    back = read(database, a=LIBRARY, b=HALL)
    assert back.changed == ("Village Hall",)
    assert len(Directory(database).all()) == 2


def test_what_people_took_out_stays_out(database: Database) -> None:
    read(database, a=LIBRARY, b=HALL)
    directory = Directory(database)
    hall = directory.all()[1]
    directory.remove(hall.id, version=1, by="ada", note="It burnt down.")
    report = read(database, a=LIBRARY, b=HALL.model_copy(update={"postcode": "SA1 1AD"}))
    assert report.kept_out == ("Village Hall",)
    assert [held.listing.name for held in directory.all()] == ["Ashby Library"]


def test_two_sources_may_use_the_same_key(database: Database) -> None:
    with database.writing() as session:
        sync(session, "one", {"1": LIBRARY}, by="import")
        sync(session, "two", {"1": HALL}, by="import")
    assert len(Directory(database).all()) == 2
