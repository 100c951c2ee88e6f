"""The review list: found once, decided by people, and decisions outlive every import."""

import pytest

from exclusion_map.database import Database
from exclusion_map.directory import Directory, Held, Listing, Offer, Provider
from exclusion_map.directory.reviews import Review, Reviews, State
from exclusion_map.directory.reviews_merging import merged, suggested
from exclusion_map.directory.syncing import SyncReport, sync
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

AT = {"postcode": "M33 7ZF", "latitude": 53.424, "longitude": -2.323, "placed_by": "coordinates"}
COUNCIL = Listing(
    name="Sale Library",
    kind="library",
    address="Sale Waterside",
    **AT,
    offers=(Offer(name="Library services", support={"free_wifi": "usual"}, phone="0161 1"),),
)
CHARITY = Listing(
    name="Sale Public Library",
    kind="library",
    provider=Provider(name="Sale Volunteers"),
    **AT,
    offers=(
        Offer(
            name="Computer help",
            support={"skills_courses": "stated"},
            phone="0161 2",
            email="sale@example.org",
            schedule={"mon": [["10:00", "12:00"]]},
        ),
    ),
)


@pytest.fixture
def reviews(database: Database) -> Reviews:
    return Reviews(database)


def read(database: Database, source: str, gone: bool = False, **listings: Listing) -> SyncReport:
    with database.writing() as session:
        return sync(session, source, listings, by="import", remove_gone=gone)


def both(database: Database) -> tuple[Held, Held]:
    read(database, "council", lib=COUNCIL)
    read(database, "charity", one=CHARITY)
    held = {one.source: one for one in Directory(database).all()}
    return held["council"], held["charity"]


def the_pair(reviews: Reviews) -> Review:
    reviews.find()
    (review,) = reviews.page(State.OPEN)
    return review


def merge_into(reviews: Reviews, kept: Held, **picks: str) -> Held:
    review = the_pair(reviews)
    return reviews.merge(review.id, keep=kept.id, picks=picks, version=review.version, by="ada")


def test_found_once_and_kept_up_to_date(database: Database, reviews: Reviews) -> None:
    council, charity = both(database)
    first = reviews.find()
    assert (first.new, first.known, first.settled, first.dropped) == (1, 0, 0, 0)
    review = the_pair(reviews)
    assert {review.a.id, review.b.id} == {council.id, charity.id}
    assert review.reasons[:2] == ("the same name", "the same postcode")
    assert reviews.find(source="council").known == 1
    moved = COUNCIL.model_copy(update={"name": "Timperley Library", "postcode": "WA15 6PU"})
    read(database, "council", lib=moved)
    assert reviews.find().dropped == 1
    assert reviews.counts() == {"open": 0, "later": 0, "different": 0, "merged": 0}


def test_different_is_remembered_through_imports(database: Database, reviews: Reviews) -> None:
    both(database)
    review = the_pair(reviews)
    reviews.decide(review.id, State.DIFFERENT, version=1, by="ada", note="One is upstairs.")
    read(database, "council", lib=COUNCIL.model_copy(update={"description": "New."}))
    again = reviews.find()
    assert (again.new, again.settled) == (0, 1)
    assert reviews.page(State.OPEN) == []
    decided = reviews.get(review.id)
    assert (decided.state, decided.decided_by, decided.note) == (
        "different",
        "ada",
        "One is upstairs.",
    )


def test_later_waits(database: Database, reviews: Reviews) -> None:
    both(database)
    review = the_pair(reviews)
    reviews.decide(review.id, State.LATER, version=1, by="ada")
    reviews.find()
    assert reviews.counts()["later"] == 1
    reviews.decide(review.id, State.OPEN, version=2, by="ada")
    assert reviews.counts()["open"] == 1


def test_who_decides_second_is_told(database: Database, reviews: Reviews) -> None:
    council, _ = both(database)
    review = the_pair(reviews)
    reviews.decide(review.id, State.DIFFERENT, version=1, by="ada")
    with pytest.raises(ConflictError, match="meanwhile"):
        reviews.merge(review.id, keep=council.id, picks={}, version=1, by="bob")
    assert len(Directory(database).all()) == 2
    with pytest.raises(NotFoundError):
        reviews.get("none")
    with pytest.raises(NotFoundError, match="not of this pair"):
        reviews.merge(review.id, keep="x", picks={}, version=2, by="bob")


def test_merging_keeps_one_with_history_of_both(database: Database, reviews: Reviews) -> None:
    council, charity = both(database)
    picks = {"hours": "theirs", "support": "both", "provider": "theirs", "contact": "mine"}
    kept = merge_into(reviews, council, **picks)
    (offer,) = kept.listing.offers
    assert offer.support == {"free_wifi": "usual", "skills_courses": "stated"}
    assert offer.schedule == {"mon": [["10:00", "12:00"]]}
    assert (offer.phone, offer.email) == ("0161 1", "")
    assert kept.listing.provider is not None
    directory = Directory(database)
    assert [one.id for one in directory.all()] == [council.id]
    assert directory.history(council.id)[0].note == "Merged with Sale Public Library (charity)."
    last = directory.history(charity.id)[0]
    assert (last.action, last.note) == ("removed", f"Merged into Sale Library ({council.id}).")
    assert reviews.counts()["merged"] == 1


def test_a_merged_place_is_not_brought_back_and_its_list_goes_on_to_count(
    database: Database, reviews: Reviews
) -> None:
    council, _ = both(database)
    merge_into(reviews, council, hours="theirs")
    later = CHARITY.offers[0].model_copy(
        update={"schedule": {"tue": [["09:00", "11:00"]]}, "phone": "0161 3"}
    )
    report = read(database, "charity", one=CHARITY.model_copy(update={"offers": (later,)}))
    assert (report.added, report.kept_out) == ((), ())
    assert report.followed == ("Sale Library",)
    (held,) = Directory(database).all()
    assert held.id == council.id
    # Hours were taken from the charity's list; the phone number was not.
    assert held.listing.offers[0].schedule == {"tue": [["09:00", "11:00"]]}
    assert held.listing.offers[0].phone == "0161 1"
    again = read(database, "charity", one=CHARITY.model_copy(update={"offers": (later,)}))
    assert (again.added, again.changed, again.followed) == ((), (), ())
    # The kept one follows its own list as before.
    read(database, "council", lib=COUNCIL.model_copy(update={"address": "1 Waterside"}))
    assert Directory(database).get(council.id).listing.address == "1 Waterside"
    assert reviews.find().new == 0


def test_services_of_both_are_kept_and_followed(database: Database, reviews: Reviews) -> None:
    two = (*COUNCIL.offers, Offer(name="Tablet loans", support={"devices": "stated"}))
    read(database, "council", lib=COUNCIL.model_copy(update={"offers": two}))
    read(database, "charity", one=CHARITY)
    council = next(one for one in Directory(database).all() if one.source == "council")
    kept = merge_into(reviews, council, offers="both")
    assert [offer.name for offer in kept.listing.offers] == [
        "Library services",
        "Tablet loans",
        "Computer help",
    ]
    later = CHARITY.offers[0].model_copy(update={"phone": "0161 3"})
    read(database, "charity", one=CHARITY.model_copy(update={"offers": (later,)}))
    (held,) = Directory(database).all()
    assert [offer.phone for offer in held.listing.offers] == ["0161 1", "", "0161 3"]


def test_gone_from_one_list_is_not_gone(database: Database, reviews: Reviews) -> None:
    council, _ = both(database)
    merge_into(reviews, council)
    assert read(database, "council", gone=True).gone == ("Sale Library",)
    assert len(Directory(database).all()) == 1
    read(database, "charity", gone=True)
    read(database, "council", gone=True)
    assert Directory(database).all() == []


def test_a_merger_can_be_taken_back(database: Database, reviews: Reviews) -> None:
    council, _ = both(database)
    merge_into(reviews, council)
    (review,) = reviews.page(State.MERGED)
    reviews.undo(review.id, version=review.version, by="bob", note="They moved apart.")
    assert len(Directory(database).all()) == 2
    assert reviews.counts()["open"] == 1
    news = CHARITY.model_copy(update={"name": "Sale Volunteers' Library"})
    assert read(database, "charity", one=news).changed == ("Sale Volunteers' Library",)
    with pytest.raises(ConflictError):
        reviews.undo(review.id, version=review.version, by="bob")


def test_a_chain_of_three_ends_in_one(database: Database, reviews: Reviews) -> None:
    council, _ = both(database)
    read(database, "other", x=COUNCIL.model_copy(update={"name": "Sale Libraries"}))
    reviews.find()
    assert reviews.counts()["open"] == 3
    while reviews.page(State.OPEN):
        review = reviews.page(State.OPEN)[0]
        keep = review.a.id if council.id != review.b.id else review.b.id
        reviews.merge(review.id, keep=keep, picks={}, version=review.version, by="ada")
    assert len(Directory(database).all()) == 1
    for source, listing in (("charity", CHARITY), ("other", COUNCIL)):
        news = listing.model_copy(update={"description": f"News of {source}"})
        read(database, source, **{"one" if source == "charity" else "x": news})
    assert len(Directory(database).all()) == 1


def test_choices_are_checked() -> None:
    with pytest.raises(InvalidRequestError, match="choice for 'name'"):
        merged(COUNCIL, CHARITY, {"name": "both"}, kept_id="k")
    with pytest.raises(InvalidRequestError, match="choice for 'colour'"):
        merged(COUNCIL, CHARITY, {"colour": "mine"}, kept_id="k")


def test_what_is_empty_is_suggested_from_the_other() -> None:
    picks = suggested(COUNCIL, CHARITY)
    assert (picks["name"], picks["provider"], picks["hours"]) == ("mine", "theirs", "theirs")
    assert (picks["support"], picks["position"], picks["address"]) == ("both", "mine", "mine")
