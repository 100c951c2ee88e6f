"""What the page of changes between two editions shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from api.change_list import ChangeSort, change_columns, change_rows
from api.comparisons import ONE_EDITION, Compared, EditionNote
from api.pages import words
from api.service import Service
from exclusion_map.exports.score_tables import records, taken
from exclusion_map.terms import AreaKind

SHOWN: Final = 25
SORTS: Final = (
    (ChangeSort.RANK, "Largest change in rank"),
    (ChangeSort.DATA, "Largest change by new data"),
    (ChangeSort.METHOD, "Largest change by the method"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesQuery:
    """What a reader asks for; the address holds all of it."""

    index: str
    within: str = ""
    sort: ChangeSort = ChangeSort.RANK


def context(
    service: Service,
    editions: tuple[EditionNote, ...],
    compared: Compared | None,
    query: ChangesQuery,
) -> dict[str, Any]:
    """Return everything the page shows.

    Raises:
        NotFoundError: there is no area of the code in ``within``.
    """
    shown: dict[str, Any] = {
        "editions": editions,
        "compared": compared,
        "query": query,
        "reason": ONE_EDITION if len(editions) < 2 else "",
        "edition_options": [(one.id, _named(one)) for one in editions],
        "sort_options": [(one.value, text) for one, text in SORTS],
    }
    if compared is None:
        return shown
    rows = change_rows(service, compared, query.sort, query.within)
    changed = rows[np.nan_to_num(compared.found.rank.total[rows]) != 0]
    atlas = service.edition.atlas
    wide = atlas.find(query.within) if query.within else None
    summary = compared.found.summary()
    asked = {
        "old": compared.old.id,
        "new": compared.new.id,
        "index": query.index,
        "within": query.within,
        "sort": query.sort.value,
    }
    return shown | {
        "summary": summary,
        "lead": _lead(summary, compared),
        "split": _split(summary),
        "within_name": wide[0].labels[wide[1]] if wide else "",
        "moved": len(changed),
        "total": len(rows),
        "rows": records(taken(change_columns(compared), changed[:SHOWN])),
        "csv": _api(asked, "csv"),
        "json": _api(asked, ""),
        "held": service.edition.atlas.level(AreaKind.SMALL_AREA).position,
    }


def _named(edition: EditionNote) -> str:
    now = ", shown now" if edition.current else ""
    return f"{words.day(edition.built)}, {edition.built:%H:%M}{now} ({edition.id})"


def _lead(summary: Mapping[str, Any], compared: Compared) -> str:
    """Return the first sentence: how many small areas moved, and mostly why."""
    scored = summary["areas"]["scored_in_both"]
    moved = scored - summary["same_tenth"]
    found = compared.found
    changed = int((np.nan_to_num(found.rank.total) != 0).sum())
    if not changed:
        return f"No small area changed its rank: all {scored:,} have the score they had."
    share = _most(summary["rank"])
    return (
        f"{moved:,} of {scored:,} small areas moved to another tenth"
        f"{f', mostly because {share}' if share and moved else ''}."
    )


def _most(parts: Mapping[str, float | None]) -> str:
    told = {
        "data": "the data changed",
        "method": "the method changed",
        "program": "the program computes scores differently",
    }
    known = {name: parts[f"share_by_{name}"] or 0.0 for name in told}
    best = max(known, key=known.__getitem__)
    return told[best] if known[best] > 0 else ""


def _split(summary: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the share of the change in rank that goes with each cause, 0 to 100."""
    named = {
        "data": "New data: values, people, areas",
        "method": "The method: definition, weights, directions",
        "program": "The program: what this version does not reproduce",
    }
    parts = summary["rank"]
    return [
        (text, 100 * parts[f"share_by_{name}"])
        for name, text in named.items()
        if parts[f"share_by_{name}"] is not None
    ]


def _api(asked: Mapping[str, str], form: str) -> str:
    said = {name: value for name, value in {**asked, "format": form}.items() if value}
    return f"/api/v1/changes?{urlencode(said)}"
