"""How far a division stands on judgement: the same total over many draws of what it counts.

Rules of the index: each draw varies weights, methods and counts as the intervals of the index do
(`index.vary`); the order of the areas is that of the draw, and an area has the score that the area
of its rank has as published, so that only the order is in doubt and not the scale.

Rules of the modelled estimate: errors of small areas are drawn with the correlations of the
estimate (`estimate.nearness`): neighbours share a part of theirs, so sums are as uncertain as the
published ranges say.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas
from exclusion_map.areas.rollup_estimate import NORMAL_80, SmallEstimates, levels_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Base, Definition, ValueTable
from exclusion_map.targeting.sharing import Share
from exclusion_map.targeting.sharing_method import divide
from exclusion_map.targeting.sharing_places import drawn_places
from exclusion_map.targeting.sharing_rules import Grounds, claims_of_units

Floats = npt.NDArray[np.float64]
Report = Callable[[int, int], None]

DRAWS = 200
SEED = 1
INTERVAL = 0.9


@dataclass(frozen=True, eq=False, kw_only=True)
class ShareDoubt:
    """What each unit gets over many draws, (n,) each, in things, pounds or hours.

    Attributes:
        draws: how many.
        seed: that gave them.
        low: what it gets at least in 95 % of draws.
        middle: median.
        high: what it gets at most in 95 % of draws.
        as_much: share of draws in which it gets at least what the division gives it.
        any: share of draws in which it gets anything at all.
        moved: on average, how much of the total goes to somebody else than in the division.
    """

    draws: int
    seed: int
    low: Floats
    middle: Floats
    high: Floats
    as_much: Floats
    any: Floats
    moved: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """What scores were worked out from, to draw them again."""

    definition: Definition
    table: ValueTable
    base: Base


def doubt_of(
    share: Share,
    atlas: Atlas,
    grounds: Grounds,
    judged: Judged | None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    report: Report | None = None,
    wanted: Callable[[], bool] | None = None,
) -> ShareDoubt | None:
    """Return what each unit gets over many draws; None for a rule without doubt.

    Args:
        share: the division.
        atlas: the areas.
        grounds: it stands on.
        judged: the index; needed for rules of the index.
        draws: how many.
        seed: the same seed gives the same answer.
        report: told draws done and draws to do.
        wanted: whether anybody still wants the answer.

    Raises:
        InvalidRequestError: nobody wants the answer any more, or there is no index.
        DefinitionError: the index is not one weighted mean.
    """
    rule = share.question.rule
    if not rule.doubtful:
        return None
    if rule.of_index:
        if judged is None:
            raise InvalidRequestError("draws", found="no index", expected="one")
        drawn = _index_grounds(grounds, judged, draws, seed)
    else:
        drawn = _estimate_grounds(atlas, grounds, draws, seed)
    total, given = share.question.steps, np.empty((draws, len(share.units)), dtype=np.int32)
    line = grounds.usual_score if share.question.line is None else share.question.line
    for one, other in enumerate(drawn):
        weight = claims_of_units(share.units, other, rule, line)
        given[one] = share.division.given
        if np.nan_to_num(weight).sum() > 0:
            claims = replace(share.claims, weight=_kept(weight, share, total))
            given[one] = divide(total, claims, share.question.method).given
        if report is not None:
            report(one + 1, draws)
        if wanted is not None and not wanted():
            raise InvalidRequestError("draws", found="a stop", expected="patience")
    return _summed_up(share, given, seed)


def _kept(weight: Floats, share: Share, total: int) -> Floats:
    """Return claims of a draw; those of the division where the draw leaves too few to fill.

    Where so few units have a claim that maximums leave no room, the others share what is left: a
    claim so small that it is last in the queue.
    """
    there = np.nan_to_num(weight) > 0
    if np.where(there, share.claims.most, share.claims.least).sum() >= total:
        return weight
    tiny = 1e-9 * float(np.nansum(weight))
    return np.where(~there & share.claims.claiming, tiny, weight)


def _index_grounds(grounds: Grounds, judged: Judged, draws: int, seed: int) -> Iterator[Grounds]:
    scored = np.flatnonzero(grounds.rank > 0)
    falling = np.sort(grounds.score[scored])[::-1]
    if judged.base.groups is not None:
        raise InvalidRequestError(
            "draws", found="ranks within groups", expected="ranks among all areas"
        )
    for rank, decile in drawn_places(
        judged.definition, judged.table, judged.base, draws=draws, seed=seed
    ):
        score = np.full(len(rank), np.nan)
        at = rank > 0
        score[at] = falling[np.minimum(rank[at], len(falling)) - 1]
        yield replace(grounds, score=score, decile=decile, rank=rank)


def _estimate_grounds(atlas: Atlas, grounds: Grounds, draws: int, seed: int) -> Iterator[Grounds]:
    held = grounds.estimates
    if held is None:
        return
    rng = np.random.default_rng(seed)
    deviation = held.widen * np.nan_to_num((held.high - held.low) / (2 * NORMAL_80))
    levels = levels_of(atlas)
    shared = {name: held.correlations.get(name, 0.0) for name in levels}
    for _ in range(draws):
        error = nearby_errors(levels, shared, rng)
        share = np.clip(held.share + deviation * error, 0.0, 100.0)
        factor = np.divide(share, held.share, out=np.ones(len(share)), where=held.share > 0)
        yield replace(grounds, estimates=_scaled(held, factor))


def _scaled(held: SmallEstimates, factor: Floats) -> SmallEstimates:
    return replace(held, households=held.households * factor, people=held.people * factor)


def nearby_errors(
    levels: Mapping[str, npt.NDArray[np.intp]],
    shared: Mapping[str, float],
    rng: np.random.Generator,
) -> Floats:
    """Return (n,) standard normal errors that areas of one group share in part.

    Two areas have the correlation of the nearest level they share; an area in no group of a level
    shares nothing there.

    Args:
        levels: level to the group of each area (n,), nearest level first; -1 = in none.
        shared: correlation of two areas in one group of each level, falling.
        rng: source of randomness.
    """
    names = list(levels)
    steps = [shared[name] for name in names]
    rest = 1.0 - (steps[0] if steps else 0.0)
    count = len(next(iter(levels.values())))
    error = np.sqrt(max(rest, 0.0)) * rng.standard_normal(count)
    for name, here, wider in zip(names, steps, [*steps[1:], 0.0], strict=True):
        group = levels[name]
        drawn = rng.standard_normal(int(group.max(initial=-1)) + 1)
        alone = rng.standard_normal(count)
        own = np.where(group >= 0, drawn[group] if len(drawn) else 0.0, alone)
        error += np.sqrt(max(here - wider, 0.0)) * own
    return np.asarray(error, dtype=np.float64)


def _summed_up(share: Share, given: npt.NDArray[np.int32], seed: int) -> ShareDoubt:
    tail = (1 - INTERVAL) / 2
    ends = np.quantile(given, [tail, 0.5, 1 - tail], axis=0, method="inverted_cdf")
    apart = np.abs(given - share.division.given).sum(axis=1) / 2
    return ShareDoubt(
        draws=len(given),
        seed=seed,
        low=share.amount(ends[0]),
        middle=share.amount(ends[1]),
        high=share.amount(ends[2]),
        as_much=np.asarray((given >= share.division.given).mean(axis=0), dtype=np.float64),
        any=np.asarray((given > 0).mean(axis=0), dtype=np.float64),
        moved=float(share.amount(apart).mean()),
    )
