"""What programs send to the API of readiness and get from it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.directory_bodies import Sent
from exclusion_map.readiness.models import Access, Answer, Details, Scope


class NewBody(Sent):
    """A new assessment."""

    details: Details
    round_name: str = Field(min_length=1, max_length=100, examples=["Autumn 2026"])


class AnswerBody(Sent):
    """A team's answer for one factor in the open round."""

    round: int = Field(ge=1, description="Number of the round that was open when you read it.")
    answer: Answer


class RoundBody(Sent):
    """A new round."""

    name: str = Field(min_length=1, max_length=100, examples=["Spring 2027"])
    after: int = Field(ge=1, description="Number of the round that was open when you read it.")


class ListedAnswer(BaseModel):
    """One of your assessments."""

    id: str
    title: str
    scope: Scope
    access: Access
    round_name: str
    rated: int
    updated_at: datetime


class ListAnswer(BaseModel):
    """The assessments of your teams."""

    assessments: list[ListedAnswer]


class CanvasAnswer(BaseModel):
    """The factors, and what each rating means."""

    step: list[dict[str, Any]]
    factor: list[dict[str, Any]]


class AssessmentAnswer(BaseModel):
    """An assessment with its rounds; ``version`` is that of its details."""

    id: str
    version: int
    access: Access
    details: Details
    rounds: list[dict[str, Any]]
    page: str


class HeldAnswerAnswer(BaseModel):
    """A stored answer with its version."""

    round: int
    factor: str
    version: int = Field(description="Send it as If-Match to change what you read.")
    updated_at: datetime
    updated_by: str
    answer: Answer


class HistoryAnswer(BaseModel):
    """The changes of an assessment, the newest first."""

    id: str
    total: int
    changes: list[dict[str, Any]]


class ComparedAnswer(BaseModel):
    """The factors in two rounds."""

    before: int
    after: int
    factors: list[dict[str, Any]]
