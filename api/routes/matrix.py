"""Risk matrix: areas by likelihood and impact."""

import json
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Settings
from api.engine import engines_of
from api.errors import responses
from api.making import file_response
from api.matrix_query import MatrixBody, MatrixParams, matrix_for, with_draws
from api.questions import read_model
from api.sent_files import attachment
from api.service import Service
from api.tables import NO_STORE, TableFormat, table_response, wanted_format
from api.work import briefly
from exclusion_map.editions.matrix import Matrixed, file_name, matrix_dataset
from exclusion_map.exports.dataset_job import DatasetJob
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import Columns, records
from exclusion_map.targeting.matrix_table import area_columns, cell_columns

router = APIRouter(prefix="/api/v1", tags=["matrix"])


class MatrixFormat(StrEnum):
    """File formats of a matrix."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    GEOJSON = "geojson"
    XLSX = "xlsx"


class MatrixPart(StrEnum):
    """Table to return as CSV, Arrow or boundary file."""

    CHOSEN = "chosen"
    ALL = "all"
    CELLS = "cells"


class ApiMatrixParams(MatrixParams):
    """Query parameters of a risk matrix as data."""

    format: MatrixFormat | None = Field(
        default=None, description="json, csv, arrow, geojson (boundaries) or xlsx (with notes)."
    )
    part: MatrixPart = Field(
        default=MatrixPart.CHOSEN,
        description="Areas of the chosen cells; all areas, including those in no cell; or (csv, "
        "arrow) one row per cell.",
    )


class MatrixDoubtOut(BaseModel):
    """Uncertainty of the cells due to the intervals of the index."""

    model_config = ConfigDict(frozen=True)

    draws: int = Field(description="0: the intervals published with the edition.")
    seed: int
    might_move: int = Field(description="Areas that might be in another cell.")
    of: int = Field(description="Areas of the matrix.")


class MatrixOut(BaseModel):
    """Areas by likelihood and impact."""

    model_config = ConfigDict(frozen=True)

    edition: str
    title: str
    how: dict[str, str] = Field(description="Axes, class limits and intervals in words.")
    notes: tuple[str, ...]
    size: int
    likelihood_lines: tuple[float, ...]
    impact_lines: tuple[float, ...]
    cells: tuple[dict[str, Any], ...] = Field(
        description="Areas, people and members of the group in each cell, highest first; with "
        "intervals, how many areas are certainly and possibly in it."
    )
    missing: dict[str, float] = Field(description="Areas and people in no cell.")
    chosen: tuple[str, ...] = Field(description="Cells whose areas are listed.")
    areas: tuple[dict[str, Any], ...] = Field(description="Areas of the chosen cells.")
    doubt: MatrixDoubtOut | None


_SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, "application/geo+json": {}}},
    **responses(404, 422, 503),
}
_ABOUT = (
    "Crosses likelihood (a risk index, with any weights) and impact (people of a group, or those "
    "who rely on a service) in three or five classes each, cut so that each class has the same "
    "number of areas or people, or by your own class limits. The two are never combined into one "
    "number. Intervals of the index show how many areas might be in another cell; areas with "
    "missing values are in no cell."
)


@router.get(
    "/matrix",
    summary="Areas by likelihood and impact",
    description=_ABOUT,
    response_model=MatrixOut,
    responses=_SENT,
)
async def matrix(
    request: Request, service: OpenService, params: Annotated[ApiMatrixParams, Query()]
) -> Response:
    """Return a risk matrix."""
    return await respond(request, service, params, None, A_MINUTE)


@router.post(
    "/matrix",
    summary="Areas by likelihood and your own figures of impact",
    description=_ABOUT
    + " The body contains your own figures, with ``group=own``. Nothing you send "
    "is stored.",
    response_model=MatrixOut,
    responses=_SENT,
    openapi_extra={
        "requestBody": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/MatrixBody"}}}}
    },
)
async def matrix_of_figures(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ApiMatrixParams, Query()],
) -> Response:
    """Return a risk matrix whose impact is in the body."""
    body = await read_model(request, settings.upload_limit, MatrixBody)
    return await respond(request, service, params, body, NO_STORE)


async def respond(
    request: Request,
    service: Service,
    params: ApiMatrixParams,
    body: MatrixBody | None,
    cache: str,
) -> Response:
    """Return a risk matrix in the form that was asked for."""
    engine = engines_of(request.app.state).of(service)
    found = await briefly(request, matrix_for, engine, params, body)
    found = await with_draws(request, engine, params, found)
    return await send(request, service, found, params.format, params.part, cache)


async def send(
    request: Request,
    service: Service,
    found: Matrixed,
    asked: MatrixFormat | None,
    part: MatrixPart,
    cache: str = NO_STORE,
) -> Response:
    """Return a matrix as JSON, as a table, or as a file with outlines or notes."""
    if asked in (MatrixFormat.GEOJSON, MatrixFormat.XLSX):
        form = FileFormat(asked.value)
        every = part is MatrixPart.ALL
        dataset = await briefly(
            request, lambda: matrix_dataset(service.edition, found, every=every)
        )
        headers = {**attachment(f"{dataset.file_name}.{form.value}"), "Cache-Control": NO_STORE}
        return await file_response(request, DatasetJob(dataset, form), headers, form.facts.media)
    form_asked = None if asked is None else TableFormat(asked.value)
    wanted = wanted_format(request, form_asked)
    return await briefly(request, _table, request, service, found, wanted, part, cache)


def _table(
    request: Request,
    service: Service,
    found: Matrixed,
    form: TableFormat,
    part: MatrixPart,
    cache: str,
) -> Response:
    if form is not TableFormat.JSON:
        told = {"edition": service.edition.id, **found.how, "notes": json.dumps(found.notes)}
        name = file_name(service.edition, found, part=part.value)
        return table_response(request, _columns(found, part), form, told, name, cache)
    matrix, doubt = found.matrix, found.doubt
    missing = matrix.missing
    answer = MatrixOut(
        edition=service.edition.id,
        title=found.title,
        how=found.how,
        notes=found.notes,
        size=matrix.size,
        likelihood_lines=matrix.likelihood_cuts.edges,
        impact_lines=matrix.impact_cuts.edges,
        cells=tuple(records(cell_columns(matrix, doubt))),
        missing={"areas": missing.areas, "population": round(missing.people, 1)},
        chosen=tuple(str(one) for one in found.cells),
        areas=tuple(records(_columns(found, MatrixPart.CHOSEN))),
        doubt=None
        if doubt is None
        else MatrixDoubtOut(
            draws=doubt.draws,
            seed=doubt.seed,
            might_move=found.might_move,
            of=int((matrix.cell > 0).sum()),
        ),
    )
    return tagged(request, answer.model_dump_json().encode(), JSON, {"Vary": "Accept"}, cache)


def _columns(found: Matrixed, part: MatrixPart) -> Columns:
    if part is MatrixPart.CELLS:
        return cell_columns(found.matrix, found.doubt)
    every = part is MatrixPart.ALL
    rows = np.arange(len(found.matrix.units)) if every else found.rows
    return area_columns(found.matrix, found.doubt, rows)
