"""Suggestions: they wait for a moderator, and what is accepted changes the directory at once.

A decision and the change it makes are one transaction. Of two moderators who decide at the same
time one wins, and the other is told so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, func, insert, or_, select, update
from sqlalchemy.orm import Session

from exclusion_map.database import Database, new_id, now
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.store import New, expect_version, one, put_changed, put_new, take_out
from exclusion_map.directory.tables import Change, Suggestion, SuggestionDecision
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

LONGEST_MESSAGE = 4_000


class About(StrEnum):
    """Subject of a suggestion."""

    CORRECTION = "correction"
    ADDITION = "addition"
    CLOSED = "closed"


class State(StrEnum):
    """State of a suggestion."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SPAM = "spam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What somebody suggests.

    Attributes:
        about: a correction, an addition, or that a place has closed.
        listing_id: the place; None for an addition.
        base_version: the version of the place that was seen.
        message: in words.
        proposed: the listing as it should be, where it was said in fields.
        account: name of a signed-in person; empty for the public.
        name: what an anonymous person is called, if given.
        email: where to reach that person, if given.
    """

    about: About
    listing_id: str | None = None
    base_version: int | None = None
    message: str = ""
    proposed: Listing | None = None
    account: str = ""
    name: str = ""
    email: str = ""


class Suggestions:
    """Suggestions in a database. Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, suggested: Suggested) -> str:
        """Keep a suggestion until a moderator decides; return its id.

        Raises:
            NotFoundError: it is about a place that is not there.
            InvalidRequestError: it says nothing.
        """
        says = suggested.message.strip() or suggested.proposed is not None
        if not says and suggested.about is not About.CLOSED:
            raise InvalidRequestError(
                "suggestion", found="no words and no fields", expected="what is wrong or missing"
            )
        with self.database.writing() as session:
            if suggested.listing_id is not None:
                one(session, suggested.listing_id)
            return _put(session, suggested)

    def get(self, identity: str) -> Suggestion:
        """Return a suggestion.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self.database.reading() as session:
            return _get(session, identity)

    def listed(self, state: State, *, start: int = 0, limit: int = 50) -> Sequence[Suggestion]:
        """Return suggestions in a state: those that wait longest first, else the newest first."""
        order = Suggestion.created_at if state is State.WAITING else Suggestion.decided_at.desc()
        query = select(Suggestion).where(Suggestion.state == state).order_by(order, Suggestion.id)
        with self.database.reading() as session:
            return session.scalars(query.offset(start).limit(limit)).all()

    def counts(self) -> Mapping[State, int]:
        """Return how many there are in each state."""
        query = select(Suggestion.state, func.count()).group_by(Suggestion.state)
        with self.database.reading() as session:
            found = {str(row[0]): int(row[1]) for row in session.execute(query)}
        return {state: found.get(state, 0) for state in State}

    def decisions(self, identity: str) -> Sequence[SuggestionDecision]:
        """Return what was decided about a suggestion, the newest first."""
        query = select(SuggestionDecision).where(SuggestionDecision.suggestion_id == identity)
        with self.database.reading() as session:
            return session.scalars(query.order_by(SuggestionDecision.number.desc())).all()

    def accept(
        self,
        identity: str,
        *,
        by: str,
        reason: str = "",
        listing: Listing | None = None,
        version: int | None = None,
        new: str | None = None,
    ) -> Held:
        """Accept a suggestion and make its change; return the place as it then is.

        Args:
            identity: of the suggestion.
            by: the moderator.
            reason: why, in words.
            listing: the listing as the moderator edited it; what was proposed when left out.
            version: of the place that the moderator saw; what the suggestion is about if left out.
            new: id for a place that is added.

        Raises:
            ConflictError: somebody else decided it, or changed the place since.
            InvalidRequestError: it is only in words, and no edited listing is given.
        """
        with self.database.writing() as session:
            held = _get(session, identity)
            _decide(session, held, State.ACCEPTED)
            changed = _change(session, held, listing, version, by=by, new=new or new_id())
            _record(session, held, State.ACCEPTED, by=by, reason=reason, changed=changed)
            return changed

    def decline(self, identity: str, *, by: str, reason: str = "", spam: bool = False) -> None:
        """Decline a suggestion, or say that it is no suggestion at all.

        Raises:
            ConflictError: somebody else decided it.
        """
        state = State.SPAM if spam else State.DECLINED
        with self.database.writing() as session:
            held = _get(session, identity)
            _decide(session, held, state)
            _record(session, held, state, by=by, reason=reason, changed=None)

    def reopen(self, identity: str, *, by: str, reason: str = "") -> None:
        """Let a suggestion that was declined wait again.

        Raises:
            ConflictError: it waits already, or was accepted.
        """
        with self.database.writing() as session:
            held = _get(session, identity)
            if held.state not in (State.DECLINED, State.SPAM):
                raise _decided(held)
            _decide(session, held, State.WAITING)
            _record(session, held, State.WAITING, by=by, reason=reason, changed=None)

    def forget(self, *, decided: timedelta, waiting: timedelta) -> int:
        """Delete names and addresses of people that are not needed any more; return of how many.

        Args:
            decided: how long they are kept after the decision.
            waiting: how long they are kept at most.
        """
        moment = now()
        old = or_(
            Suggestion.decided_at < moment - decided,
            Suggestion.created_at < moment - waiting,
            # What was spam tells nothing that anybody needs.
            Suggestion.state == State.SPAM,
        )
        personal = or_(Suggestion.name != "", Suggestion.email != "")
        statement = update(Suggestion).where(old, personal).values(name="", email="")
        with self.database.writing() as session:
            return cast("CursorResult[Any]", session.execute(statement)).rowcount


def note_done(session: Session, identity: str, changed: Held, *, by: str) -> None:
    """Accept a suggestion by a change that is made within the same session.

    Raises:
        NotFoundError: there is none of that id.
        ConflictError: somebody else decided it.
    """
    held = _get(session, identity)
    _decide(session, held, State.ACCEPTED)
    _record(session, held, State.ACCEPTED, by=by, reason="", changed=changed)


def _put(session: Session, suggested: Suggested) -> str:
    made = Suggestion(
        id=new_id(),
        created_at=now(),
        about=suggested.about.value,
        listing_id=suggested.listing_id,
        base_version=suggested.base_version,
        message=suggested.message.strip()[:LONGEST_MESSAGE],
        proposed=None if suggested.proposed is None else suggested.proposed.to_json(),
        account=suggested.account,
        name=suggested.name,
        email=suggested.email,
        state=State.WAITING.value,
    )
    session.add(made)
    return made.id


def _get(session: Session, identity: str) -> Suggestion:
    found = session.get(Suggestion, identity)
    if found is None:
        raise NotFoundError(
            f"suggestion {identity!r}",
            found="no suggestion with that id",
            expected="the id of a suggestion, as /moderate lists them",
        )
    return found


def _decide(session: Session, held: Suggestion, state: State) -> None:
    """Move a suggestion on from the state it was read in, unless somebody else did."""
    statement = (
        update(Suggestion)
        .where(Suggestion.id == held.id, Suggestion.state == held.state)
        .where(Suggestion.state != state)
        .values(state=state, decided_at=None if state is State.WAITING else now())
        .execution_options(synchronize_session=False)
    )
    allowed = state is State.WAITING or held.state == State.WAITING
    if not allowed or cast("CursorResult[Any]", session.execute(statement)).rowcount != 1:
        raise _decided(held)


def _decided(held: Suggestion) -> ConflictError:
    return ConflictError(
        "this suggestion",
        found=f"it is {held.state} by now",
        expected="one that is still waiting for a decision",
        mend="Look at the decision. An accepted suggestion can be undone in the place's history.",
    )


def _change(
    session: Session,
    held: Suggestion,
    listing: Listing | None,
    version: int | None,
    *,
    by: str,
    new: str,
) -> Held:
    """Make the change that a suggestion asks for."""
    note = _note(held)
    if held.listing_id is not None and held.about == About.CLOSED and listing is None:
        return take_out(session, one(session, held.listing_id), by=by, note=note)
    if listing is None and held.proposed is not None:
        listing = Listing.model_validate(held.proposed)
    if listing is None:
        raise InvalidRequestError(
            "this suggestion",
            found="words only",
            expected="the place edited as the text says",
            mend="Edit the place: saving accepts the suggestion.",
        )
    if held.listing_id is None:
        return put_new(session, [New(new, listing)], by=by, note=note)[0]
    place = one(session, held.listing_id)
    if not (version is None and says_the_same(session, place, held.base_version)):
        expect_version(place, version or held.base_version or place.version)
    return put_changed(session, [(place, listing)], by=by, note=note)[0]


def says_the_same(session: Session, place: Held, version: int | None) -> bool:
    """Whether a place says what it said at a version: since then it was only confirmed."""
    if version in (None, place.version):
        return True
    then = session.scalar(
        select(Change.after).where(Change.listing_id == place.id, Change.version == version)
    )
    return then is not None and Listing.model_validate(then) == place.listing


def _note(held: Suggestion) -> str:
    who = held.account or "the public"
    return f"Suggested by {who} on {held.created_at:%-d %B %Y}."


def _record(
    session: Session,
    held: Suggestion,
    state: State,
    *,
    by: str,
    reason: str,
    changed: Held | None,
) -> None:
    row: dict[str, Any] = {
        "suggestion_id": held.id,
        "at": now(),
        "by": by,
        "state": state.value,
        "reason": reason.strip(),
        "listing_id": changed.id if changed else None,
        "version": changed.version if changed else None,
    }
    session.execute(insert(SuggestionDecision), [row])
