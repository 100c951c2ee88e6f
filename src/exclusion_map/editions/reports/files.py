"""A report as files: the bytes of each form, and names for them."""

import re
from enum import StrEnum

from exclusion_map.editions.reports.model import Report
from exclusion_map.editions.reports.page import page
from exclusion_map.editions.reports.tables import figures
from exclusion_map.exports.pdf import write_pdf
from exclusion_map.exports.score_tables import csv_text

_LONGEST = 50


class ReportForm(StrEnum):
    """File formats of a report."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"
    PDF = "pdf"


PICTURED = frozenset({ReportForm.HTML, ReportForm.PDF})
"""Forms that hold maps."""


def written(report: Report, form: ReportForm, maps: list[str]) -> bytes:
    """Return a report as the bytes of a file.

    Args:
        report: what it tells.
        form: of the file.
        maps: a map a place, from `page.pictures`; not looked at where the form holds none.

    Raises:
        PdfError: no PDF can be made here.
    """
    if form is ReportForm.JSON:
        return report.model_dump_json(indent=1).encode()
    if form is ReportForm.CSV:
        # The mark at the start makes spreadsheets believe that it is UTF-8.
        return ("\ufeff" + "".join(csv_text(figures(report)))).encode()
    if form is ReportForm.XLSX:
        from exclusion_map.editions.reports.workbook import workbook  # Not needed to start.

        return workbook(report)
    html = page(report, maps)
    return html.encode() if form is ReportForm.HTML else write_pdf(html, title=report.title)


def stem(report: Report) -> str:
    """Return a name for files of a report: code and name of its first place."""
    first = report.places[0]
    slug = re.sub(r"[^a-z0-9]+", "-", first.name.lower()).strip("-")[:_LONGEST].strip("-")
    more = f"-and-{len(report.places) - 1}-more" if len(report.places) > 1 else ""
    return "-".join(part for part in (first.code, slug) if part) + more
