"""Who a sample of areas would bring before us, beside who lives there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exclusion_map.targeting.sampling.drawing import Drawn
from exclusion_map.targeting.sampling.figures import Figures
from exclusion_map.targeting.sampling.probabilities import Floats

GROUPS = (
    "aged_65_plus",
    "aged_75_plus",
    "disabled",
    "bad_health",
    "limited_english",
    "no_qualifications",
    "living_alone",
    "no_car",
    "social_renting",
    "at_risk",
)
"""Groups told where the edition has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One group; shares 0 to 1, None where nothing is known.

    Attributes:
        kind: what it is a class of: group, risk, rural.
        name: key of the group.
        words: what it is called.
        population: of the people of the frame.
        expected: of people met, on average over all samples, as many in each area.
        drawn: of people met in the areas drawn, as many in each.
        weighted: the same with design weights: an estimate of ``population``.
    """

    kind: str
    name: str
    words: str
    population: float | None
    expected: float | None
    drawn: float | None
    weighted: float | None


def composition(drawn: Drawn) -> list[Part]:
    """Return groups, tenths of risk and town or country of a sample beside the population.

    Nobody knows who would answer: everybody of an area is taken to be as likely to be met.
    """
    figures, rows = drawn.frame.figures, drawn.frame.rows
    people = np.nan_to_num(figures.count("population")[rows])
    found = [
        _part(drawn, "group", name, figures.words(name), *of)
        for name in GROUPS
        if (of := _group(figures, name)) is not None
    ]
    for kind in ("decile", "rural"):
        if kind in figures.divisions:
            classes = figures.classes(kind, rows, 2)
            found += _classes(drawn, kind, classes, people)
    return found


def _group(figures: Figures, name: str) -> tuple[Floats, Floats] | None:
    """Return (n,) people of a group and people it is a part of; None where it is not known."""
    if name not in figures.counts:
        return None
    return figures.count(name), figures.base(name)


def _classes(drawn: Drawn, kind: str, classes: Sequence[str], people: Floats) -> list[Part]:
    n = len(drawn.frame.figures.small)
    rows, text = drawn.frame.rows, np.array(classes)
    everyone = np.zeros(n)
    everyone[rows] = people
    found = []
    values = drawn.frame.figures.value(kind)[rows] if kind == "decile" else np.zeros(len(rows))
    first = {name: float(np.nan_to_num(values[text == name], nan=99)[0]) for name in set(classes)}
    for name in sorted(first, key=lambda one: (first[one], one)):
        inside = np.zeros(n)
        inside[rows] = np.where(text == name, people, 0)
        found.append(_part(drawn, kind, name, name, inside, everyone))
    return found


def _part(drawn: Drawn, kind: str, name: str, words: str, counts: Floats, of: Floats) -> Part:
    rows = drawn.frame.rows
    count, base = counts[rows], of[rows]
    known = np.isfinite(count) & np.isfinite(base) & (base > 0)
    share = np.divide(count, base, out=np.full(len(rows), np.nan), where=known)
    main = drawn.main[known[drawn.main]]
    weight = 1 / drawn.probability[main]
    return Part(
        kind=kind,
        name=name,
        words=words,
        population=_over(count[known], base[known], None),
        expected=_mean(share[known], drawn.probability[known]),
        drawn=_mean(share[main], np.ones(len(main))),
        weighted=_over(count[main], base[main], weight),
    )


def _mean(share: Floats, weight: Floats) -> float | None:
    return float(np.average(share, weights=weight)) if weight.sum() > 0 else None


def _over(count: Floats, base: Floats, weight: Floats | None) -> float | None:
    part = np.ones(len(count)) if weight is None else weight
    whole = float((part * base).sum())
    return float((part * count).sum()) / whole if whole > 0 else None
