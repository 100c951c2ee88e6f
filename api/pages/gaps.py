"""What the page of gaps shows: people in high-risk areas far from support, and where they are."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from api.pages import words
from api.pages.areas import name_to_type
from api.targets import WAY, Base, GapParams, TargetParams
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.editions.papers.gaps import WORST as HIGH_WORDS
from exclusion_map.editions.papers.gaps import GapsFound, gaps_key, gaps_map, way_words
from exclusion_map.maps import palette
from exclusion_map.maps.crossed_colours import NINE as COLOURS
from exclusion_map.targeting.access_query import AccessQuestion
from exclusion_map.targeting.crossed import (
    RISK_WORDS,
    Cell,
    capacity_class,
    cells,
    crossed,
    risk_class,
    way_class,
)
from exclusion_map.targeting.gaps import Gaps, Risk, estimate_of

THRESHOLDS: Final = (
    (800, "800 m (10 minutes on foot)"),
    (1000, "1 km"),
    (1200, "1.2 km (15 minutes on foot)"),
    (1600, "1.6 km (20 minutes on foot)"),
    (3000, "3 km"),
    (5000, "5 km"),
)
OPEN: Final = (
    ("", "at any time"),
    ("now", "now"),
    ("mon-10:30", "on Mondays at 10:30"),
    ("mon-18:00", "on Mondays at 6pm"),
    ("sat-11:00", "on Saturdays at 11am"),
)
WORST: Final = tuple((worst.value, told) for worst, told in HIGH_WORDS.items())


def gaps_found(base: Base, params: GapParams) -> GapsFound:
    """Return the gaps that a question asks for, with all that is told of them.

    Raises:
        NotFoundError: nothing is called what ``within`` says, or there is no such index.
        InvalidRequestError: a filter is none there is.
    """
    code, gaps, risk = base.gaps(params)
    return GapsFound(
        edition=base.service.edition,
        sites=base.sites,
        code=code,
        asked=AccessQuestion(choice=params.looked_for, threshold=params.threshold),
        worst=params.worst,
        index=base.service.index(params.index).title,
        gaps=gaps,
        risk=risk,
        way=WAY.label,
    )


def context(base: Base, params: GapParams) -> dict[str, Any]:
    """Return everything the page shows.

    Raises:
        NotFoundError: nothing is called what ``within`` says, or there is no such index.
        InvalidRequestError: a filter is none there is.
    """
    found = gaps_found(base, params)
    gaps, risk = found.gaps, found.risk
    table = crossed_tables(params, gaps, risk)
    access = gaps.access
    return {
        **form_context(base, params, found.code),
        "worst_options": WORST,
        "place": found.place,
        "support_words": found.support,
        "support_word": found.one,
        "lead": found.lead,
        "key": gaps_key(found),
        "gaps": gaps,
        "rows": found.rows,
        "high_words": HIGH_WORDS[params.worst],
        "far": found.far,
        "chosen": access.chosen,
        "unlisted": float(access.people[access.unlisted].sum()),
        "capacity_unknown": access.supply.unknown,
        "way": WAY.label,
        "has_estimate": risk.estimates is not None,
        "estimated": estimate_of(base.service.edition.atlas, risk, access, access.rows[gaps.high]),
        **table,
    }


def form_context(base: Base, params: TargetParams, code: str) -> dict[str, Any]:
    """Return what the form of support, place and distance needs."""
    kinds = set(params.looked_for.kinds)
    counts = base.sites.snapshot.counts
    return {
        "asked": params,
        "within_code": code,
        "within_name": name_to_type(base.service, code),
        "kind_options": [
            (term.key, term.plural or term.name, term.key in kinds, counts[term.key])
            for term in taxonomy(PLACES).terms
            if counts[term.key] or term.key in kinds
        ],
        "support_options": [("", "any, or none said")]
        + [(term.key, term.name) for term in taxonomy(SUPPORT).terms],
        "thresholds": thresholds(params.threshold),
        "query": query_of(params, code),
        "access_query": query_of(params, code, TargetParams),
        "gaps_query": query_of(params, code, GapParams),
        "api_query": query_of(params, code, type(params)),
        "open_options": open_options,
    }


def thresholds(asked: float) -> list[tuple[str, str]]:
    """Return the distances on offer, with the one asked for among them."""
    found: dict[float, str] = dict(THRESHOLDS)
    if asked not in found:
        found[asked] = words.distance(asked)
    return [(f"{metres:g}", found[metres]) for metres in sorted(found)]


def open_options(asked: str) -> list[tuple[str, str]]:
    """Return the times on offer, with the one asked for among them."""
    found = dict(OPEN)
    if asked not in found:
        found[asked] = asked
    return list(found.items())


def query_of(params: TargetParams, code: str, form: type[TargetParams] | None = None) -> str:
    """Return the question, or what another form takes of it, as part of an address."""
    known = set((form or type(params)).model_fields)
    said = params.model_dump(mode="json", exclude_defaults=True)
    said = {name: value for name, value in said.items() if name in known}
    said = {name: value for name, value in said.items() if value not in ("", [], None, False)}
    said = {name: "true" if value is True else value for name, value in said.items()}
    if code:
        said["within"] = code
    return urlencode(said, doseq=True)


def crossed_tables(params: GapParams, gaps: Gaps, risk: Risk) -> dict[str, Any]:
    """Return risk beside the way to support, and risk beside what is in reach, as nine cells."""
    access = gaps.access
    by_risk = risk_class(risk.decile)[access.rows]
    by_way = way_class(access.near.way, params.threshold)
    by_supply, edges = capacity_class(access.supply.per_10000, access.people)
    return {
        "ways": way_words(params.threshold),
        "risks": RISK_WORDS,
        "by_way": _cells(cells(crossed(by_risk, by_way), access.people), colours=True),
        "by_capacity": _cells(cells(crossed(by_risk, by_supply), access.people), colours=False),
        "capacities": _capacity_words(edges),
        "average": _average(access.supply.per_10000, access.people),
    }


def _average(values: Any, people: Any) -> float | None:
    known = ~np.isnan(values) & (people > 0)
    return float(np.average(values[known], weights=people[known])) if known.any() else None


def _capacity_words(edges: tuple[float, float]) -> tuple[str, str, str]:
    low, high = edges
    return (
        f"Least in reach: {words.decimal(low, 2)} or fewer",
        f"Middle: up to {words.decimal(high, 2)}",
        f"Most in reach: over {words.decimal(high, 2)}",
    )


def _cells(found: Sequence[Cell], *, colours: bool) -> list[list[dict[str, Any]]]:
    """Return three rows of risk with three cells each."""
    told = [
        {
            "areas": cell.areas,
            "people": cell.people,
            "colour": COLOURS[number] if colours else "",
            "ink": palette.text_on(COLOURS[number]) if colours else "",
        }
        for number, cell in enumerate(found)
    ]
    return [told[start : start + 3] for start in (0, 3, 6)]


def gaps_svg(base: Base, params: GapParams) -> str:
    """Return the map of risk beside the way to support, with the places, as an SVG file."""
    found = gaps_found(base, params)
    return gaps_map(found).svg(found.lead, inside=False)
