"""Assessments as they are read from a database, by those who may."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from exclusion_map.database import Database
from exclusion_map.readiness.holding import (
    access_in,
    no_assessment,
    read_assessment,
)
from exclusion_map.readiness.models import Access, Assessment, Listed, Scope
from exclusion_map.readiness.tables import (
    ReadinessAnswer,
    ReadinessAssessment,
    ReadinessChange,
    ReadinessMember,
    ReadinessRound,
)


class Shelf:
    """Assessments of teams, to read."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def mine(self, account_id: str) -> list[Listed]:
        """Return the assessments that an account may see, those changed last first."""
        with self.database.reading() as session:
            query = (
                select(ReadinessAssessment, ReadinessMember.access)
                .join(ReadinessMember, ReadinessMember.assessment_id == ReadinessAssessment.id)
                .where(ReadinessMember.account_id == account_id)
                .order_by(ReadinessAssessment.updated_at.desc(), ReadinessAssessment.id)
            )
            found = session.execute(query).all()
            open_rounds = _open_rounds(session, [row.id for row, _ in found])
        return [
            Listed(
                id=row.id,
                title=row.title,
                scope=Scope(row.scope),
                access=Access(access),
                round_name=open_rounds[row.id][0],
                rated=open_rounds[row.id][1],
                updated_at=row.updated_at,
            )
            for row, access in found
        ]

    def get(self, account_id: str, assessment_id: str) -> Assessment:
        """Return an assessment to somebody of its team.

        Raises:
            NotFoundError: there is none of that id, or the account is not of its team.
        """
        with self.database.reading() as session:
            access = access_in(session, account_id, assessment_id)
            row = session.get(ReadinessAssessment, assessment_id)
            if row is None:
                raise no_assessment()
            return read_assessment(session, row, access)

    def history(
        self, account_id: str, assessment_id: str, *, skip: int = 0, limit: int | None = None
    ) -> Sequence[ReadinessChange]:
        """Return the changes of an assessment, the newest first.

        Raises:
            NotFoundError: there is no such assessment for the account.
        """
        with self.database.reading() as session:
            access_in(session, account_id, assessment_id)
            query = select(ReadinessChange).where(ReadinessChange.assessment_id == assessment_id)
            query = query.order_by(ReadinessChange.number.desc()).offset(skip)
            return session.scalars(query if limit is None else query.limit(limit)).all()

    def changes(self, account_id: str, assessment_id: str) -> int:
        """Return how many changes of an assessment there are.

        Raises:
            NotFoundError: there is no such assessment for the account.
        """
        with self.database.reading() as session:
            access_in(session, account_id, assessment_id)
            mine = ReadinessChange.assessment_id == assessment_id
            return session.scalar(select(func.count()).where(mine)) or 0


def answers_of(assessment_id: str, number: int) -> Select[ReadinessAnswer]:
    """Return the query of the answers of a round."""
    return select(ReadinessAnswer).where(
        ReadinessAnswer.assessment_id == assessment_id, ReadinessAnswer.round == number
    )


def _open_rounds(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return the name of the open round of each assessment, and how many factors it rates."""
    here = ReadinessRound.assessment_id
    query = (
        select(here, ReadinessRound.name, func.count(ReadinessAnswer.rating))
        .join(
            ReadinessAnswer,
            (ReadinessAnswer.assessment_id == here)
            & (ReadinessAnswer.round == ReadinessRound.number),
        )
        .where(here.in_(ids), ReadinessRound.closed_at.is_(None))
        .group_by(here, ReadinessRound.name)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}
