"""Where services are: the row of a location carries the version of the whole listing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class Location(Base):
    """A place; with its services it is a listing, the unit that people add, edit and confirm.

    ``version`` counts changes of the listing: who saves an older one than is held is told so.
    ``source_record`` is what the source last said, so that a new import can tell a change of the
    source from an edit made here. A listing with ``deleted_at`` is kept but not shown.
    """

    __tablename__ = "location"
    __table_args__ = (
        Index("ix_location_source_key", "source", "source_key", unique=True),
        Index("ix_location_position", "latitude", "longitude"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    location_type: Mapped[str] = mapped_column(String(20), default="physical")
    name: Mapped[str] = mapped_column(String(300), index=True)
    description: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    external_identifier: Mapped[str] = mapped_column(default="")
    external_identifier_type: Mapped[str] = mapped_column(default="")

    provider_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    area_code: Mapped[str | None] = mapped_column(String(20), index=True)
    placed_by: Mapped[str] = mapped_column(String(20), default="")
    source: Mapped[str] = mapped_column(String(200), default="here")
    source_key: Mapped[str | None] = mapped_column(String(200))
    source_record: Mapped[dict[str, Any] | None]
    as_of: Mapped[str] = mapped_column(String(30), default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int]


class Address(Base):
    """An address of a location."""

    __tablename__ = "address"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), index=True)
    address_1: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    state_province: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="", index=True)
    country: Mapped[str] = mapped_column(String(2), default="GB")
    address_type: Mapped[str] = mapped_column(String(20), default="physical")


class Accessibility(Base):
    """Something that helps people in, or use, a location: a ramp, a hearing loop."""

    __tablename__ = "accessibility"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), index=True)
    feature: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(default="")
    details: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
