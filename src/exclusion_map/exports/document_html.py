"""A document as HTML: a whole page that needs nothing else, or its parts for a page of the site."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from exclusion_map.exports.document import Document, Keyed, Picture, Sign


def document_page(document: Document) -> str:
    """Return a document as a whole page, fit for ``write_pdf``."""
    return _whole(document, style=None)


def document_file(document: Document) -> str:
    """Return a document as a page to keep: its style is inside, for the screen and for print."""
    return _whole(document, style=_file_style())


def _whole(document: Document, style: Markup | None) -> str:
    return _template().render(
        document=document.printable(),
        whole=True,
        style=style,
        svg=_svg,
        key=_no_key,
        shrinks=_never,
    )


def document_parts(document: Document) -> Markup:
    """Return what follows the title, to stand in another page."""
    made = _template().render(
        document=document.printable(), whole=False, svg=_bare, key=_key, shrinks=_shrinks
    )
    return Markup(made)  # noqa: S704 - the template escapes


def _svg(picture: Picture) -> Markup:
    return Markup(picture.drawing.svg(picture.alt))  # noqa: S704 - it escapes its texts


def _bare(picture: Picture) -> Markup:
    """Return the picture without the key that stands below it as text, which a phone can read."""
    drawing = picture.drawing
    drawn = drawing.without_key() if isinstance(drawing, Keyed) else drawing
    return Markup(drawn.svg(picture.alt))  # noqa: S704 - it escapes its texts


def _key(picture: Picture) -> Sequence[Sign]:
    return picture.drawing.key if isinstance(picture.drawing, Keyed) else ()


def _shrinks(picture: Picture) -> bool:
    """Return whether a phone would shrink its words out of sight: those of a chart, not a map."""
    return not isinstance(picture.drawing, Keyed)


def _no_key(_picture: Picture) -> Sequence[Sign]:
    return ()


def _never(_picture: Picture) -> bool:
    return False


@cache
def _file_style() -> Markup:
    """Return what a file shows on a screen, and what PDFs have where it is printed."""
    folder = Path(__file__).parent
    screen, paper = (
        (folder / name).read_text(encoding="utf-8") for name in ("document.css", "print.css")
    )
    return Markup(f"{screen}@media print {{\n{paper}}}\n")  # noqa: S704 - ours


@cache
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("document.html")
