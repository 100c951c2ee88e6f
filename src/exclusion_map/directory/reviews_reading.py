"""Pairs of the review list with both listings, as people look at them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from exclusion_map.directory.listing import Held
from exclusion_map.directory.store import in_order
from exclusion_map.directory.tables import DuplicateReview, Location
from exclusion_map.errors import NotFoundError

Asked = TypeVar("Asked", bound="Select[*tuple[Any, ...]]")


class State(StrEnum):
    """What was decided of a pair."""

    OPEN = "open"
    LATER = "later"
    DIFFERENT = "different"
    MERGED = "merged"


@dataclass(frozen=True)
class Review:
    """A pair with both listings as they are held.

    Attributes:
        reasons: what speaks for one place.
        against: what speaks against it.
        distance_m: metres between them; None where one is not on the map.
        version: counts decisions; one on an older version is refused.
    """

    id: str
    a: Held
    b: Held
    score: float
    distance_m: float | None
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    state: State
    found_at: datetime
    decided_at: datetime | None
    decided_by: str
    note: str
    kept_id: str | None
    version: int


def live(query: Asked) -> Asked:
    """Keep pairs of which both are there, and those that were merged."""
    a, b = aliased(Location), aliased(Location)
    both = a.deleted_at.is_(None) & b.deleted_at.is_(None)
    joined = query.join(a, a.id == DuplicateReview.a_id).join(b, b.id == DuplicateReview.b_id)
    return joined.where(or_(both, DuplicateReview.state == State.MERGED))


def read_reviews(session: Session, query: Select[Any]) -> list[Review]:
    """Return the pairs that a query of the columns of reviews yields."""
    rows = session.execute(query).mappings().all()
    ids = sorted({row[name] for row in rows for name in ("a_id", "b_id")})
    held = {one.id: one for one in in_order(session, ids)}
    return [
        Review(
            a=held[row["a_id"]],
            b=held[row["b_id"]],
            reasons=tuple(row["evidence"]["for"]),
            against=tuple(row["evidence"]["against"]),
            state=State(row["state"]),
            **{name: row[name] for name in _PLAIN},
        )
        for row in rows
    ]


_PLAIN = (
    "id",
    "score",
    "distance_m",
    "found_at",
    "decided_at",
    "decided_by",
    "note",
    "kept_id",
    "version",
)


def one_review(session: Session, review_id: str) -> Review:
    """Return a pair, even when one of the two is no longer there.

    Raises:
        NotFoundError: there is none of that id.
    """
    query = select(DuplicateReview.__table__).where(DuplicateReview.id == review_id)
    found = read_reviews(session, query)
    if not found:
        raise NotFoundError(
            f"review {review_id!r}",
            found="no pair with that id",
            expected="the id of a pair, as /reviews lists them",
            mend="The two may no longer look alike. Go back to the list.",
        )
    return found[0]
