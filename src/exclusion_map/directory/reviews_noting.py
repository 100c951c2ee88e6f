"""Put likely duplicates on the review list; what people decided stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from exclusion_map.database import new_id, now
from exclusion_map.directory.duplicates import Suspect
from exclusion_map.directory.reviews_reading import State
from exclusion_map.directory.tables import DuplicateReview


@dataclass(frozen=True)
class Found:
    """What a search for duplicates did to the list.

    Attributes:
        new: pairs that were not on the list.
        known: pairs that were, decided or not.
        waiting: pairs, new or known, that nobody has decided.
        settled: of these, how many people had decided to be different places.
        dropped: pairs that nobody decided and that no longer look alike.
    """

    new: int
    known: int
    waiting: int
    settled: int
    dropped: int


def note_suspects(session: Session, suspects: Iterable[Suspect], *, everything: bool) -> Found:
    """Write suspects; a pair that was decided keeps its decision."""
    known = {
        (row["a_id"], row["b_id"]): row
        for row in session.execute(select(DuplicateReview.__table__)).mappings()
    }
    seen, rows, settled = set(), [], 0
    for suspect in suspects:
        pair = (suspect.a, suspect.b)
        seen.add(pair)
        held = known.get(pair)
        if held is None:
            rows.append({"id": new_id(), **_fields(suspect), **_FRESH, "found_at": now()})
        elif held["state"] == State.DIFFERENT:
            settled += 1
        else:
            _renew(session, held, suspect)
    if rows:
        session.execute(insert(DuplicateReview), rows)
    gone = [
        row["id"]
        for pair, row in known.items()
        if everything and row["state"] == State.OPEN and pair not in seen
    ]
    for review_id in gone:
        session.execute(delete(DuplicateReview).where(DuplicateReview.id == review_id))
    known_now = len(seen) - len(rows)
    return Found(
        new=len(rows),
        known=known_now,
        waiting=len(seen) - settled,
        settled=settled,
        dropped=len(gone),
    )


_FRESH: dict[str, Any] = {
    "state": State.OPEN.value,
    "decided_at": None,
    "decided_by": "",
    "note": "",
    "kept_id": None,
    "version": 1,
}


def _fields(suspect: Suspect) -> dict[str, Any]:
    return {
        "a_id": suspect.a,
        "b_id": suspect.b,
        "score": suspect.score,
        "distance_m": suspect.distance_m,
        "evidence": {"for": list(suspect.reasons), "against": list(suspect.against)},
    }


def _renew(session: Session, held: RowMapping, suspect: Suspect) -> None:
    fields = _fields(suspect)
    if held["state"] == State.MERGED:
        # Both are there, so somebody brought the other one back: it has to be looked at again.
        fields |= {"state": State.OPEN.value, "kept_id": None, "version": held["version"] + 1}
    if any(held[name] != value for name, value in fields.items()):
        session.execute(
            update(DuplicateReview).where(DuplicateReview.id == held["id"]).values(**fields)
        )
