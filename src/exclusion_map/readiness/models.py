"""What a team says, and what is held of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pydantic import Field, field_validator

from exclusion_map.database import now
from exclusion_map.readiness.canvas import HIGHEST, LOWEST, Part

LONGEST_TEXT: Final = 4_000
_EARLIEST: Final = date(2000, 1, 1)
_PRINTABLE: Final = frozenset("\n\t")


class Scope(StrEnum):
    """Subject of an assessment."""

    ICS = "ics"
    PLACE = "place"
    PATHWAY = "pathway"
    ORGANISATION = "organisation"

    @property
    def words(self) -> str:
        """What people read."""
        return _SCOPES[self]


_SCOPES = {
    Scope.ICS: "Integrated care system",
    Scope.PLACE: "Place",
    Scope.PATHWAY: "Pathway or service",
    Scope.ORGANISATION: "Organisation",
}


class Access(StrEnum):
    """Access of a team member; each level includes those before it."""

    VIEW = "view"
    EDIT = "edit"
    OWNER = "owner"

    def allows(self, other: "Access") -> bool:
        """Whether this access may do what another may."""
        order = tuple(Access)
        return order.index(self) >= order.index(other)

    @property
    def words(self) -> str:
        """What the member may do, for people who choose one."""
        return _ACCESS[self]


_ACCESS = {
    Access.VIEW: "reads and downloads",
    Access.EDIT: "also rates and starts rounds",
    Access.OWNER: "also invites, removes people and deletes",
}


def tidy(text: str) -> str:
    """Return a text without characters that do not print, lines ended alike."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each.isprintable() or each in _PRINTABLE)


class Details(Part):
    """What an assessment is about.

    Attributes:
        area_code: of the area whose figures are shown; empty for none.
    """

    title: str = Field(min_length=1, max_length=200)
    scope: Scope = Scope.PLACE
    about: str = Field("", max_length=2_000)
    area_code: str = Field("", max_length=20, pattern=r"^[A-Za-z0-9]*$")

    @field_validator("title", "about", mode="before")
    @classmethod
    def _tidy(cls, value: object) -> object:
        return tidy(value) if isinstance(value, str) else value

    @field_validator("title")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(value.split())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON's own types."""
        return self.model_dump(mode="json")


class Answer(Part):
    """What a team says of one factor.

    Attributes:
        rating: from 1 to 4; None while it is not rated.
        evidence: why so.
        next_step: what shall be done next.
        owner: who answers for it, in words.
        rated_on: the day it is true for.
    """

    rating: int | None = Field(None, ge=LOWEST, le=HIGHEST)
    evidence: str = Field("", max_length=LONGEST_TEXT)
    next_step: str = Field("", max_length=2_000)
    owner: str = Field("", max_length=200)
    rated_on: date | None = None

    @field_validator("evidence", "next_step", "owner", mode="before")
    @classmethod
    def _tidy(cls, value: object) -> object:
        return tidy(value) if isinstance(value, str) else value

    @field_validator("rated_on")
    @classmethod
    def _possible(cls, value: date | None) -> date | None:
        if value is not None and not _EARLIEST <= value <= now().date() + timedelta(days=1):
            raise ValueError("a day from 2000 to today")
        return value

    @property
    def says(self) -> bool:
        """Whether anything is said."""
        return self != Answer()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON's own types."""
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """A stored answer with its version."""

    answer: Answer
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One time at which the factors are rated.

    Attributes:
        closed_at: when the next one was started; None for the one that is open.
        figures: of the area when it was closed; None where nobody knows.
        answers: by the keys of factors.
    """

    number: int
    name: str
    started_at: datetime
    closed_at: datetime | None
    figures: Mapping[str, Any] | None
    answers: Mapping[str, HeldAnswer]

    @property
    def rated(self) -> int:
        """How many factors have a rating."""
        return sum(held.answer.rating is not None for held in self.answers.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An assessment as one of its team sees it.

    Attributes:
        access: of who asks.
        version: of the details.
        rounds: the first one first; the last one is open.
    """

    id: str
    details: Details
    access: Access
    version: int
    created_at: datetime
    updated_at: datetime
    rounds: tuple[Round, ...]

    @property
    def now(self) -> Round:
        """The round that is open."""
        return self.rounds[-1]

    def may(self, access: str) -> bool:
        """Whether who asks may do what an access allows; for templates."""
        return self.access.allows(Access(access))

    def round(self, number: int) -> Round | None:
        """Return a round by its number; None where there is none."""
        return next((one for one in self.rounds if one.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An assessment in the list of those that somebody may see."""

    id: str
    title: str
    scope: Scope
    access: Access
    round_name: str
    rated: int
    updated_at: datetime
