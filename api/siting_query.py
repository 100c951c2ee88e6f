"""What a request for siting asks, and the work that answers it: for API and page."""

from collections.abc import Callable
from hashlib import blake2b

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.siting_jobs import Work
from api.targets import WAY, Base, Rows, TargetParams
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import normalise
from exclusion_map.targeting.candidates import (
    Candidates,
    Place,
    grid_of,
    listed_candidates,
    places_of,
)
from exclusion_map.targeting.siting import Report
from exclusion_map.targeting.siting_problem import MOST_NEW
from exclusion_map.targeting.siting_query import Aim, Siting, SitingQuestion, Whose, site_places

SECONDS = 55.0
"""Of work on one question in the service."""
MOST_AREAS = 6_000
"""Small areas of one question: more than any integrated care board has."""


class SitingParams(TargetParams):
    """Query parameters of siting."""

    candidates: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Kinds of place that could become new places; may be repeated.",
    )
    grid: float | None = Field(
        default=None,
        ge=200,
        le=20_000,
        description="Instead: points on a grid with this spacing, in metres.",
    )
    k: int = Field(default=5, ge=1, le=MOST_NEW, description="Maximum number of new places.")
    aim: Aim = Field(
        default=Aim.REACH, description="reach: most people; journey: shortest distances."
    )
    whose: Whose | None = Field(
        default=None,
        description="Whose access counts; modelled people at risk if there is an estimate.",
    )
    budget: float | None = Field(default=None, ge=0, description="Budget, for a list with costs.")

    @field_validator("candidates")
    @classmethod
    def _asked(cls, value: list[str]) -> list[str]:
        return [each for each in dict.fromkeys(value) if each]


class SitingBody(BaseModel):
    """A list of candidates of one's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    places: str = Field(
        max_length=400_000,
        description="One per line: name, postcode; or name, latitude, longitude; then a cost.",
    )


def work_of(base: Base, params: SitingParams, listed: str = "") -> tuple[str, str, Work]:
    """Return the key of a question, the code of its area, and the work that answers it.

    Raises:
        InvalidRequestError: the question cannot be answered.
        NotFoundError: there is no such area or index.
    """
    code, rows = base.rows(params.within)
    if len(rows) > MOST_AREAS:
        raise InvalidRequestError(
            "where",
            found=f"{len(rows):,} small areas",
            expected=f"a place with at most {MOST_AREAS:,}, such as a council or a health area",
            mend="Name a place.",
        )
    risk, question = base.risk(params.index), question_of(base, params)
    candidates = _candidates(base, params, listed, rows)
    atlas, homes, sites = base.service.edition.atlas, base.homes, base.sites

    def work(report: Report, wanted: Callable[[], bool]) -> Siting:
        return site_places(
            atlas,
            homes,
            sites,
            risk,
            question,
            candidates,
            rows,
            WAY,
            seconds=SECONDS,
            report=report,
            wanted=wanted,
        )

    said = (base.service.edition.id, base.places.tag, code, question, params.candidates)
    text = repr((*said, params.grid, params.index, listed))
    return blake2b(text.encode(), digest_size=10).hexdigest(), code, work


def question_of(base: Base, params: SitingParams) -> SitingQuestion:
    """Return what new places are to do, and for whom: people at risk where they are modelled."""
    modelled = base.risk(params.index).estimates is not None
    return SitingQuestion(
        choice=params.looked_for,
        aim=params.aim,
        k=params.k,
        threshold=params.threshold,
        whose=params.whose or (Whose.CONCERNED if modelled else Whose.HIGH_RISK),
        budget=params.budget,
    )


def _candidates(base: Base, params: SitingParams, listed: str, rows: Rows) -> Candidates:
    given = [bool(params.candidates), params.grid is not None, bool(listed.strip())]
    if sum(given) > 1:
        raise InvalidRequestError(
            "candidates", found=f"{sum(given)} ways of naming them", expected="one"
        )
    if params.grid is not None:
        return grid_of(base.service.edition.atlas, base.homes, rows, params.grid)
    if listed.strip():
        return listed_candidates(listed, lambda text: find_postcode(base, text))
    places = taxonomy(PLACES)
    kinds = tuple(params.candidates) or _others(base, params)
    names = [(places.term(kind).plural or places.term(kind).name) for kind in kinds]
    return places_of(base.sites, kinds, rows, " and ".join(names))


def _others(base: Base, params: SitingParams) -> tuple[str, ...]:
    """Return pharmacies where there are some, else every kind that is not looked for."""
    held = [kind for kind, count in base.sites.snapshot.counts.items() if count]
    left = [kind for kind in held if kind not in params.looked_for.kinds]
    return ("pharmacy",) if "pharmacy" in left else tuple(left or held)


def find_postcode(base: Base, text: str) -> Place | None:
    """Return where a postcode is; None for one that is in no list.

    Raises:
        InvalidRequestError: it cannot be one, or the edition has none.
    """
    normalise(text)
    index = base.service.edition.postcodes
    found = None if index is None else index.find(text)
    if found is None or found.longitude is None or found.latitude is None:
        return None
    return found.longitude, found.latitude
