"""Columns of areas by group, each with its entry in the data dictionary."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas, IndicatorValues, Level, Rows
from exclusion_map.areas.scoring import LevelScores
from exclusion_map.catalogue import Indicator
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Column, Field, FieldType, Values, taken
from exclusion_map.support.nearest import SupportTable
from exclusion_map.terms import LARGER_KINDS, AreaKind, SupportKind


class ColumnGroup(StrEnum):
    """Groups of columns that can be requested."""

    SCORES = "scores"
    COMPONENTS = "components"
    INTERVALS = "intervals"
    INDICATORS = "indicators"
    ESTIMATE = "estimate"
    SUPPORT = "support"
    PARENTS = "parents"

    @property
    def label(self) -> str:
        """The words people see."""
        return _TITLES[self]


_TITLES = {
    ColumnGroup.SCORES: "Score, rank and tenth",
    ColumnGroup.COMPONENTS: "Score of each part of the index",
    ColumnGroup.INTERVALS: "Uncertainty of ranks (small areas)",
    ColumnGroup.INDICATORS: "Every indicator, with the counts behind it",
    ColumnGroup.ESTIMATE: "Modelled share of households unlikely to go online",
    ColumnGroup.SUPPORT: "Support: the nearest of each kind, or the number inside",
    ColumnGroup.PARENTS: "The larger areas that contain each",
}
USUAL = (ColumnGroup.SCORES, ColumnGroup.PARENTS)
"""The groups included by default."""


def parse_groups(text: str) -> tuple[ColumnGroup, ...]:
    """Return groups from a text like ``scores,parents``; ``all`` means every group.

    Raises:
        InvalidRequestError: there is no such group.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return tuple(ColumnGroup)
    unknown = [name for name in names if name not in set(ColumnGroup)]
    if unknown:
        raise InvalidRequestError(
            f"columns {unknown[0]!r}",
            found="no such group of columns",
            expected=f"all, or some of: {', '.join(ColumnGroup)}",
        )
    return tuple(group for group in ColumnGroup if group in names) or USUAL


def text(name: str, title: str, description: str, values: Values, source: str = "") -> Column:
    """Return a column of text."""
    return Column(
        Field(name=name, title=title, description=description, type=FieldType.TEXT, source=source),
        values,
    )


def whole(name: str, title: str, description: str, values: Values, unit: str = "") -> Column:
    """Return a column of whole numbers."""
    return Column(
        Field(name=name, title=title, description=description, type=FieldType.INTEGER, unit=unit),
        values,
    )


def number(
    name: str, title: str, description: str, values: Values, unit: str = "", source: str = ""
) -> Column:
    """Return a column of numbers."""
    return Column(
        Field(name=name, title=title, description=description, unit=unit, source=source), values
    )


def identity_columns(level: Level, rows: Rows) -> list[Column]:
    """Return the columns of every file of areas: code, name, people, and a point inside."""
    kind = level.kind.label
    columns = [
        text("code", "Code", f"Official code of the {kind}.", taken(level.codes, rows)),
        text("name", "Name", f"Display name of the {kind}.", taken(level.labels, rows)),
    ]
    if level.kind is AreaKind.SMALL_AREA:
        columns.append(
            text("official_name", "Official name", "Name of the LSOA.", taken(level.names, rows))
        )
    if any(level.welsh_names):
        columns.append(
            text(
                "name_welsh",
                "Welsh name",
                "Welsh name, if there is one.",
                taken(level.welsh_names, rows),
            )
        )
    columns.append(text("nation", "Nation", "Country.", taken(level.nations, rows)))
    if level.rural_urban:
        told = taken(level.rural_urban, rows)
        columns.append(text("rural_urban", "Rural or urban", "Official class.", told))
    return [
        *columns,
        whole("population", "People", "Usual residents.", taken(level.population, rows), "people"),
        whole("households", "Households", "", taken(level.households, rows), "households"),
        number(
            "longitude",
            "Longitude",
            "Longitude of a point inside.",
            taken(level.longitude, rows),
            "degrees",
        ),
        number(
            "latitude",
            "Latitude",
            "Latitude of a point inside.",
            taken(level.latitude, rows),
            "degrees",
        ),
    ]


def score_columns(scored: LevelScores, rows: Rows) -> list[Column]:
    """Return score, rank, tenth and the share of the index with data."""
    scores = scored.scores
    columns = [
        number("score", "Score", "0 to 100; higher is more risk.", taken(scores.score, rows)),
        whole("rank", "Rank", "1 = highest risk.", _none_if_0(scores.rank, rows)),
        whole("ranked", "Ranked", "Number of areas with a rank.", _none_if_0(scored.ranked, rows)),
        whole("decile", "Tenth", "1 = highest-risk tenth.", _none_if_0(scores.decile, rows)),
        number(
            "data_share",
            "Share of data",
            "Share of the index's weight that has data here, 0 to 1.",
            taken(scores.data_share, rows),
        ),
    ]
    if scored.level.kind is not AreaKind.SMALL_AREA:
        columns.append(
            number(
                "worst_tenth_share",
                "Share in the worst tenth",
                "Share of residents who live in small areas of tenth 1, 0 to 1.",
                taken(scores.worst_tenth_share, rows),
            )
        )
    if scored.base.groups is not None:
        groups = [scored.group(int(row)) for row in rows]
        columns.append(
            text(
                "base_group", "Compared within", "Group of areas within which it is ranked.", groups
            )
        )
    return columns


def component_columns(scored: LevelScores, rows: Rows) -> list[Column]:
    """Return the score of each part of the index."""
    titles = {group.id: group.title for group in scored.composite.definition.components()}
    return [
        number(
            f"part_{name}",
            titles.get(name) or name,
            "Score of this part of the index; higher is more risk.",
            taken(values, rows),
        )
        for name, values in scored.components.items()
    ]


def indicator_columns(
    held: IndicatorValues, indicators: Sequence[Indicator], rows: Rows
) -> list[Column]:
    """Return every indicator: value, the counts behind it, and quality flag."""
    columns: list[Column] = []
    for one in indicators:
        if one.id not in held.ids:
            continue
        name, at = str(one.id), held.column(one.id)
        told = f"{one.meaning} {one.date:%B %Y}."
        columns.append(
            number(name, one.label, told, taken(held.value[:, at], rows), one.unit, one.source)
        )
        for part, counted in (("numerator", one.numerator), ("denominator", one.denominator)):
            counts = getattr(held, part)[:, at]
            # Decided over all areas of the kind, so that columns do not depend on the selection.
            if not np.isnan(counts).all():
                title = f"{one.short_label}: {part}"
                values = taken(counts, rows)
                columns.append(number(f"{name}_{part}", title, counted, values, "", one.source))
        qualities = [held.qualities[flag] for flag in held.quality[rows, at].tolist()]
        columns.append(
            text(
                f"{name}_quality",
                f"{one.short_label}: kind of figure",
                "observed, apportioned, imputed, suppressed or missing.",
                qualities,
            )
        )
    return columns


def parent_columns(atlas: Atlas, level: Level, rows: Rows) -> list[Column]:
    """Return code and name of the larger areas that contain each area; empty if none."""
    columns: list[Column] = []
    for kind in LARGER_KINDS:
        parents = level.parents.get(kind)
        if parents is None or kind not in atlas.levels:
            continue
        holder, inside = atlas.levels[kind], parents[rows].tolist()
        for part, values in (("code", holder.codes), ("name", holder.labels)):
            told = [values[row] if row != OUTSIDE else "" for row in inside]
            title = f"{kind.label[:1].upper()}{kind.label[1:]} {part}"
            columns.append(
                text(f"{kind.value}_{part}", title, "Larger area that contains it.", told)
            )
    return columns


def nearest_columns(support: SupportTable, level: Level, rows: Rows) -> list[Column]:
    """Return the nearest place of each kind to the representative point of each small area."""
    columns: list[Column] = []
    for kind in SupportKind:
        if not support.counts.get(kind):
            continue
        found, away = support.nearest_many(level.longitude[rows], level.latitude[rows], kind)
        known, at = np.unique(found[:, 0], return_inverse=True)
        places = support.places(known[known >= 0].astype(np.intp))
        gone = [""] if len(known) > len(places) else []
        for part, title in (("id", "id"), ("name", "name"), ("postcode", "postcode")):
            words = gone + [getattr(place, part) or "" for place in places]
            told = [words[place] for place in at.tolist()]
            columns.append(
                text(
                    f"nearest_{kind.value}_{part}",
                    f"Nearest {kind.label}: {title}",
                    "The place nearest to the area's representative point.",
                    told,
                )
            )
        columns.append(
            whole(
                f"nearest_{kind.value}_m",
                f"Nearest {kind.label}: distance",
                "Straight-line distance from the area's representative point.",
                away[:, 0].round(),
                "metres",
            )
        )
    return columns


def inside_columns(support: SupportTable, atlas: Atlas, level: Level, rows: Rows) -> list[Column]:
    """Return the number of places of each kind inside each larger area."""
    small = atlas.level(AreaKind.SMALL_AREA)
    counts = support.counts_by_area(small.codes)
    inside = np.array([counts[atlas.members(level, int(row))].sum(axis=0) for row in rows])
    return [
        whole(
            f"places_{kind.value}",
            f"{kind.label_plural[:1].upper()}{kind.label_plural[1:]} inside",
            "Number of places of this kind; empty if there is no list of this kind.",
            inside[:, at].astype(np.float64)
            if support.counts.get(kind)
            else np.full(len(rows), np.nan),
        )
        for at, kind in enumerate(SupportKind)
    ]


INTERVALS: Mapping[str, tuple[str, str]] = {
    "rank_low": (
        "Rank, low end",
        "End of the 90 % interval (9 of 10 recalculations) nearer to rank 1.",
    ),
    "rank_median": ("Rank, median", "Median rank over the recalculations."),
    "rank_high": ("Rank, high end", "End of the 90 % interval farther from rank 1."),
    "decile_low": ("Tenth, low end", "End of the 90 % interval nearer to tenth 1."),
    "decile_high": ("Tenth, high end", "End of the 90 % interval farther from tenth 1."),
    "worst_tenth_probability": ("In tenth 1", "Share of recalculations in tenth 1, 0 to 1."),
    "robustness": ("Robustness", "How far its position depends on choices of method."),
}

ESTIMATE: Mapping[str, tuple[str, str, str]] = {
    "estimate": (
        "Modelled share",
        "Households unlikely to deal with government online.",
        "percent",
    ),
    "low": ("Modelled share, low", "Low end of the interval.", "percent"),
    "high": ("Modelled share, high", "High end of the interval.", "percent"),
    "observed": ("Observed share", "Observed share; empty where it was not published.", "percent"),
    "households_low": ("Modelled households, low", "Low end of the interval.", "households"),
    "households_high": ("Modelled households, high", "High end of the interval.", "households"),
    "people_low": ("Modelled people, low", "Low end of the interval.", "people"),
    "people_high": ("Modelled people, high", "High end of the interval.", "people"),
}


def interval_columns(values: Mapping[str, Values], rows: Rows) -> list[Column]:
    """Return intervals at rows of small areas; ``values`` has the columns of INTERVALS."""
    columns = []
    for name, (title, description) in INTERVALS.items():
        if name not in values:
            continue
        if name == "robustness":
            columns.append(text(name, title, description, taken(values[name], rows)))
        elif name == "worst_tenth_probability":
            columns.append(number(name, title, description, taken(values[name], rows)))
        else:
            figures = np.asarray(values[name], dtype=np.float64)
            columns.append(whole(name, title, description, _none_if_0(figures, rows)))
    return columns


def estimate_columns(values: Mapping[str, Values], rows: Rows) -> list[Column]:
    """Return the modelled estimate at rows; ``values`` has the columns of ESTIMATE."""
    return [
        number(f"modelled_{name}", title, description, taken(values[name], rows), unit)
        for name, (title, description, unit) in ESTIMATE.items()
        if name in values
    ]


def _none_if_0(values: npt.NDArray[Any], rows: Rows) -> npt.NDArray[np.float64]:
    """Return ranks or tenths at rows, with NaN for 0, which means none."""
    figures = values[rows].astype(np.float64)
    return np.where(figures > 0, figures, np.nan)
