"""Gaps in words, as a map and as a report: where risk is high and support far."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from exclusion_map.areas import words
from exclusion_map.areas.atlas import Level
from exclusion_map.editions.papers.paper import Again, Paper, column, paper, table
from exclusion_map.editions.papers.picture import area_map, place_name
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture, Table
from exclusion_map.maps.area_map import AreaMap, Dot, Key
from exclusion_map.maps.crossed_colours import NINE
from exclusion_map.targeting.access_query import AccessQuestion
from exclusion_map.targeting.crossed import RISK_WORDS, cells, crossed, risk_class, way_class
from exclusion_map.targeting.gaps import Gaps, Group, Risk, Worst, estimate_of
from exclusion_map.targeting.sites import Sites, words_of
from exclusion_map.targeting.tables import sure_of
from exclusion_map.terms import AreaKind

GROUPS_SHOWN: Final = 30
WORST: Final = {
    Worst.TENTH: "the highest-risk tenth of people",
    Worst.FIFTH: "the highest-risk fifth of people",
}
INK: Final = "#1d1a24"
_DOT: Final = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A walkable group of small areas."""

    name: str
    council: str
    codes: tuple[str, ...]
    people: float
    beyond: float
    modelled: float | None
    modelled_low: float | None
    modelled_high: float | None
    robust: int
    """Of its areas, how many are robustly of high risk."""
    nearest_id: str
    nearest_name: str
    nearest_m: float | None

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, people rounded to whole ones."""
        counts = ("people", "beyond", "modelled", "modelled_low", "modelled_high", "nearest_m")
        found = asdict(self)
        return found | {
            name: None if found[name] is None else round(found[name]) for name in counts
        }


def group_rows(edition: Edition, sites: Sites, gaps: Gaps, risk: Risk, most: int) -> list[GroupRow]:
    """Return the first groups, most people concerned first."""
    return [_row(edition, sites, gaps, risk, group) for group in gaps.groups[:most]]


def _row(edition: Edition, sites: Sites, gaps: Gaps, risk: Risk, group: Group) -> GroupRow:
    atlas, access = edition.atlas, gaps.access
    small = atlas.level(AreaKind.SMALL_AREA)
    at = np.searchsorted(access.rows, group.rows)
    estimate = estimate_of(atlas, risk, access, group.rows)
    people = None if estimate is None else estimate.people
    way = float(np.average(access.near.way[at], weights=access.people[at]))
    site = access.site(int(at[0]))
    return GroupRow(
        name=words.listed(_names(atlas.levels.get(AreaKind.NEIGHBOURHOOD), group.neighbourhoods))
        or small.labels[int(group.rows[0])],
        council=words.listed(_names(atlas.levels.get(AreaKind.LOCAL_AUTHORITY), group.councils)),
        codes=tuple(small.codes[row] for row in group.rows.tolist()),
        people=group.people,
        beyond=group.beyond,
        modelled=None if people is None else people.middle,
        modelled_low=None if people is None else people.low,
        modelled_high=None if people is None else people.high,
        robust=sum(one == "robustly high" for one in sure_of(risk, group.rows)),
        nearest_id=sites.id(site) if site >= 0 else "",
        nearest_name=sites.name(site) if site >= 0 else "",
        nearest_m=way if np.isfinite(way) else None,
    )


def _names(level: Level | None, rows: Sequence[int]) -> list[str]:
    return [] if level is None else [level.labels[row] for row in rows]


def way_words(threshold: float) -> tuple[str, str, str]:
    """Return what the three classes of ways are called."""
    near, far = words.distance(threshold), words.distance(2 * threshold)
    return f"more than {far}", f"{near} to {far}", f"up to {near}"


@dataclass(frozen=True, eq=False, kw_only=True)
class GapsFound:
    """Gaps with all that is told of them.

    Attributes:
        edition: open.
        sites: places there are.
        code: of the area asked about; empty for everywhere.
        asked: which places count, and how far is far.
        worst: which areas are of high risk.
        index: title of the index.
        gaps: the answer.
        risk: they were found with.
        way: how ways were estimated, in a sentence.
    """

    edition: Edition
    sites: Sites
    code: str
    asked: AccessQuestion
    worst: Worst
    index: str
    gaps: Gaps
    risk: Risk
    way: str

    @property
    def place(self) -> str:
        """Where, in words."""
        return place_name(self.edition, self.code)

    @property
    def far(self) -> str:
        """The threshold, in words."""
        return words.distance(self.asked.threshold)

    @property
    def support(self) -> str:
        """Which places count, in words."""
        return words_of(self.asked.choice)

    @property
    def one(self) -> str:
        """One of the places that count, in words."""
        return words_of(self.asked.choice, many=False)

    @property
    def lead(self) -> str:
        """The answer in one sentence."""
        if not self.gaps.high.any():
            return f"In {self.place} no area is among those of {WORST[self.worst]}."
        far = f"more than {self.far} from any {self.one}"
        if self.gaps.high_beyond < 1:
            return f"In {self.place} nobody in a high-risk area lives {far}."
        people = words.about(self.gaps.high_beyond)
        return f"In {self.place} {people} people live in high-risk areas {far}."

    @property
    def rows(self) -> list[GroupRow]:
        """The first neighbourhoods."""
        return group_rows(self.edition, self.sites, self.gaps, self.risk, GROUPS_SHOWN)

    @property
    def classes(self) -> Any:
        """(small areas,) one of nine classes of risk beside the way; 0 unknown."""
        access = self.gaps.access
        found = np.zeros(len(self.risk.decile), dtype=np.uint8)
        found[access.rows] = crossed(
            risk_class(self.risk.decile)[access.rows],
            way_class(access.near.way, self.asked.threshold),
        )
        return found


def gaps_map(found: GapsFound, *, keyed: bool = False) -> AreaMap:
    """Return the map of risk beside the way to support, with the places of a smaller area."""
    points = found.sites.points
    dots = [
        Dot(float(points.longitude[row]), float(points.latitude[row]), INK, _DOT)
        for row in found.gaps.access.chosen.rows.tolist()
    ]
    return area_map(
        found.edition,
        found.code,
        found.classes,
        NINE,
        dots if found.code else (),
        title="" if keyed else f"Risk beside the way to {found.support}",
        key=gaps_key(found) if keyed else (),
        columns=3,
    )


def gaps_key(found: GapsFound) -> list[Key]:
    """Return what the colours and dots of the map mean."""
    names = [f"{risk}, {way}" for risk in RISK_WORDS for way in way_words(found.asked.threshold)]
    key = [Key(colour, name) for colour, name in zip(NINE, names, strict=True)]
    if found.code:
        key.append(Key(INK, words.upper_first(found.support), dot=True, radius=_DOT + 1))
    return [*key, Key("", "not known")]


def gaps_paper(found: GapsFound, again: Again) -> Document:
    """Return the report of gaps: which neighbourhoods are at risk and far from support."""
    blocks = [
        Heading("Where it is", key="map"),
        Picture(
            gaps_map(found, keyed=True),
            alt=f"Map of {found.place} in nine colours: risk beside the way to the nearest "
            f"{found.one}. {found.lead} The tables say the same in numbers.",
            caption="Darkest: highest risk and farthest away. Each area has the average way of its "
            "people.",
        ),
        *_neighbourhoods(found),
        Heading("Risk beside the way to support", key="both"),
        _nine(found),
    ]
    said = Paper(
        title=f"Where risk is high and {found.support} far: {found.place}",
        lead=found.lead,
        asked=asked_words(found),
        notes=_notes(found),
    )
    return paper(found.edition.manifest, said, blocks, again)


def asked_words(found: GapsFound) -> dict[str, str]:
    """Return the question by topic."""
    return {
        "Place": found.place,
        "Support that counts": words.upper_first(found.support),
        "Far means": f"more than {found.far}",
        "High risk means": WORST[found.worst],
        "Index": found.index,
        "Ways": found.way,
    }


def _neighbourhoods(found: GapsFound) -> Iterator[Block]:
    yield Heading("Which neighbourhoods", key="where")
    rows = [one.plain() | {"areas": len(one.codes)} for one in found.rows]
    if not rows:
        yield Paragraph(f"No small area of high risk is mostly farther than {found.far}.")
        return
    modelled = [column("Of them at risk (modelled)", _modelled)]
    count = len(found.gaps.groups)
    yield Paragraph(
        "A neighbourhood here is a group of small areas of high risk that touch and lie within a "
        "walk of each other. Most people concerned come first."
    )
    yield table(
        f"The first {len(rows)} of {words.plural(count, 'neighbourhood')} with a gap"
        if count > len(rows)
        else f"{words.upper_first(words.plural(count, 'neighbourhood'))} with a gap",
        rows,
        column("Where", lambda row: f"{row['name']} ({row['council']})"),
        column(f"People farther than {found.far}", lambda row: words.about(row["beyond"])),
        *(modelled if found.risk.estimates is not None else []),
        column("Nearest", _nearest),
        column("Robustly of high risk", lambda row: f"{row['robust']} of {row['areas']}"),
    )


def _modelled(row: Mapping[str, Any]) -> str:
    if row["modelled"] is None:
        return "no data"
    low, high = (words.about(row[end]).removeprefix("about ") for end in _ENDS)
    return f"{words.about(row['modelled'])} ({low} to {high})"


_ENDS = ("modelled_low", "modelled_high")


def _nearest(row: Mapping[str, Any]) -> str:
    if not row["nearest_id"]:
        return "none"
    return f"{row['nearest_name']}, {words.distance(row['nearest_m'])} on average"


def _nine(found: GapsFound) -> Table:
    access = found.gaps.access
    counted = cells(found.classes[access.rows], access.people)
    rows = tuple(
        (
            risk,
            *(
                f"{words.count(cell.people)} ({words.plural(cell.areas, 'area')})"
                for cell in counted[3 * at : 3 * at + 3]
            ),
        )
        for at, risk in enumerate(RISK_WORDS)
    )
    return Table(
        caption=f"People by risk and by the average way of their small area to the nearest "
        f"{found.one}",
        head=("Risk", *(words.upper_first(way) for way in way_words(found.asked.threshold))),
        rows=rows,
        numeric=frozenset((1, 2, 3)),
    )


def _notes(found: GapsFound) -> list[str]:
    gaps, chosen = found.gaps, found.gaps.access.chosen
    notes = [
        f"{found.way} Ways start at every postcode.",
        f"{len(chosen.rows):,} places count. The lists have gaps: many charities and community "
        "centres are not in them.",
        "“Robustly of high risk” areas stay in the two highest-risk tenths in at least 9 of 10 "
        "recalculations with other reasonable choices.",
    ]
    if gaps.high_unknown:
        notes.append(
            f"{words.upper_first(words.about(gaps.high_unknown))} people in high-risk areas live "
            "in a nation without a list of such places: they are not counted."
        )
    if found.risk.estimates is not None:
        notes.append(
            "People at risk are modelled from a national survey, with an 80% range in brackets, "
            "and taken to be spread over an area like its people."
        )
    return notes
