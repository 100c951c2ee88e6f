"""What the page of a closing shows: who has farther to go without a place, and where to."""

from typing import Any

import numpy as np

from api.pages import words
from api.targets import WAY, Base
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.exports.score_tables import Columns, records, taken
from exclusion_map.targeting.closing import Closing, closing_of
from exclusion_map.targeting.tables import councils
from exclusion_map.terms import AreaKind

SHOWN = 30


def closing(base: Base, identity: str, threshold: float) -> Closing:
    """Return what the closing of a place does.

    Raises:
        NotFoundError: there is no such place.
        InvalidRequestError: it is not on the map.
    """
    return closing_of(base.homes, base.sites, identity, WAY, threshold=threshold)


def closing_columns(base: Base, found: Closing) -> Columns:
    """Return one row a small area, most people who lose reach first."""
    atlas, sites = base.service.edition.atlas, base.sites
    small = atlas.level(AreaKind.SMALL_AREA)
    rows, others = found.rows.tolist(), found.other.tolist()
    more = found.then - found.now
    return {
        "code": [small.codes[row] for row in rows],
        "name": [small.labels[row] for row in rows],
        "local_authority": councils(atlas, found.rows),
        "users": np.round(found.users, 1),
        "lose_reach": np.round(found.lose, 1),
        "now_m": np.round(found.now),
        "then_m": np.round(np.where(np.isfinite(found.then), found.then, np.nan)),
        "farther_m": np.round(np.where(np.isfinite(more), more, np.nan)),
        "next_id": [sites.id(row) if row >= 0 else "" for row in others],
        "next_name": [sites.name(row) if row >= 0 else "" for row in others],
    }


def summary(base: Base, found: Closing) -> dict[str, Any]:
    """Return what the closing does in all."""
    kind = base.sites.kind(found.site)
    return {
        "place": base.sites.name(found.site),
        "id": base.sites.id(found.site),
        "kind": kind,
        "threshold": found.threshold,
        "users": round(float(found.users.sum())),
        "lose_reach": round(float(found.lose.sum())),
        "farther_m": round(found.farther) if np.isfinite(found.farther) else None,
        "areas": len(found.rows),
    }


def context(base: Base, identity: str, threshold: float) -> dict[str, Any]:
    """Return everything the page shows."""
    found = closing(base, identity, threshold)
    told = summary(base, found)
    term = taxonomy(PLACES).term(told["kind"])
    kind = term.name if term.name[:2].isupper() else term.name.lower()
    return {
        **told,
        "kind_word": kind,
        "far": words.distance(threshold),
        "rows": _rows(closing_columns(base, found)),
        "risk": _risk(base, found),
        "way": WAY.label,
        "lead": _lead(told, kind, words.distance(threshold)),
    }


def _lead(told: dict[str, Any], kind: str, far: str) -> str:
    if not told["users"]:
        return f"For nobody is {told['place']} the nearest {kind}."
    start = f"{told['place']} is the nearest {kind} for {words.about(told['users'])} people."
    if told["farther_m"] is None:
        return f"{start} There is no other."
    more = words.distance(told["farther_m"])
    lose = (
        f"{words.about(told['lose_reach'])} of them would no longer have one within {far}"
        if told["lose_reach"] >= 1
        else f"none of them would lose one within {far}"
    )
    return f"{start} If it closed, they would go {more} farther on average, and {lose}."


def _rows(columns: Columns) -> list[dict[str, Any]]:
    return records(taken(columns, np.arange(min(SHOWN, len(columns["code"])))))


def _risk(base: Base, found: Closing) -> float:
    """Return the users who live in the highest-risk fifth of areas."""
    decile = base.risk(None).decile[found.rows]
    return float(found.users[(decile > 0) & (decile <= 2)].sum())
