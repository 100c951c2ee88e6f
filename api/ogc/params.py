"""Query parameters of features: the standards' own, what to score, and any property."""

from typing import Final, Literal

from fastapi import Depends, Request
from pydantic import ConfigDict, Field

from api.ogc.wire import Form
from api.questions import QuestionParams
from exclusion_map.areas.bases import BaseName
from exclusion_map.errors import InvalidRequestError
from exclusion_map.features.crs import CRS84

FilterLanguage = Literal["cql2-text", "cql2-json", "cql-text"]
"""How a filter is written; GDAL calls the first by the last, its name in older drafts."""
CRS_WORDS: Final = "Reference system of {}, by address; longitude and latitude if omitted."
SCORING: Final = tuple(QuestionParams.model_fields)
"""Parameters that only areas have."""


class ItemParams(QuestionParams):
    """Query parameters of one feature."""

    f: Form | None = Field(None, description="json or html; by the Accept header if omitted.")
    crs: str = Field(
        CRS84.uri, max_length=200, description=CRS_WORDS.format("the geometry of the response")
    )


class ItemsParams(ItemParams):
    """Query parameters of features. A further parameter is a property that has to be equal."""

    model_config = ConfigDict(frozen=True, extra="allow")

    limit: int = Field(100, ge=1, description="Maximum number of features in the response.")
    offset: int = Field(0, ge=0, le=10_000_000, description="Number of features to skip.")
    bbox: str = Field(
        "",
        max_length=300,
        description="4 numbers, or 6 with heights, separated by commas: only features that "
        "intersect the box.",
        examples=["-3.2,53.3,-2.9,53.5"],
    )
    bbox_crs: str = Field(
        CRS84.uri, alias="bbox-crs", max_length=200, description=CRS_WORDS.format("bbox")
    )
    datetime: str = Field(
        "",
        max_length=100,
        description="A date and time or an interval. The features have no dates, so all match.",
    )
    filter: str = Field(
        "",
        max_length=20_000,
        description="A filter in CQL2 over the properties of /queryables.",
        examples=["decile <= 2 AND local_authority = 'Wirral'"],
    )
    filter_lang: FilterLanguage | None = Field(
        None,
        alias="filter-lang",
        description="Language of the filter; recognised from its first character if omitted.",
    )
    filter_crs: str = Field(
        CRS84.uri,
        alias="filter-crs",
        max_length=200,
        description=CRS_WORDS.format("geometries in the filter"),
    )
    sortby: str = Field(
        "",
        max_length=300,
        description="Properties separated by commas, with a minus sign for descending order: "
        "-score,name.",
    )
    properties: str = Field(
        "",
        max_length=2000,
        description="Properties to return, separated by commas; all if omitted.",
    )
    skip_geometry: bool = Field(
        False, alias="skipGeometry", description="Leave out the geometry; it is null."
    )

    @property
    def equal(self) -> dict[str, str]:
        """Properties that have to be equal to something."""
        return {name: str(value) for name, value in (self.model_extra or {}).items()}


def scoring_given(params: QuestionParams) -> list[str]:
    """Return the names of the parameters that say what to score and were given."""
    return [name for name in SCORING if getattr(params, name) not in (None, "", BaseName.ALL)]


def once_each(request: Request) -> None:
    """Refuse a parameter that is given twice: which of the two was meant?

    Raises:
        InvalidRequestError: one is.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidRequestError(", ".join(twice), found="more than one", expected="one of each")


OnceEach = Depends(once_each)
