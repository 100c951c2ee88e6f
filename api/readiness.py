"""Readiness in the service: the store of its database, and who works with it."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Path, Request

from api.accounts.guard import Person, actor_of
from api.directory_service import directory_of
from api.pages.areas import code_of
from api.service import Service
from exclusion_map.accounts import Actor
from exclusion_map.errors import NotFoundError
from exclusion_map.readiness import Assessment, Readiness, Teams
from exclusion_map.readiness.models import Round

Identity = Annotated[str, Path(max_length=36, examples=["6f9619ff-8b86-5d01-b42d-00c04fc964ff"])]
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Desk:
    """The assessments of a database, for one person.

    Attributes:
        actor: who works.
        held: assessments.
        teams: who belongs to them.
    """

    actor: Actor
    held: Readiness
    teams: Teams

    @classmethod
    def of(cls, request: Request, person: Person) -> "Desk":
        """Return the desk of a person.

        Raises:
            DatabaseError: there is no database.
        """
        database = directory_of(request.app.state).require().database
        return cls(actor_of(request, person), Readiness(database), Teams(database))

    def get(self, identity: str) -> Assessment:
        """Return an assessment of a team the person belongs to.

        Raises:
            NotFoundError: there is none of that id for this person.
        """
        return self.held.get(self.actor.id, identity)


def round_asked(assessment: Assessment, number: int | None) -> Round:
    """Return a round by its number; the open one where none is asked for.

    Raises:
        NotFoundError: there is none of that number.
    """
    found = assessment.now if number is None else assessment.round(number)
    if found is None:
        raise NotFoundError(
            f"round {number}", found="no such round", expected=f"1 to {assessment.now.number}"
        )
    return found


def area_named(service: Service, text: str) -> str:
    """Return the code of the area that a text names; empty for an empty text.

    Raises:
        NotFoundError: nothing is called that.
    """
    return code_of(service, text[:120])


def file_name(assessment: Assessment) -> str:
    """Return the name of a file of an assessment, without its ending."""
    words = _UNSAFE.sub("-", assessment.details.title.casefold()).strip("-")[:60]
    return f"readiness-{words}" if words else "readiness"
