"""Who changed what, when."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base


class Change(Base):
    """One change of a listing: the whole of it before and after, so that any state can be had.

    Rows are only added. ``number`` counts all changes of the directory: caches go by its maximum.
    """

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_listing", "listing_id", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    listing_id: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
