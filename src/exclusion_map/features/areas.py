"""Areas of one kind as features: names, larger areas, people, scores with intervals, indicators."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from exclusion_map.areas.atlas import IndicatorValues, Level
from exclusion_map.areas.scoring import LevelScores
from exclusion_map.catalogue import Indicator
from exclusion_map.exports.area_columns import INTERVALS as PUBLISHED_INTERVALS
from exclusion_map.exports.dataset import Field, FieldType
from exclusion_map.features.table import Column, FeatureTable, Shapes, Texts, whole
from exclusion_map.terms import LARGER_KINDS, AreaKind

_TEXT, _NUMBER, _INTEGER = FieldType.TEXT, FieldType.NUMBER, FieldType.INTEGER

INTERVALS: Final = tuple(
    Field(
        name=name,
        type=_TEXT
        if name == "robustness"
        else (_NUMBER if name == "worst_tenth_probability" else _INTEGER),
        title=title,
        description=f"{description} Only for the published weights among all areas; else missing.",
    )
    for name, (title, description) in PUBLISHED_INTERVALS.items()
    if name != "rank_median"
)
"""What tells how sure a rank is."""

_SCORES: Final = (
    Field(
        name="score",
        type=_NUMBER,
        title="Score",
        description="Risk, not reality. Higher is more risk.",
    ),
    Field(name="rank", type=_INTEGER, title="Rank", description="1 is the highest risk."),
    Field(name="ranked", type=_INTEGER, title="How many areas have a rank", description=""),
    Field(
        name="decile",
        type=_INTEGER,
        title="Tenth of people",
        description="1 is the highest risk.",
    ),
    Field(
        name="data_share",
        type=_NUMBER,
        title="Share of the weights with data",
        unit="0 to 1",
        description="",
    ),
    Field(name="base_group", type=_TEXT, title="Among whom it is ranked", description=""),
)
_WORST: Final = Field(
    name="worst_tenth_share",
    type=_NUMBER,
    title="Share of people in small areas of tenth 1",
    description="",
    unit="0 to 1",
)


def area_fields(
    level: Level, indicators: Sequence[Indicator], *, intervals: bool
) -> dict[str, Field]:
    """Return the properties of the areas of a level, in the order they are told.

    Args:
        level: the areas.
        indicators: of the edition.
        intervals: whether the edition publishes any for this level.
    """
    fields = [*_names(level), *_people(level), *_SCORES]
    if level.kind is not AreaKind.SMALL_AREA:
        fields.append(_WORST)
    if intervals:
        fields.extend(INTERVALS)
    taken = {field.name for field in fields}
    for indicator in indicators:
        name = str(indicator.id)
        fields.append(
            Field(
                name=f"indicator_{name}" if name in taken else name,
                type=_NUMBER,
                title=indicator.label,
                description=indicator.meaning,
                unit=indicator.unit,
            )
        )
    return {field.name: field for field in fields}


def _names(level: Level) -> list[Field]:
    fields = [
        Field(name="code", type=_TEXT, title="Code", description="Of the statistical office."),
        Field(name="name", type=_TEXT, title="Name", description=""),
    ]
    if level.kind is AreaKind.SMALL_AREA:
        fields.append(
            Field(name="label", type=_TEXT, title="Name with its neighbourhood", description="")
        )
    if any(level.welsh_names):
        fields.append(Field(name="name_welsh", type=_TEXT, title="Welsh name", description=""))
    for kind in _parents(level):
        title = kind.label[0].upper() + kind.label[1:]
        fields.append(Field(name=kind.value, type=_TEXT, title=title, description=""))
        fields.append(
            Field(
                name=f"{kind.value}_code", type=_TEXT, title=f"Code of the {title}", description=""
            )
        )
    if level.kind is not AreaKind.NATION:
        fields.append(Field(name="nation", type=_TEXT, title="Nation", description=""))
    if any(level.rural_urban):
        fields.append(Field(name="rural_urban", type=_TEXT, title="Rural or urban", description=""))
    return fields


def _parents(level: Level) -> list[AreaKind]:
    return [kind for kind in LARGER_KINDS if kind in level.parents and kind is not AreaKind.NATION]


def _people(level: Level) -> list[Field]:
    fields = [
        Field(
            name="population",
            type=_INTEGER,
            title="People",
            unit="people",
            description="Usual residents.",
        ),
        Field(
            name="households", type=_INTEGER, title="Households", unit="households", description=""
        ),
    ]
    if level.kind is not AreaKind.SMALL_AREA:
        fields.append(
            Field(name="small_areas", type=_INTEGER, title="Small areas inside", description="")
        )
    return fields


def area_table(
    scored: LevelScores,
    values: IndicatorValues,
    fields: Mapping[str, Field],
    shapes: Shapes,
    intervals: Mapping[str, Column],
) -> FeatureTable:
    """Return areas as features.

    Args:
        scored: the areas, their scores and which of them there are.
        values: of the indicators.
        fields: from :func:`area_fields`.
        shapes: outlines.
        intervals: columns by the names of ``INTERVALS``; empty where none are published.
    """
    level = scored.level
    makers: dict[str, Callable[[], Column]] = {
        **_makers_of_names(scored),
        **_makers_of_scores(scored),
        **{field.name: lambda: np.full(len(level), np.nan) for field in INTERVALS},
        "robustness": lambda: Texts((), np.full(len(level), -1)),
        **{name: lambda column=column: column for name, column in intervals.items()},  # type: ignore[misc]
    }
    for number, name in enumerate(values.ids):
        own = f"indicator_{name}" if f"indicator_{name}" in fields else name
        makers[own] = lambda number=number: values.value[:, number]  # type: ignore[misc]
    return FeatureTable(
        ids=level.codes,
        fields=fields,
        makers={name: makers.get(name, lambda: np.full(len(level), np.nan)) for name in fields},
        shapes=shapes,
        rows=scored.rows,
    )


def _makers_of_names(scored: LevelScores) -> dict[str, Callable[[], Column]]:
    level, levels = scored.level, scored.atlas.levels
    each = np.arange(len(level))
    makers: dict[str, Callable[[], Column]] = {
        "code": lambda: Texts(level.codes, each),
        "name": lambda: Texts(level.names, each),
        "label": lambda: Texts(level.labels, each),
        "name_welsh": lambda: Texts(level.welsh_names, each),
        "nation": lambda: _few(level.nations),
        "rural_urban": lambda: _few(level.rural_urban),
        "population": lambda: level.population,
        "households": lambda: level.households,
        "small_areas": lambda: whole(level.small_areas, none=None),
    }
    for kind in _parents(level):
        parent, rows = levels[kind], level.parents[kind]
        makers[kind.value] = lambda parent=parent, rows=rows: Texts(parent.names, rows)  # type: ignore[misc]
        makers[f"{kind.value}_code"] = lambda parent=parent, rows=rows: Texts(parent.codes, rows)  # type: ignore[misc]
    return makers


def _few(texts: Sequence[str]) -> Texts:
    """Return a column of few distinct texts."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return Texts(tuple(places), np.array([places[text] for text in texts], dtype=np.int32))


def _makers_of_scores(scored: LevelScores) -> dict[str, Callable[[], Column]]:
    scores = scored.scores
    return {
        "score": lambda: scores.score,
        "rank": lambda: whole(scores.rank),
        "ranked": lambda: whole(scored.ranked),
        "decile": lambda: whole(scores.decile),
        "data_share": lambda: scores.data_share,
        "worst_tenth_share": lambda: scores.worst_tenth_share,
        "base_group": lambda: _groups(scored),
    }


def _groups(scored: LevelScores) -> Texts:
    if scored.base.groups is None:
        return Texts(("all areas",), np.zeros(len(scored.level), dtype=np.int32))
    return Texts(scored.base.names, scored.base.groups)
