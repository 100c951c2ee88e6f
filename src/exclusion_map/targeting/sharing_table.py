"""A division as columns, a row a unit or a row a rule: what files, the API and pages hold alike."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.sharing import Compared, Share
from exclusion_map.targeting.sharing_draws import ShareDoubt
from exclusion_map.targeting.sharing_reasons import reasons

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any] | Sequence[str]]


def share_columns(
    share: Share, compared: Sequence[Compared] = (), doubt: ShareDoubt | None = None
) -> Columns:
    """Return one row a unit, in the order of the units; with each rule's result side by side."""
    weight, claims = share.claims.weight, share.claims
    whole = float(np.nansum(weight))
    columns: Columns = {
        "code": list(share.units.codes),
        "name": list(share.units.names),
        "population": np.round(share.people, 1),
        "people_at_risk": np.round(share.risky, 1),
        "score": np.round(share.score, 2),
        "claim": np.round(weight, 4),
        "claim_pct": np.round(100 * weight / whole, 4),
        "received": share.received,
        "minimum": share.amount(claims.least),
        "maximum": share.amount(claims.most),
        "share_before_bounds": np.round(share.plain_share, 4),
        "fair_share": np.round(share.amount(share.division.fair), 4),
        "given": share.given,
        "per_1000_at_risk": _each(share.given + share.received, share.risky),
        "tie": ["yes" if tied else "" for tied in share.division.tied.tolist()],
        "why": reasons(share),
    }
    if doubt is not None:
        columns |= {
            "given_low": doubt.low,
            "given_median": doubt.middle,
            "given_high": doubt.high,
            "chance_of_as_much": np.round(doubt.as_much, 4),
            "chance_of_any": np.round(doubt.any, 4),
        }
    for one in compared:
        if one.share is not None:
            columns[f"by_{one.rule.value.replace('-', '_')}"] = one.share.given
    return columns


def _each(things: Floats, people: Floats) -> Floats:
    per = np.full(len(things), np.nan)
    np.divide(1000 * things, people, out=per, where=people > 0)
    return np.round(per, 3)


def rule_columns(compared: Sequence[Compared]) -> Columns:
    """Return one row a rule: how much it moves and how even it is; infinite ratios are missing."""
    used = [one for one in compared if one.share is not None]
    even = [one.share.equity for one in used if one.share is not None]
    ratios = np.array([each.ratio for each in even], dtype=float)
    return {
        "rule": [one.rule.value for one in used],
        "label": [one.rule.label for one in used],
        "moved": np.array([one.moved for one in used], dtype=float),
        "units_with_none": np.array(
            [float((one.share.given == 0).sum()) for one in used if one.share is not None]
        ),
        "gini": np.round(np.array([each.gini for each in even], dtype=float), 4),
        "lowest_per_1000_at_risk": np.round(np.array([each.lowest for each in even]), 3),
        "highest_per_1000_at_risk": np.round(np.array([each.highest for each in even]), 3),
        "ratio": np.round(np.where(np.isfinite(ratios), ratios, np.nan), 2),
    }
