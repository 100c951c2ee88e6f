"""What the page of local patterns shows, and what a profile says of an area's surroundings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from api.pages import words
from api.pages.areas import code_of
from api.routes.patterns import pattern_summary, pattern_table
from api.service import Service
from exclusion_map.areas.atlas import Level
from exclusion_map.areas.hotspot_groups import TELLING, Cluster, Tally, by_larger, clusters, tally
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.areas.search import context_of
from exclusion_map.terms import AreaKind

CLUSTERS_SHOWN: Final = 15
COUNCILS_SHOWN: Final = 25
MOST_NAMED: Final = 3
"""Councils of a cluster, and neighbourhoods, that are named."""

SENTENCES: Final = {
    Pattern.HIGH_HIGH: "Higher risk here, and higher risk in the areas around it than chance would "
    "have it. Help may serve several areas at once.",
    Pattern.LOW_LOW: "Lower risk here, and lower risk in the areas around it than chance would "
    "have it.",
    Pattern.HIGH_LOW: "Higher risk here, though the areas around it have lower risk than chance "
    "would have it. It is easily overlooked in figures of wider areas.",
    Pattern.LOW_HIGH: "Lower risk here, though the areas around it have higher risk than chance "
    "would have it.",
    Pattern.NOT_SIGNIFICANT: "Its surroundings are neither of clearly higher nor of clearly lower "
    "risk than chance would have it.",
    Pattern.ISLAND: "It touches no other small area, so there is nothing to compare with.",
}


@dataclass(frozen=True, slots=True)
class CouncilRow:
    """The patterns inside one council."""

    name: str
    code: str
    counts: Sequence[Tally]
    """In the order of ``TELLING``."""


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster of small areas that touch."""

    where: str
    names: str
    areas: int
    people: float
    score: float
    code: str
    """Of the council that holds most of it."""


@dataclass(frozen=True, slots=True)
class OddArea:
    """A small area unlike its surroundings."""

    name: str
    where: str
    url: str
    pattern: str
    score: float
    around: float


@dataclass(frozen=True, slots=True)
class AreaPattern:
    """What a profile says of the surroundings of a small area."""

    label: str
    sentence: str
    around: float | None
    p_adjusted: float | None


def area_pattern(service: Service, level: Level, row: int) -> AreaPattern | None:
    """Return the pattern of a small area; None for wider areas and where there is none."""
    table = service.edition.patterns.get(service.default_index)
    if table is None or level.kind is not AreaKind.SMALL_AREA:
        return None
    pattern = Pattern(int(table.pattern[row]))
    if pattern not in SENTENCES:
        return None
    around, p = float(table.neighbour_mean[row]), float(table.p_adjusted[row])
    return AreaPattern(
        pattern.label,
        SENTENCES[pattern],
        around if words.known(around) else None,
        p if words.known(p) else None,
    )


def context(service: Service, within: str = "", *, every: bool = False) -> dict[str, Any]:
    """Return everything the page of patterns shows.

    Args:
        service: with the edition.
        within: code or name of an area; everywhere if empty.
        every: whether to list every council, not the first few.

    Raises:
        NotFoundError: nothing is called that.
    """
    index = service.default_index
    atlas = service.edition.atlas
    code = code_of(service, within)
    found: dict[str, Any] = {
        "available": index in service.edition.patterns,
        "within": atlas.find(code)[0].labels[atlas.find(code)[1]] if code else "",
        "within_code": code,
        "summary": pattern_summary(service),
        "place": service.edition.manifest.title,
    }
    if not found["available"]:
        return found
    table = pattern_table(service, index)
    small = atlas.level(AreaKind.SMALL_AREA)
    inside = np.ones(len(small), dtype=np.bool_)
    if code:
        inside[:] = False
        inside[atlas.members(*atlas.find(code))] = True
    shown = np.where(inside, table.pattern, Pattern.MISSING).astype(np.uint8)
    council_rows = _councils(service, shown)
    return found | {
        "counts": _named(tally(shown, small.population)),
        "telling": [(one.slug, one.label) for one in TELLING],
        "councils": council_rows if every else council_rows[:COUNCILS_SHOWN],
        "council_total": len(council_rows),
        "clusters": _clusters(service, inside),
        "odd": _odd(service, shown),
        "islands": _islands(service, found["summary"]),
        "global_moran": found["summary"].get("global_moran"),
    }


def _named(counts: Mapping[Pattern, Tally]) -> dict[str, Tally]:
    return {pattern.slug: one for pattern, one in counts.items()}


def _councils(service: Service, pattern: npt.NDArray[np.uint8]) -> list[CouncilRow]:
    atlas = service.edition.atlas
    if AreaKind.LOCAL_AUTHORITY not in atlas.levels:
        return []
    level = atlas.level(AreaKind.LOCAL_AUTHORITY)
    return [
        CouncilRow(level.labels[one.row], level.codes[one.row], list(one.counts.values()))
        for one in by_larger(atlas, pattern)
    ]


def _clusters(service: Service, inside: npt.NDArray[np.bool_]) -> list[ClusterRow]:
    """Return the largest clusters of higher risk that have an area inside."""
    atlas = service.edition.atlas
    level = atlas.levels.get(AreaKind.LOCAL_AUTHORITY)
    rows = []
    for one in _all_clusters(service):
        if not inside[one.rows].any() or len(one.rows) < 2:
            continue
        councils = [level.labels[row] for row in one.share] if level else []
        if len(councils) > MOST_NAMED:
            councils = [*councils[:MOST_NAMED], f"{len(councils) - MOST_NAMED} more"]
        first = next(iter(one.share), -1)
        rows.append(
            ClusterRow(
                where=words.listed(councils),
                names=words.listed(_neighbourhoods(service, one)),
                areas=len(one.rows),
                people=one.people,
                score=one.score,
                code=level.codes[first] if level and first >= 0 else "",
            )
        )
        if len(rows) == CLUSTERS_SHOWN:
            break
    return rows


def _neighbourhoods(service: Service, cluster: Cluster) -> list[str]:
    """Return the names of the neighbourhoods that hold most of a cluster's people."""
    atlas = service.edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    parent = small.parents.get(AreaKind.NEIGHBOURHOOD)
    if parent is None:
        return []
    people = np.bincount(
        parent[cluster.rows], weights=np.nan_to_num(small.population[cluster.rows])
    )
    names = atlas.level(AreaKind.NEIGHBOURHOOD).labels
    order = np.argsort(-people, kind="stable")[:MOST_NAMED]
    return [names[row] for row in order.tolist() if people[row] > 0]


def _odd(service: Service, pattern: npt.NDArray[np.uint8]) -> list[OddArea]:
    """Return the areas of higher risk among lower risk, the highest score first."""
    index = service.default_index
    atlas = service.edition.atlas
    small, table = atlas.level(AreaKind.SMALL_AREA), service.edition.patterns[index]
    scores = atlas.score_set(index, AreaKind.SMALL_AREA)
    rows = np.flatnonzero(pattern == Pattern.HIGH_LOW)
    order = rows[np.argsort(-scores.score[rows], kind="stable")][:CLUSTERS_SHOWN]
    return [
        OddArea(
            name=small.labels[row],
            where=context_of(atlas, small, row),
            url=f"/areas/{small.codes[row]}",
            pattern=Pattern.HIGH_LOW.label,
            score=float(scores.score[row]),
            around=float(table.neighbour_mean[row]),
        )
        for row in order.tolist()
    ]


def _islands(service: Service, summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return code and name of the areas that touch no other."""
    small = service.edition.atlas.level(AreaKind.SMALL_AREA)
    codes = [code for code in summary.get("islands", ()) if code in small.position]
    return [(code, small.labels[small.position[code]]) for code in codes]


def _all_clusters(service: Service) -> list[Cluster]:
    """Return the clusters of higher risk of the whole edition: some hundredths of a second."""
    edition, index = service.edition, service.default_index
    if edition.borders is None:
        return []
    scores = edition.atlas.score_set(index, AreaKind.SMALL_AREA)
    pattern = edition.patterns[index].pattern
    return clusters(edition.atlas, pattern, scores.score, edition.borders, Pattern.HIGH_HIGH)
