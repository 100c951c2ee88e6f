"""What the page of gaps shows: people in high-risk areas far from support, and where they are."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from api.pages import words
from api.pages.bivariate import COLOURS, way_words
from api.pages.target_picture import Dot, picture
from api.targets import WAY, Base, GapParams, TargetParams
from exclusion_map.areas.atlas import Level
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.maps import palette
from exclusion_map.targeting.crossed import (
    RISK_WORDS,
    Cell,
    capacity_class,
    cells,
    crossed,
    risk_class,
    way_class,
)
from exclusion_map.targeting.gaps import Gaps, Group, Risk, Worst, estimate_of
from exclusion_map.targeting.sites import words_of
from exclusion_map.targeting.tables import sure_of
from exclusion_map.terms import AreaKind

GROUPS_SHOWN: Final = 30
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
WORST: Final = (
    (Worst.TENTH.value, "the highest-risk tenth of people"),
    (Worst.FIFTH.value, "the highest-risk fifth of people"),
)


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


def group_rows(base: Base, gaps: Gaps, risk: Risk, most: int) -> list[GroupRow]:
    """Return the first groups, most people concerned first."""
    return [_row(base, gaps, risk, group) for group in gaps.groups[:most]]


def _row(base: Base, gaps: Gaps, risk: Risk, group: Group) -> GroupRow:
    atlas, access = base.service.edition.atlas, gaps.access
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
        nearest_id=base.sites.id(site) if site >= 0 else "",
        nearest_name=base.sites.name(site) if site >= 0 else "",
        nearest_m=way if np.isfinite(way) else None,
    )


def _names(level: Level | None, rows: Sequence[int]) -> list[str]:
    return [] if level is None else [level.labels[row] for row in rows]


def context(base: Base, params: GapParams) -> dict[str, Any]:
    """Return everything the page shows.

    Raises:
        NotFoundError: nothing is called what ``within`` says, or there is no such index.
        InvalidRequestError: a filter is none there is.
    """
    code, gaps, risk = base.gaps(params)
    place = place_name(base, code)
    support = words_of(params.looked_for)
    table = crossed_tables(params, gaps, risk)
    access = gaps.access
    return {
        **form_context(base, params, code),
        "worst_options": WORST,
        "place": place,
        "support_words": support,
        "support_word": words_of(params.looked_for, many=False),
        "lead": lead(place, gaps, params),
        "gaps": gaps,
        "rows": group_rows(base, gaps, risk, GROUPS_SHOWN),
        "high_words": dict(WORST)[params.worst.value],
        "far": words.distance(params.threshold),
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
        "within_name": place_name(base, code) if code else "",
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


def place_name(base: Base, code: str) -> str:
    """Return the name of the area asked about, that of the edition for everywhere."""
    if not code:
        return base.service.edition.manifest.title
    level, row = base.service.edition.atlas.find(code)
    name = level.labels[row]
    return name.removeprefix("NHS ").removesuffix(" Integrated Care Board")


def lead(place: str, gaps: Gaps, params: GapParams) -> str:
    """Return the answer in one sentence."""
    support = words_of(params.looked_for, many=False)
    far = words.distance(params.threshold)
    if not gaps.high.any():
        return f"In {place} no area is among those of {dict(WORST)[params.worst.value]}."
    if gaps.high_beyond < 1:
        return f"In {place} nobody in a high-risk area lives more than {far} from any {support}."
    return (
        f"In {place} {words.about(gaps.high_beyond)} people live in high-risk areas more than "
        f"{far} from any {support}."
    )


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
    """Return the map of risk beside the way to support, with the places."""
    code, gaps, risk = base.gaps(params)
    access, sites = gaps.access, base.sites
    classes = np.zeros(len(risk.decile), dtype=np.uint8)
    classes[access.rows] = crossed(
        risk_class(risk.decile)[access.rows], way_class(access.near.way, params.threshold)
    )
    points = sites.points
    dots = [
        Dot(float(points.longitude[row]), float(points.latitude[row]), "#1d1a24", 2.2)
        for row in access.chosen.rows.tolist()
    ]
    place = place_name(base, code)
    return picture(
        base,
        code,
        classes,
        COLOURS,
        dots if code else [],
        title=f"Risk beside the way to {words_of(params.looked_for)}",
        alt=lead(place, gaps, params),
    )
