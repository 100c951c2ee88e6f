"""HTML to PDF that screen readers can read: tagged, with a title and a language (PDF/UA-1).

WeasyPrint is in the extra ``pdf`` and needs Pango; both are loaded only when a PDF is made.
Nothing outside the HTML is fetched but ``data:`` addresses: no network, no file of this machine.
"""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from exclusion_map.errors import ExclusionMapError
from exclusion_map.exports.pdf_tags import (
    headings_with_scope,
    links_in_print,
    page_feet_as_artifacts,
)
from exclusion_map.printable import printable

VARIANT: Final = "pdf/ua-1"


class PdfError(ExclusionMapError):
    """No PDF can be made here: a program is missing."""


class PdfFaultError(ExclusionMapError):
    """A page cannot become a PDF that everybody can read."""


@cache
def print_css() -> str:
    """Return the style that reports share in print: A4, system fonts, page numbers, tables."""
    return (Path(__file__).parent / "print.css").read_text(encoding="utf-8")


def write_pdf(html: str, *, base_css: str | None = None, title: str, lang: str = "en-GB") -> bytes:
    """Return a page as a tagged PDF.

    Styles in the page's own ``<style>`` come after ``base_css`` and win over it; rules for
    ``@media print`` count. Pictures are ``<svg>`` with a ``<title>`` first, or ``<img>`` with
    ``alt`` and a ``data:`` address. Cells of headings say ``scope``: those of a ``<thead>`` are
    read as headings of columns, others as headings of rows.

    Args:
        html: a whole page, or the inside of one.
        base_css: style to begin with; `print_css` where it is left out.
        title: of the document; readers tell it instead of the file's name.
        lang: of the text, BCP 47.

    Raises:
        PdfError: WeasyPrint or Pango is not installed.
        PdfFaultError: the PDF would lack something a reader needs: words for a picture, or a
            picture or style that cannot be had.
    """
    made = _weasyprint()
    fetcher = made.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    with _heard() as faults:
        document = made.HTML(
            string=printable(html), url_fetcher=fetcher, media_type="print"
        ).render(
            stylesheets=[made.CSS(string=print_css() if base_css is None else base_css)],
            pdf_variant=VARIANT,
        )
        document.metadata.title, document.metadata.lang = printable(title), lang
        pdf: bytes = document.write_pdf(finisher=_finish, pdf_variant=VARIANT)
    if faults:
        raise PdfFaultError(
            f"PDF of {title!r}",
            found="; ".join(faults[:3]),
            expected="a page that holds all it shows, with words for every picture",
        )
    return pdf


@dataclass(frozen=True)
class PdfJob:
    """A page to be made a PDF in a process of its own.

    Attributes:
        html: a whole page.
        title: of the document.
        lang: of the text.
        ending: what the file's name ends in.
    """

    html: str
    title: str
    lang: str = "en-GB"
    ending: str = field(default="pdf", init=False)

    def write(self, path: Path) -> None:
        """Make the file."""
        path.write_bytes(write_pdf(self.html, title=self.title, lang=self.lang))


def check_pdf() -> None:
    """Say before long work that no PDF could be made of it.

    Raises:
        PdfError: WeasyPrint or Pango is not installed.
    """
    _weasyprint()


def _weasyprint() -> Any:
    """Return the library.

    Raises:
        PdfError: it is not there, or Pango is not.
    """
    try:
        import weasyprint
    except ImportError:
        raise PdfError(
            "PDF",
            found="no WeasyPrint",
            expected="the extra for PDFs",
            mend="Install it: pip install 'exclusion-map[pdf]'. Or print the page from a browser.",
        ) from None
    except OSError as error:  # a library of the system that it opens by name
        raise PdfError(
            "PDF",
            found=f"no Pango ({str(error).splitlines()[0][:120]})",
            expected="the Pango libraries",
            mend="Install them: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-dejavu-core. Or print the page from a browser.",
        ) from None
    return weasyprint


@contextlib.contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what WeasyPrint logs as an error: it goes on without what it could not have."""
    told: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield told
    finally:
        logger.removeHandler(handler)


def _finish(_document: Any, pdf: Any) -> None:
    """Mend what WeasyPrint leaves: headings without a scope, page feet read as content."""
    headings_with_scope(pdf)
    page_feet_as_artifacts(pdf)
    links_in_print(pdf)
