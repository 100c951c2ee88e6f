"""An assessment as files: JSON with the whole history, CSV, the one page as PDF."""

from collections.abc import Sequence
from enum import StrEnum

from fastapi import Request
from starlette.responses import Response

from api.answers import JSON
from api.making import file_response
from api.pages.readiness_sheet import printed
from api.pages.templating import environment
from api.readiness import file_name
from api.readiness_figures import Figures
from api.tables import CSV
from exclusion_map.readiness.exporting import as_csv, as_json
from exclusion_map.readiness.models import Assessment, Round
from exclusion_map.readiness.tables import ReadinessChange

PDF = "application/pdf"


class Ending(StrEnum):
    """Forms that an assessment is downloaded in."""

    CSV = "csv"
    JSON = "json"
    PDF = "pdf"


def text_file(
    assessment: Assessment, changes: Sequence[ReadinessChange], ending: Ending
) -> Response:
    """Return an assessment as JSON or CSV; it is kept by no cache."""
    if ending is Ending.CSV:
        # The mark at the start makes spreadsheets believe that it is UTF-8.
        body, media = ("\ufeff" + as_csv(assessment)).encode(), CSV
    else:
        body, media = as_json(assessment, changes).encode(), JSON
    return Response(body, headers=_headers(assessment, ending), media_type=media)


async def pdf_file(
    request: Request, assessment: Assessment, shown: Round, figures: Figures | None
) -> Response:
    """Return the one page of a round as a tagged PDF.

    Raises:
        ExclusionMapError: this machine cannot make PDFs.
    """
    # Loaded here: most services never make one.
    from exclusion_map.exports.pdf import PdfJob

    context = printed(assessment, shown, figures)
    html = environment().get_template("files/readiness.html").render(**context)
    title = f"{assessment.details.title}: digital inclusion readiness, {shown.name}"
    job = PdfJob(html, title)
    return await file_response(request, job, _headers(assessment, Ending.PDF), PDF)


def _headers(assessment: Assessment, ending: Ending) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{file_name(assessment)}.{ending.value}"',
        "Cache-Control": "private, no-store",
    }
