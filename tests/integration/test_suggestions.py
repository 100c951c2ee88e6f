"""Suggestions on both databases: they wait, and a decision is one with the change it makes."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from exclusion_map.database import Database, now
from exclusion_map.directory import Directory, Listing, Offer
from exclusion_map.directory.editing import Edit, listing_at, put_back, save_change, save_new
from exclusion_map.directory.staleness import stale_places
from exclusion_map.directory.suggestions import About, State, Suggested, Suggestions
from exclusion_map.directory.tables import Suggestion
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

HALL = Listing(name="Village Hall", kind="community_venue", offers=(Offer(name="Drop-in"),))


@pytest.fixture
def suggestions(database: Database) -> Suggestions:
    return Suggestions(database)


def correction(listing_id: str, **more: object) -> Suggested:
    values = {"about": About.CORRECTION, "listing_id": listing_id, "message": "It moved."}
    return Suggested(**{**values, **more})  # type: ignore[arg-type]


def test_a_suggestion_waits_and_changes_nothing(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    generation = directory.generation()
    identity = suggestions.put(correction(held.id, name="Bo", email="bo@example.org"))
    [waiting] = suggestions.listed(State.WAITING)
    assert (waiting.id, waiting.state, waiting.message) == (identity, "waiting", "It moved.")
    assert suggestions.counts()[State.WAITING] == 1
    assert directory.generation() == generation


def test_what_is_accepted_changes_the_place_in_one_transaction(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    moved = held.listing.model_copy(update={"postcode": "AB1 1AA"})
    identity = suggestions.put(correction(held.id, proposed=moved, base_version=1))
    changed = suggestions.accept(identity, by="mo", reason="I called.")
    assert (changed.version, changed.listing.postcode) == (2, "AB1 1AA")
    newest = directory.history(held.id)[0]
    assert newest.by == "mo"
    assert newest.note.startswith("Suggested by the public on ")
    [decision] = suggestions.decisions(identity)
    assert (decision.state, decision.by, decision.version) == ("accepted", "mo", 2)
    undone = put_back(directory.database, held.id, 1, version=2, by="mo")
    assert undone.listing == held.listing


def test_an_addition_and_a_closing_are_accepted(
    directory: Directory, suggestions: Suggestions
) -> None:
    new = suggestions.put(Suggested(about=About.ADDITION, proposed=HALL, account="Ada"))
    added = suggestions.accept(new, by="mo")
    assert directory.get(added.id).listing.name == "Village Hall"
    closed = suggestions.put(Suggested(about=About.CLOSED, listing_id=added.id))
    assert suggestions.accept(closed, by="mo").deleted_at is not None
    assert directory.all() == []


def test_words_alone_cannot_be_accepted_as_they_are(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    identity = suggestions.put(correction(held.id))
    with pytest.raises(InvalidRequestError, match="words only"):
        suggestions.accept(identity, by="mo")
    assert suggestions.get(identity).state == "waiting", "nothing of it was written"
    edit = Edit(
        listing=held.listing.model_copy(update={"city": "Ashby"}), by="mo", suggestion=identity
    )
    assert save_change(directory.database, held.id, 1, edit).listing.city == "Ashby"
    assert suggestions.get(identity).state == "accepted"


def test_a_place_that_changed_since_is_not_overwritten(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    other = held.listing.model_copy(update={"city": "Bexhill"})
    identity = suggestions.put(correction(held.id, proposed=other, base_version=1))
    directory.change(held.id, HALL.model_copy(update={"city": "Ashby"}), version=1, by="cy")
    with pytest.raises(ConflictError, match="version 2"):
        suggestions.accept(identity, by="mo")
    assert suggestions.get(identity).state == "waiting"
    assert suggestions.decisions(identity) == []


def test_a_confirmation_meanwhile_is_no_conflict(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    other = held.listing.model_copy(update={"city": "Bexhill"})
    identity = suggestions.put(correction(held.id, proposed=other, base_version=1))
    directory.confirm(held.id, by="cy")
    assert suggestions.accept(identity, by="mo").listing.city == "Bexhill"


def test_of_two_moderators_one_wins_and_the_other_is_told(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    moved = held.listing.model_copy(update={"city": "Ashby"})
    identity = suggestions.put(correction(held.id, proposed=moved, base_version=1))
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def decide(number: int) -> None:
        start.wait()
        try:
            if number % 2:
                suggestions.accept(identity, by=str(number))
            else:
                suggestions.decline(identity, by=str(number), reason="No.")
            outcomes.append("won")
        except ConflictError:
            outcomes.append("told")

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told"] * 5 + ["won"]
    [decision] = suggestions.decisions(identity)
    accepted = decision.state == "accepted"
    assert directory.get(held.id).version == (2 if accepted else 1)


def test_declined_ones_can_wait_again_but_accepted_ones_cannot(
    directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    identity = suggestions.put(correction(held.id))
    suggestions.decline(identity, by="mo", spam=True)
    suggestions.reopen(identity, by="mo", reason="It was none.")
    with pytest.raises(ConflictError):
        suggestions.reopen(identity, by="mo")
    assert [one.state for one in suggestions.decisions(identity)] == ["waiting", "spam"]
    closed = suggestions.put(Suggested(about=About.CLOSED, listing_id=held.id))
    suggestions.accept(closed, by="mo")
    with pytest.raises(ConflictError, match="accepted by now"):
        suggestions.reopen(closed, by="mo")


def test_names_and_emails_are_forgotten_in_time(
    database: Database, directory: Directory, suggestions: Suggestions
) -> None:
    held = directory.add(HALL, by="ada")
    ids = [suggestions.put(correction(held.id, name="Bo", email="b@example.org")) for _ in range(4)]
    fresh, decided, old, spam = ids
    for identity in (decided, spam):
        suggestions.decline(identity, by="mo", reason="No.", spam=identity == spam)
    with database.writing() as session:
        past = now() - timedelta(days=40)
        session.execute(update(Suggestion).where(Suggestion.id == decided).values(decided_at=past))
        longer = now() - timedelta(days=200)
        session.execute(update(Suggestion).where(Suggestion.id == old).values(created_at=longer))
    count = suggestions.forget(decided=timedelta(days=30), waiting=timedelta(days=180))
    assert count == 3
    assert suggestions.get(fresh).email == "b@example.org"
    for identity in (decided, old, spam):
        kept = suggestions.get(identity)
        assert (kept.name, kept.email, kept.message) == ("", "", "It moved.")


def test_what_says_nothing_or_is_about_nothing_is_refused(suggestions: Suggestions) -> None:
    with pytest.raises(InvalidRequestError, match="no words"):
        suggestions.put(Suggested(about=About.CORRECTION, listing_id="x", message=" "))
    with pytest.raises(NotFoundError):
        suggestions.put(correction("nowhere"))
    with pytest.raises(NotFoundError, match="suggestion 'x'"):
        suggestions.get("x")


def test_a_form_that_is_sent_twice_adds_once(database: Database, directory: Directory) -> None:
    first = save_new(database, "form-1", Edit(listing=HALL, by="ada", checked=True))
    assert (first.version, first.confirmed_by) == (2, "ada")
    assert save_new(database, "form-1", Edit(listing=HALL, by="ada")) == first
    assert len(directory.all()) == 1


def test_an_earlier_version_comes_back_even_of_a_place_taken_out(
    database: Database, directory: Directory
) -> None:
    held = directory.add(HALL, by="ada")
    directory.remove(held.id, version=1, by="ada")
    with pytest.raises(ConflictError):
        put_back(database, held.id, 1, version=1, by="mo")
    back = put_back(database, held.id, 1, version=2, by="mo")
    assert (back.deleted_at, back.listing) == (None, held.listing)
    assert listing_at(database, held.id, 1) == held.listing
    with pytest.raises(NotFoundError, match="version 9"):
        listing_at(database, held.id, 9)


def test_only_entries_not_confirmed_for_a_year_are_to_be_checked(
    database: Database, directory: Directory
) -> None:
    today = now().date()
    directory.add(HALL.model_copy(update={"name": "New"}), by="ada")
    directory.add(HALL.model_copy(update={"name": "Old", "as_of": "2019"}), by="ada")
    directory.add(HALL.model_copy(update={"name": "Listed", "as_of": today.isoformat()}), by="ada")
    known = directory.add(HALL.model_copy(update={"name": "Known", "as_of": "2019"}), by="ada")
    directory.confirm(known.id, by="ada")
    with database.reading() as session:
        assert [one.name for one in stale_places(session)] == ["Old"]
        later = stale_places(session, today + timedelta(days=366))
    assert [one.name for one in later] == ["Known", "Listed", "New", "Old"]
