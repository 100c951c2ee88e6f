"""A document in plain parts: said once, written as a page, a PDF or a Word file.

A part holds text, never markup, so that no form can say something another does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from exclusion_map.printable import printable

Tone = Literal["plain", "lede", "inset", "banner", "small"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title: level 2, 3 or 4.

    Attributes:
        text: of it.
        level: in order, none left out.
        key: part of addresses that lead to it; empty for none.
        folds: whether a phone shows what follows, up to the next heading, only when asked to.
    """

    kind: ClassVar = "heading"
    text: str
    level: Literal[2, 3, 4] = 2
    key: str = ""
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``topic`` stands before it in bold."""

    kind: ClassVar = "paragraph"
    text: str
    topic: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    kind: ClassVar = "bullets"
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """Text that leads somewhere."""

    text: str
    href: str


Cell = str | Linked


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row heads it.

    Attributes:
        caption: what it holds.
        head: headings of columns.
        rows: of as many cells.
        numeric: columns whose cells stand to the right.
    """

    kind: ClassVar = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"table {self.caption!r}: a row has more or fewer cells than its head")


class Drawing(Protocol):
    """A chart or a map, which can draw itself for pages and for Word."""

    @property
    def width(self) -> int:
        """Of the picture, in CSS pixels."""
        ...

    def svg(self, alt: str) -> str:
        """Return it as SVG, whose first part is a title that says what it shows."""
        ...

    def png(self) -> bytes:
        """Return it as PNG, for documents that take no SVG."""
        ...


class Sign(Protocol):
    """What a colour of a drawing means; no colour means no data."""

    @property
    def colour(self) -> str:
        """Of it, as #rrggbb."""
        ...

    @property
    def words(self) -> str:
        """What it means."""
        ...

    @property
    def dot(self) -> bool:
        """Whether it is a dot, not an area."""
        ...


@runtime_checkable
class Keyed(Drawing, Protocol):
    """A drawing with a key, which a page can set as text: a phone shrinks what is drawn."""

    @property
    def key(self) -> Sequence[Sign]:
        """Of it, in order; empty for none."""
        ...

    def without_key(self) -> Drawing:
        """Return the drawing alone."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart or map with what it shows in words, and a line under it."""

    kind: ClassVar = "picture"
    drawing: Drawing
    alt: str
    caption: str


Block = Heading | Paragraph | Bullets | Table | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes:
        title: its one heading of the first level.
        blocks: what follows, in order.
        foot: what stands at the foot of each page.
        lang: BCP 47.
        subject: one line for the properties of a file.
    """

    title: str
    blocks: tuple[Block, ...]
    foot: str
    lang: str = "en-GB"
    subject: str = ""

    def __post_init__(self) -> None:
        above = 1
        for heading in self.headings():
            if heading.level > above + 1:
                raise ValueError(f"heading {heading.text!r}: level {heading.level} below {above}")
            above = heading.level

    def headings(self) -> Iterator[Heading]:
        """Yield its headings, in order."""
        return (block for block in self.blocks if isinstance(block, Heading))

    def printable(self) -> "Document":
        """Return it with texts that every kind of file can hold."""
        made: Document = _printable(self)
        return made


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, tuple):
        return tuple(_printable(one) for one in part)
    if isinstance(part, Document | Linked | Block):
        return replace(
            part, **{one.name: _printable(getattr(part, one.name)) for one in fields(part)}
        )
    return part
