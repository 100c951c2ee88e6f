"""Downloads: areas in any form of file, and as a map, with what they are inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.errors import responses
from api.making import file_response, only_head
from api.questions import NO_BODY, QuestionBody, QuestionParams, question, read_body
from api.sent_files import (
    DESCRIBED,
    HTML,
    LICENCE,
    SENT,
    Ending,
    attachment,
    csv_response,
    described,
    kept_by,
    made_response,
    unchanged,
)
from api.service import Service
from api.tables import NO_STORE
from api.work import briefly, in_turn
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
from exclusion_map.editions.jobs import AreaJob, MapJob, check_count, map_name
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.area_columns import USUAL, ColumnGroup, parse_groups
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat, parse_format
from exclusion_map.index.uncertainty import Uncertainty
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1/download", tags=["downloads"])

DRAWS = 200
"""Behind intervals of what the edition holds none for."""
SEED = 1


class MapDownload(QuestionParams):
    """Query parameters of a map."""

    kind: AreaKind = Field(default=AreaKind.SMALL_AREA, description="Kind of area.")
    decile: int | None = Field(
        default=None, ge=1, le=10, description="Only this decile; 1 = highest risk."
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
        f"{','.join(USUAL)} if omitted.",
        examples=["scores,indicators"],
    )

    @property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """The groups of columns asked for.

        Raises:
            InvalidRequestError: there is no such group.
        """
        return parse_groups(self.columns)


@router.get(
    "/areas.csv-metadata.json",
    summary="Dictionary of the CSV of areas",
    description="Every column, licences and method (W3C CSV on the Web), for the file with "
    "the same parameters.",
    responses=DESCRIBED,
    response_class=Response,
)
async def areas_dictionary(
    request: Request, service: OpenService, params: Annotated[AreasDownload, Query()]
) -> Response:
    """Return what the CSV of areas holds."""
    asked = await _asked(request, service, params, NO_BODY)
    one = partial(asked.dataset, part=slice(0, 1))
    return described(request, await briefly(request, one), "areas.csv")


@router.get(
    "/areas.{ending}",
    summary="Download areas",
    description=(
        "Areas of one kind, of one place or several, or of one decile, by any index "
        "with any weights and base, with the columns you choose: CSV, CSV with "
        "dictionary (zip), XLSX, GeoPackage, GeoParquet, GeoJSON, FlatGeobuf or "
        "Arrow. Every format except plain CSV includes its dictionary, credits, "
        "licences and method; for CSV they are at the address in its Link header. "
        "Missing values are empty, never 0. Areas are sorted by code."
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
    kept = kept_by(request, service)
    if same := unchanged(request, kept):
        return same
    asked = await _asked(request, service, params, NO_BODY)
    return await _area_file(request, asked, form, kept)


@router.post(
    "/areas.{ending}",
    summary="Download areas for a list, a boundary, or your own definition",
    description="As GET, with a JSON body as for /api/v1/scores. Nothing you send is stored.",
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
    summary="Download a map that opens without an internet connection",
    description=(
        "One HTML file with the areas of a place by decile of risk, people at risk "
        "as a heat map, support locations by kind, a legend in words and a table. It "
        "loads nothing from other sites."
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
    kept = kept_by(request, service)
    if same := unchanged(request, kept):
        return same
    asked = await _asked(request, service, params, NO_BODY)
    check_count(asked.count)
    job = MapJob(folder=asked.edition.folder, question=asked.answer.question, order=asked.order)
    name = map_name(asked.edition, asked.answer, asked.order)
    sent = {**kept, **attachment(name), "Link": LICENCE}
    return await file_response(request, job, sent, HTML)


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
    asked = await briefly(request, question, engine, params, body)
    answered: Answer = await briefly(request, engine.answer, asked)
    scores = await briefly(request, scores_at, service.edition, answered, order.kind)
    count = len(rows_of(scores, order.decile))
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
        return csv_response(request, lines, asked.name, headers)
    return await made_response(request, asked.job(form), form, asked.name, headers)
