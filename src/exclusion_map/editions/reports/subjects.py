"""What a report can be about: an area of any kind, a cluster of areas, a list of your own."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import numpy as np

from exclusion_map.areas.atlas import Atlas, Level, Rows
from exclusion_map.areas.hotspot_groups import Cluster, clusters
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.areas.rollup_answer import listed
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.areas.search import context_of
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.model import MOST
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

CLUSTER: Final = "cluster:"
"""Stands before the code of any small area of a cluster."""
_LONGEST_NAME: Final = 80
_ADDRESS_KEYS: Final = ("areas", "codes", "places", "where")
"""Where addresses of saved selections hold their areas."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Subject:
    """What one column of a report is about.

    Attributes:
        asked: the text that asks for it again.
        name: people know it by.
        kind_label: what it is, in words.
        where: the wider area it lies in, in words; may be empty.
        rows: sorted rows of its small areas.
        level: of the area; None for clusters and lists.
        row: of the area in the level.
        notes: what must be said of how it was made.
    """

    asked: str
    name: str
    kind_label: str
    where: str
    rows: Rows
    level: Level | None = None
    row: int = -1
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The code of the area; empty for clusters and lists."""
        return self.level.codes[self.row] if self.level else ""

    @property
    def listed(self) -> bool:
        """Whether it is a list of the reader's own."""
        return self.level is None and not self.asked.startswith(CLUSTER)

    @property
    def kind(self) -> AreaKind | None:
        """The kind of the area; None for clusters and lists."""
        return self.level.kind if self.level else None


def area_subject(atlas: Atlas, code: str) -> Subject:
    """Return an area as a subject.

    Raises:
        NotFoundError: there is no such area.
    """
    level, row = atlas.find(code)
    return Subject(
        asked=level.codes[row],
        name=level.labels[row],
        kind_label=level.kind.label,
        where=context_of(atlas, level, row),
        rows=np.sort(atlas.members(level, row)).astype(np.int32),
        level=level,
        row=row,
    )


def cluster_subject(edition: Edition, code: str, index: str) -> Subject:
    """Return the cluster of high risk that holds a small area.

    Raises:
        NotFoundError: the edition has no clusters, or the area is in none.
    """
    atlas = edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    row = small.index_of(code.strip().upper())
    held = edition.patterns.get(index)
    if held is None or edition.borders is None or held.pattern[row] != Pattern.HIGH_HIGH:
        raise NotFoundError(
            f"cluster of {code!r}",
            found="no cluster of high risk there in this edition",
            expected="the code of a small area in a cluster",
            mend="The page /patterns lists the clusters.",
        )
    score = atlas.score_set(index, AreaKind.SMALL_AREA).score
    every = clusters(atlas, held.pattern, score, edition.borders, Pattern.HIGH_HIGH)
    found = next(one for one in every if row in one.rows)
    council = _council(atlas, found)
    parent = small.parents.get(AreaKind.NEIGHBOURHOOD)
    name = small.labels[row]
    if parent is not None and parent[row] >= 0:
        name = atlas.level(AreaKind.NEIGHBOURHOOD).labels[int(parent[row])]
    return Subject(
        asked=f"{CLUSTER}{small.codes[int(found.rows[0])]}",
        name=f"High-risk cluster around {name}",
        kind_label="cluster of small areas",
        where=council,
        rows=np.sort(found.rows),
        notes=("A cluster is made of high-risk small areas that touch one another.",),
    )


def list_subject(gazetteer: Gazetteer, text: str) -> Subject:
    """Return a list as one subject: ``Our patch: E05000954, CH41 2AB``, or without the name.

    Raises:
        InvalidRequestError: the list is empty or too long.
        NotFoundError: none of it can be understood.
    """
    name, entries = _named(text)
    members = listed(gazetteer, entries_of(entries))
    left_out = [f"“{one.text[:40]}” was left out: {one.reason}" for one in members.unmatched[:5]]
    more = len(members.unmatched) - len(left_out)
    if more > 0:
        left_out.append(f"{more:,} more were left out.")
    return Subject(
        asked=text.strip(),
        name=name or "Your list of places",
        kind_label="list of places",
        where="",
        rows=np.sort(members.rows),
        notes=(*members.notes, *left_out),
    )


def codes_of_address(text: str) -> str:
    """Return the places that the address of a saved selection holds; other text as it is."""
    if "?" not in text:
        return text
    held = parse_qs(urlsplit(text.strip()).query)
    found = [value for key in _ADDRESS_KEYS for value in held.get(key, ())]
    return ",".join(found) if found else text


def check_count(count: int) -> None:
    """Raise InvalidRequestError for no place at all, or more than fit side by side."""
    if not 0 < count <= MOST:
        raise InvalidRequestError(
            "places of a report",
            found=f"{count}",
            expected=f"from 1 to {MOST}",
            mend="Leave some out, or put them together as one list.",
        )


def _named(text: str) -> tuple[str, str]:
    name, colon, rest = text.partition(":")
    if not colon or len(name) > _LONGEST_NAME or "," in name or "\n" in name:
        return "", text
    return name.strip(), rest


def _council(atlas: Atlas, cluster: Cluster) -> str:
    if not cluster.share:
        return ""
    return atlas.level(AreaKind.LOCAL_AUTHORITY).labels[next(iter(cluster.share))]
