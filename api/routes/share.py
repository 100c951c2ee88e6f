"""Fair share: divide a total among areas or partners."""

import json
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Settings
from api.engine import engines_of
from api.errors import responses
from api.making import make_file, send_file
from api.questions import read_model
from api.sent_files import attachment
from api.service import Service
from api.sharing_query import ShareBody, ShareParams, shared_of, with_doubt
from api.tables import NO_STORE, TableFormat, table_response, wanted_format
from api.work import briefly
from exclusion_map.editions.sharing import Shared, file_name, share_dataset
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.dataset_job import DatasetJob
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import records
from exclusion_map.exports.xlsx import write_xlsx
from exclusion_map.targeting.sharing_reading import UnitRow
from exclusion_map.targeting.sharing_table import rule_columns, share_columns

router = APIRouter(prefix="/api/v1", tags=["share"])
SMALL_WORKBOOK = 2_000
"""Rows up to which a workbook is made here: to start another process would take longer."""


class ShareFormat(StrEnum):
    """File formats of a division."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    XLSX = "xlsx"


class SharePart(StrEnum):
    """Table to return as CSV or Arrow."""

    UNITS = "units"
    RULES = "rules"


class ApiShareParams(ShareParams):
    """Query parameters of a fair share as data."""

    format: ShareFormat | None = Field(
        default=None, description="json, csv, arrow or xlsx (with notes and sources)."
    )
    part: SharePart = Field(
        default=SharePart.UNITS, description="For csv and arrow: one row per unit, or one per rule."
    )


class EquityOut(BaseModel):
    """How evenly people at risk are provided for, including items already received."""

    model_config = ConfigDict(frozen=True)

    gini: float | None = Field(description="0 = the same for all.")
    lowest_per_1000: float | None
    highest_per_1000: float | None
    ratio: float | None = Field(description="Highest divided by lowest; null if somebody has none.")


class DoubtOut(BaseModel):
    """The draws behind the columns given_low to chance_of_any."""

    model_config = ConfigDict(frozen=True)

    draws: int
    seed: int
    moved: float = Field(description="Amount that goes to somebody else in a draw, on average.")


class PartOut(BaseModel):
    """Effect of one part of the index on the division."""

    model_config = ConfigDict(frozen=True)

    part: str
    out: float | None = Field(description="Amount that goes elsewhere if it does not count.")
    double: float | None = Field(description="Amount that goes elsewhere if it counts double.")


class ShareOut(BaseModel):
    """The share of each unit, with reasons."""

    model_config = ConfigDict(frozen=True)

    edition: str
    title: str
    how: dict[str, str] = Field(description="Rule, method and bounds in words.")
    notes: tuple[str, ...] = Field(description="Ties, overlaps, and what was left out.")
    total: float
    given: float = Field(description="What all receive together: the total.")
    units: tuple[dict[str, Any], ...] = Field(
        description="One object per unit: code, name, claim, fair_share, given, why and so on; "
        "given_low to chance_of_any with draws; by_RULE for each rule."
    )
    rules: tuple[dict[str, Any], ...] = Field(description="One object per rule: moved, gini ...")
    equity: EquityOut
    doubt: DoubtOut | None
    parts: tuple[PartOut, ...] = Field(
        description="With draws, and a rule based on the index: the effect of each of its parts."
    )


_SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(404, 422, 503),
}
_ABOUT = (
    "Divides a total in whole steps by a rule (equal, per person, modelled people at risk, score "
    "times people, ...), with a minimum and maximum for each, taking into account items already "
    "received, by a stated apportionment method. Shares with bounds are the exact minimum of the "
    "sum of (received + given)^2 / claim. Ties go to the higher mean score, then by code."
)


@router.get(
    "/share",
    summary="Divide a total among areas",
    description=_ABOUT,
    response_model=ShareOut,
    responses=_SENT,
)
async def share_areas(
    request: Request, service: OpenService, params: Annotated[ApiShareParams, Query()]
) -> Response:
    """Return who gets how many of the areas of a kind in a place."""
    return await respond(request, service, params, (), A_MINUTE)


@router.post(
    "/share",
    summary="Divide a total among your own partners",
    description=_ABOUT + " The body names partners with their areas, which may overlap; with "
    "``within``, it names areas there with your own bounds, items received or "
    "numbers. Nothing you send is stored.",
    response_model=ShareOut,
    responses=_SENT,
    openapi_extra={
        "requestBody": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/ShareBody"}}}}
    },
)
async def share_partners(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ApiShareParams, Query()],
) -> Response:
    """Return who gets how many of the units of the body."""
    body = await read_model(request, settings.upload_limit, ShareBody)
    return await respond(request, service, params, body.rows if body else (), NO_STORE)


async def respond(
    request: Request,
    service: Service,
    params: ApiShareParams,
    rows: tuple[UnitRow, ...],
    cache: str,
) -> Response:
    """Return a division in the form that was asked for."""
    engine = engines_of(request.app.state).of(service)
    shared = await briefly(request, shared_of, engine, params, rows)
    shared = await with_doubt(request, engine, params, shared)
    if params.format is ShareFormat.XLSX:
        return await share_workbook(request, service, shared)
    asked = None if params.format is None else TableFormat(params.format.value)
    form = wanted_format(request, asked)
    return await briefly(
        request, share_response, request, service, shared, form, params.part, cache
    )


async def share_workbook(request: Request, service: Service, shared: Shared) -> Response:
    """Return a division as a workbook with notes, dictionary and sources."""
    dataset = await briefly(request, share_dataset, service.edition, shared)
    headers = {**attachment(f"{dataset.file_name}.xlsx"), "Cache-Control": NO_STORE}
    media = FileFormat.XLSX.facts.media
    if len(dataset) <= SMALL_WORKBOOK:
        body = await briefly(request, _workbook, dataset)
        return Response(body, headers=headers, media_type=media)
    file = await make_file(request, DatasetJob(dataset, FileFormat.XLSX))
    return send_file(file, headers, media)


def _workbook(dataset: Dataset) -> bytes:
    with tempfile.TemporaryDirectory(prefix="exclusion-map-") as folder:
        path = Path(folder) / "made.xlsx"
        write_xlsx(dataset, path)
        return path.read_bytes()


def share_response(
    request: Request,
    service: Service,
    shared: Shared,
    form: TableFormat,
    part: SharePart = SharePart.UNITS,
    cache: str = NO_STORE,
) -> Response:
    """Return a division as JSON, CSV or Arrow."""
    units = share_columns(shared.share, shared.compared, shared.doubt)
    rules = rule_columns(shared.compared)
    if form is not TableFormat.JSON:
        told = {"edition": service.edition.id, **shared.how, "notes": json.dumps(shared.notes)}
        name = file_name(service.edition, shared)
        if part is SharePart.RULES:
            return table_response(request, rules, form, told, f"{name}-rules", cache)
        return table_response(request, units, form, told, name, cache)
    even, doubt = shared.share.equity, shared.doubt
    answer = ShareOut(
        edition=service.edition.id,
        title=shared.title,
        how=shared.how,
        notes=shared.notes,
        total=float(shared.share.question.total),
        given=float(shared.share.given.sum()),
        units=tuple(records(units)),
        rules=tuple(records(rules)),
        equity=EquityOut(
            gini=_known(even.gini),
            lowest_per_1000=_known(even.lowest),
            highest_per_1000=_known(even.highest),
            ratio=_known(even.ratio),
        ),
        doubt=None
        if doubt is None
        else DoubtOut(draws=doubt.draws, seed=doubt.seed, moved=doubt.moved),
        parts=tuple(PartOut(part=one.part, out=one.out, double=one.double) for one in shared.parts),
    )
    return tagged(request, answer.model_dump_json().encode(), JSON, {"Vary": "Accept"}, cache)


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
