"""Pairs of listings that may be one place, what people decided, and which were merged."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class DuplicateReview(Base):
    """A pair of listings, the lower id first, and what was decided of it.

    A decision stays when lists are read again: ids of imported listings are made from their keys.
    ``evidence`` holds ``for`` and ``against``, each a list of sentences.
    """

    __tablename__ = "duplicate_review"
    __table_args__ = (
        Index("ix_duplicate_review_pair", "a_id", "b_id", unique=True),
        Index("ix_duplicate_review_state", "state", "score"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    a_id: Mapped[str] = mapped_column(ForeignKey("location.id"))
    b_id: Mapped[str] = mapped_column(ForeignKey("location.id"), index=True)
    score: Mapped[float]
    distance_m: Mapped[float | None]
    evidence: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(default="")
    kept_id: Mapped[str | None] = mapped_column(String(36))
    version: Mapped[int]


class MergedPlace(Base):
    """A listing that was merged into another: it is taken out, and its source goes on to count.

    When the source of ``id`` is read again, what it says of the place comes into ``into_id``.
    """

    __tablename__ = "merged_place"

    id: Mapped[str] = mapped_column(ForeignKey("location.id"), primary_key=True)
    into_id: Mapped[str] = mapped_column(ForeignKey("location.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
