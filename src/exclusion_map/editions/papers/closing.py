"""The closing of a place in words, as a map and as a report: who then has farther to go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from exclusion_map.areas import words
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.papers.paper import Again, Paper, column, paper, table
from exclusion_map.editions.papers.picture import area_map
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture
from exclusion_map.exports.score_tables import Columns, records, taken
from exclusion_map.maps.area_map import AreaMap, Dot, Key
from exclusion_map.targeting.closing import Closing
from exclusion_map.targeting.gaps import Risk
from exclusion_map.targeting.sites import Sites
from exclusion_map.targeting.tables import councils
from exclusion_map.terms import AreaKind

COLOURS: Final = ("#44185a", "#d76355", "#f2d49f")
LABELS: Final = ("most of them lose one within {}", "some of them do", "none of them does")
_CLOSING, _OTHER = "#b3123f", "#1d1a24"


@dataclass(frozen=True, eq=False, kw_only=True)
class Closed:
    """What a closing does, with all that is told of it.

    Attributes:
        edition: open.
        sites: places there are.
        closing: the answer.
        risk: of the small areas.
        way: how ways were estimated, in a sentence.
    """

    edition: Edition
    sites: Sites
    closing: Closing
    risk: Risk
    way: str

    @property
    def id(self) -> str:
        """Of the place."""
        return self.sites.id(self.closing.site)

    @property
    def place(self) -> str:
        """Name of the place."""
        return self.sites.name(self.closing.site)

    @property
    def kind(self) -> str:
        """Key of the kind of the place."""
        return self.sites.kind(self.closing.site)

    @property
    def kind_word(self) -> str:
        """What a place of the kind is called."""
        name = taxonomy(PLACES).term(self.kind).name
        return name if name[:2].isupper() else name.lower()

    @property
    def far(self) -> str:
        """The threshold, in words."""
        return words.distance(self.closing.threshold)

    @property
    def users(self) -> float:
        """People for whom it is the nearest."""
        return round(float(self.closing.users.sum()))

    @property
    def lose(self) -> float:
        """Of them, people who lose one within the threshold."""
        return round(float(self.closing.lose.sum()))

    @property
    def farther(self) -> float | None:
        """Mean metres more; None where no other is left."""
        more = self.closing.farther
        return round(more) if np.isfinite(more) else None

    @property
    def at_risk(self) -> float:
        """The users who live in the highest-risk fifth of areas."""
        decile = self.risk.decile[self.closing.rows]
        return float(self.closing.users[(decile > 0) & (decile <= 2)].sum())

    @property
    def lead(self) -> str:
        """The answer in a sentence or two."""
        if not self.users:
            return f"For nobody is {self.place} the nearest {self.kind_word}."
        people = words.about(self.users)
        start = f"{self.place} is the nearest {self.kind_word} for {people} people."
        if self.farther is None:
            return f"{start} There is no other."
        lose = (
            f"{words.about(self.lose)} of them would no longer have one within {self.far}"
            if self.lose >= 1
            else f"none of them would lose one within {self.far}"
        )
        more = words.distance(self.farther)
        return f"{start} If it closed, they would go {more} farther on average, and {lose}."

    def summary(self) -> dict[str, Any]:
        """Return what the closing does in all."""
        return {
            "place": self.place,
            "id": self.id,
            "kind": self.kind,
            "threshold": self.closing.threshold,
            "users": self.users,
            "lose_reach": self.lose,
            "farther_m": self.farther,
            "areas": len(self.closing.rows),
        }


def closing_columns(found: Closed) -> Columns:
    """Return one row a small area, most people who lose reach first."""
    atlas, sites, closing = found.edition.atlas, found.sites, found.closing
    small = atlas.level(AreaKind.SMALL_AREA)
    rows, others = closing.rows.tolist(), closing.other.tolist()
    more = closing.then - closing.now
    return {
        "code": [small.codes[row] for row in rows],
        "name": [small.labels[row] for row in rows],
        "local_authority": councils(atlas, closing.rows),
        "users": np.round(closing.users, 1),
        "lose_reach": np.round(closing.lose, 1),
        "now_m": np.round(closing.now),
        "then_m": np.round(np.where(np.isfinite(closing.then), closing.then, np.nan)),
        "farther_m": np.round(np.where(np.isfinite(more), more, np.nan)),
        "next_id": [sites.id(row) if row >= 0 else "" for row in others],
        "next_name": [sites.name(row) if row >= 0 else "" for row in others],
    }


def closing_rows(found: Closed, most: int) -> list[dict[str, Any]]:
    """Return the first areas as plain values."""
    columns = closing_columns(found)
    return records(taken(columns, np.arange(min(most, len(columns["code"])))))


def closing_key(found: Closed) -> list[Key]:
    """Return what the colours and dots of the map mean."""
    said = [LABELS[0].format(found.far), *LABELS[1:]]
    return [
        *(Key(colour, words.upper_first(text)) for colour, text in zip(COLOURS, said, strict=True)),
        Key(_CLOSING, f"{found.place}, which closes", dot=True),
        Key(_OTHER, "Others of its kind", dot=True),
    ]


def closing_map(found: Closed, *, keyed: bool = False) -> AreaMap | None:
    """Return the map of those for whom it is the nearest: who loses reach; None for nobody."""
    closing, points = found.closing, found.sites.points
    if not len(closing.rows):
        return None
    classes = np.zeros(len(found.edition.atlas.level(AreaKind.SMALL_AREA)), dtype=np.uint8)
    share = closing.lose / closing.users
    classes[closing.rows] = np.select([share >= 0.5, share > 0], [1, 2], default=3)
    kinds = (row for row in range(len(found.sites)) if found.sites.kind(row) == found.kind)
    dots = [
        Dot(float(points.longitude[row]), float(points.latitude[row]), _OTHER, 3.5)
        for row in kinds
        if row != closing.site and np.isfinite(points.longitude[row])
    ]
    at = points.longitude[closing.site], points.latitude[closing.site]
    return area_map(
        found.edition,
        "",
        classes,
        COLOURS,
        [*dots, Dot(float(at[0]), float(at[1]), _CLOSING, 8)],
        title="" if keyed else f"If {found.place} closed",
        key=closing_key(found) if keyed else (),
        columns=3,
        rows=closing.rows,
    )


def closing_alt(found: Closed) -> str:
    """Return what the map shows, in words."""
    return (
        f"Map of the areas for whose people {found.place} is the nearest {found.kind_word}, dark "
        f"where most would lose one within {found.far}. The table says the same."
    )


def closing_paper(found: Closed, again: Again) -> Document:
    """Return the report of a closing: who has farther to go, and where to."""
    asked = {
        "Place that closes": f"{found.place} ({found.kind_word})",
        "What stands in for it": f"every other {found.kind_word} of the lists",
        "Near means": f"up to {found.far}",
        "Ways": found.way,
    }
    notes = (
        f"{found.way} Ways start at every postcode.",
        "Everybody is taken to go to the nearest place; many do not. Only other places of the same "
        "kind in the lists stand in for it.",
    )
    said = Paper(title=f"If {found.place} closed", lead=found.lead, asked=asked, notes=notes)
    return paper(found.edition.manifest, said, _blocks(found), again)


def _blocks(found: Closed) -> Iterator[Block]:
    drawn = closing_map(found, keyed=True)
    if drawn is None:
        return
    yield Paragraph(
        f"{words.upper_first(words.about(found.at_risk))} of them live in the highest-risk fifth "
        "of areas."
    )
    yield Heading("Where they live", key="map")
    yield Picture(
        drawn,
        alt=closing_alt(found),
        caption=f"Areas with people for whom {found.place} is the nearest {found.kind_word}",
    )
    yield Heading("Who has farther to go", key="who")
    count = words.plural(len(found.closing.rows), "small area")
    yield table(
        f"{words.upper_first(count)}, most people who lose one within {found.far} first",
        records(closing_columns(found)),
        column("Area", lambda row: f"{row['name']} ({row['local_authority']})"),
        column("People", lambda row: words.count(row["users"]), number=True),
        column(
            f"No longer within {found.far}",
            lambda row: words.count(row["lose_reach"]),
            number=True,
        ),
        column("Farther by", lambda row: _way(row["farther_m"]), number=True),
        column("Next one", lambda row: row["next_name"] or "none"),
        column("Way then", lambda row: _way(row["then_m"]), number=True),
    )


def _way(metres: float | None) -> str:
    return "no other" if metres is None or metres != metres else words.distance(metres)
