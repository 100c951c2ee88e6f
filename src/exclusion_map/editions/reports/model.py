"""A report as data: what page, PDF, workbook, CSV and JSON all tell. None is "nobody knows"."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from exclusion_map.terms import AreaKind, NhsGroup

MOST: int = 10
"""Places that still fit side by side."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScorePart(_Part):
    """The risk score with its 90 % range over many draws."""

    score: float | None = Field(description="0 to 100, higher = more risk.")
    score_low: float | None = Field(description="Lower end of the 90 % range.")
    score_high: float | None
    rank: int | None = Field(description="1 = highest risk; null for lists of your own.")
    rank_low: int | None = Field(description="End of the 90 % range nearer 1.")
    rank_high: int | None
    ranked: int
    decile: int | None = Field(description="1 = highest-risk tenth of people.")
    base: str = Field(description="What it is compared with; empty for lists of your own.")
    higher_than: float | None = Field(description="Per cent of local authorities with less risk.")
    draws: int = Field(description="Number of draws behind the ranges; 0 = none.")


class DriverPart(_Part):
    """Contribution of one figure to the score, relative to the median of all small areas."""

    indicator: str
    label: str
    group: NhsGroup
    points: float = Field(description="Above 0: raises the risk.")
    value: float | None
    value_words: str
    usual: float | None = Field(description="The same figure for the nations the place lies in.")
    usual_words: str
    people: str = Field(description="The value in people: 'about 420 of 1,640 people'.")
    quality: str = Field(description="observed, or how it was estimated.")
    source: str
    vintage: str


class TenthPart(_Part):
    """People in one tenth of risk."""

    tenth: int = Field(description="1 = highest-risk tenth of people everywhere.")
    people: float
    share: float | None = Field(description="Of the people here, 0 to 1.")


class EstimatePart(_Part):
    """Modelled households and people unlikely to cope with government online; 80 % ranges."""

    share: float
    share_low: float
    share_high: float
    households: float
    households_low: float
    households_high: float
    people: float
    people_low: float
    people_high: float


class PeoplePart(_Part):
    """The people who live here."""

    population: float | None
    households: float | None
    small_areas: int
    tenths: tuple[TenthPart, ...]
    worst_tenth: float | None = Field(description="Share in the highest-risk tenth, 0 to 1.")
    worst_fifth: float | None
    lowest: float | None = Field(description="Lowest score of a small area inside.")
    highest: float | None
    estimate: EstimatePart | None


class InsideRow(_Part):
    """An area inside the place."""

    code: str
    name: str
    where: str
    url: str
    score: float | None
    rank: int | None
    decile: int | None
    population: float | None


class InsidePart(_Part):
    """The areas inside with the highest risk."""

    kind: AreaKind
    total: int
    ranked: int = Field(description="Number of areas of the kind with a rank in the whole edition.")
    rows: tuple[InsideRow, ...]


class KindPart(_Part):
    """Support of one kind."""

    kind: str
    label: str
    inside: int
    share: float | None = Field(description="Of people within the threshold of one, 0 to 1.")
    mean_m: float | None = Field(description="Average distance to the nearest, in metres.")
    nearest: str = Field(description="The nearest place to most people, for small places.")
    nearest_m: float | None


class GapRow(_Part):
    """Areas of high risk side by side where most people live far from a library."""

    name: str
    small_areas: int
    people: float = Field(description="People who live beyond the threshold.")


class SupportPart(_Part):
    """Support available."""

    threshold_m: float
    way: str = Field(description="How distances were estimated.")
    kinds: tuple[KindPart, ...]
    high_people: float = Field(description="People in the highest-risk fifth of areas.")
    high_beyond: float = Field(description="Of them, people farther than that from a library.")
    high_unknown: float = Field(description="Of them, people where there is no list of libraries.")
    gaps: tuple[GapRow, ...]
    gaps_total: int


class ChangePart(_Part):
    """Changes since an earlier edition."""

    old: str
    new: str
    comparable: bool = Field(description="False where no area here has a score in both.")
    score_old: float | None
    score_new: float | None = Field(description="Over the small areas in both editions.")
    by_data: float | None = Field(description="Part of the change due to new data.")
    by_method: float | None = Field(description="Part of the change due to a changed definition.")
    into_worst_tenth: int
    out_of_worst_tenth: int
    same_areas: int = Field(description="Small areas here with a score in both.")
    small_areas: int
    method_changes: tuple[str, ...]


class SimilarRow(_Part):
    """A similar place."""

    code: str
    name: str
    where: str
    url: str
    score: float | None
    decile: int | None
    differs: str


class PlaceReport(_Part):
    """The content of a report on one place."""

    code: str = Field(description="Empty for a list of your own.")
    name: str
    kind: AreaKind | None
    kind_label: str
    where: str
    url: str
    summary: tuple[str, ...] = Field(description="Plain sentences.")
    score: ScorePart
    drivers: tuple[DriverPart, ...]
    other_figures: tuple[DriverPart, ...] = Field(description="Not in the index.")
    missing: tuple[str, ...]
    people: PeoplePart
    inside: InsidePart | None
    support: SupportPart
    change: ChangePart | None = Field(description="Null where there is one edition only.")
    change_words: tuple[str, ...]
    similar: tuple[SimilarRow, ...]
    notes: tuple[str, ...]


class SourcePart(_Part):
    """A dataset behind the figures."""

    title: str
    publisher: str
    vintage: str
    licence: str
    licence_url: str
    attribution: str


class Report(_Part):
    """A report on one to ten places."""

    title: str
    edition: str
    place: str = Field(description="What the edition covers.")
    built: datetime
    synthetic: bool
    index: str
    index_title: str
    index_version: str
    weights: str = Field(
        default="", description="Your own weights by id; empty for those of the index."
    )
    own: tuple[str, ...] = Field(
        default=(), description="What you changed in the index; empty for an index as published."
    )
    address: str = Field(description="Address that gives the same report.")
    comparison: tuple[str, ...] = Field(description="Plain sentences on how places differ.")
    places: tuple[PlaceReport, ...]
    warnings: tuple[str, ...] = Field(description="How not to use it.")
    data_notes: tuple[str, ...] = Field(description="Missing data and substitutes in the edition.")
    sources: tuple[SourcePart, ...]
