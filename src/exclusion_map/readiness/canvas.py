"""The canvas: eleven factors of inclusive digital transformation, and what each rating means.

The factors are those that Thrive by Design's inclusive digital transformation canvas names. The
questions, prompts and descriptions of steps are our own.
"""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from exclusion_map.errors import NotFoundError

CANVAS: Final = Path(__file__).parent / "canvas.toml"
LOWEST, HIGHEST = 1, 4


class Part(BaseModel):
    """What every model here shares: it does not change, and knows all of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Evidence(StrEnum):
    """What this service can tell about a factor."""

    RISK = "risk"
    SUPPORT = "support"
    GAPS = "gaps"


class Step(Part):
    """What a rating means for any factor."""

    rating: int = Field(ge=LOWEST, le=HIGHEST)
    name: str
    meaning: str


class Factor(Part):
    """One factor of the canvas.

    Attributes:
        key: part of addresses and files.
        title: as the canvas names it.
        question: what it asks, in one sentence.
        why: why it matters.
        prompts: questions that help to rate it.
        steps: what each rating looks like here, from the lowest.
        evidence: what this service can tell about it; None for nothing.
    """

    key: str = Field(pattern=r"^[a-z_]{3,40}$")
    title: str
    question: str
    why: str
    prompts: tuple[str, ...] = Field(min_length=3)
    steps: tuple[str, ...] = Field(min_length=HIGHEST, max_length=HIGHEST)
    evidence: Evidence | None = None


class Canvas(Part):
    """The factors in their order, and the steps of ratings from the lowest."""

    step: tuple[Step, ...]
    factor: tuple[Factor, ...]

    def find(self, key: str) -> Factor:
        """Return a factor.

        Raises:
            NotFoundError: there is none of that key.
        """
        for one in self.factor:
            if one.key == key:
                return one
        raise NotFoundError(
            f"factor {key[:40]!r}",
            found="no such factor",
            expected=f"one of {', '.join(self.keys)}",
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the factors in their order."""
        return tuple(one.key for one in self.factor)

    def name(self, rating: int | None) -> str:
        """Return the name of a rating; ``Not rated`` of None."""
        return "Not rated" if rating is None else self.step[rating - LOWEST].name


@cache
def canvas() -> Canvas:
    """Return the canvas that comes with the product."""
    with CANVAS.open("rb") as file:
        return Canvas.model_validate(tomllib.load(file))
