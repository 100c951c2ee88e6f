"""A report of a tool as a file: a page, a PDF or a Word file, by the ending of its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.document import Document
from exclusion_map.outputs import check_place, write_file


@dataclass(frozen=True, slots=True)
class PaperFile:
    """Where a report is to be written, and the command that asks for it.

    Attributes:
        path: of the file, which ends in .html, .pdf or .docx.
        command: as somebody else may type it.
    """

    path: Path
    command: str = ""

    def check(self) -> None:
        """Say what is wrong before the work begins rather than after it.

        Raises:
            InvalidRequestError: it ends in something else, or there is no such folder.
            PdfError: no PDF can be made here.
        """
        if self.path.suffix.lower() not in _WRITERS:
            raise InvalidRequestError(
                f"report {self.path.name}",
                found=f"ending {self.path.suffix or 'none'}",
                expected=f"one of: {', '.join(_WRITERS)}",
            )
        check_place(self.path)
        if self.path.suffix.lower() == ".pdf":
            from exclusion_map.exports.pdf import check_pdf  # Loads a second's worth of modules.

            check_pdf()

    def write(self, document: Document) -> None:
        """Write a report.

        Raises:
            InvalidRequestError: the file cannot be written.
            PdfError: no PDF can be made here.
        """
        write_file(self.path, _WRITERS[self.path.suffix.lower()](document))


def _html(document: Document) -> bytes:
    from exclusion_map.exports.document_html import document_file  # None is needed to start.

    return document_file(document).encode()


def _pdf(document: Document) -> bytes:
    from exclusion_map.exports.document_html import document_page
    from exclusion_map.exports.pdf import write_pdf

    return write_pdf(document_page(document), title=document.title, lang=document.lang)


def _docx(document: Document) -> bytes:
    from exclusion_map.exports.docx import write_docx

    return write_docx(document)


_WRITERS: Final[Mapping[str, Callable[[Document], bytes]]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}
