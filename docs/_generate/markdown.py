"""The few forms of Markdown that generated pages are made of."""

from collections.abc import Iterable, Sequence
from typing import Final

NOTE: Final = (
    "*This page is made from the code each time the documentation is built. "
    "Correct it there, not here.*"
)


def page(title: str, *parts: str) -> str:
    """Return a page: its heading, the note that it is generated, and its parts."""
    return "\n\n".join([f"# {title}", NOTE, *(part.strip() for part in parts if part)]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; empty text where there are no rows."""
    lines = [_row(cells) for cells in rows]
    if not lines:
        return ""
    return "\n".join([_row(headings), _row(["---"] * len(headings)), *lines])


def bullets(items: Iterable[str]) -> str:
    """Return a list of points, one line each."""
    return "\n".join(f"- {_line(item)}" for item in items)


def code(text: object) -> str:
    """Return text as code inside a line; empty text stays empty."""
    shown = _line(str(text))
    return f"`{shown}`" if shown else ""


def block(text: str, language: str = "") -> str:
    """Return text as a block of code."""
    return f"```{language}\n{text.strip()}\n```"


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_line(str(cell)).replace("|", "\\|") for cell in cells) + " |"


def _line(text: str) -> str:
    return " ".join(text.split())
