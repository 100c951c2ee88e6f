"""Footprint on an edition: what lists are looked up in, what is known of areas, and the tables."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.meant import code_meant
from exclusion_map.areas.rollup_estimate import SmallEstimates
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.areas.search import SearchIndex
from exclusion_map.catalogue import Indicator
from exclusion_map.editions.credits import about_tool
from exclusion_map.editions.gazetteer import addresses_of
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.dataset import Column, Dataset, Field, FieldType
from exclusion_map.exports.dataset_job import NoShapes
from exclusion_map.index import Composite, Definition, ValueTable
from exclusion_map.targeting.footprint.comparing import GroupFigure
from exclusion_map.targeting.footprint.footprint import (
    EVERYWHERE,
    Comparator,
    Evidence,
    Footprint,
    comparator_of,
)
from exclusion_map.targeting.footprint.served import Basis, Served
from exclusion_map.targeting.footprint.serving import Ground
from exclusion_map.targeting.footprint.tables import (
    DESCRIPTIONS,
    Columns,
    neighbourhood_columns,
    summary_columns,
)
from exclusion_map.targeting.footprint.weighing import Shares, shares_of
from exclusion_map.targeting.sharing_places import drawn_places
from exclusion_map.terms import AreaKind, Direction, NhsGroup, SupportKind

Floats = npt.NDArray[np.float64]
WORST_FIFTH = 0.8
DRAWS = 100
_TEXT = frozenset({"kind", "key", "name", "group", "reading", "code"})

INCLUSION_HEALTH = (
    "Small-area data cannot show inclusion health groups: people who are homeless, Gypsy, Roma and "
    "Traveller communities, sex workers, vulnerable migrants, people in contact with the justice "
    "system. That nothing is told of them here does not mean that they are served. Ask those who "
    "work with them."
)
AS_NEIGHBOURS = (
    "Groups are told by where people live, not by who they are: what is shown is who would be "
    "served if the people served were like their neighbours. Who a service really reaches within "
    "an area, only its own records and its users can tell."
)
_GROUP_ORDER = tuple(NhsGroup)


@dataclass(frozen=True, eq=False, kw_only=True)
class Footprinted:
    """A footprint with all that is told of it.

    Attributes:
        found: the answer.
        definition: of the index.
        own_weights: whether the reader changed its weights.
        seed: of the draws.
    """

    found: Footprint
    definition: Definition
    own_weights: bool
    seed: int = 1

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return (
            f"{self.found.served.name}: who is served, compared with {self.found.comparator.name}"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said of it."""
        return (*self.found.served.matching.notes, AS_NEIGHBOURS, INCLUSION_HEALTH)

    @property
    def how(self) -> dict[str, str]:
        """How it was worked out, by topic."""
        found = self.found
        weights = "changed by who asked" if self.own_weights else "as published"
        counted = "all residents of the places named"
        if found.served.basis is Basis.COUNTS:
            counted = "people of a list"
        told = {
            "Counted": counted,
            "Compared with": found.comparator.name,
            "Index": f"{self.definition.title}, version {self.definition.version}",
            "Weights of the index": weights,
        }
        if found.rule is not None:
            told["Small counts"] = (
                f"1 to {found.rule.threshold} are withheld, with one more where the total would "
                f"tell them; others are rounded to {found.rule.base}"
            )
            told["Intervals"] = (
                "95 %, by chance; areas taken as drawn, so that people who come in clumps count"
            )
        else:
            told["Intervals"] = (
                "95 %, of groups: the noise of the counts; tenths of residents have none"
            )
        if found.draws:
            told["Other readings"] = (
                f"middle 90 % of {found.draws:,} readings of the index, seed {self.seed}"
            )
        return told


def ground_of(edition: Edition, gazetteer: Gazetteer) -> Ground:
    """Return what lists are looked up in."""
    return Ground(gazetteer, lambda: addresses_of(edition))


def comparator_named(edition: Edition, text: str, served: Served) -> Comparator:
    """Return the place to compare with, by its code or name, “all”, or chosen for who is served.

    Raises:
        NotFoundError: there is no area of that code or name, or several.
    """
    atlas, text = edition.atlas, text.strip()
    if text and text.lower() not in EVERYWHERE and not atlas.has(text):
        text = code_meant(SearchIndex(atlas, None, edition.manifest.default_index).search, text)
    return comparator_of(atlas, text, edition.manifest.title, served)


def group_figures(edition: Edition) -> tuple[GroupFigure, ...]:
    """Return the figures of an edition that tell of NHS groups, in the order of the framework."""
    held = edition.atlas.indicators[AreaKind.SMALL_AREA]
    people = np.nan_to_num(edition.atlas.level(AreaKind.SMALL_AREA).population)
    found = []
    for one in edition.manifest.indicators:
        if str(one.id) not in held.ids or one.nhs_group is None:
            continue
        at = held.column(str(one.id))
        if np.isfinite(held.numerator[:, at]).any():
            shares, words = shares_of(held, at), one.label
        elif np.isfinite(held.value[:, at]).any():
            worst = _in_worst_fifth(held.value[:, at], people, one)
            shares = Shares(share=worst, whole=np.full(len(worst), np.nan))
            words = f"Live in the worst fifth of areas: {one.short_label}"
        else:
            continue
        found.append(GroupFigure(key=str(one.id), words=words, group=one.nhs_group, shares=shares))
    return tuple(sorted(found, key=lambda one: _GROUP_ORDER.index(one.group)))


def _in_worst_fifth(value: Floats, people: Floats, indicator: Indicator) -> Floats:
    """Return (n,) 1 for areas in the worst fifth of people by a figure, else 0; NaN not known."""
    known = ~np.isnan(value) & (people > 0)
    rising = value if indicator.direction is Direction.HIGHER_IS_RISKIER else -value
    order = np.flatnonzero(known)[np.argsort(rising[known], kind="stable")]
    upto = np.cumsum(people[order])
    line = rising[order[int(np.searchsorted(upto, WORST_FIFTH * upto[-1]))]]
    return np.where(known, (rising >= line).astype(np.float64), np.nan)


def evidence_of(
    edition: Edition,
    scores: ScoreSet,
    composite: Composite,
    *,
    figures: tuple[GroupFigure, ...],
    estimates: SmallEstimates | None,
    ways: Mapping[SupportKind, Floats],
    drawn: npt.NDArray[np.uint8] | None = None,
) -> Evidence:
    """Return what is known of the small areas of an edition."""
    groups = {str(one.id): one.nhs_group for one in edition.manifest.indicators}
    named = [at for at, name in enumerate(composite.indicators) if groups.get(name) is not None]
    return Evidence(
        atlas=edition.atlas,
        scores=scores,
        groups=figures,
        estimates=estimates,
        ways=ways,
        points=composite.contributions[:, named],
        point_groups=[
            group for at in named if (group := groups[composite.indicators[at]]) is not None
        ],
        drawn=drawn,
    )


def drawn_tenths(
    definition: Definition,
    table: ValueTable,
    composite: Composite,
    draws: int,
    seed: int,
    report: Callable[[int], None] | None = None,
) -> npt.NDArray[np.uint8]:
    """Return tenths (draws, n) in other readings of the index: weights, methods, small counts.

    Raises:
        DefinitionError: the index is not one weighted mean.
    """
    found = np.zeros((draws, len(composite.score)), dtype=np.uint8)
    places = drawn_places(definition, table, composite.base, draws=draws, seed=seed)
    for at, (_, tenth) in enumerate(places):
        found[at] = tenth
        if report is not None:
            report(at + 1)
    return found


def footprint_dataset(edition: Edition, told: Footprinted) -> Dataset:
    """Return tenths and groups as a table to be written, with notes and sources."""
    return _dataset(edition, told, "footprint", "key", summary_columns(told.found))


def neighbourhood_dataset(edition: Edition, told: Footprinted) -> Dataset:
    """Return neighbourhoods as a table to be written, with notes and sources."""
    columns = neighbourhood_columns(edition.atlas, told.found)
    return _dataset(edition, told, "neighbourhoods", "code", columns)


def _dataset(edition: Edition, told: Footprinted, name: str, key: str, columns: Columns) -> Dataset:
    return Dataset(
        name=name,
        file_name=file_name(edition, told, name),
        key=key,
        columns=tuple(_column(name, values) for name, values in columns.items()),
        about=about_tool(
            edition,
            title=told.title,
            selection=f"compared with {told.found.comparator.name}",
            how=told.how,
            notes=told.notes,
        ),
        shapes=NoShapes(),
    )


def _column(name: str, values: "npt.NDArray[np.float64] | list[str] | object") -> Column:
    title, described = DESCRIPTIONS[name]
    kind = FieldType.TEXT if name in _TEXT else FieldType.NUMBER
    field = Field(name=name, title=title, description=described, type=kind)
    return Column(field, values)  # type: ignore[arg-type]


def file_name(edition: Edition, told: Footprinted, part: str) -> str:
    """Return the name of a file without its ending."""
    place = re.sub(r"[^a-z0-9]+", "-", told.found.comparator.name.lower()).strip("-")[:40]
    return f"exclusion-map-{edition.id}-{part}-beside-{place}"
