"""What the pages of reports show."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.reports import ReportParams
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.files import ReportForm
from exclusion_map.editions.reports.maker import query_of
from exclusion_map.editions.reports.model import MOST, Report
from exclusion_map.editions.reports.page import body, pictures
from exclusion_map.editions.reports.picture import HEIGHT, WIDTH, words_of
from exclusion_map.editions.reports.subjects import Subject

_HELD_IN_FORM: Final = 2_000
_FORMS: Final = (
    (ReportForm.PDF, "Download as PDF"),
    (ReportForm.XLSX, "Download for Excel"),
    (ReportForm.CSV, "Figures (CSV)"),
    (ReportForm.HTML, "One HTML file"),
    (ReportForm.JSON, "Data (JSON)"),
)


def joined(codes: str, more: str) -> str:
    """Return the places of an address with one typed besides."""
    return ",".join(one for one in (codes.strip(" ,"), more.strip(" ,")) if one)


def lists_typed(texts: Sequence[str]) -> list[str]:
    """Return the lists of a box: one per line where several lines name one, else all as one."""
    found: list[str] = []
    for text in texts:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        named = len(lines) > 1 and all(":" in line for line in lines)
        found += lines if named else [", ".join(lines)] if lines else []
    return found


def form(params: ReportParams) -> dict[str, Any]:
    """Return what the page of questions shows."""
    return {
        "most": MOST,
        "codes": params.codes[:_HELD_IN_FORM],
        "together": "\n".join(params.together)[:_HELD_IN_FORM],
        "fault": None,
    }


def context(
    edition: Edition, report: Report, subjects: Sequence[Subject], params: ReportParams
) -> dict[str, Any]:
    """Return what the page of a report shows: its inside, with maps loaded apart.

    With postcodes among what was asked maps stand in the page, and no address says what was asked.
    """
    if params.private:
        maps = pictures(edition, report.index, subjects)
    else:
        maps = [_picture(edition, report, one, params) for one in subjects]
    codes = [one.code for one in subjects if one.code]
    comparable = len(codes) == len(subjects)
    return {
        "report": report,
        "body": Markup(body(report, maps)),  # noqa: S704 - ours
        "here": "" if params.private else report.address,
        "asked": params,
        "forms": [(form.value, words) for form, words in _FORMS],
        "profile": report.places[0].url if len(subjects) == 1 else "",
        "compare": f"/compare?areas={','.join(codes)}" if comparable and len(codes) > 1 else "",
        "more": query_of(subjects) if len(subjects) < MOST else "",
        "subjects": subjects,
        "index": params.index or "",
        "weights": report.weights,
    }


def _picture(edition: Edition, report: Report, subject: Subject, params: ReportParams) -> str:
    lens = [("index", params.index or ""), ("weights", report.weights)]
    query = [(name, text) for name, text in [*_asked(subject), *lens] if text]
    address = escape(f"/reports/map.svg?{urlencode(query, safe=',:')}")
    alt = escape(words_of(edition, report.index, subject))
    return f'<img src="{address}" alt="{alt}" width="{WIDTH}" height="{HEIGHT}" loading="lazy">'


def _asked(subject: Subject) -> list[tuple[str, str]]:
    return [("together" if subject.listed else "codes", subject.asked)]
