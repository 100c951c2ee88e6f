"""Assessments in a database. Each method is one transaction: all of it happens, or nothing.

Every method asks first whether the account is of the team: to everybody else, admins too, an
assessment is not there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exclusion_map.accounts import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.database import new_id, now
from exclusion_map.errors import ConflictError, InvalidRequestError
from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.holding import (
    ANSWERED,
    DETAILS,
    MADE,
    STARTED,
    TAKEN_BACK,
    access_in,
    answer_of,
    delete_all,
    details_of,
    expect,
    locked,
    record,
    rounds_of,
)
from exclusion_map.readiness.models import (
    Access,
    Answer,
    Details,
    HeldAnswer,
    tidy,
)
from exclusion_map.readiness.reading import Shelf, answers_of
from exclusion_map.readiness.tables import (
    ReadinessAnswer,
    ReadinessAssessment,
    ReadinessMember,
    ReadinessRound,
)

MOST_OWNED: Final = 200
MOST_ROUNDS: Final = 60
LONGEST_ROUND: Final = 100


class Readiness(Shelf):
    """Assessments of teams, to read and to change."""

    def make(self, actor: Actor, details: Details, round_name: str) -> str:
        """Make an assessment that the actor owns, with its first round; return its id.

        Raises:
            InvalidRequestError: the round has no name, or the actor owns too many.
        """
        named = _round_name(round_name)
        with self.database.writing() as session:
            mine = select(func.count()).where(
                ReadinessMember.account_id == actor.id, ReadinessMember.access == Access.OWNER
            )
            if (session.scalar(mine) or 0) >= MOST_OWNED:
                raise InvalidRequestError(
                    "assessments",
                    found=f"{MOST_OWNED} that you own",
                    expected=f"at most {MOST_OWNED}",
                    mend="Delete one that is not needed.",
                )
            identity, moment = new_id(), now()
            session.add(
                ReadinessAssessment(
                    id=identity,
                    **details.model_dump(),
                    created_at=moment,
                    updated_at=moment,
                    version=1,
                )
            )
            session.flush()
            session.add(
                ReadinessMember(
                    assessment_id=identity,
                    account_id=actor.id,
                    access=Access.OWNER,
                    added_at=moment,
                )
            )
            _begin(session, actor, identity, 1, named)
            record(session, actor, identity, MADE, version=1, after=details.to_json())
            note(session, actor, "assessment made", identity)
        return identity

    def change_details(
        self, actor: Actor, assessment_id: str, details: Details, *, version: int
    ) -> None:
        """Change what an assessment is called and about.

        Raises:
            NotFoundError: there is none of that id, or the actor is not of its team.
            ForbiddenError: the actor only reads.
            ConflictError: it is no longer at the version that was seen.
        """
        with self.database.writing() as session:
            row = locked(session, actor.id, assessment_id, Access.EDIT)
            expect("the description", row.version, version)
            before = details_of(row)
            if before == details:
                return
            for name, value in details.model_dump().items():
                setattr(row, name, value)
            row.version, row.updated_at = version + 1, now()
            record(
                session,
                actor,
                assessment_id,
                DETAILS,
                version=row.version,
                before=before.to_json(),
                after=details.to_json(),
            )

    def answer(
        self,
        actor: Actor,
        assessment_id: str,
        factor: str,
        answer: Answer,
        *,
        round_number: int,
        version: int,
    ) -> HeldAnswer:
        """Say how one factor stands, in the round that is open; return it as it is held.

        A rating without a day is of today.

        Raises:
            NotFoundError: there is no such assessment for the actor, or no such factor.
            ForbiddenError: the actor only reads.
            ConflictError: somebody changed this factor since, or started another round.
        """
        known = canvas().find(factor)
        if answer.rating is not None and answer.rated_on is None:
            answer = answer.model_copy(update={"rated_on": now().date()})
        with self.database.writing() as session:
            row = locked(session, actor.id, assessment_id, Access.EDIT)
            _expect_open(session, assessment_id, round_number)
            held = session.get_one(ReadinessAnswer, (assessment_id, round_number, factor))
            expect(known.title, held.version, version)
            before = answer_of(held)
            if before.answer == answer:
                return before
            for name, value in answer.model_dump().items():
                setattr(held, name, value)
            held.version, held.updated_by = version + 1, actor.name
            held.updated_at = row.updated_at = now()
            record(
                session,
                actor,
                assessment_id,
                ANSWERED,
                round_number=round_number,
                factor=factor,
                version=held.version,
                before=before.answer.to_json(),
                after=answer.to_json(),
            )
            return answer_of(held)

    def start_round(
        self,
        actor: Actor,
        assessment_id: str,
        name: str,
        *,
        after: int,
        figures: Mapping[str, Any] | None = None,
    ) -> int:
        """Close the open round and start the next, in which nothing is rated; return its number.

        Args:
            actor: of the team.
            assessment_id: of the assessment.
            name: of the new round.
            after: number of the round that the actor saw open.
            figures: of the area at this moment, kept with the round that is closed.

        Raises:
            NotFoundError: there is no such assessment for the actor.
            ForbiddenError: the actor only reads.
            ConflictError: somebody else started a round.
            InvalidRequestError: it has no name, or there are too many.
        """
        named = _round_name(name)
        with self.database.writing() as session:
            row = locked(session, actor.id, assessment_id, Access.EDIT)
            held = _expect_open(session, assessment_id, after)
            if after >= MOST_ROUNDS:
                raise InvalidRequestError(
                    "rounds", found=f"{after}", expected=f"at most {MOST_ROUNDS}"
                )
            moment = now()
            held.closed_at = row.updated_at = moment
            held.figures = dict(figures) if figures is not None else None
            _begin(session, actor, assessment_id, after + 1, named)
            record(
                session,
                actor,
                assessment_id,
                STARTED,
                round_number=after + 1,
                after={"name": named},
            )
        return after + 1

    def take_round_back(self, actor: Actor, assessment_id: str, *, number: int) -> None:
        """Undo the start of a round in which nobody said anything; the one before is open again.

        Raises:
            NotFoundError: there is no such assessment for the actor.
            ForbiddenError: the actor only reads.
            ConflictError: it is the first round, not the open one, or something was said in it.
        """
        with self.database.writing() as session:
            row = locked(session, actor.id, assessment_id, Access.EDIT)
            held = _expect_open(session, assessment_id, number)
            answers = session.scalars(answers_of(assessment_id, number)).all()
            if number == 1 or any(one.version > 1 for one in answers):
                raise ConflictError(
                    "round",
                    found="the first one" if number == 1 else "one in which something was said",
                    expected="a new round in which nothing has been rated yet",
                    mend="Ratings can be changed, factor by factor.",
                )
            for one in answers:
                session.delete(one)
            session.flush()
            session.delete(held)
            before = session.get_one(ReadinessRound, (assessment_id, number - 1))
            before.closed_at, before.figures, row.updated_at = None, None, now()
            record(
                session,
                actor,
                assessment_id,
                TAKEN_BACK,
                round_number=number,
                before={"name": held.name},
            )

    def delete(self, actor: Actor, assessment_id: str, *, title: str) -> None:
        """Delete an assessment for good, with its rounds, history and team.

        Args:
            actor: an owner.
            assessment_id: of the assessment.
            title: typed again, so that nobody deletes another one by mistake.

        Raises:
            NotFoundError: there is no such assessment for the actor.
            ForbiddenError: the actor is no owner.
            InvalidRequestError: it is not called so.
        """
        with self.database.writing() as session:
            row = locked(session, actor.id, assessment_id, Access.OWNER)
            if " ".join(tidy(title).split()).casefold() != row.title.casefold():
                raise InvalidRequestError(
                    "title", found=repr(title[:80]), expected="the name of the assessment"
                )
            delete_all(session, assessment_id)
            note(session, actor, "assessment deleted", assessment_id)

    def note_export(
        self, actor: Actor, assessment_id: str, form: str, *, by: Actor | None = None
    ) -> None:
        """Note in the audit log that somebody took a copy.

        Args:
            actor: of the team.
            assessment_id: of the assessment.
            form: of the file.
            by: who took it, where that is not the actor.

        Raises:
            NotFoundError: there is no such assessment for the actor.
        """
        with self.database.writing() as session:
            access_in(session, actor.id, assessment_id)
            note(session, by or actor, "assessment downloaded", assessment_id, form)


def _begin(session: Session, actor: Actor, identity: str, number: int, name: str) -> None:
    """Add a round with an empty answer for each factor: who saves one finds its version there."""
    moment: datetime = now()
    session.add(ReadinessRound(assessment_id=identity, number=number, name=name, started_at=moment))
    session.flush()
    session.add_all(
        ReadinessAnswer(
            assessment_id=identity,
            round=number,
            factor=key,
            **Answer().model_dump(),
            version=1,
            updated_at=moment,
            updated_by=actor.name,
        )
        for key in canvas().keys
    )


def _expect_open(session: Session, assessment_id: str, number: int) -> ReadinessRound:
    """Return the open round, which must be the one of that number."""
    latest = rounds_of(session, assessment_id)[-1]
    if latest.number != number:
        raise ConflictError(
            "round",
            found=f"{latest.name} (round {latest.number}), which is open now",
            expected=f"round {number} to be open",
            mend="Open the assessment again. What was said in closed rounds stays as it is.",
        )
    return latest


def _round_name(text: str) -> str:
    name = " ".join(tidy(text).split())
    if not 1 <= len(name) <= LONGEST_ROUND:
        raise InvalidRequestError(
            "round",
            found=f"{len(name)} characters",
            expected=f"a name of 1 to {LONGEST_ROUND} characters, such as Autumn 2026",
        )
    return name
