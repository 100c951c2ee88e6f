"""The engine against a slow, obvious implementation: plain loops over plain lists."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.index import Base, Definition, ValueTable, compose
from exclusion_map.terms import Direction

NAN = float("nan")
Row = list[float]


class Reference:
    """One index, computed as a person would with pencil and paper."""

    def __init__(self, definition: Definition, table: ValueTable, groups: list[int]) -> None:
        self.definition = definition
        self.names = list(table.indicators)
        self.raw = [[float(value) for value in row] for row in table.values]
        self.down = [one is Direction.LOWER_IS_RISKIER for one in table.directions]
        self.population = [float(people) for people in table.population]
        self.groups = groups
        n = len(self.raw)
        self.score, self.rank, self.decile = [NAN] * n, [0] * n, [0] * n
        for group in sorted(set(groups) - {-1}):
            self._run([i for i in range(n) if groups[i] == group])

    def _run(self, members: list[int]) -> None:
        normalised = {
            leaf.node.id: self._column(leaf.node.indicator, leaf.node, members)
            for leaf in self.definition.leaves()
        }
        scores = [
            round(self._combine(self.definition, normalised, at), 10) for at in range(len(members))
        ]
        scaled = self._scale(scores)
        self._rank(members, [round(score, 10) for score in scaled])

    def _column(self, name: str, node: Any, members: list[int]) -> Row:
        at = self.names.index(name)
        turn = -1 if self.down[at] else 1
        values = [turn * self.raw[i][at] for i in members]
        known = [value for value in values if not math.isnan(value)]
        method = (node.normalise or self.definition.normalise).method
        return [NAN if math.isnan(v) else self._normal(v, known, method) for v in values]

    def _normal(self, value: float, known: Row, method: str) -> float:
        n, low, high = len(known), min(known), max(known)
        mid_rank = sum(o < value for o in known) + (sum(o == value for o in known) + 1) / 2
        if method == "percentile_rank":
            return 100 * (mid_rank - 0.5) / n
        if method == "rank_exponential":
            return -23 * math.log(1 - mid_rank / n * (1 - math.exp(-100 / 23)))
        if method == "min_max":
            return 50.0 if low == high else 100 * (value - low) / (high - low)
        if method == "z_score":
            mean = sum(known) / n
            spread = math.sqrt(sum((o - mean) ** 2 for o in known) / n)
            return 0.0 if low == high else (value - mean) / spread
        return value

    def _combine(self, node: Any, normalised: dict[str, Row], at: int) -> float:
        present, everything, total = 0.0, 0.0, 0.0
        method = node.aggregate or self.definition.aggregate
        for child in node.children:
            everything += child.weight
            if hasattr(child, "children"):
                value = self._combine(child, normalised, at)
            else:
                value = normalised[child.id][at]
            if child.weight > 0 and not math.isnan(value):
                present += child.weight
                total += child.weight * self._forward(value, method)
        if present == 0 or present / everything < self.definition.missing.minimum_share - 1e-12:
            return NAN
        return self._back(total / present, method)

    def _forward(self, value: float, method: Any) -> float:
        if method.method == "geometric":
            return math.log(value + method.offset)
        if method.method == "generalised_mean":
            return float((value + method.offset) ** method.power)
        return value

    def _back(self, value: float, method: Any) -> float:
        if method.method == "geometric":
            return math.exp(value) - method.offset
        if method.method == "generalised_mean":
            return float(value ** (1 / method.power) - method.offset)
        return value

    def _scale(self, scores: Row) -> Row:
        known = [score for score in scores if not math.isnan(score)]
        if self.definition.scale.method == "none" or not known:
            return scores
        low, high = min(known), max(known)
        if low == high:
            return [NAN if math.isnan(score) else 50.0 for score in scores]
        return [100 * (score - low) / (high - low) for score in scores]

    def _rank(self, members: list[int], scores: Row) -> None:
        known = [(s, self.population[i]) for i, s in zip(members, scores, strict=True) if s == s]
        everyone = sum(people for _, people in known)
        if everyone == 0:
            known = [(score, 1.0) for score, _ in known]
            everyone = float(len(known))
        for i, score in zip(members, scores, strict=True):
            self.score[i] = score
            if math.isnan(score):
                continue
            self.rank[i] = 1 + sum(other > score for other, _ in known)
            above = sum(people for other, people in known if other > score)
            tied = sum(people for other, people in known if other == score)
            self.decile[i] = min(10, 1 + int((above + tied / 2) / everyone * 10))


INDICATORS = ("a", "b", "c", "d")


def _tree(weights: list[int]) -> list[dict[str, Any]]:
    inner = [{"indicator": name, "weight": w} for name, w in zip("abc", weights, strict=False)]
    return [
        {"id": "g", "title": "G", "weight": weights[3], "children": inner},
        {"indicator": "d", "weight": weights[4]},
    ]


@st.composite
def problems(draw: st.DrawFn) -> tuple[Definition, ValueTable, list[int]]:
    n = draw(st.integers(1, 12))
    # few distinct values, so that ties happen; gaps, so that weights move
    cell = st.one_of(st.integers(0, 5).map(float), st.just(NAN))
    values = np.array(
        draw(st.lists(st.lists(cell, min_size=4, max_size=4), min_size=n, max_size=n))
    )
    values[0] = np.where(np.isnan(values[0]), 1.0, values[0])
    weights = draw(st.lists(st.integers(1, 5), min_size=5, max_size=5))
    normal = draw(st.sampled_from(["percentile_rank", "min_max", "z_score", "rank_exponential"]))
    ways = (
        ["arithmetic"] if normal == "z_score" else ["arithmetic", "geometric", "generalised_mean"]
    )
    definition = Definition.parse(
        {
            "id": "x",
            "title": "X",
            "normalise": {"method": normal},
            "aggregate": {"method": draw(st.sampled_from(ways))},
            "missing": {"minimum_share": draw(st.sampled_from([0.0, 0.4, 0.5, 1.0]))},
            "scale": {"method": draw(st.sampled_from(["min_max", "none"]))},
            "children": _tree(weights),
        }
    )
    people = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    down = draw(st.lists(st.booleans(), min_size=4, max_size=4))
    table = ValueTable(
        codes=np.array([f"A{i}" for i in range(n)]),
        indicators=INDICATORS,
        values=values,
        population=np.array(people, dtype=float),
        directions=tuple(
            Direction.LOWER_IS_RISKIER if one else Direction.HIGHER_IS_RISKIER for one in down
        ),
    )
    groups = draw(st.lists(st.integers(-1, 1), min_size=n, max_size=n))
    groups[0] = 0
    return definition, table, groups


@settings(max_examples=120, deadline=None)
@given(problems())
def test_the_engine_equals_the_reference(
    problem: tuple[Definition, ValueTable, list[int]],
) -> None:
    definition, table, groups = problem
    slow = Reference(definition, table, groups)
    fast = compose(definition, table, Base(np.array(groups, dtype=np.int32)))
    assert fast.score.tolist() == pytest.approx(slow.score, abs=2e-9, nan_ok=True)
    if _far_apart(slow.score):
        assert fast.rank.tolist() == slow.rank
        assert fast.decile.tolist() == slow.decile


def _far_apart(scores: Row) -> bool:
    """Whether no two scores are so close that rounding could order them either way."""
    known = sorted(score for score in scores if not math.isnan(score))
    gaps = [b - a for a, b in itertools.pairwise(known)]
    return all(gap == 0 or gap > 1e-8 for gap in gaps)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=9),
    st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_copeland_counts_pairs(rows: list[list[int]], weights: list[int]) -> None:
    values = np.array(rows, dtype=float)
    names = INDICATORS[:3]
    definition = Definition.parse(
        {
            "id": "x",
            "title": "X",
            "aggregate": {"method": "copeland"},
            "scale": {"method": "none"},
            "children": [
                {"indicator": name, "weight": w} for name, w in zip(names, weights, strict=True)
            ],
        }
    )
    table = ValueTable(
        codes=np.array([f"A{i}" for i in range(len(rows))]),
        indicators=names,
        values=values,
        population=np.ones(len(rows)),
        directions=(Direction.HIGHER_IS_RISKIER,) * 3,
    )
    expected = []
    for mine in rows:
        won = 0
        for other in rows:
            net = sum(w * ((m > o) - (m < o)) for w, m, o in zip(weights, mine, other, strict=True))
            won += (net > 0) - (net < 0)
        expected.append(50 * (1 + won / (len(rows) - 1)))
    assert compose(definition, table).score.tolist() == pytest.approx(expected)
