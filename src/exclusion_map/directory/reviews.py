"""The list of likely duplicates, and what people decide of each: nothing is merged by itself."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from exclusion_map.database import Database, now
from exclusion_map.directory.duplicates import find_duplicates
from exclusion_map.directory.duplicates_cards import read_cards
from exclusion_map.directory.listing import Held
from exclusion_map.directory.reviews_merging import Pick, merged
from exclusion_map.directory.reviews_noting import Found, note_suspects
from exclusion_map.directory.reviews_reading import (
    Review,
    State,
    live,
    one_review,
    read_reviews,
)
from exclusion_map.directory.store import bring_back, put_changed, take_out
from exclusion_map.directory.tables import DuplicateReview, MergedPlace
from exclusion_map.errors import ConflictError, NotFoundError

__all__ = ["Found", "Pick", "Review", "Reviews", "State"]


class Reviews:
    """The review list of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def find(self, among: Collection[str] | None = None, *, source: str | None = None) -> Found:
        """Look for likely duplicates and put new ones on the list; decisions stay.

        Args:
            among: ids of which a pair must hold one; None for all.
            source: as ``among``, all places of this source.
        """
        with self.database.reading() as session:
            cards = read_cards(session)
        if source is not None:
            among = {card.id for card in cards if card.source == source}
        suspects = find_duplicates(cards, among)
        with self.database.writing() as session:
            return note_suspects(session, suspects, everything=among is None)

    def counts(self) -> dict[State, int]:
        """Return how many pairs there are of each state that still matter."""
        with self.database.reading() as session:
            pairs = live(select(DuplicateReview.state, func.count()))
            rows = session.execute(pairs.group_by(DuplicateReview.state)).all()
        found = {str(state): int(number) for state, number in rows}
        return {state: found.get(state, 0) for state in State}

    def page(self, state: State, *, start: int = 0, size: int = 20) -> list[Review]:
        """Return pairs of a state, the surest first."""
        query = live(select(DuplicateReview.__table__)).where(DuplicateReview.state == state.value)
        query = query.order_by(DuplicateReview.score.desc(), DuplicateReview.id)
        with self.database.reading() as session:
            return read_reviews(session, query.offset(start).limit(size))

    def get(self, review_id: str) -> Review:
        """Return a pair, even when one of the two is no longer there.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self.database.reading() as session:
            return one_review(session, review_id)

    def decide(
        self, review_id: str, state: State, *, version: int, by: str, note: str = ""
    ) -> None:
        """Note that two places are different, or that the pair shall wait, or is open again.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: somebody decided it meanwhile, or it was merged.
        """
        with self.database.writing() as session:
            review = one_review(session, review_id)
            _undecided(review, version)
            _decided(session, review, state, by=by, note=note)

    def merge(
        self,
        review_id: str,
        *,
        keep: str,
        picks: Mapping[str, Pick],
        version: int,
        by: str,
        note: str = "",
    ) -> Held:
        """Merge the two: one stays, changed as chosen; the other is taken out, with its history.

        Args:
            review_id: of the pair.
            keep: id of the listing that stays.
            picks: whose piece stays, by piece; see ``reviews_merging``.
            version: of the pair, as it was looked at.
            by: who does it.
            note: why.

        Raises:
            NotFoundError: there is no such pair, or the listing is not one of it.
            ConflictError: somebody decided it, or took one of the two out, meanwhile.
        """
        with self.database.writing() as session:
            review = one_review(session, review_id)
            _undecided(review, version)
            kept, other = _order(review, keep)
            listing = merged(kept.listing, other.listing, picks, kept_id=kept.id)
            said = f"Merged with {other.listing.name} ({other.source}). {note}".strip()
            held = put_changed(session, [(kept, listing)], by=by, note=said)[0]
            _retire(session, other, held, by=by, note=note)
            _decided(session, review, State.MERGED, by=by, note=note, kept_id=kept.id)
            return held

    def undo(self, review_id: str, *, version: int, by: str, note: str = "") -> None:
        """Take a merger back: the other listing is there again; the kept one stays as it is.

        Raises:
            ConflictError: it is not merged, or no longer at that version.
        """
        with self.database.writing() as session:
            review = one_review(session, review_id)
            if review.state != State.MERGED or review.version != version:
                raise _decided_meanwhile(review)
            other = review.b if review.kept_id == review.a.id else review.a
            session.execute(delete(MergedPlace).where(MergedPlace.id == other.id))
            if other.deleted_at is not None:
                bring_back(session, other, by=by, note=note)
            _decided(session, review, State.OPEN, by=by, note=note)


def _undecided(review: Review, version: int) -> None:
    gone = review.a.deleted_at is not None or review.b.deleted_at is not None
    if review.version != version or review.state == State.MERGED or gone:
        raise _decided_meanwhile(review)


def _decided_meanwhile(review: Review) -> ConflictError:
    return ConflictError(
        f"{review.a.listing.name} and {review.b.listing.name}",
        found=f"a pair that is {review.state!r} at version {review.version}",
        expected="the pair as you opened it",
        mend="Somebody decided it meanwhile. Open it again and look.",
    )


def _decided(
    session: Session,
    review: Review,
    state: State,
    *,
    by: str,
    note: str,
    kept_id: str | None = None,
) -> None:
    values = {
        "state": state.value,
        "decided_at": now(),
        "decided_by": by,
        "note": note,
        "kept_id": kept_id,
        "version": review.version + 1,
    }
    session.execute(update(DuplicateReview).where(DuplicateReview.id == review.id).values(**values))


def _order(review: Review, keep: str) -> tuple[Held, Held]:
    if keep == review.a.id:
        return review.a, review.b
    if keep == review.b.id:
        return review.b, review.a
    raise NotFoundError(
        f"listing {keep!r}",
        found="a listing that is not of this pair",
        expected=f"{review.a.id} or {review.b.id}",
    )


def _retire(session: Session, other: Held, kept: Held, *, by: str, note: str) -> None:
    said = f"Merged into {kept.listing.name} ({kept.id}). {note}".strip()
    take_out(session, other, by=by, note=said)
    # What was merged into the other one before now belongs to the kept one.
    session.execute(
        update(MergedPlace).where(MergedPlace.into_id == other.id).values(into_id=kept.id)
    )
    # The kept one may itself have been merged before, and brought back since.
    session.execute(delete(MergedPlace).where(MergedPlace.id.in_([other.id, kept.id])))
    session.add(MergedPlace(id=other.id, into_id=kept.id, at=now(), by=by))
    _hand_on(session, other.id, kept.id)


def _hand_on(session: Session, other: str, kept: str) -> None:
    """Let pairs that wait and held the other listing hold the kept one, unless there is one."""
    table = DuplicateReview
    query = select(table).where(
        or_(table.a_id == other, table.b_id == other), table.state.in_([State.OPEN, State.LATER])
    )
    for review in session.scalars(query).all():
        third = review.b_id if review.a_id == other else review.a_id
        pair = sorted([third, kept])
        same = select(table.id).where(table.a_id == pair[0], table.b_id == pair[1])
        if third != kept and session.scalar(same) is None:
            review.a_id, review.b_id = pair
