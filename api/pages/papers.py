"""A report of a tool: what it answers, as a document to print, to send or to work on.

The content is that of the tool's page; what a report adds is where it comes from: the edition, the
sources with their dates, and the address that brings anyone to the same answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from exclusion_map.editions.credits import RISK
from exclusion_map.editions.manifest import Manifest
from exclusion_map.exports.document import (
    Block,
    Bullets,
    Cell,
    Document,
    Heading,
    Linked,
    Paragraph,
    Table,
)

MOST_ROWS: Final = 60
"""Rows of a table of a report; the downloads hold all."""
Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], Cell], bool]
"""Heading of a column, what it says of a row, and whether that is a number."""


def paper(
    manifest: Manifest,
    title: str,
    lead: str,
    blocks: Iterable[Block],
    *,
    notes: Sequence[str],
    address: str,
) -> Document:
    """Return a report.

    Args:
        manifest: of the edition.
        title: what it is, in a line.
        lead: the answer, in a sentence or two.
        blocks: what follows.
        notes: what to know before it is used.
        address: brings others to the same answer.
    """
    return Document(
        title=title,
        subject=lead,
        foot=f"{title}. Edition {manifest.edition}. Risk in areas, not persons.",
        blocks=(*_opening(manifest, lead), *blocks, *_closing(manifest, notes, address)),
    )


def _opening(manifest: Manifest, lead: str) -> Iterator[Block]:
    if manifest.synthetic:
        yield Paragraph(
            f"{manifest.title} is an invented county: none of this is real.", tone="banner"
        )
    yield Paragraph(lead, tone="lede")


def _closing(manifest: Manifest, notes: Sequence[str], address: str) -> Iterator[Block]:
    yield Heading("What to know before you use this", key="know")
    yield Bullets((*notes, *RISK))
    yield Heading("How to get the same answer", key="again")
    yield Table(
        caption="Where this comes from",
        head=("What", "Which"),
        rows=(
            ("Address", Linked(address, address)),
            ("Edition", f"{manifest.edition} ({manifest.title})"),
            ("Built", f"{manifest.built:%-d %B %Y}"),
        ),
    )
    yield Heading("Sources and dates", key="sources")
    yield Table(
        caption="What the edition is made of",
        head=("Source", "Publisher", "Of", "Licence"),
        rows=tuple(
            (
                Linked(one.title, one.page) if one.page else one.title,
                one.publisher,
                one.vintage,
                one.licence,
            )
            for one in manifest.sources
        ),
    )
    yield Paragraph("Exclusion Map is independent and not part of the NHS.", tone="small")


def table(caption: str, rows: Sequence[Row], *columns: Column) -> Table:
    """Return the first rows as a table; its caption says where more are left out."""
    more = len(rows) - MOST_ROWS
    left = f" (the first {MOST_ROWS}; {more:,} more are in the downloads)" if more > 0 else ""
    return Table(
        caption=f"{caption}{left}",
        head=tuple(heading for heading, _, _ in columns),
        rows=tuple(tuple(told(row) for _, told, _ in columns) for row in rows[:MOST_ROWS]),
        numeric=frozenset(at for at, (_, _, number) in enumerate(columns) if number),
    )


def column(heading: str, said: str | Callable[[Row], Cell], *, number: bool = False) -> Column:
    """Return a column: the text under a key of a row, or what a function makes of the row."""
    if isinstance(said, str):
        key = said
        return heading, lambda row: str(row[key]), number
    return heading, said, number
