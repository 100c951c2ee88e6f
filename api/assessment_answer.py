"""An impact assessment as JSON, and as the files it can be taken away as."""

from enum import StrEnum
from typing import Any, Final

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.making import file_response
from api.sent_files import attachment
from api.tables import TableFormat, table_response
from api.work import in_thread
from exclusion_map.editions import assessment_words as words
from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.assessment_document import assessment_document
from exclusion_map.editions.assessment_table import (
    assessment_columns,
    assessment_rows,
    known,
)
from exclusion_map.exports.document_html import document_file, document_page
from exclusion_map.exports.docx import DOCX, write_docx
from exclusion_map.exports.pdf import PdfJob
from exclusion_map.targeting.assessment.declared import prompts

PDF: Final = "application/pdf"


class AssessmentFormat(StrEnum):
    """File formats of an assessment."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"


class RiskOut(BaseModel):
    """Risk of the people concerned; shares are 0 to 1, null if unknown."""

    model_config = ConfigDict(frozen=True)

    score: float | None
    score_of_comparator: float | None
    worst_tenth: float | None
    worst_tenth_of_comparator: float | None
    surely_high: float | None = Field(
        description="Share in areas that stay in the highest-risk fifth in 9 of 10 draws."
    )
    in_doubt: float | None
    modelled_households_pct: tuple[float, float, float] | None = Field(
        description="Modelled households unlikely to deal with government online: estimate with "
        "the low and high ends of the 80 % interval, in per cent."
    )


class ReachOut(BaseModel):
    """Places of one kind in reach of the people concerned."""

    model_config = ConfigDict(frozen=True)

    kind: str
    places: int
    share: float | None = Field(description="Share of the people, 0 to 1; null if not listed.")
    share_of_comparator: float | None
    mean_way_m: float | None


class AskedOut(BaseModel):
    """A question about reducing harm."""

    model_config = ConfigDict(frozen=True)

    domain: str
    question: str
    because: str


class AssessmentOut(BaseModel):
    """Evidence for an equality and health inequalities impact assessment."""

    model_config = ConfigDict(frozen=True)

    edition: str
    title: str
    summary: str
    people: float = Field(description="People affected; rounded if from a list.")
    small_areas: int
    compared_with: str
    risk: RiskOut
    groups: tuple[dict[str, Any], ...] = Field(
        description="One object per figure, and one for each group without any: group, seen "
        "(counted, related, not seen), value, low, high, comparator, cannot_say, ask "
        "and so on."
    )
    reach: tuple[ReachOut, ...]
    questions: tuple[AskedOut, ...]
    gaps: tuple[str, ...]
    not_for: tuple[str, ...]


def assessment_out(assessment: Assessment) -> AssessmentOut:
    """Return an assessment as JSON holds it."""
    evidence = assessment.evidence
    return AssessmentOut(
        edition=assessment.edition.id,
        title=assessment.title,
        summary=words.lead(assessment),
        people=round(evidence.total),
        small_areas=len(evidence.served.rows),
        compared_with=evidence.comparator.name,
        risk=_risk(assessment),
        groups=tuple(assessment_rows(assessment)),
        reach=tuple(
            ReachOut(
                kind=one.kind,
                places=one.places,
                share=known(one.share, 4),
                share_of_comparator=known(one.usual, 4),
                mean_way_m=None if one.way == float("inf") else known(one.way, 0),
            )
            for one in evidence.reach
        ),
        questions=tuple(
            AskedOut(
                domain=one.prompt.domain,
                question=one.prompt.text,
                because=words.why(assessment, one),
            )
            for one in evidence.asked
        ),
        gaps=words.gaps(assessment),
        not_for=prompts().uses.not_for,
    )


def _risk(assessment: Assessment) -> RiskOut:
    risk = assessment.evidence.risk
    share = None if risk.estimate is None else risk.estimate.share
    return RiskOut(
        score=known(risk.spread.score, 2),
        score_of_comparator=known(risk.usual.score, 2),
        worst_tenth=known(risk.spread.worst_tenth, 4),
        worst_tenth_of_comparator=known(risk.usual.worst_tenth, 4),
        surely_high=known(risk.surely_high, 4),
        in_doubt=known(risk.in_doubt, 4),
        modelled_households_pct=None
        if share is None
        else (round(share.low, 2), round(share.middle, 2), round(share.high, 2)),
    )


async def sent(
    request: Request, assessment: Assessment, form: AssessmentFormat, cache: str
) -> Response:
    """Return an assessment in a form; PDFs are made in a process of their own.

    Raises:
        PdfError: no PDF can be made here.
        BusyError: too many wait already.
    """
    if form is AssessmentFormat.JSON:
        body = assessment_out(assessment).model_dump_json().encode()
        return tagged(request, body, JSON, {"Cache-Control": cache, "Vary": "Accept"})
    if form in (AssessmentFormat.CSV, AssessmentFormat.ARROW):
        columns, told = assessment_columns(assessment), {"edition": assessment.edition.id}
        table = TableFormat(form.value)
        return table_response(request, columns, table, told, assessment.file_name, cache)
    document = assessment_document(assessment)
    headers = {**attachment(f"{assessment.file_name}.{form.value}"), "Cache-Control": cache}
    if form is AssessmentFormat.DOCX:
        body = await in_thread(request, lambda _: write_docx(document))
        return Response(body, headers=headers, media_type=DOCX)
    if form is AssessmentFormat.PDF:
        page = document_page(document)
        return await file_response(request, PdfJob(page, document.title), headers, PDF)
    page = document_file(document)
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")
