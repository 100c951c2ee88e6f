"""Help that has no place: tariffs, schemes, courses online, lines to ring."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class RemoteHelp(Base):
    """An offer that reaches people wherever they live. Its history is in ``change``.

    ``price`` is in pounds a month. ``nations`` has commas; empty for all of the United Kingdom.
    ``source_record`` is what the maintained list last said, where the entry came from it.
    """

    __tablename__ = "remote_help"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    need: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str]
    provider: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    who: Mapped[str] = mapped_column(default="")
    price: Mapped[float | None]
    price_note: Mapped[str] = mapped_column(default="")
    speed: Mapped[str] = mapped_column(default="")
    contract: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    hours: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    nations: Mapped[str] = mapped_column(String(120), default="")
    locality: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    source_url: Mapped[str] = mapped_column(default="")
    as_of: Mapped[str] = mapped_column(String(30), default="")
    source_key: Mapped[str | None] = mapped_column(String(60), unique=True)
    source_record: Mapped[dict[str, Any] | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int]
