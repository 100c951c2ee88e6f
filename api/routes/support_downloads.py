"""Downloads: places of support of an edition, in any form of file."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.dependencies import OpenService, Params
from api.routes.support import DEFAULT_WITHIN_M, point_of
from api.sent_files import (
    DESCRIBED,
    SENT,
    Ending,
    csv_response,
    described,
    kept_by,
    made_response,
    unchanged,
)
from api.work import briefly
from exclusion_map.editions.jobs import SupportJob
from exclusion_map.editions.support_downloads import SupportOrder, support_dataset
from exclusion_map.exports.csv_files import csv_parts
from exclusion_map.exports.formats import FileFormat, parse_format
from exclusion_map.terms import SupportKind

router = APIRouter(prefix="/api/v1/download", tags=["downloads"])


class SupportDownload(Params):
    """Query parameters of a file of places."""

    area: str = Field(
        default="", max_length=12, description="Only places inside the area with this code."
    )
    near: str = Field(
        default="", max_length=50, description="Latitude and longitude.", examples=["53.39,-3.02"]
    )
    within_m: float = Field(
        default=DEFAULT_WITHIN_M, gt=0, le=100_000, description="With near: distance in metres."
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
    "/support.csv-metadata.json",
    summary="Dictionary of the CSV of places",
    responses=DESCRIBED,
    response_class=Response,
)
async def support_dictionary(
    request: Request, service: OpenService, params: Annotated[SupportDownload, Query()]
) -> Response:
    """Every column of the CSV file, with licences and sources (W3C CSV on the Web)."""
    dataset = await briefly(request, support_dataset, service.edition, params.order)
    return described(request, dataset, "support.csv")


@router.get(
    "/support.{ending}",
    summary="Download support locations",
    description="All places, those inside an area, or those near a point, in any file format.",
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
    kept = kept_by(request, service)
    if same := unchanged(request, kept):
        return same
    order, edition = params.order, service.edition
    dataset = await briefly(request, support_dataset, edition, order)
    if form is FileFormat.CSV:
        return csv_response(request, csv_parts(dataset), dataset.file_name, kept)
    job = SupportJob(folder=edition.folder, order=order, form=form)
    return await made_response(request, job, form, dataset.file_name, kept)
