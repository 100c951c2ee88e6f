"""Summary of any set of places: score, spread, people by tenth, modelled estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from exclusion_map.areas.atlas import Atlas, Floats, Rows, ScoreSet
from exclusion_map.areas.drawn import Addresses, drawn
from exclusion_map.areas.rolling import weighted_mean
from exclusion_map.areas.rollup_estimate import RolledEstimate, SmallEstimates, roll_estimate
from exclusion_map.areas.rollup_places import Gazetteer, MatchedBy, Unmatched, find_places
from exclusion_map.areas.selection import geometry_of
from exclusion_map.areas.spread import Spread, spread_of
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

BY_ADDRESSES = (
    "Where the outline cuts through a small area, the share of its postcodes in use that lie "
    "inside stands for the share of its people."
)
BY_POINT = (
    "This edition has no postcodes: a small area belongs to the outline when the point that "
    "stands for it lies inside."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Members:
    """The small areas of a set.

    Attributes:
        rows: sorted rows of the small areas, each once; at least one.
        share: (n,) share of each small area of the edition that belongs to the set, 0 to 1.
        matched: number of recognised entries of a list by type; empty for boundaries.
        unmatched: the other entries, with reasons.
        repeated: number of times a small area was listed again.
        notes: remarks on how the set was made.
    """

    rows: Rows
    share: Floats
    matched: Mapping[MatchedBy, int]
    unmatched: tuple[Unmatched, ...] = ()
    repeated: int = 0
    notes: tuple[str, ...] = ()

    @property
    def cut(self) -> int:
        """Number of small areas that belong to it only in part."""
        return int((self.share[self.rows] < 1).sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class RolledUp:
    """Summary of a set of places.

    Attributes:
        members: its small areas.
        spread: score, people by tenth and spread of risk.
        everywhere: the same for the whole edition, for comparison.
        higher_than: per cent of local authorities with a lower score; NaN if not meaningful.
        estimate: the modelled estimate, if any.
    """

    members: Members
    spread: Spread
    everywhere: Spread
    higher_than: float
    estimate: RolledEstimate | None


def listed(gazetteer: Gazetteer, entries: Sequence[str]) -> Members:
    """Return the small areas named by a list.

    Raises:
        InvalidRequestError: the list is empty or too long.
        NotFoundError: no entry is recognised; the error gives the first reasons.
    """
    places = find_places(gazetteer, entries)
    if not len(places.rows):
        told = "; ".join(f"{one.text[:40]}: {one.reason}" for one in places.unmatched[:3])
        raise NotFoundError(
            "list of places",
            found=f"nothing that can be understood ({told})",
            expected="area codes, whole postcodes, GP practice codes or exact names of areas",
            mend="Separate entries by commas or new lines.",
        )
    share = np.zeros(len(gazetteer.atlas.level(AreaKind.SMALL_AREA)))
    share[places.rows] = 1.0
    return Members(
        rows=places.rows,
        share=share,
        matched=places.matched,
        unmatched=places.unmatched,
        repeated=places.repeated,
        notes=places.notes,
    )


def outlined_members(
    atlas: Atlas, geojson: Mapping[str, Any], addresses: Addresses | None
) -> Members:
    """Return the small areas of a boundary; those that it cuts count in part.

    Args:
        atlas: the areas.
        geojson: a Polygon or MultiPolygon, a Feature of one, or a FeatureCollection of them.
        addresses: postcodes in use; without them, each small area is in or out.

    Raises:
        InvalidRequestError: the GeoJSON is not a boundary, is malformed, or nobody lives inside.
    """
    small = atlas.level(AreaKind.SMALL_AREA)
    share = drawn(geometry_of(geojson), small, addresses).share
    rows = np.flatnonzero(share > 0).astype(np.int32)
    if not len(rows):
        raise InvalidRequestError(
            "drawn outline",
            found="no postcode in use inside it" if addresses else "no small area inside it",
            expected="an outline of places where people live, in "
            + " or ".join(sorted({one for one in small.nations if one}) or ["this edition"]),
            mend="Draw it larger, and check that positions are [longitude, latitude].",
        )
    return Members(
        rows=rows, share=share, matched={}, notes=(BY_ADDRESSES if addresses else BY_POINT,)
    )


def roll_up_members(
    atlas: Atlas, scores: ScoreSet, members: Members, estimates: SmallEstimates | None = None
) -> RolledUp:
    """Return the summary of a set of small areas.

    Args:
        atlas: the areas.
        scores: scores of all small areas.
        members: members of the set.
        estimates: estimates of all small areas, if any.
    """
    small = atlas.level(AreaKind.SMALL_AREA)
    people = np.nan_to_num(small.population)
    spread = spread_of(members.rows, people * members.share, scores)
    return RolledUp(
        members=members,
        spread=spread,
        everywhere=spread_of(np.ones(len(small), dtype=np.bool_), people, scores),
        higher_than=_higher_than(atlas, scores, people, spread.score),
        estimate=None if estimates is None else roll_estimate(atlas, estimates, members.share),
    )


def _higher_than(atlas: Atlas, scores: ScoreSet, people: Floats, score: float) -> float:
    """Return the percentage of local authorities with a lower score, computed the same way."""
    kind = AreaKind.LOCAL_AUTHORITY
    if kind not in atlas.levels or np.isnan(score):
        return float("nan")
    parent, count = atlas.level(AreaKind.SMALL_AREA).parents[kind], len(atlas.level(kind))
    means = weighted_mean(scores.score, people, parent, count)
    known = means[~np.isnan(means)]
    return float(100 * (known < score).mean()) if len(known) > 1 else float("nan")
