"""A report of a tool: what it answers, as a document to print, to send or to work on.

The content is that of the tool's page; what a report adds is where it comes from: the edition, the
sources with their dates, and the address or the command that brings anyone to the same answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from exclusion_map.areas import words
from exclusion_map.editions.credits import RISK
from exclusion_map.editions.manifest import EditionSource, Manifest
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How somebody else comes to the same answer.

    Attributes:
        address: of the page; empty for none.
        command: for the command line; empty for none.
        listed: whether a list was brought along, which nobody else has: it has to be sent again.
        made: day of the report.
    """

    address: str = ""
    command: str = ""
    listed: bool = False
    made: date = field(default_factory=date.today)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield what a report says of it."""
        if self.address:
            address = self.address.removesuffix("?")
            yield "Address", Linked(address, address)
        if self.command:
            yield "Command", self.command
        if self.listed:
            yield (
                "List",
                "A list was brought along for this answer. It is not kept: send it again with the "
                "same choices to get the same answer.",
            )
        yield "Made on", words.day(self.made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a report says beside its own tables.

    Attributes:
        title: what it is, in a line.
        lead: the answer, in a sentence or two.
        asked: what was asked and how it was worked out, by topic.
        notes: what to know before it is used.
    """

    title: str
    lead: str
    asked: Mapping[str, str]
    notes: Sequence[str]


def paper(manifest: Manifest, said: Paper, blocks: Iterable[Block], again: Again) -> Document:
    """Return a report.

    Args:
        manifest: of the edition.
        said: title, answer, question and notes.
        blocks: pictures and tables, between the answer and the question.
        again: how to get the same answer.
    """
    return Document(
        title=said.title,
        subject=said.lead,
        foot=f"{said.title}. Edition {manifest.edition}. Risk in areas, not persons.",
        blocks=(
            *_opening(manifest, said.lead, again),
            *blocks,
            *_asked(said.asked),
            *_closing(manifest, said.notes, again),
        ),
    )


def _opening(manifest: Manifest, lead: str, again: Again) -> Iterator[Block]:
    if manifest.synthetic:
        yield Paragraph(
            f"{manifest.title} is an invented county: none of this is real.", tone="banner"
        )
    yield Paragraph(lead, tone="lede")
    yield Paragraph(
        f"Made on {words.day(again.made)} by Exclusion Map from the edition {manifest.edition}, "
        f"built on {words.day(manifest.built)}.",
        tone="small",
    )


def _asked(asked: Mapping[str, str]) -> Iterator[Block]:
    if asked:
        yield Heading("What was asked, and how it was worked out", key="how", folds=True)
        yield Table("The question", ("What", "Answer"), tuple(asked.items()))


def _closing(manifest: Manifest, notes: Sequence[str], again: Again) -> Iterator[Block]:
    yield Heading("What to know before you use this", key="know")
    yield Bullets((*notes, *RISK, "Exclusion Map is independent and not part of the NHS."))
    yield Heading("How to get the same answer", key="again")
    yield Table(
        caption="Where this comes from",
        head=("What", "Which"),
        rows=(
            *again.rows(),
            ("Edition", f"{manifest.edition} ({manifest.title})"),
            ("Built", words.day(manifest.built)),
        ),
    )
    yield Heading("Sources and dates", key="sources", folds=True)
    yield sources_table("What the edition is made of", manifest.sources)


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


def sources_table(caption: str, sources: Iterable[EditionSource]) -> Table:
    """Return sources with publisher, date and licence as a table of a document."""
    return Table(
        caption=caption,
        head=("Source", "Publisher", "Of", "Licence"),
        rows=tuple(
            (
                Linked(one.title, one.page) if one.page else one.title,
                one.publisher,
                one.vintage,
                one.licence,
            )
            for one in sources
        ),
    )
