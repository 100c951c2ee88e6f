"""Tables of readiness: assessments, their teams, rounds and answers, and every change of them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.accounts.tables import DIGEST, LONGEST_NAME
from exclusion_map.database import Base
from exclusion_map.readiness.canvas import HIGHEST, LOWEST
from exclusion_map.readiness.models import Access, Scope

_SCOPES = ", ".join(f"'{scope.value}'" for scope in Scope)
_ACCESS = ", ".join(f"'{access.value}'" for access in Access)


class ReadinessAssessment(Base):
    """An assessment of a system, place, pathway or organisation; only its team may see it."""

    __tablename__ = "readiness_assessment"
    __table_args__ = (CheckConstraint(f"scope IN ({_SCOPES})", name="scope"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(String(20))
    about: Mapped[str]
    area_code: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class ReadinessMember(Base):
    """An account that belongs to the team of an assessment."""

    __tablename__ = "readiness_member"
    __table_args__ = (CheckConstraint(f"access IN ({_ACCESS})", name="access"),)

    assessment_id: Mapped[str] = mapped_column(
        ForeignKey("readiness_assessment.id"), primary_key=True
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    access: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime]


class ReadinessInvitation(Base):
    """A link that works once: with it, somebody who is signed in joins a team."""

    __tablename__ = "readiness_invitation"
    __table_args__ = (CheckConstraint(f"access IN ({_ACCESS})", name="access"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("readiness_assessment.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    access: Mapped[str] = mapped_column(String(10))
    invitee: Mapped[str] = mapped_column(String(LONGEST_NAME))
    by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ReadinessRound(Base):
    """One time at which the factors are rated; the last one is open, those before are closed.

    ``figures`` are those of the area at the moment it was closed, as JSON.
    """

    __tablename__ = "readiness_round"

    assessment_id: Mapped[str] = mapped_column(
        ForeignKey("readiness_assessment.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any] | None]


class ReadinessAnswer(Base):
    """What a team says of one factor in one round; the row is there from the start of the round."""

    __tablename__ = "readiness_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["assessment_id", "round"],
            ["readiness_round.assessment_id", "readiness_round.number"],
            name="fk_readiness_answer_round",
        ),
        CheckConstraint(f"rating BETWEEN {LOWEST} AND {HIGHEST}", name="rating"),
    )

    assessment_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    factor: Mapped[str] = mapped_column(String(40), primary_key=True)
    rating: Mapped[int | None]
    evidence: Mapped[str]
    next_step: Mapped[str]
    owner: Mapped[str] = mapped_column(String(200))
    rated_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(String(LONGEST_NAME))


class ReadinessChange(Base):
    """One change of an assessment. Rows are only added, until the whole assessment is deleted."""

    __tablename__ = "readiness_change"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("readiness_assessment.id"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(36))
    by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    action: Mapped[str] = mapped_column(String(30))
    round: Mapped[int | None]
    factor: Mapped[str] = mapped_column(String(40))
    version: Mapped[int | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
