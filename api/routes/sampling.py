"""Samples of small areas: where to go to hear from people at risk."""

import json
import tempfile
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Annotated, Any, BinaryIO

import numpy as np
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Params, Settings
from api.errors import responses
from api.making import make_file, send_file
from api.questions import read_model
from api.sampling_query import SampleBody, SampleParams, sample_for
from api.sent_files import attachment
from api.service import Service
from api.tables import NO_STORE, TableFormat, table_response, wanted_format
from api.targets import base_of
from api.work import briefly, in_thread
from exclusion_map.editions.sampling import Sampled, file_name, sample_dataset
from exclusion_map.editions.sites import site_venues, venue_columns
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset_job import DatasetJob
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import Columns, records
from exclusion_map.targeting.sampling.tables import (
    composition_columns,
    sample_columns,
    stratum_columns,
)
from exclusion_map.targeting.sampling.venues import FARTHEST, KINDS

router = APIRouter(prefix="/api/v1", tags=["sample"])
SMALL = 3_000
"""Rows of a workbook that is made at once."""


class SampleFormat(StrEnum):
    """File formats of a sample."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    XLSX = "xlsx"


class SamplePart(StrEnum):
    """Table to return as CSV or Arrow."""

    AREAS = "areas"
    STRATA = "strata"
    COMPOSITION = "composition"
    VENUES = "venues"
    RECORD = "record"


class ApiSampleParams(SampleParams):
    """Query parameters of a sample as data."""

    format: SampleFormat | None = Field(
        default=None, description="json, csv, arrow or xlsx (with notes and sources)."
    )
    part: SamplePart = Field(
        default=SamplePart.AREAS,
        description="For csv and arrow: areas, strata, composition or venues; record: the JSON "
        "from which the sample can be drawn again.",
    )


class SampleOut(BaseModel):
    """A sample of small areas with its design."""

    model_config = ConfigDict(frozen=True)

    edition: str
    place: str
    how: dict[str, str] = Field(description="The design in words.")
    notes: tuple[str, ...] = Field(description="What the sample can and cannot represent.")
    record: dict[str, Any] = Field(description="Everything needed to draw the sample again.")
    weighting_effect: float = Field(description="Kish design effect of the weights of respondents.")
    areas: tuple[dict[str, Any], ...] = Field(
        description="The areas drawn, then the reserves in order."
    )
    strata: tuple[dict[str, Any], ...]
    composition: tuple[dict[str, Any], ...] = Field(
        description="Shares of groups: in the population, among respondents on average, in this "
        "sample, and in this sample with weights."
    )


_SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(404, 422, 503),
}
_ABOUT = (
    "Draws small areas in strata, with probabilities proportional to size: systematically along a "
    "serpentine order, at random (conditional Poisson), balanced (cube method) or spread over the "
    "map (local pivotal method). Returns inclusion probabilities, design weights, reserves, the "
    "expected composition, and a record from which the sample can be drawn again. The same seed "
    "gives the same sample."
)


@router.get(
    "/sample",
    summary="Draw a sample of small areas",
    description=_ABOUT,
    response_model=SampleOut,
    responses=_SENT,
)
async def sample(
    request: Request, service: OpenService, params: Annotated[ApiSampleParams, Query()]
) -> Response:
    """Return a sample."""
    return await respond(request, service, params, None)


@router.post(
    "/sample",
    summary="Draw a sample with your own strata",
    description=_ABOUT
    + " With ``strata=own``, a column in the body gives the stratum of each area. "
    "Nothing you send is stored.",
    response_model=SampleOut,
    responses=_SENT,
    openapi_extra={"requestBody": {"content": {JSON: {"schema": SampleBody.model_json_schema()}}}},
)
async def sample_with_column(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ApiSampleParams, Query()],
) -> Response:
    """Return a sample in strata of the body."""
    body = await read_model(request, settings.upload_limit, SampleBody)
    return await respond(request, service, params, body)


async def respond(
    request: Request, service: Service, params: ApiSampleParams, body: SampleBody | None
) -> Response:
    """Return a sample in the form that was asked for."""
    found = await in_thread(request, lambda _: sample_for(request, service, params, body))
    if params.format is SampleFormat.XLSX:
        return await sample_workbook(request, service, found)
    asked = None if params.format is None else TableFormat(params.format.value)
    form = wanted_format(request, asked)
    cache = A_MINUTE if body is None else NO_STORE
    return await briefly(request, _table, request, service, params, found, form, cache)


async def sample_workbook(request: Request, service: Service, found: Sampled) -> Response:
    """Return a sample as a workbook with design, dictionary and sources."""
    dataset = await briefly(request, sample_dataset, service.edition, found)
    job = DatasetJob(dataset, FileFormat.XLSX)
    if len(dataset) <= SMALL:
        file = await briefly(request, _made_here, job)
    else:
        file = await make_file(request, job)
    headers = {**attachment(f"{dataset.file_name}.xlsx"), "Cache-Control": NO_STORE}
    return send_file(file, headers, FileFormat.XLSX.facts.media)


def _made_here(job: DatasetJob) -> BinaryIO:
    """Return a small file, made in a tenth of the time that a process takes to start."""
    with tempfile.TemporaryDirectory(prefix="exclusion-map-") as folder:
        path = FilePath(folder) / f"made.{job.ending}"
        job.write(path)
        return path.open("rb")


def _table(
    request: Request,
    service: Service,
    params: ApiSampleParams,
    found: Sampled,
    form: TableFormat,
    cache: str,
) -> Response:
    if params.part is SamplePart.RECORD:
        headers = attachment(f"{file_name(found, 'record')}.json")
        return tagged(request, found.record.encode(), JSON, headers, cache)
    if form is not TableFormat.JSON:
        columns = _columns(request, service, params, found)
        told = {"edition": found.edition, **found.how, "record": found.record}
        part = "" if params.part is SamplePart.AREAS else params.part.value
        return table_response(request, columns, form, told, file_name(found, part), cache)
    answer = SampleOut(
        edition=found.edition,
        place=found.place,
        how=found.how,
        notes=found.notes,
        record=json.loads(found.record),
        weighting_effect=found.weighting,
        areas=tuple(records(sample_columns(found.drawn))),
        strata=tuple(records(stratum_columns(found.drawn))),
        composition=tuple(records(composition_columns(found.parts))),
    )
    body = answer.model_dump_json().encode()
    return tagged(request, body, JSON, {"Vary": "Accept"}, cache)


def _columns(
    request: Request, service: Service, params: ApiSampleParams, found: Sampled
) -> Columns:
    if params.part is SamplePart.STRATA:
        return stratum_columns(found.drawn)
    if params.part is SamplePart.COMPOSITION:
        return composition_columns(found.parts)
    if params.part is SamplePart.VENUES:
        base = base_of(request, service)
        rows = found.drawn.frame.rows[np.concatenate([found.drawn.main, found.drawn.reserves])]
        near = site_venues(service.edition, base.sites, rows, params.kinds, params.near_m)
        return venue_columns(service.edition, base.sites, base.places, rows, near)
    return sample_columns(found.drawn)


class VenueParams(Params):
    """Query parameters of the venues of an area."""

    kind: list[str] = Field(default_factory=list, max_length=10, description="Kinds of place.")
    near_m: float = Field(
        default=3_000.0, gt=0, le=FARTHEST, description="Maximum distance in metres."
    )
    format: TableFormat | None = Field(default=None, description="json, csv or arrow.")

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of place that are venues."""
        return tuple(each for each in self.kind if each) or KINDS


class VenuesOut(BaseModel):
    """Places near an area where people can be met."""

    model_config = ConfigDict(frozen=True)

    edition: str
    venues: tuple[dict[str, Any], ...]


@router.get(
    "/sample/venues/{code}",
    summary="Places near a small area where people can be met",
    response_model=VenuesOut,
    responses=_SENT,
)
async def venues(
    request: Request,
    service: OpenService,
    code: Annotated[str, Path(max_length=20, description="Code of a small area.")],
    params: Annotated[VenueParams, Query()],
) -> Response:
    """The nearest places of each kind, with address, opening hours and distance in metres."""
    return await briefly(request, _venues, request, service, code, params)


def _venues(request: Request, service: Service, code: str, params: VenueParams) -> Response:
    base = base_of(request, service)
    row = small_row(service, code)
    rows = np.array([row], dtype=np.int64)
    near = site_venues(service.edition, base.sites, rows, params.kinds, params.near_m)
    columns = venue_columns(service.edition, base.sites, base.places, rows, near)
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        told = {"edition": service.edition.id}
        name = f"exclusion-map-{service.edition.id}-venues-{code.upper()}"
        return table_response(request, columns, form, told, name)
    answer = VenuesOut(edition=service.edition.id, venues=tuple(records(columns)))
    return tagged(request, answer.model_dump_json().encode(), JSON, {"Vary": "Accept"})


def small_row(service: Service, code: str) -> int:
    """Return the row of a small area.

    Raises:
        NotFoundError: there is no area of that code.
        InvalidRequestError: it is no small area.
    """
    level, row = service.edition.atlas.find(code)
    if level.kind.value != "small_area":
        raise InvalidRequestError(
            f"area {code!r}", found=f"a {level.kind.label}", expected="a small area"
        )
    return row
