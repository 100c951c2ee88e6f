"""A good choice of places quickly, and how far it can be from the best: greedy, swaps, a bound."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from exclusion_map.access.people import weighted_counts
from exclusion_map.targeting.siting_problem import Floats, Ints, Problem

Going = Callable[[], bool]
"""Whether to go on: false when time is up or nobody waits any more."""

_ROUNDS = 400
_NOTHING = 1e-9
"""Gains below this share of all savings are rounding."""


def greedy(problem: Problem, going: Going) -> Ints:
    """Return candidates, each time the one that adds most (with a budget: most for its cost)."""
    opened: list[int] = []
    best, left = np.zeros(problem.rows), problem.purse
    prices = problem.prices
    while len(opened) < problem.k and going():
        gain = problem.gains(best)
        gain[opened] = 0.0
        gain[prices > left] = 0.0
        worth = gain if problem.budget is None else gain / np.maximum(prices, 1e-9)
        worth = np.where(gain > _NOTHING * problem.saving.sum(), worth, 0.0)
        if not worth.any():
            break
        chosen = int(worth.argmax())
        opened.append(chosen)
        left -= float(prices[chosen])
        np.maximum(best, problem.best(np.array([chosen])), out=best)
    return np.array(opened, dtype=np.int64)


def swapped(problem: Problem, opened: Ints, going: Going) -> Ints:
    """Return a choice that no swap of one place for another betters (Teitz and Bart 1968).

    All swaps are valued at once as Whitaker (1983) does: what the entering one adds, less what the
    leaving one's rows lose, but for what their second best or the entering one gives them.
    """
    chosen = opened.copy()
    total = problem.saving.sum()
    while len(chosen) and going():
        delta = _swaps(problem, chosen)
        after = problem.prices[chosen].sum() - problem.prices[chosen]
        delta[after + problem.prices[:, None] > problem.purse] = -np.inf
        delta[chosen] = -np.inf
        enters, leaves = np.unravel_index(int(delta.argmax()), delta.shape)
        if delta[enters, leaves] <= _NOTHING * total:
            break
        chosen[leaves] = enters
    return chosen


def _swaps(problem: Problem, chosen: Ints) -> Floats:
    """Return (candidates, len(chosen)) what the swap of each pair adds."""
    place = np.full(problem.candidates, -1)
    place[chosen] = np.arange(len(chosen))
    held = place[problem.candidate] >= 0
    row, saving, at = (
        problem.row[held],
        problem.saving[held],
        place[problem.candidate[held]],
    )
    order = np.lexsort((-saving, row))
    row, saving, at = row[order], saving[order], at[order]
    first = np.unique(row, return_index=True)[1]
    best, second = np.zeros(problem.rows), np.zeros(problem.rows)
    who = np.full(problem.rows, -1)
    best[row[first]], who[row[first]] = saving[first], at[first]
    rest = np.ones(len(row), dtype=np.bool_)
    rest[first] = False
    np.maximum.at(second, row[rest], saving[rest])
    loss = np.bincount(who[who >= 0], weights=(best - second)[who >= 0], minlength=len(chosen))
    theirs = who[problem.row]
    spared = np.maximum(np.minimum(problem.saving, best[problem.row]) - second[problem.row], 0)
    at_all = theirs >= 0
    key = problem.candidate[at_all] * len(chosen) + theirs[at_all]
    size = problem.candidates * len(chosen)
    eased = np.bincount(key, weights=spared[at_all], minlength=size)
    return problem.gains(best)[:, None] - loss + eased.reshape(problem.candidates, len(chosen))


def bound(problem: Problem, value: float, going: Going) -> tuple[float, npt.NDArray[np.bool_]]:
    """Return what no choice can exceed, and which candidates a better choice may hold.

    The rule that each row uses one place is relaxed with prices on the rows (Lagrange), and these
    are bettered by subgradients (Cornuejols, Fisher and Nemhauser 1977). A candidate with which
    even the bound is no better than the value there is can be left out of any further search.
    """
    price = np.zeros(problem.rows)
    np.maximum.at(price, problem.row, problem.saving)
    price *= 0.5
    lowest, useful = float("inf"), np.ones(problem.candidates, dtype=np.bool_)
    scale, since = 2.0, 0
    slack = _NOTHING * max(value, 1.0)
    for _ in range(_ROUNDS):
        if not going() or lowest <= value + slack:
            break
        over = np.maximum(problem.saving - price[problem.row], 0.0)
        worth = weighted_counts(problem.candidate, over, problem.candidates)
        opened, limit = _relaxed(problem, worth)
        limit += float(price.sum())
        useful &= _with_each(problem, worth, limit, opened) > value - slack
        if limit < lowest - slack:
            lowest, since = limit, 0
        else:
            since += 1
        if since >= 12:
            scale, since = scale / 2, 0
        uses = (over > 0) & opened[problem.candidate]
        slope = 1.0 - np.bincount(problem.row[uses], minlength=problem.rows)
        length = float(slope @ slope)
        if length == 0 or scale < 1e-4:
            break
        price = np.maximum(price - scale * max(limit - value, 0.0) / length * slope, 0.0)
    return lowest, useful


def _relaxed(problem: Problem, worth: Floats) -> tuple[npt.NDArray[np.bool_], float]:
    """Return the candidates of most worth, and a limit of what k of them within budget bring."""
    order = np.argsort(-worth, kind="stable")[: problem.k]
    opened = np.zeros(problem.candidates, dtype=np.bool_)
    opened[order] = True
    limit = float(worth[order].sum())
    if problem.budget is None or problem.prices[order].sum() <= problem.purse:
        return opened, limit
    # Without the limit on their number, parts of places allowed: the most worth for each pound.
    rate = np.argsort(-worth / np.maximum(problem.prices, 1e-9), kind="stable")
    spent = np.cumsum(problem.prices[rate])
    whole = spent <= problem.purse
    filled = float(worth[rate][whole].sum())
    cut = int(whole.sum())
    if cut < len(rate):
        left = problem.purse - (spent[cut - 1] if cut else 0.0)
        filled += float(worth[rate[cut]] * left / problem.prices[rate[cut]])
    if filled < limit:
        opened[:] = False
        opened[rate[whole]] = True
    return opened, min(limit, filled)


def _with_each(
    problem: Problem, worth: Floats, limit: float, opened: npt.NDArray[np.bool_]
) -> Floats:
    """Return (candidates,) the bound with each one opened for certain."""
    if problem.budget is not None or problem.candidates <= problem.k:
        return np.full(problem.candidates, limit)
    least = float(worth[opened].min()) if opened.any() else 0.0
    return np.where(opened, limit, limit - least + worth)
