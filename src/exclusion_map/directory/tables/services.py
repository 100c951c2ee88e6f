"""What is offered, when, at what cost, in which languages, and whom to ask."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class Service(Base):
    """A service of an organisation, at one or more locations or at none."""

    __tablename__ = "service"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(300), index=True)
    description: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(String(30), default="active")
    cost: Mapped[str] = mapped_column(String(20), default="unknown")
    fees: Mapped[str] = mapped_column(default="")
    accreditations: Mapped[str] = mapped_column(default="")
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    assured_date: Mapped[str] = mapped_column(String(30), default="")
    assurer_email: Mapped[str] = mapped_column(default="")
    alert: Mapped[str] = mapped_column(default="")


class ServiceAtLocation(Base):
    """A service at a location, with its hours and how much of it there is.

    ``computers`` and ``staffed_hours`` (a week) are None where nobody knows, and so is
    ``closed_days`` where no hours are known; a day that is neither there nor in a schedule is not
    known.
    """

    __tablename__ = "service_at_location"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id"), index=True)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    closed_days: Mapped[str | None] = mapped_column(String(30))
    hours_note: Mapped[str] = mapped_column(default="")
    computers: Mapped[int | None]
    staffed_hours: Mapped[float | None]


class Schedule(Base):
    """Weekly hours: the days of ``byday`` (MO to SU) from ``opens_at`` to ``closes_at``."""

    __tablename__ = "schedule"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    service_at_location_id: Mapped[str] = mapped_column(
        ForeignKey("service_at_location.id"), index=True
    )
    freq: Mapped[str] = mapped_column(String(10), default="WEEKLY")
    byday: Mapped[str] = mapped_column(String(30))
    opens_at: Mapped[str] = mapped_column(String(8))
    closes_at: Mapped[str] = mapped_column(String(8))
    valid_from: Mapped[str] = mapped_column(String(30), default="")
    valid_to: Mapped[str] = mapped_column(String(30), default="")


class CostOption(Base):
    """What a service costs for whom."""

    __tablename__ = "cost_option"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    option: Mapped[str] = mapped_column(default="")
    amount: Mapped[float | None]
    amount_description: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[str] = mapped_column(String(30), default="")
    valid_to: Mapped[str] = mapped_column(String(30), default="")


class Language(Base):
    """A language a service is offered in, by its ISO 639 code."""

    __tablename__ = "language"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(8), index=True)


class Contact(Base):
    """Whom to ask; the personal name is optional, and public once it is here."""

    __tablename__ = "contact"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")


class Phone(Base):
    """A telephone number of a contact."""

    __tablename__ = "phone"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    number: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(default="")
