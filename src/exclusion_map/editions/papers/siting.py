"""New places in words, as maps and as a report: where they would help most."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from exclusion_map.areas import words
from exclusion_map.editions.papers.paper import Again, Paper, column, paper, table
from exclusion_map.editions.papers.picture import area_map, place_name
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture, Table
from exclusion_map.maps.area_map import AreaMap, Dot, Key
from exclusion_map.maps.crossed_colours import NINE
from exclusion_map.targeting.sites import Sites, words_of
from exclusion_map.targeting.siting_query import Aim, Siting, SitingQuestion, State
from exclusion_map.targeting.siting_table import chosen_places
from exclusion_map.terms import AreaKind

REACH_COLOURS: Final = (NINE[3], NINE[6], NINE[8])
_REACH_WORDS: Final = (
    "under a third of an area’s people within reach",
    "under two thirds",
    "more",
)
_NEW, _INK = "#b3123f", "#1d1a24"
_DOT: Final = 2.4
AIMS: Final = {
    Aim.REACH: "bring most of them within reach",
    Aim.JOURNEY: "shorten their way the most",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Sited:
    """New places with all that is told of them.

    Attributes:
        edition: open.
        sites: places there are.
        code: of the area whose people count; empty for everywhere.
        question: what the new places are to do.
        index: title of the index.
        siting: the answer.
        way: how ways were estimated, in a sentence.
    """

    edition: Edition
    sites: Sites
    code: str
    question: SitingQuestion
    index: str
    siting: Siting
    way: str

    @property
    def place(self) -> str:
        """Where, in words."""
        return place_name(self.edition, self.code)

    @property
    def far(self) -> str:
        """The threshold, in words."""
        return words.distance(self.question.threshold)

    @property
    def support(self) -> str:
        """Which places count, in words."""
        return words_of(self.question.choice)

    @property
    def lead(self) -> str:
        """The answer in one sentence."""
        siting, question = self.siting, self.question
        if not siting.steps:
            among = siting.candidates.what
            return f"No new place among {among} would change anything in {self.place}."
        new = words.plural(len(siting.steps), "new place")
        before, after = siting.before, siting.after
        if question.aim is Aim.JOURNEY and np.isfinite(before.way):
            return (
                f"{new} in {self.place} would shorten the average way from "
                f"{words.distance(before.way)} to {words.distance(after.way)}."
            )
        now, then = (100 * state.served / siting.meant for state in (before, after))
        return (
            f"{new} in {self.place} would bring {then:.0f}% of {question.whose.label} within "
            f"{self.far}; it is {now:.0f}% now."
        )


def gap_words(gap: float, *, stopped: bool) -> str:
    """Return how good the choice is for certain."""
    if gap == 0:
        return "Proved: no other choice of these candidates does better."
    text = f"No other choice can do better by more than {100 * gap:.2g}%"
    return f"{text}; time was up before the proof." if stopped else f"{text}."


def siting_map(found: Sited, *, after: bool, keyed: bool = False) -> AreaMap:
    """Return the map before or after: the share of people within reach, in three classes."""
    siting, points = found.siting, found.sites.points
    state = siting.after if after else siting.before
    classes = np.zeros(len(found.edition.atlas.level(AreaKind.SMALL_AREA)), dtype=np.uint8)
    classes[siting.rows] = np.select([state.share < 1 / 3, state.share < 2 / 3], [1, 2], default=3)
    dots = [
        Dot(float(points.longitude[row]), float(points.latitude[row]), _INK, _DOT)
        for row in siting.existing.rows.tolist()
    ]
    if after:
        dots += [
            Dot(one.longitude, one.latitude, _NEW, 9, str(one.number))
            for one in chosen_places(siting)
        ]
    return area_map(
        found.edition,
        found.code,
        classes,
        REACH_COLOURS,
        dots,
        title=f"{'After' if after else 'Before'}: people within {found.far}",
        key=siting_key(found, after=after) if keyed else (),
        columns=3,
    )


def siting_key(found: Sited, *, after: bool) -> list[Key]:
    """Return what the colours and dots of a map mean."""
    said = [words.upper_first(text) for text in _REACH_WORDS]
    key = [Key(colour, text) for colour, text in zip(REACH_COLOURS, said, strict=True)]
    key.append(Key(_INK, words.upper_first(found.support), dot=True, radius=_DOT + 1))
    if after:
        key.append(Key(_NEW, "New places, numbered as in the table", dot=True))
    return key


def siting_alt(found: Sited, *, after: bool) -> str:
    """Return what a map shows, in words."""
    return f"{'After' if after else 'Before'}. {found.lead}"


def siting_paper(found: Sited, again: Again) -> Document:
    """Return the report of siting: the new places, what each adds, before and after."""
    siting = found.siting
    candidates = siting.candidates
    blocks: list[Block] = [
        Paragraph(
            f"{gap_words(siting.solution.gap, stopped=siting.solution.stopped)} "
            f"{len(candidates.names):,} candidates ({candidates.what}); "
            f"{len(siting.existing.rows):,} {found.support} that are there stay."
        ),
        *_maps(found),
        *_tables(found),
    ]
    notes = (
        "It says where people would have a shorter way, not whether a building, staff or money is "
        "there. People at risk are modelled, not counted.",
        f"{found.way} Ways start at every postcode.",
    )
    said = Paper(
        title=f"Where new places would help most: {found.place}",
        lead=found.lead,
        asked=asked_words(found),
        notes=notes,
    )
    return paper(found.edition.manifest, said, blocks, again)


def asked_words(found: Sited) -> dict[str, str]:
    """Return the question by topic."""
    question = found.question
    told = {
        "Place": found.place,
        "Support there already": words.upper_first(found.support),
        "New places": f"{question.k} at most, from {found.siting.candidates.what}",
        "They should": f"{AIMS[question.aim]} ({question.whose.label})",
        "Near means": f"up to {found.far}",
        "Index": found.index,
        "Ways": found.way,
    }
    return told | ({} if question.budget is None else {"Budget": f"{question.budget:,.10g}"})


def _maps(found: Sited) -> Iterator[Block]:
    yield Heading("Before and after on the map", key="maps")
    for after in (False, True):
        yield Picture(
            siting_map(found, after=after, keyed=True),
            alt=f"{siting_alt(found, after=after)} The tables say the same in numbers.",
            caption="With the new places" if after else "As it is now",
        )


def _tables(found: Sited) -> Iterator[Block]:
    siting, far, whose = found.siting, found.far, found.question.whose.label
    costs = siting.candidates.cost is not None
    yield Heading("The new places", key="places")
    yield table(
        "In the order in which each adds most",
        [one.plain() for one in chosen_places(siting)],
        column("Place", lambda row: f"{row['number']}. {row['name']}"),
        column("Latitude, longitude", lambda r: f"{r['latitude']:.4f}, {r['longitude']:.4f}"),
        column(
            f"Brings within {far}: {whose}", lambda r: words.count(r["adds_meant"]), number=True
        ),
        column("All people", lambda row: words.count(row["adds_people"]), number=True),
        column("Average way then", lambda row: words.distance(row["way"]), number=True),
        *([column("Cost", lambda row: words.count(row["cost"]), number=True)] if costs else []),
    )
    yield Heading("Before and after", key="after")
    yield _states(found, siting.before, siting.after)


def _states(found: Sited, before: State, after: State) -> Table:
    whose = found.question.whose.label

    def row(what: str, say: Any, name: str) -> tuple[str, str, str]:
        return what, say(getattr(before, name)), say(getattr(after, name))

    return Table(
        caption=f"People in {found.place}",
        head=("What", "Now", "With the new places"),
        rows=(
            row(f"{words.upper_first(whose)} within {found.far}", words.count, "served"),
            row(f"All people within {found.far}", words.count, "people"),
            row(f"Average way of {whose}", _way, "way"),
        ),
        numeric=frozenset((1, 2)),
    )


def _way(metres: float) -> str:
    return words.distance(metres) if np.isfinite(metres) else "no place"
