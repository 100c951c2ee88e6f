"""Sensitivity analysis: Sobol indices of each uncertain choice behind the ranks.

First-order effects by Saltelli et al. (2010), Computer Physics Communications 181, table 2 (b);
total effects by Jansen (1999). A factor may consist of several numbers (all weights), which are
then exchanged together, as in the Handbook's sensitivity analysis of composite indicators.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.base import Base
from exclusion_map.index.compose import EVERYONE, compose
from exclusion_map.index.definition import Definition
from exclusion_map.index.order import Floats
from exclusion_map.index.sweep import Ranker, Sweep, line_up, order_of
from exclusion_map.index.table import ValueTable
from exclusion_map.index.variants import variants
from exclusion_map.index.vary import FACTORS, Doubts, Draws, draw
from exclusion_map.stopping import as_wanted

RESAMPLES = 200


@dataclass(frozen=True, eq=False)
class Effect:
    """Share of the output's variance due to one factor.

    Attributes:
        factor: the uncertain choice.
        first: first-order effect, of the factor alone.
        total: total effect, including all interactions.
        first_error: half width of the 95 % bootstrap interval of ``first``.
        total_error: the same of ``total``.
    """

    factor: str
    first: float
    total: float
    first_error: float
    total_error: float


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Effects on one output of the index.

    Attributes:
        output: the output analysed: the mean shift of ranks from the published ones, or the rank
            of one area.
        mean: mean of the output over all samples.
        sd: its standard deviation.
        samples: N; N (factors + 2) indices were computed.
        effects: one per factor, largest total first.
    """

    output: str
    mean: float
    sd: float
    samples: int
    effects: tuple[Effect, ...]


def sobol(a: Floats, b: Floats, ab: Floats) -> tuple[Floats, Floats]:
    """Return first-order and total Sobol indices (f,) each.

    Args:
        a: (N,) output on the first sample.
        b: (N,) output on the second.
        ab: (f, N) output on the first sample with one factor taken from the second.
    """
    both = np.concatenate([a, b])
    variance = both.var()
    if variance == 0:
        return np.zeros(len(ab)), np.zeros(len(ab))
    # centred, because the first-order estimator is noisy if the mean is far from 0
    b = b - both.mean()
    first = (b * (ab - a)).mean(axis=1) / variance
    total = ((a - ab) ** 2).mean(axis=1) / 2 / variance
    return np.asarray(first), np.asarray(total)


def sensitivity(
    definition: Definition,
    table: ValueTable,
    base: Base = EVERYONE,
    doubts: Doubts | None = None,
    *,
    samples: int = 256,
    seed: int = 1,
    also_in: tuple[Base, ...] = (),
    area: str | None = None,
) -> Sensitivity:
    """Return the sensitivity of the ranks of all areas, or of one, to each factor.

    Args:
        definition: the index as published.
        table: n areas and their values.
        base: the areas among which to rank.
        doubts: the choices to vary; those with a single option are left out of the factors.
        samples: N in Saltelli's scheme.
        seed: random seed; the same seed gives the same result.
        also_in: further bases to normalise in.
        area: code of the area whose rank is the output; by default the output is the mean
            absolute difference of all ranks from the published ones.

    Raises:
        DefinitionError: the definition's tree is not one weighted mean.
        InvalidRequestError: the area has no score.
        StoppedError: nobody wants the result any more.
    """
    doubts = doubts or Doubts()
    published = compose(definition, table, base)
    bases = (base, *also_in)
    built = variants(definition, table, bases, doubts)
    order = order_of(built, published.rank > 0, table.population, base)
    sweep = line_up(built, order)
    reference = published.rank[order.areas].astype(np.float32)
    at = None if area is None else _place(table, order.areas, area)
    rng = np.random.default_rng(seed)
    first = draw(definition, doubts, samples, rng, len(bases))
    second = draw(definition, doubts, samples, rng, len(bases))
    factors = _varying(doubts, len(bases))
    noisy = doubts.noise is not None
    a, b = (_output(sweep, sample, reference, at, noisy) for sample in (first, second))
    ab = np.stack(
        [_output(sweep, _with(first, second, name), reference, at, noisy) for name in factors]
    )
    effects = _effects(factors, a, b, ab, rng)
    both = np.concatenate([a, b])
    output = "mean shift of ranks" if area is None else f"rank of {area}"
    return Sensitivity(output, float(both.mean()), float(both.std()), samples, effects)


def _varying(doubts: Doubts, bases: int) -> tuple[str, ...]:
    varies = {
        "weights": doubts.concentration is not None,
        "normalisation": len(doubts.normalisations) > 1,
        "aggregation": len(doubts.aggregations) > 1,
        "base": bases > 1,
        "left_out": doubts.leave_out > 0,
        "noise_seed": doubts.noise is not None,
    }
    found = tuple(name for name in FACTORS if varies[name])
    if not found:
        raise InvalidRequestError(
            "sensitivity", found="no choice that varies", expected="at least one"
        )
    return found


def _with(first: Draws, second: Draws, factor: str) -> Draws:
    return replace(first, **{factor: getattr(second, factor)})


def _place(table: ValueTable, areas: NDArray[np.intp], code: str) -> int:
    found = np.flatnonzero(table.codes[areas] == code)
    if not len(found):
        raise InvalidRequestError(f"area {code!r}", found="no score", expected="an area with one")
    return int(found[0])


def _output(
    sweep: Sweep, draws: Draws, reference: NDArray[np.float32], at: int | None, noisy: bool
) -> Floats:
    m = len(reference)
    ranker = Ranker(sweep.order)
    rank, tenth = sweep.order.places(m), np.empty(m, dtype=np.uint8)
    output = np.empty(len(draws))
    for one, score in as_wanted(sweep.scores(draws, noisy=noisy)):
        ranker.rank(score, rank, tenth)
        shift = rank.astype(np.float32) + 1
        output[one] = shift[at] if at is not None else np.abs(shift - reference).mean()
    return output


def _effects(
    factors: tuple[str, ...], a: Floats, b: Floats, ab: Floats, rng: np.random.Generator
) -> tuple[Effect, ...]:
    first, total = sobol(a, b, ab)
    again = rng.integers(0, len(a), (RESAMPLES, len(a)))
    spread = np.array([sobol(a[pick], b[pick], ab[:, pick]) for pick in again]).std(axis=0)
    effects = [
        Effect(name, float(f), float(t), float(1.96 * fe), float(1.96 * te))
        for name, f, t, fe, te in zip(factors, first, total, *spread, strict=True)
    ]
    return tuple(sorted(effects, key=lambda effect: -effect.total))
