"""Draw a sample of areas by its design: the main sample, and reserves in an order."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exclusion_map.errors import InvalidRequestError
from exclusion_map.support.distance import EARTH_M, unit_vectors
from exclusion_map.targeting.sampling import conditional_poisson
from exclusion_map.targeting.sampling.allocation import shares, weighted_spread, whole_numbers
from exclusion_map.targeting.sampling.cube import cube
from exclusion_map.targeting.sampling.design import Allocation, Method, SampleDesign
from exclusion_map.targeting.sampling.frame import Frame
from exclusion_map.targeting.sampling.pivotal import local_pivotal
from exclusion_map.targeting.sampling.probabilities import (
    Flags,
    Floats,
    Rows,
    inclusion_probabilities,
    summed,
)
from exclusion_map.targeting.sampling.spacing import Spaced, draw_apart
from exclusion_map.targeting.sampling.systematic import (
    joint_systematic,
    serpentine,
    systematic,
)

_MAIN, _RESERVES, _APART, _BALANCED = 0, 1, 2, 3
"""Streams of random numbers: what is drawn for one thing does not change another."""
MOST_JOINT = 1_000
"""Areas for which joint probabilities are told: their number grows with the square."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """A sample.

    Attributes:
        frame: it was drawn from; positions below are places in it.
        design: it was drawn by.
        wanted: (h,) areas of each stratum.
        probability: (N,) inclusion probabilities.
        main: (n,) positions of the areas drawn, by stratum, then by code.
        reserves: (r,) positions of the reserves, by stratum, then in the order of use.
        turn: (r,) 1 = used first in its stratum.
        spaced: how areas were kept apart; None where they were not.
    """

    frame: Frame
    design: SampleDesign
    wanted: Rows
    probability: Floats
    main: Rows
    reserves: Rows
    turn: Rows
    spaced: Spaced | None = None

    @property
    def certain(self) -> Flags:
        """(N,) which areas are in every sample."""
        return np.asarray(self.probability >= 1, dtype=np.bool_)

    @property
    def weights(self) -> Floats:
        """(n,) design weights of the areas drawn: 1 over the inclusion probability."""
        found: Floats = 1 / self.probability[self.main]
        return found

    @property
    def reserve_short(self) -> int:
        """Reserves that could not be had, for want of areas."""
        return int(self.design.reserves * self.wanted.sum()) - len(self.reserves)


def points_of(frame: Frame) -> Floats:
    """Return (N, 3) where the areas of a frame are, in metres from the middle of the Earth."""
    small = frame.figures.small
    found: Floats = EARTH_M * unit_vectors(small.longitude[frame.rows], small.latitude[frame.rows])
    return found


def draw_sample(frame: Frame, design: SampleDesign) -> Drawn:
    """Return the sample that a design draws from a frame: always the same.

    Raises:
        InvalidRequestError: the design does not fit the frame.
    """
    wanted = allocate(frame, design)
    probability = np.zeros(len(frame))
    for at in np.flatnonzero(wanted).tolist():
        inside = frame.stratum == at
        probability[inside] = inclusion_probabilities(frame.size[inside], int(wanted[at]))
    spaced = None
    if design.distance_m > 0:
        spaced = _apart(frame, design, wanted, probability)
        probability, main = spaced.probability, spaced.taken
    elif design.method is Method.BALANCED:
        main = _balanced(frame, design, probability)
    else:
        main = _by_strata(frame, design, wanted, probability)
    main = main[np.lexsort((main, frame.stratum[main]))]
    if len(main) != wanted.sum():
        raise InvalidRequestError(
            "sample", found=f"{len(main):,} areas", expected=f"{int(wanted.sum()):,}"
        )
    reserves, turn = _reserves(frame, design, wanted, main)
    return Drawn(
        frame=frame,
        design=design,
        wanted=wanted,
        probability=probability,
        main=main,
        reserves=reserves,
        turn=turn,
        spaced=spaced,
    )


def allocate(frame: Frame, design: SampleDesign) -> Rows:
    """Return (h,) how many areas each stratum gets.

    Raises:
        InvalidRequestError: quotas name no stratum or do not add up, or strata are too many.
    """
    count = len(frame.names)
    most: Rows = np.bincount(frame.stratum, minlength=count).astype(np.int64)
    totals = summed(frame.stratum, frame.size, count)
    if design.allocation is Allocation.QUOTAS:
        quotas = shares(design.allocation, totals, totals, design.quotas, frame.names)
        return whole_numbers(quotas, int(quotas.sum()), quotas.astype(np.int64), most)
    spreads = np.zeros(count)
    if design.allocation is Allocation.NEYMAN:
        values = frame.figures.value(design.vary)[frame.rows]
        for at in range(count):
            inside = frame.stratum == at
            spreads[at] = weighted_spread(values[inside], frame.size[inside])
    part = shares(design.allocation, totals, spreads, {}, frame.names)
    return whole_numbers(part, design.areas, np.full(count, design.least), most)


def joint_probabilities(drawn: Drawn) -> Floats | None:
    """Return (n, n) joint inclusion probabilities of the areas drawn; None where nobody knows them.

    They are known of the random and of the systematic method, not of balanced, spread or spaced
    samples. Strata are drawn apart from one another: across them it is the product.

    Raises:
        InvalidRequestError: there are more than ``MOST_JOINT`` areas.
    """
    method = drawn.design.method
    if drawn.spaced is not None or method in (Method.BALANCED, Method.SPREAD):
        return None
    if len(drawn.main) > MOST_JOINT:
        raise InvalidRequestError(
            "joint probabilities", found=f"{len(drawn.main):,} areas", expected=f"{MOST_JOINT:,}"
        )
    pi = drawn.probability[drawn.main]
    joint: Floats = np.outer(pi, pi)
    np.fill_diagonal(joint, pi)
    frame = drawn.frame
    for at in np.flatnonzero(drawn.wanted).tolist():
        held = np.flatnonzero((frame.stratum[drawn.main] == at) & (pi < 1))
        units = np.flatnonzero((frame.stratum == at) & ~drawn.certain)
        if not len(held):
            continue
        if method is Method.RANDOM:
            working = conditional_poisson.working_probabilities(drawn.probability[units])
            rows = np.searchsorted(units, drawn.main[held])
            part = conditional_poisson.joint_probabilities(working, rows)
        else:
            part = _joint_in_order(drawn, units, drawn.main[held])
        joint[np.ix_(held, held)] = part
    return joint


def _joint_in_order(drawn: Drawn, units: Rows, taken: Rows) -> Floats:
    order = units[_order(drawn.frame, drawn.design, units)]
    place = np.empty(len(drawn.frame), dtype=np.int64)
    place[order] = np.arange(len(order))
    sort = np.argsort(place[taken])
    found = joint_systematic(drawn.probability[order], place[taken][sort])
    back = np.argsort(sort)
    return found[np.ix_(back, back)]


def _stream(design: SampleDesign, *key: int) -> np.random.Generator:
    """Return a stream of random numbers of a design: NumPy's PCG64, of which only doubles count."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([design.seed, *key])))


def _by_strata(frame: Frame, design: SampleDesign, wanted: Rows, probability: Floats) -> Rows:
    one: dict[Method, Callable[[Rows, np.random.Generator], Rows]] = {
        Method.SYSTEMATIC: lambda units, random: _in_steps(
            frame, design, units, probability, random
        ),
        Method.RANDOM: lambda units, random: units[
            conditional_poisson.draw(
                conditional_poisson.working_probabilities(probability[units]), random
            )
        ],
        Method.SPREAD: lambda units, random: units[
            local_pivotal(probability[units], points[units], random)
        ],
    }
    points = points_of(frame)
    found = [np.flatnonzero(probability >= 1)]
    for at in np.flatnonzero(wanted).tolist():
        units = np.flatnonzero((frame.stratum == at) & (probability > 0) & (probability < 1))
        if len(units):
            found.append(one[design.method](units, _stream(design, _MAIN, at)))
    return np.concatenate(found).astype(np.int64)


def _in_steps(
    frame: Frame,
    design: SampleDesign,
    units: Rows,
    probability: Floats,
    random: np.random.Generator,
) -> Rows:
    order = units[_order(frame, design, units)]
    return order[systematic(probability[order], float(random.random()))]


def _order(frame: Frame, design: SampleDesign, units: Rows) -> Rows:
    if not design.sort:
        return np.arange(len(units))
    rows = frame.rows[units]
    return serpentine([frame.figures.value(name)[rows] for name in design.sort])


def _balanced(frame: Frame, design: SampleDesign, probability: Floats) -> Rows:
    counts = [frame.figures.count(name)[frame.rows] for name in design.balance]
    # A missing count is taken as the mean of those known: it pulls to neither side.
    known = [np.where(np.isfinite(one), one, np.nanmean(one)) for one in counts]
    table = np.column_stack(known) if known else np.empty((len(frame), 0))
    return cube(probability, frame.stratum, table, _stream(design, _BALANCED))


def _apart(frame: Frame, design: SampleDesign, wanted: Rows, probability: Floats) -> Spaced:
    if design.method is not Method.RANDOM:
        raise InvalidRequestError(
            "distance between areas",
            found=f"the method {design.method.value}",
            expected="the method random",
            mend="Choose the method random, or the method spread without a distance.",
        )
    random = _stream(design, _APART)
    points = points_of(frame)
    return draw_apart(probability, frame.stratum, wanted, points, design.distance_m, random)


def _reserves(frame: Frame, design: SampleDesign, wanted: Rows, main: Rows) -> tuple[Rows, Rows]:
    """Return reserves and their turns: chances in proportion to size, one after another.

    A unit with the smallest -log(u) / x of those left comes next (Efraimidis and Spirakis 2006).
    """
    found: list[int] = []
    turns: list[int] = []
    points = points_of(frame)
    held = list(main.tolist())
    for at in np.flatnonzero(wanted).tolist():
        units = np.setdiff1d(np.flatnonzero(frame.stratum == at), main)
        random = _stream(design, _RESERVES, at)
        keys = -np.log1p(-random.random(len(units))) / frame.size[units]
        turn = 0
        for unit in units[np.argsort(keys, kind="stable")].tolist():
            if turn == design.reserves * wanted[at]:
                break
            if design.distance_m > 0:
                gap = points[held] - points[unit]
                if np.einsum("ij,ij->i", gap, gap).min() < design.distance_m**2:
                    continue
            turn += 1
            held.append(unit)
            found.append(unit)
            turns.append(turn)
    return np.array(found, dtype=np.int64), np.array(turns, dtype=np.int64)
