"""The profile of an area of any kind: figures, comparisons and their certainty."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from exclusion_map.terms import AreaKind, Direction, NhsGroup, Quality


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AreaRef(_Part):
    """An area by name, for links."""

    code: str
    kind: AreaKind
    kind_label: str
    name: str
    url: str


class Standing(_Part):
    """Score, rank and tenth of one index among the areas of one kind."""

    index: str
    title: str
    score: float | None = Field(description="0 to 100, higher = more risk; null = too little data.")
    rank: int | None = Field(description="1 = highest risk.")
    ranked: int = Field(description="Number of areas of this kind with a rank.")
    decile: int | None = Field(description="1 = highest-risk tenth of people.")
    words: str = Field(description="Its position in words, and the areas compared.")
    base: str = Field(description="What it is compared with: 'small areas in England and Wales'.")
    data_share: float | None = Field(description="Share of the index's weight with data, 0 to 1.")
    worst_tenth_share: float | None = Field(
        description="Larger areas: share of people in small areas of the highest-risk tenth."
    )
    worst_tenth_people: float | None = Field(description="The same in people.")


class Driver(_Part):
    """Contribution of one indicator to the score, relative to the median of the base."""

    indicator: str
    label: str
    group: NhsGroup
    points: float = Field(description="Points of the score; above 0: raises the risk.")


class IndicatorFact(_Part):
    """One indicator of the area, with what is needed to interpret it."""

    indicator: str
    label: str
    short_label: str
    meaning: str
    group: NhsGroup
    unit: str
    direction: Direction
    value: float | None
    value_words: str
    people: str = Field(description="The value in people: 'about 420 of 1,640 people'.")
    numerator: float | None
    denominator: float | None
    higher_than: float | None = Field(
        description="Percent of areas of its kind with a lower value, within 'compared_with'."
    )
    compared_with: str
    comparison: str = Field(description="The comparison in words.")
    quality: Quality
    in_index: bool = Field(description="Whether the index uses it.")
    source: str
    source_title: str
    vintage: str
    date: dt.date


class Missing(_Part):
    """An indicator of the index without a value here, and why."""

    indicator: str
    label: str
    reason: str


class NearestSupport(_Part):
    """The nearest place of one kind, in a straight line from the area's point."""

    id: str
    kind: str = Field(description="Key of a kind of place, such as library.")
    kind_label: str
    name: str
    address: str
    postcode: str
    distance_m: float
    url: str


class SupportCount(_Part):
    """Number of places of one kind in the area."""

    kind: str = Field(description="Key of a kind of place, such as library.")
    kind_label: str
    kind_label_plural: str
    inside: int


class AreaProfile(_Part):
    """The profile of one area, as on its page."""

    code: str
    kind: AreaKind
    kind_label: str
    name: str
    label: str
    nation: str
    rural_urban: str | None
    url: str
    parents: tuple[AreaRef, ...] = Field(
        description="Larger areas that contain it, from the nation down."
    )
    point: tuple[float, float] = Field(description="Longitude, latitude; inside the area.")
    bbox: tuple[float, float, float, float]
    population: float | None
    households: float | None
    small_areas: int
    lead: str = Field(description="The first sentences of a page about it.")
    standing: Standing
    drivers: tuple[Driver, ...] = Field(description="Those that raise the risk most come first.")
    indicators: tuple[IndicatorFact, ...]
    missing: tuple[Missing, ...]
    nearest_support: tuple[NearestSupport, ...]
    support_inside: tuple[SupportCount, ...]
    caveats: tuple[str, ...]
    edition: str
    synthetic: bool
