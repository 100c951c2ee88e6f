"""Conditional Poisson sampling: the design of greatest entropy of fixed size and probabilities.

Poisson sampling with working probabilities p, given that n units are drawn (Hajek 1964; Chen,
Dempster and Liu 1994, Biometrika 81, 457-469). With S the number drawn and S_-k without unit k,

    pi_k  = p_k P(S_-k = n - 1) / P(S = n)
    pi_kl = p_k p_l P(S_-kl = n - 2) / P(S = n)

The chances are Fourier sums over the characteristic function of S (Fernandez and Williams 2010,
IEEE Transactions on Aerospace and Electronic Systems 46, 803-817). Because p sums to n, few terms
differ from 0: a country takes milliseconds, and pi_k is right to about 12 digits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.sampling.probabilities import Floats, Rows

Complexes = npt.NDArray[np.complex128]
ROUNDS = 200
TOLERANCE = 1e-11
_TRIES = 100_000
_WIDTHS = 12.0
"""Standard deviations of S beyond which a chance is 0 to working precision."""


@dataclass(frozen=True, eq=False)
class Working:
    """A design of n units.

    Attributes:
        n: size of the sample.
        p: (N,) working probabilities of Poisson sampling; they sum to n.
        pi: (N,) inclusion probabilities.
    """

    n: int
    p: Floats
    pi: Floats


def working_probabilities(target: Floats) -> Working:
    """Return the working probabilities that give inclusion probabilities.

    Odds are multiplied by the odds wanted over the odds reached until both agree.

    Args:
        target: (N,) above 0 and below 1, with a whole sum from 1 to N - 1.

    Raises:
        InvalidRequestError: they are none of these, or cannot be reached.
    """
    n = round(float(target.sum()))
    whole = abs(float(target.sum()) - n) < 1e-6
    if not whole or not 0 < n < len(target) or target.min() <= 0 or target.max() >= 1:
        raise InvalidRequestError(
            "inclusion probabilities", found="0, 1 or a sum of N", expected="between 0 and 1"
        )
    if n == 1:  # Chances of one unit are in proportion to odds: many strata have one area each.
        return Working(n, _summing_to(target, n), target)
    odds = target / (1 - target)
    aim = odds.copy()
    power, before = 1.0, np.inf
    for _ in range(ROUNDS):
        p = _summing_to(odds, n)
        reached = _inclusion(p, n)
        error = float(np.abs(reached - target).max())
        if error < TOLERANCE:
            return Working(n, p, reached)
        # Few units swing to and fro about the answer: half of the way is then the right one.
        power = 0.5 if error > before / 2 else power
        before = error
        odds = p / (1 - p) * (aim * (1 - reached) / reached) ** power
    raise InvalidRequestError(
        "inclusion probabilities",
        found="some too near 1 for a maximum-entropy sample",
        expected="a smaller sample, or sizes that differ less",
        mend="Use the systematic method.",
    )


def draw(working: Working, random: np.random.Generator) -> Rows:
    """Return the units drawn, ascending: Poisson samples until one has the size wanted.

    One in about sqrt(2 pi V) has it, V = sum p (1 - p), which is at most the size of the sample.
    """
    for _ in as_wanted(range(_TRIES)):
        taken = np.flatnonzero(random.random(len(working.p)) < working.p)
        if len(taken) == working.n:
            return taken
    raise InvalidRequestError("sample", found="no draw of the right size", expected="one in time")


def joint_probabilities(working: Working, rows: Rows) -> Floats:
    """Return (m, m) joint inclusion probabilities of some units; pi on the diagonal."""
    angles, whole = _characteristic(working.p, working.n)
    part = _parts(working.p[rows], angles)
    scale = whole.sum().real
    joint: Floats = ((part * whole) @ part.T).real / scale
    np.fill_diagonal(joint, working.pi[rows])
    return joint


def _summing_to(odds: Floats, n: int) -> Floats:
    """Return p = c odds / (1 + c odds) with the c for which they sum to n (Newton on log c)."""
    logs = np.log(odds)
    for _ in range(100):
        p = 1 / (1 + np.exp(-logs))
        off = n - p.sum()
        if abs(off) < 1e-12 * n:
            break
        logs = logs + np.clip(off / (p * (1 - p)).sum(), -2, 2)
    return np.asarray(p, dtype=np.float64)


def _characteristic(p: Floats, n: int) -> tuple[Floats, Complexes]:
    """Return angles (t,) and weighted values (t,) whose sum is P(S = n).

    An odd number of points: the factor of p = 1/2 at half a turn is 0, and would be divided by.
    """
    spread = np.sqrt((p * (1 - p)).sum())
    points = min(len(p) + 1, 2 * int(_WIDTHS * spread) + 41) | 1
    angles = 2 * np.pi * np.arange(points // 2 + 1) / points
    # |phi| <= exp(-2 sin(t/2)^2 V): what is below 1e-18 need not be worked out.
    angles = angles[2 * np.sin(angles / 2) ** 2 * spread**2 < 42]
    whole = np.empty(len(angles), dtype=np.complex128)
    for at, angle in enumerate(angles):
        turn = np.exp(1j * angle)
        factors = 1 + p * (turn - 1)
        logs = np.log(np.abs(factors)).sum() + 1j * np.angle(factors).sum()
        whole[at] = np.exp(logs - 1j * angle * n)
    # The other half of the circle holds conjugates: their real parts count twice.
    whole[1:] *= 2
    return angles, whole / points


def _parts(p: Floats, angles: Floats) -> Complexes:
    """Return (m, t) p e^(it) / (1 - p + p e^(it))."""
    turn = np.exp(1j * angles)[None, :]
    part: Complexes = p[:, None] * turn / (1 + p[:, None] * (turn - 1))
    return part


def _inclusion(p: Floats, n: int) -> Floats:
    angles, whole = _characteristic(p, n)
    scale = whole.sum().real
    found: Floats = np.zeros(len(p))
    for angle, value in zip(angles, whole, strict=True):
        turn = np.exp(1j * angle)
        found += (value * p * turn / (1 + p * (turn - 1))).real
    found /= scale
    return found
