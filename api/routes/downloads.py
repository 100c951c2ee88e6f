"""Downloads: areas and places of support in any form of file, with what they are inside."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Params, Settings
from api.engine import Engine, engines_of
from api.errors import responses
from api.making import file_response, only_head, parts_response
from api.negotiation import matches
from api.questions import NO_BODY, QuestionBody, QuestionParams, question, read_body
from api.routes.support import DEFAULT_WITHIN_M, point_of
from api.service import Service
from api.tables import NO_STORE
from api.work import in_turn
from exclusion_map.areas.scoring import Answer, Question
from exclusion_map.editions.downloads import (
    AreaOrder,
    area_dataset,
    csv_of,
    file_name,
    needs_draws,
    rows_of,
    scores_at,
)
from exclusion_map.editions.jobs import AreaJob, MapJob, SupportJob, check_count, map_name
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.support_downloads import SupportOrder, support_dataset
from exclusion_map.exports.area_columns import USUAL, ColumnGroup, parse_groups
from exclusion_map.exports.csv_files import csv_parts, csvw
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat, parse_format
from exclusion_map.exports.process import Job
from exclusion_map.index.uncertainty import Uncertainty
from exclusion_map.terms import AreaKind, SupportKind

router = APIRouter(prefix="/api/v1/download", tags=["downloads"])

DRAWS = 200
"""Behind intervals of what the edition holds none for."""
SEED = 1
HTML = "text/html; charset=utf-8"
CSVW = "application/csvm+json"
LICENCE = '</data>; rel="license"'

SENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            form.facts.media: {"schema": {"type": "string", "format": "binary"}}
            for form in FileFormat
        }
    },
    **responses(404, 422, 503),
}
Ending = Annotated[str, Path(description=f"Form of file: {', '.join(FileFormat)}.", max_length=20)]


class MapDownload(QuestionParams):
    """Query parameters of a map."""

    kind: AreaKind = Field(default=AreaKind.SMALL_AREA, description="Kind of areas.")
    decile: int | None = Field(
        default=None, ge=1, le=10, description="Only this tenth; 1 = highest risk."
    )

    @property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """The groups of columns asked for."""
        return USUAL

    @property
    def order(self) -> AreaOrder:
        """The same as an edition takes it.

        Raises:
            InvalidRequestError: there is no such group of columns.
        """
        return AreaOrder(
            kind=self.kind,
            groups=self.groups,
            decile=self.decile,
            within=self.within or (self.where if "," not in self.where else ""),
        )


class AreasDownload(MapDownload):
    """Query parameters of a file of areas."""

    columns: str = Field(
        default="",
        max_length=200,
        description=f"Groups of columns, with commas: all, or some of {', '.join(ColumnGroup)}; "
        f"{','.join(USUAL)} if left out.",
        examples=["scores,indicators"],
    )

    @property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """The groups of columns asked for.

        Raises:
            InvalidRequestError: there is no such group.
        """
        return parse_groups(self.columns)


class SupportDownload(Params):
    """Query parameters of a file of places."""

    area: str = Field(default="", max_length=12, description="Code of an area they lie in.")
    near: str = Field(
        default="", max_length=50, description="Latitude and longitude.", examples=["53.39,-3.02"]
    )
    within_m: float = Field(
        default=DEFAULT_WITHIN_M, gt=0, le=100_000, description="With near: metres."
    )
    kind: list[SupportKind] = Field(
        default_factory=list, description="Only places of this kind; may be repeated."
    )

    @property
    def order(self) -> SupportOrder:
        """The same as an edition takes it.

        Raises:
            InvalidRequestError: the point is none.
        """
        return SupportOrder(
            kinds=tuple(dict.fromkeys(self.kind)),
            area=self.area.strip(),
            near=point_of(self.near) if self.near else None,
            within_m=self.within_m,
        )


@router.get(
    "/areas.csv-metadata.json",
    summary="Dictionary of the CSV of areas",
    description="Every column, licences and how it was made (W3C CSV on the Web), for the file of "
    "the same parameters.",
    responses={
        200: {"content": {CSVW: {"schema": {"type": "object"}}}},
        **responses(404, 422, 503),
    },
    response_class=Response,
)
async def areas_dictionary(
    request: Request, service: OpenService, params: Annotated[AreasDownload, Query()]
) -> Response:
    """Return what the CSV of areas holds."""
    asked = await _asked(request, service, params, NO_BODY)
    one = partial(asked.dataset, part=slice(0, 1))
    return _described(request, await anyio.to_thread.run_sync(one), "areas.csv")


@router.get(
    "/areas.{ending}",
    summary="Download areas",
    description=(
        "Areas of one kind, of one place or of several, of one tenth, by any index with any "
        "weights in any base, with the columns you choose: CSV, CSV with dictionary (zip), XLSX, "
        "GeoPackage, GeoParquet, GeoJSON, FlatGeobuf or Arrow. Every form but plain CSV holds its "
        "dictionary, credits, licences and how it was made; CSV has them at the address in its "
        "Link header. Missing is empty, never 0. Areas come in the order of their codes."
    ),
    response_class=Response,
    responses=SENT,
)
async def areas(
    request: Request,
    service: OpenService,
    ending: Ending,
    params: Annotated[AreasDownload, Query()],
) -> Response:
    """Return a file of areas."""
    form = parse_format(ending)
    kept = _kept(request, service)
    if unchanged := _unchanged(request, kept):
        return unchanged
    asked = await _asked(request, service, params, NO_BODY)
    return await _area_file(request, asked, form, kept)


@router.post(
    "/areas.{ending}",
    summary="Download areas of a list, an outline, or a definition of your own",
    description="As GET, with a JSON body as for /api/v1/scores. Nothing that is sent is stored.",
    response_class=Response,
    responses=SENT,
    openapi_extra={
        "requestBody": {
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/QuestionBody"}}}
        }
    },
)
async def post_areas(
    request: Request,
    service: OpenService,
    settings: Settings,
    ending: Ending,
    params: Annotated[AreasDownload, Query()],
) -> Response:
    """Return a file of the areas that the body says."""
    form = parse_format(ending)
    body = await read_body(request, settings.upload_limit)
    asked = await _asked(request, service, params, body)
    return await _area_file(request, asked, form, {"Cache-Control": NO_STORE})


@router.get(
    "/map.html",
    summary="Download a map that opens without a network",
    description=(
        "One HTML file with the areas of a place by tenth of risk, people at risk as heat, places "
        "that can help by kind, a legend in words and a table. It loads nothing from elsewhere."
    ),
    response_class=Response,
    responses={
        200: {"content": {HTML: {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
async def map_file(
    request: Request, service: OpenService, params: Annotated[MapDownload, Query()]
) -> Response:
    """Return a map as one file."""
    kept = _kept(request, service)
    if unchanged := _unchanged(request, kept):
        return unchanged
    asked = await _asked(request, service, params, NO_BODY)
    check_count(asked.count)
    job = MapJob(folder=asked.edition.folder, question=asked.answer.question, order=asked.order)
    name = map_name(asked.edition, asked.answer, asked.order)
    sent = {**kept, **attachment(name), "Link": LICENCE}
    return await file_response(request, job, sent, HTML)


@router.get(
    "/support.csv-metadata.json",
    summary="Dictionary of the CSV of places",
    responses={
        200: {"content": {CSVW: {"schema": {"type": "object"}}}},
        **responses(404, 422, 503),
    },
    response_class=Response,
)
async def support_dictionary(
    request: Request, service: OpenService, params: Annotated[SupportDownload, Query()]
) -> Response:
    """Return what the CSV of places holds."""
    dataset = await anyio.to_thread.run_sync(support_dataset, service.edition, params.order)
    return _described(request, dataset, "support.csv")


@router.get(
    "/support.{ending}",
    summary="Download places that can help",
    description="All places, those inside an area, or those near a point, in any form of file.",
    response_class=Response,
    responses=SENT,
)
async def support(
    request: Request,
    service: OpenService,
    ending: Ending,
    params: Annotated[SupportDownload, Query()],
) -> Response:
    """Return a file of places."""
    form = parse_format(ending)
    kept = _kept(request, service)
    if unchanged := _unchanged(request, kept):
        return unchanged
    order, edition = params.order, service.edition
    dataset = await anyio.to_thread.run_sync(support_dataset, edition, order)
    if form is FileFormat.CSV:
        return _csv(request, csv_parts(dataset), dataset.file_name, kept)
    job = SupportJob(folder=edition.folder, order=order, form=form)
    return await _made(request, job, form, dataset.file_name, kept)


@dataclass(frozen=True)
class Asked:
    """A file of areas that was asked for, made sure that it can be had."""

    edition: Edition
    answer: Answer
    order: AreaOrder
    drawn: Uncertainty | None
    count: int
    """Areas in the file."""

    @property
    def name(self) -> str:
        """The name of the file without its ending."""
        return file_name(self.edition, self.answer, self.order)

    def dataset(self, part: slice) -> Dataset:
        """Return some rows of the table."""
        return area_dataset(self.edition, self.answer, self.order, self.drawn, part)

    def job(self, form: FileFormat) -> AreaJob:
        """Return the making of the file, for another process."""
        return AreaJob(
            folder=self.edition.folder,
            question=self.answer.question,
            order=self.order,
            form=form,
            drawn=self.drawn,
        )


async def _asked(
    request: Request, service: Service, params: MapDownload, body: QuestionBody
) -> Asked:
    engine = engines_of(request.app.state).of(service)
    order = params.order
    asked = await anyio.to_thread.run_sync(question, engine, params, body)
    answered: Answer = await anyio.to_thread.run_sync(engine.answer, asked)
    count = len(rows_of(scores_at(service.edition, answered, order.kind), order.decile))
    drawn = None
    if needs_draws(service.edition, answered, order) and not only_head(request):
        drawn = await draws_of(request, engine, asked)
    return Asked(service.edition, answered, order, drawn, count)


async def draws_of(request: Request, engine: Engine, asked: Question) -> Uncertainty:
    """Return intervals of a question; long work waits for its turn."""
    draws = min(DRAWS, engine.settings.draws_limit)
    ready = engine.has_draws(asked, draws, SEED)
    return await in_turn(request, ready, lambda: engine.uncertainty(asked, draws, SEED))


async def _area_file(
    request: Request, asked: Asked, form: FileFormat, headers: Mapping[str, str]
) -> Response:
    if form is FileFormat.CSV:
        lines = csv_of(asked.edition, asked.answer, asked.order, asked.drawn)
        return _csv(request, lines, asked.name, headers)
    return await _made(request, asked.job(form), form, asked.name, headers)


def _csv(request: Request, lines: Iterator[str], name: str, headers: Mapping[str, str]) -> Response:
    """Return CSV while it is written; its dictionary is at the address in its Link header."""
    sent = {**headers, **attachment(f"{name}.csv"), "Link": _links(request)}
    return parts_response(request, lines, sent, "text/csv; charset=utf-8")


async def _made(
    request: Request, job: Job, form: FileFormat, name: str, headers: Mapping[str, str]
) -> Response:
    """Return a file that another process makes."""
    sent = {**headers, **attachment(f"{name}.{form.value}"), "Link": LICENCE}
    return await file_response(request, job, sent, form.facts.media)


def attachment(name: str) -> dict[str, str]:
    """Return the header that names a file; names are of plain letters only."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _links(request: Request) -> str:
    if request.method == "POST":  # What was sent is not kept: there is no address to look it up.
        return LICENCE
    address = request.url.path.rpartition(".")[0] + ".csv-metadata.json"
    query = f"?{request.url.query}" if request.url.query else ""
    return f'<{address}{query}>; rel="describedby"; type="{CSVW}", {LICENCE}'


def _described(request: Request, dataset: Dataset, name: str) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    body = json.dumps(csvw(dataset, f"{name}{query}"), ensure_ascii=False).encode()
    return tagged(request, body, CSVW)


def _unchanged(request: Request, kept: Mapping[str, str]) -> Response | None:
    """Return 304 to somebody who has the file already."""
    if matches(request.headers.get("if-none-match", ""), kept["ETag"]):
        return Response(status_code=304, headers=kept)
    return None


def _kept(request: Request, service: Service) -> dict[str, str]:
    """Return the headers by which a file is kept: edition and all that was asked for decide it."""
    asked = "&".join(sorted(request.url.query.split("&")))
    digest = blake2b(f"{request.url.path}?{asked}".encode(), digest_size=8).hexdigest()
    return {"ETag": f'W/"{service.edition.id}-{digest}"', "Cache-Control": A_MINUTE}
