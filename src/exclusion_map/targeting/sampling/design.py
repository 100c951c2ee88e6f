"""The design of a sample, whole: what has to be known to draw it again byte for byte."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from exclusion_map.errors import InvalidRequestError

MOST_AREAS = 5_000
MOST_STRATA = 400
MOST_SEED = 2**53 - 1
"""Whole numbers up to here survive JSON in any program."""


class Method(StrEnum):
    """How areas are drawn within a stratum."""

    SYSTEMATIC = "systematic"
    RANDOM = "random"
    BALANCED = "balanced"
    SPREAD = "spread"

    @property
    def label(self) -> str:
        """The words people see."""
        return _METHODS[self][0]

    @property
    def told(self) -> str:
        """The method by the name of its literature."""
        return _METHODS[self][1]


_METHODS = {
    Method.SYSTEMATIC: (
        "in equal steps along an ordered list",
        "systematic sampling with probability proportional to size, serpentine order",
    ),
    Method.RANDOM: (
        "at random (greatest entropy)",
        "conditional Poisson sampling with exact inclusion probabilities",
    ),
    Method.BALANCED: (
        "balanced, so that chosen totals agree with the population",
        "the cube method (Deville and Tille 2004)",
    ),
    Method.SPREAD: (
        "spread over the map",
        "the local pivotal method (Grafstrom and others 2012)",
    ),
}


class Allocation(StrEnum):
    """How many areas each stratum gets."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"
    QUOTAS = "quotas"

    @property
    def label(self) -> str:
        """The words people see."""
        return _ALLOCATIONS[self]


_ALLOCATIONS = {
    Allocation.PROPORTIONAL: "in proportion to its size",
    Allocation.EQUAL: "the same number",
    Allocation.NEYMAN: "more where areas differ more (Neyman)",
    Allocation.QUOTAS: "numbers of my own (quotas)",
}

Name = Annotated[str, Field(min_length=1, max_length=80)]


class SampleDesign(BaseModel):
    """A design, without the data it is drawn from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    areas: int = Field(default=40, ge=1, le=MOST_AREAS, description="Areas in the main sample.")
    method: Method = Field(default=Method.SYSTEMATIC, description="How areas are drawn.")
    size: Name = Field(
        default="population",
        description="Chances are proportional to this: equal, population, households, at_risk, "
        "aged_65_plus, or the id of an indicator that counts people.",
    )
    strata: tuple[Name, ...] = Field(
        default=(),
        max_length=3,
        description="What areas are divided by: decile, fifth, rural, rural_urban, nation, region, "
        "icb, sub_icb, local_authority, score, the id of an indicator, or own for a column of "
        "one's own.",
    )
    classes: int = Field(
        default=5, ge=2, le=20, description="Classes that a figure is cut into, by areas."
    )
    allocation: Allocation = Field(
        default=Allocation.PROPORTIONAL, description="How many areas each stratum gets."
    )
    quotas: dict[str, int] = Field(
        default_factory=dict, description="With allocation quotas: areas by name of the stratum."
    )
    vary: Name = Field(
        default="score", description="With allocation neyman: the figure whose spread counts."
    )
    least: int = Field(default=1, ge=0, le=100, description="Minimum number of areas per stratum.")
    sort: tuple[Name, ...] = Field(
        default=("local_authority", "score"),
        max_length=4,
        description="With method systematic: order of the list within a stratum.",
    )
    balance: tuple[Name, ...] = Field(
        default=("population", "aged_65_plus", "at_risk"),
        max_length=10,
        description="With method balanced: counts whose totals should agree.",
    )
    distance_m: float = Field(
        default=0.0,
        ge=0,
        le=100_000,
        description="Minimum distance between areas in metres; 0 = any.",
    )
    reserves: int = Field(default=1, ge=0, le=5, description="Reserve areas for each area drawn.")
    interviews: int = Field(
        default=10, ge=1, le=1_000, description="Number of interviews in each area."
    )
    seed: int = Field(default=1, ge=0, le=MOST_SEED, description="Random seed (PCG64 generator).")
    within: str = Field(
        default="", max_length=120, description="Code of an area; everywhere if left out."
    )
    index: str = Field(default="", max_length=60, description="Id of an index; the default one.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.allocation is Allocation.QUOTAS and not self.quotas:
            raise ValueError("allocation quotas needs a number for each stratum")
        if any(number < 0 for number in self.quotas.values()):
            raise ValueError("a quota is below 0")
        if len(set(self.strata)) < len(self.strata):
            raise ValueError("a stratum is named twice")
        return self


def parse_design(known: Mapping[str, Any]) -> SampleDesign:
    """Return a design from its parts.

    Raises:
        InvalidRequestError: it cannot be; the part that is wrong is named.
    """
    try:
        return SampleDesign.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidRequestError(
            where or "design",
            found=str(first.get("input", ""))[:80] if where else "a contradiction",
            expected=str(first["msg"])
            .removeprefix("Value error, ")
            .removeprefix("Input should be "),
        ) from None
