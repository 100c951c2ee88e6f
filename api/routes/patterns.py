"""Local patterns: where higher or lower risk lies together, area by area."""

import json
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import OpenService, Params, Settings
from api.errors import responses
from api.service import Service
from api.tables import TableFormat, table_response, wanted_format
from exclusion_map.areas.atlas import OUTSIDE, Rows
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.editions.local_tables import PatternTable
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.exports.score_tables import Columns, records, taken
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["patterns"])

_SLUGS = ", ".join(pattern.slug for pattern in Pattern)


class PatternsParams(Params):
    """Query parameters of the patterns."""

    index: str | None = Field(
        default=None, max_length=60, description="Id of an index; the default index if omitted."
    )
    within: str = Field(
        default="", max_length=12, description="Only small areas inside the area with this code."
    )
    pattern: list[str] = Field(
        default_factory=list, max_length=7, description=f"Only these; may be repeated: {_SLUGS}."
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=5_000, description="Rows per page.")
    format: TableFormat | None = Field(
        default=None,
        description="json: one page; csv, arrow: all areas. By the Accept header if omitted.",
    )


class PatternClass(BaseModel):
    """One pattern with its label."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str
    areas: int = Field(description="Small areas of the whole edition.")


class PatternRow(BaseModel):
    """One small area."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    local_authority: str | None
    population: float | None
    score: float | None
    pattern: str
    pattern_label: str
    hot: int = Field(description="By Getis-Ord: 1 in a hot spot, -1 in a cold spot, 0 in neither.")
    local_moran: float | None
    gi_star: float | None = Field(description="Standardised Getis-Ord G*.")
    neighbour_mean: float | None = Field(description="Mean score of its neighbours.")
    p: float | None = Field(description="Two-sided, by permutation, not adjusted.")
    p_adjusted: float | None = Field(description="After Benjamini and Hochberg adjustment.")


class PatternsPage(BaseModel):
    """How the patterns were calculated, and one page of small areas."""

    model_config = ConfigDict(frozen=True)

    edition: str
    index: str
    summary: dict[str, Any] = Field(
        description="For the edition: seed, permutations, smallest possible p, false-discovery "
        "level, areas tested, islands, and notes in words."
    )
    classes: tuple[PatternClass, ...]
    total: int
    page: int
    pages: int
    areas: tuple[PatternRow, ...]


@router.get(
    "/patterns",
    summary="Where risk clusters",
    description=(
        "Local Moran and Getis-Ord statistics of small areas among their neighbours: "
        "higher risk among higher risk, and the other combinations, with two-sided "
        "p-values by seeded permutation and control of the false-discovery rate. "
        "JSON one page at a time, or everything as CSV or Arrow. The same classes as "
        "bytes for a map: /api/v1/editions/{edition}/layers/small_area/patterns.bin"
    ),
    response_model=PatternsPage,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
def patterns(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[PatternsParams, Query()],
) -> Response:
    """Return the patterns."""
    index = service.index(params.index).id
    table = pattern_table(service, index)
    rows = _chosen(service, table, params)
    columns = pattern_columns(service, index, table)
    form = wanted_format(request, params.format)
    edition = service.edition.id
    if form is not TableFormat.JSON:
        told = {"edition": edition, "index": index, "summary": json.dumps(pattern_summary(service))}
        name = f"exclusion-map-{edition}-{index}-patterns"
        return table_response(request, taken(columns, rows), form, told, name)
    size = params.size or settings.page_size
    part = rows[(params.page - 1) * size : params.page * size]
    counts = np.bincount(table.pattern, minlength=len(Pattern)).tolist()
    whole = {
        "edition": edition,
        "index": index,
        "summary": pattern_summary(service),
        "classes": [{"id": one.slug, "label": one.label, "areas": counts[one]} for one in Pattern],
        "total": len(rows),
        "page": params.page,
        "pages": -(-len(rows) // size),
        "areas": records(taken(columns, part)),
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})


def pattern_table(service: Service, index: str) -> PatternTable:
    """Return the patterns of an index.

    Raises:
        NotFoundError: the edition has none of it.
    """
    held = service.edition.patterns
    if index not in held:
        raise NotFoundError(
            f"patterns of index {index!r}",
            found="none in this edition",
            expected=f"one of: {', '.join(held)}" if held else "an edition with patterns",
            mend="" if held else "Build a new edition.",
        )
    return held[index]


def pattern_summary(service: Service) -> dict[str, Any]:
    """Return what the patterns of the default index rest on; empty where the edition is silent."""
    held = service.edition.manifest.validation.get("patterns")
    return dict(held) if isinstance(held, dict) else {}


def pattern_columns(service: Service, index: str, table: PatternTable) -> Columns:
    """Return one row a small area, in feature order."""
    atlas = service.edition.atlas
    small, scores = atlas.level(AreaKind.SMALL_AREA), atlas.score_set(index, AreaKind.SMALL_AREA)
    held = table.pattern.tolist()
    slugs, labels = [one.slug for one in Pattern], [one.label for one in Pattern]
    return {
        "code": small.codes,
        "name": small.labels,
        "local_authority": council_names(service),
        "population": small.population,
        "score": scores.score,
        "pattern": [slugs[one] for one in held],
        "pattern_label": [labels[one] for one in held],
        "hot": table.hot,
        "local_moran": table.local_moran,
        "gi_star": table.gi_star,
        "neighbour_mean": table.neighbour_mean,
        "p": table.p,
        "p_adjusted": table.p_adjusted,
    }


def council_names(service: Service) -> list[str]:
    """Return the name of the local authority of each small area; empty for none."""
    atlas = service.edition.atlas
    parent = atlas.level(AreaKind.SMALL_AREA).parents.get(AreaKind.LOCAL_AUTHORITY)
    if parent is None:
        return [""] * len(atlas.level(AreaKind.SMALL_AREA))
    names = atlas.level(AreaKind.LOCAL_AUTHORITY).labels
    return [names[row] if row != OUTSIDE else "" for row in parent.tolist()]


def _chosen(service: Service, table: PatternTable, params: PatternsParams) -> Rows:
    known = {pattern.slug: pattern for pattern in Pattern}
    strange = [slug for slug in params.pattern if slug not in known]
    if strange:
        raise InvalidRequestError(f"pattern {strange[0]!r}", found="none", expected=_SLUGS)
    wanted = np.ones(len(table.pattern), dtype=np.bool_)
    if params.pattern:
        wanted = np.isin(table.pattern, [known[slug].value for slug in params.pattern])
    if params.within:
        atlas = service.edition.atlas
        inside = np.zeros(len(wanted), dtype=np.bool_)
        inside[atlas.members(*atlas.find(params.within))] = True
        wanted &= inside
    return np.flatnonzero(wanted).astype(np.int32)
