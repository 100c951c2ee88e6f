"""Within one transaction: who may, which row is locked, what is read, and the history written."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from exclusion_map.accounts import Actor
from exclusion_map.database import now
from exclusion_map.errors import ConflictError, ForbiddenError, NotFoundError
from exclusion_map.readiness.models import Access, Answer, Assessment, Details, HeldAnswer, Round
from exclusion_map.readiness.tables import (
    ReadinessAnswer,
    ReadinessAssessment,
    ReadinessChange,
    ReadinessInvitation,
    ReadinessMember,
    ReadinessRound,
)

MADE, DETAILS, ANSWERED = "made", "details", "answered"
STARTED, TAKEN_BACK = "round started", "round taken back"
OWNED: Final = (
    ReadinessAnswer,
    ReadinessRound,
    ReadinessChange,
    ReadinessInvitation,
    ReadinessMember,
)
"""What goes with an assessment, in the order in which it can be deleted."""


def no_assessment() -> NotFoundError:
    """Return the one answer for what is not there and for what somebody may not see."""
    return NotFoundError(
        "assessment",
        found="no assessment with that id that you may see",
        expected="an assessment whose team you belong to",
        mend="See your assessments at /tools/readiness, or ask an owner to invite you.",
    )


def access_in(session: Session, account_id: str, assessment_id: str) -> Access:
    """Return what an account may do with an assessment.

    Raises:
        NotFoundError: there is no such assessment, or the account is not of its team.
    """
    found = session.scalar(
        select(ReadinessMember.access).where(
            ReadinessMember.assessment_id == assessment_id,
            ReadinessMember.account_id == account_id,
        )
    )
    if found is None:
        raise no_assessment()
    return Access(found)


def locked(
    session: Session, account_id: str, assessment_id: str, least: Access
) -> ReadinessAssessment:
    """Return an assessment for somebody who changes it; others who change it wait.

    Raises:
        NotFoundError: there is no such assessment, or the account is not of its team.
        ForbiddenError: the account may only do less.
    """
    # The row first: membership is looked at when nobody else can change it any more.
    held = session.scalar(
        select(ReadinessAssessment)
        .where(ReadinessAssessment.id == assessment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    access = access_in(session, account_id, assessment_id)
    if held is None:
        raise no_assessment()
    if not access.allows(least):
        raise ForbiddenError(
            "assessment",
            found=f"a member of the team who {access.words}",
            expected=f"one who {least.words}",
            mend="Ask an owner of the assessment.",
        )
    return held


def expect(thing: str, held: int, seen: int) -> None:
    """Make sure that something is at the version that somebody saw.

    Raises:
        ConflictError: it is not.
    """
    if held != seen:
        raise ConflictError(
            thing,
            found=f"version {held}, changed since you opened it",
            expected=f"version {seen}",
            mend="Look at what changed, then make your change again.",
        )


def record(
    session: Session,
    actor: Actor,
    assessment_id: str,
    action: str,
    *,
    round_number: int | None = None,
    factor: str = "",
    version: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write the history of a change within its transaction."""
    session.add(
        ReadinessChange(
            assessment_id=assessment_id,
            at=now(),
            who=actor.id,
            by=actor.name,
            action=action,
            round=round_number,
            factor=factor,
            version=version,
            before=before,
            after=after,
        )
    )


def details_of(row: ReadinessAssessment) -> Details:
    """Return the details a row holds."""
    return Details.model_validate(
        {name: getattr(row, name) for name in Details.model_fields}, strict=False
    )


def answer_of(row: ReadinessAnswer) -> HeldAnswer:
    """Return the answer a row holds."""
    said = Answer.model_construct(**{name: getattr(row, name) for name in Answer.model_fields})
    return HeldAnswer(said, row.version, row.updated_at, row.updated_by)


def read_assessment(session: Session, row: ReadinessAssessment, access: Access) -> Assessment:
    """Return an assessment with all of its rounds."""
    answers: dict[int, dict[str, HeldAnswer]] = {}
    query = select(ReadinessAnswer).where(ReadinessAnswer.assessment_id == row.id)
    for one in session.scalars(query):
        answers.setdefault(one.round, {})[one.factor] = answer_of(one)
    rounds = tuple(
        Round(
            number=one.number,
            name=one.name,
            started_at=one.started_at,
            closed_at=one.closed_at,
            figures=one.figures,
            answers=answers.get(one.number, {}),
        )
        for one in rounds_of(session, row.id)
    )
    return Assessment(
        id=row.id,
        details=details_of(row),
        access=access,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        rounds=rounds,
    )


def rounds_of(session: Session, assessment_id: str) -> Sequence[ReadinessRound]:
    """Return the rounds of an assessment, the first one first."""
    query = select(ReadinessRound).where(ReadinessRound.assessment_id == assessment_id)
    return session.scalars(query.order_by(ReadinessRound.number)).all()


def delete_all(session: Session, assessment_id: str) -> None:
    """Delete an assessment with everything that goes with it."""
    for table in OWNED:
        session.execute(delete(table).where(table.assessment_id == assessment_id))
    session.execute(delete(ReadinessAssessment).where(ReadinessAssessment.id == assessment_id))
