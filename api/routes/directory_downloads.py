"""Files of the directory as it is now, with every filter of /api/v1/support."""

from dataclasses import replace
from typing import Annotated

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from api.dependencies import OpenService
from api.directory_csv import directory_csv, some_at_a_time
from api.made_files import MadeFile
from api.making import file_response, only_head
from api.routes.support import SupportParams
from api.sent_files import CSV, LICENCE, SENT, Ending, attachment
from api.service import Service
from api.support_query import places_in
from api.work import in_thread
from exclusion_map.directory.places import Places
from exclusion_map.editions.directory_downloads import joined_dataset
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.dataset_job import DatasetJob
from exclusion_map.exports.formats import FileFormat, parse_format

router = APIRouter(prefix="/api/v1/download", tags=["downloads"])


@router.get(
    "/directory.{ending}",
    summary="Download the directory of support",
    description="Places with their services as they are now, all or those selected by the "
    "parameters of /api/v1/support, in any file format. For Open Referral UK see "
    "/openreferral/export.json.",
    response_class=Response,
    responses=SENT,
)
async def directory(
    request: Request,
    service: OpenService,
    ending: Ending,
    params: Annotated[SupportParams, Query()],
) -> Response:
    """Return a file of places."""
    form = parse_format(ending)
    sent = {"Cache-Control": "no-cache", "Link": LICENCE}
    if form is FileFormat.CSV and not only_head(request):
        file = await in_thread(request, lambda _: _csv(request, service, params))
        sent |= {**attachment(f"{file.name}.csv"), "Content-Length": str(file.size)}
        return StreamingResponse(file.parts(), headers=sent, media_type=CSV)
    if only_head(request):
        made = await anyio.to_thread.run_sync(_dataset, request, service, params, form, 1)
    else:
        made = await in_thread(request, lambda _: _dataset(request, service, params, form))
    sent |= attachment(f"{made.file_name}.{form.value}")
    if form is FileFormat.CSV:
        return StreamingResponse(iter(()), headers=sent, media_type=CSV)
    job = DatasetJob(dataset=made, form=form)
    return await file_response(request, job, sent, form.facts.media)


def _csv(request: Request, service: Service, params: SupportParams) -> MadeFile:
    found = params.found(service, places_in(request, service))
    return directory_csv(request.app.state, service, found)


def _dataset(
    request: Request,
    service: Service,
    params: SupportParams,
    form: FileFormat,
    most: int | None = None,
) -> Dataset:
    """Return the places that are asked for, or the first few: enough to tell the file's name."""
    places: Places = places_in(request, service)
    found = params.found(service, places)
    if most is not None and form.facts.outlines:
        placed = ~np.isnan(places.snapshot.longitude[found.rows])
        away = None if found.away is None else found.away[placed]
        found = replace(found, rows=found.rows[placed], away=away)
    parts = some_at_a_time(found, len(found) if most is None else most)
    return joined_dataset(service.edition, parts, places.tag, mapped=form.facts.outlines)
