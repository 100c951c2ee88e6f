"""What people suggest, and what moderators decided about it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class Suggestion(Base):
    """A correction or an addition that waits for a moderator, or has been decided.

    ``listing_id`` is the place it is about; empty for a place that is not listed yet. ``proposed``
    is the whole listing as it should be, where the person said it in fields and not only in words.
    ``base_version`` is the version the person saw. ``account`` is the name of a signed-in person;
    ``name`` and ``email`` are what an anonymous one gave, and go some days after the decision.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        Index("ix_suggestion_state", "state", "created_at"),
        Index("ix_suggestion_listing", "listing_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    created_at: Mapped[datetime]
    about: Mapped[str] = mapped_column(String(20))
    listing_id: Mapped[str | None] = mapped_column(String(36))
    base_version: Mapped[int | None]
    message: Mapped[str] = mapped_column(default="")
    proposed: Mapped[dict[str, Any] | None]
    account: Mapped[str] = mapped_column(String(200), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    state: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime | None]


class SuggestionDecision(Base):
    """One decision about a suggestion. Rows are only added."""

    __tablename__ = "suggestion_decision"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(default="")
    listing_id: Mapped[str | None] = mapped_column(String(36))
    version: Mapped[int | None]
