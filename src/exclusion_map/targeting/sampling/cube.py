"""The cube method: samples whose totals of chosen figures agree with those of the population.

Deville and Tille (2004), Biometrika 91, 893-912. The flight walks inside the cube of inclusion
probabilities along directions that keep sum x_k s_k / pi_k, with steps that keep E(s) = pi, until
no direction is left; landing drops one figure after the other, the last first, and goes on. In
strata, units are first decided within each, then what is left together (Chauvet 2009, Survey
Methodology 35, 115-119): the sample of each stratum has its exact size.
"""

import numpy as np

from exclusion_map.targeting.sampling.flight import DECIDED, DEPENDENT, fly
from exclusion_map.targeting.sampling.probabilities import Floats, Rows

GROUP = 120
"""Units of a first flight; groups fly at the same time."""


def cube(probability: Floats, strata: Rows, balance: Floats, random: np.random.Generator) -> Rows:
    """Return the units drawn, ascending.

    Args:
        probability: (N,) inclusion probabilities, with a whole sum in each stratum.
        strata: (N,) number of each unit's stratum, from 0.
        balance: (N, q) figures to balance, most important first.
        random: source of chance.
    """
    chance = probability.astype(np.float64).copy()
    divisor = np.where(probability > 0, probability, 1)[:, None]
    figures = np.column_stack([np.ones(len(chance)), balance / divisor])
    figures = figures[:, _leading(figures)]
    _by_groups(chance, strata, figures, random)
    held = np.unique(strata[_undecided(chance)])
    for kept in range(figures.shape[1], 0, -1):
        rows = _shuffled(_undecided(chance), random)
        if len(rows):
            inside = strata[rows][:, None] == held[None, :]
            _together(chance, rows, np.column_stack([inside, figures[rows, 1:kept]]), random)
    return np.flatnonzero(chance > 0.5).astype(np.int64)


def _leading(figures: Floats) -> list[int]:
    """Return which columns say more than those before them.

    Population over chances in proportion to population, say, is the same for all.
    """
    kept: list[int] = []
    basis: list[Floats] = []
    for at in range(figures.shape[1]):
        rest = figures[:, at].copy()
        for _ in range(2):  # Twice is enough: what is left is then at right angles.
            for one in basis:
                rest -= (one @ rest) * one
        length = float(np.linalg.norm(rest))
        if length > DEPENDENT * max(float(np.linalg.norm(figures[:, at])), 1e-300):
            kept.append(at)
            basis.append(rest / length)
    return kept


def _undecided(chance: Floats) -> Rows:
    return np.flatnonzero((chance > DECIDED) & (chance < 1 - DECIDED)).astype(np.int64)


def _shuffled(rows: Rows, random: np.random.Generator) -> Rows:
    return rows[np.argsort(random.random(len(rows)), kind="stable")]


def _by_groups(chance: Floats, strata: Rows, figures: Floats, random: np.random.Generator) -> None:
    """Let random groups of units of one stratum each fly, until a stratum is one group at most."""
    while True:
        rows = _shuffled(_undecided(chance), random)
        rows = rows[np.argsort(strata[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(strata[rows], prepend=-1))
        parts = np.split(rows, starts[1:]) if len(starts) else []
        for columns, groups in _alike(parts, figures).items():
            _fly_groups(chance, groups, figures[:, list(columns)], random)
        # Groups that cannot fly, for figures depend on one another in them, are left for later.
        if all(len(part) <= GROUP for part in parts) or len(_undecided(chance)) == len(rows):
            return


def _alike(parts: list[Rows], figures: Floats) -> dict[tuple[int, ...], list[Rows]]:
    """Return groups of the units of strata, by the figures that are independent in the stratum."""
    found: dict[tuple[int, ...], list[Rows]] = {}
    for part in parts:
        columns = tuple(_leading(figures[part]))
        found.setdefault(columns, []).extend(
            part[at : at + GROUP] for at in range(0, len(part), GROUP)
        )
    return found


def _fly_groups(
    chance: Floats, groups: list[Rows], figures: Floats, random: np.random.Generator
) -> None:
    """Let groups fly that have more units than figures; shorter ones are filled up with nobody."""
    bases, flying = [], []
    for group in groups:
        basis = _basis(figures[group])[1]
        # A group in which figures depend on one another waits for a later flight.
        if len(group) > len(basis) == figures.shape[1]:
            flying.append(group)
            bases.append(basis)
    if not flying:
        return
    table = np.zeros((len(flying), GROUP, figures.shape[1]))
    part = np.zeros((len(flying), GROUP))
    for at, group in enumerate(flying):
        table[at, : len(group)], part[at, : len(group)] = figures[group], chance[group]
    fly(table, part, np.stack(bases), random)
    for at, group in enumerate(flying):
        chance[group] = part[at, : len(group)]


def _together(chance: Floats, rows: Rows, table: Floats, random: np.random.Generator) -> None:
    """Let all of some units fly as one group, with the figures that are independent."""
    columns, basis = _basis(table)
    flying = chance[rows][None, :]
    fly(table[None][:, :, columns], flying, basis[None, :], random)
    chance[rows] = flying[0]


def _basis(table: Floats) -> tuple[Rows, Rows]:
    """Return columns that are independent of those before, and as many rows in which they are.

    By elimination with row exchanges: many times faster than by orthogonal columns, which is what
    hundreds of strata need. A column of which nothing is left depends on those before it.
    """
    from scipy.linalg.lapack import dgetrf  # Not needed to start.

    columns = np.arange(table.shape[1])
    norm = np.linalg.norm(table, axis=0)
    scaled = table / np.where(norm > 0, norm, 1)
    while 0 < len(columns) <= len(table):
        eliminated, exchanges, _ = dgetrf(scaled[:, columns])
        holds = np.abs(np.diag(eliminated)) > DEPENDENT
        if holds.all():
            order = np.arange(len(table))
            for at, other in enumerate(exchanges.tolist()):
                order[[at, other]] = order[[other, at]]
            return columns, np.sort(order[: len(columns)])
        columns = columns[holds]
    columns = _independent(table)
    return columns, _independent(table[:, columns].T)


def _independent(table: Floats) -> Rows:
    """Return which columns of a table are independent of one another, as many as there can be."""
    from scipy.linalg import qr  # Not needed to start.

    norm = np.linalg.norm(table, axis=0)
    triangle, order = qr(table / np.where(norm > 0, norm, 1), mode="r", pivoting=True)
    size = np.abs(np.diag(triangle))
    held = order[: len(size)][size > DEPENDENT * max(float(size.max(initial=0)), 1e-300)]
    return np.sort(held).astype(np.int64)
