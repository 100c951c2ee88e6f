"""What changed between two editions: because the data did, and because the method did."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.change_list import ChangeSort, change_columns, change_rows
from api.comparisons import ONE_EDITION, Compared, EditionNote, comparisons_of
from api.dependencies import OpenService, Params, Settings
from api.errors import responses
from api.service import Service
from api.tables import TableFormat, table_response, wanted_format
from api.work import briefly, in_turn
from exclusion_map.editions.source_changes import SourceFate
from exclusion_map.errors import NotFoundError
from exclusion_map.exports.score_tables import records, taken

router = APIRouter(prefix="/api/v1", tags=["edition"])


class ChangesParams(Params):
    """Query parameters of the changes."""

    old: str = Field(
        default="", max_length=80, description="Id of an edition; the previous one if omitted."
    )
    new: str = Field(
        default="",
        max_length=80,
        description="Id of the edition to compare it with; the one being served if omitted.",
    )
    index: str | None = Field(
        default=None, max_length=60, description="Id of an index that both have."
    )
    within: str = Field(
        default="", max_length=12, description="Only small areas inside the area with this code."
    )
    sort: ChangeSort = Field(
        default=ChangeSort.RANK,
        description="Largest change of rank first: in total, by data, or by method; or by code.",
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=5_000, description="Rows per page.")
    format: TableFormat | None = Field(
        default=None,
        description="json: one page; csv, arrow: all areas. By the Accept header if omitted.",
    )


class EditionFacts(BaseModel):
    """An edition that can be compared."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    built: datetime
    current: bool
    indices: tuple[str, ...]


class SourceChangeFacts(BaseModel):
    """A source that differs."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    fate: SourceFate
    old_vintage: str
    new_vintage: str
    files: int = Field(description="Files added, removed or changed.")


class ChangeRow(BaseModel):
    """One small area; changes are new minus old, and a lower rank number is a higher risk."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    score_old: float | None
    score_new: float | None
    score_change: float | None
    score_by_data: float | None
    score_by_method: float | None
    score_by_program: float | None = Field(
        description="Part of the published scores that this version does not reproduce."
    )
    rank_old: float | None
    rank_new: float | None
    rank_change: float | None
    rank_by_data: float | None
    rank_by_method: float | None
    rank_by_program: float | None
    decile_old: float | None
    decile_new: float | None


class ChangesPage(BaseModel):
    """Comparison of two editions; only ``editions`` and ``reason`` if there is only one."""

    model_config = ConfigDict(frozen=True)

    available: bool
    reason: str = Field(description="Why nothing is compared; empty if something is.")
    editions: tuple[EditionFacts, ...] = Field(description="Available editions, newest first.")
    index: str | None = None
    old: str | None = None
    new: str | None = None
    summary: dict[str, Any] | None = Field(
        default=None,
        description="Areas, moves between deciles, and how much is due to data or method.",
    )
    sources: tuple[SourceChangeFacts, ...] = ()
    total: int = 0
    page: int = 1
    pages: int = 0
    areas: tuple[ChangeRow, ...] = ()


@router.get(
    "/changes",
    summary="What changed between two editions",
    description=(
        "The change in score and rank of every small area, split into the effects of "
        "new data and of a changed method (Shapley values: the mean of changing "
        "either first); how many areas moved between deciles; which sources and "
        "which parts of the definition differ. An area can move because others did: "
        "this does not mean that people there are better or worse off."
    ),
    response_model=ChangesPage,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
async def changes(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ChangesParams, Query()],
) -> Response:
    """Return what changed."""
    index = service.index(params.index).id
    compared = await compared_in_turn(request, params.old, params.new, index)
    size = params.size or settings.page_size
    return await briefly(request, _respond, request, service, params, compared, index, size)


async def compared_in_turn(request: Request, old: str, new: str, index: str) -> Compared | None:
    """Return two editions compared, one comparison at a time; None where there is but one.

    Raises:
        NotFoundError: an edition, or the index in one of them, is unknown.
        InvalidRequestError: both are the same.
    """
    comparisons = comparisons_of(request.app.state)
    pair = await briefly(request, comparisons.pair, old, new)
    if pair is None:
        return None
    ready = comparisons.ready(pair, index)
    return await in_turn(request, ready, lambda: comparisons.compare(pair, index))


def _respond(
    request: Request,
    service: Service,
    params: ChangesParams,
    compared: Compared | None,
    index: str,
    size: int,
) -> Response:
    form = wanted_format(request, params.format)
    listed = comparisons_of(request.app.state).editions()
    if compared is None:
        if form is not TableFormat.JSON:
            raise NotFoundError("changes", found="one edition", expected="two", mend=ONE_EDITION)
        return _json(request, {"available": False, "reason": ONE_EDITION}, listed)
    rows = change_rows(service, compared, params.sort, params.within)
    columns = change_columns(compared)
    if form is not TableFormat.JSON:
        told = {"old": compared.old.id, "new": compared.new.id, "index": index}
        name = f"exclusion-map-changes-{compared.old.id}-{compared.new.id}-{index}"
        return table_response(request, taken(columns, rows), form, told, name)
    part = rows[(params.page - 1) * size : params.page * size]
    whole = {
        "available": True,
        "reason": "",
        "index": index,
        "old": compared.old.id,
        "new": compared.new.id,
        "summary": compared.found.summary(),
        "sources": [asdict(one) for one in compared.sources],
        "total": len(rows),
        "page": params.page,
        "pages": -(-len(rows) // size),
        "areas": records(taken(columns, part)),
    }
    return _json(request, whole, listed)


def _json(request: Request, whole: Mapping[str, Any], listed: tuple[EditionNote, ...]) -> Response:
    editions = [{**asdict(one), "built": one.built.isoformat()} for one in listed]
    body = json.dumps({**whole, "editions": editions}, ensure_ascii=False, separators=(",", ":"))
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})
