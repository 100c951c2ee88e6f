"""What the page of fair shares shows: who gets how many and why, other rules, how sure it is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.pages.sharing_form import SharePageParams
from api.sharing_query import ShareParams
from exclusion_map.editions.papers.share import (
    lead,
    order_of,
    part_rows,
    report,
    rule_row,
    unit_row,
)
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.sharing import Shared
from exclusion_map.targeting.sharing_reasons import ROUNDING, Teller

SHOWN: Final = 200
SURE_DRAWS: Final = 200


def answer(
    edition: Edition, typed: SharePageParams, asked: ShareParams, shared: Shared
) -> dict[str, Any]:
    """Return everything the page says of an answer."""
    share = shared.share
    teller = Teller(share)
    order = order_of(shared)
    draws = {"draws": str(SURE_DRAWS)} if not asked.draws else {}
    query = typed.filled
    short = bool(typed.address)
    usable = short and not typed.listed.strip()
    return {
        "shared": shared,
        "share": share,
        "lead": lead(shared, teller),
        "report": report(shared, teller),
        "rounding": ROUNDING[share.question.method],
        "notes": shared.notes,
        "rows": [unit_row(shared, teller, at) for at in order[:SHOWN]],
        "more": max(len(order) - SHOWN, 0),
        "side": _side_by_side(shared, teller, order[:SHOWN]),
        "compared": [rule_row(one, teller) for one in shared.compared],
        "not_usable": [one for one in shared.compared if one.share is None],
        "doubt": shared.doubt,
        "parts": part_rows(edition, shared, teller),
        "can_doubt": share.question.rule.doubtful,
        "sure_address": f"/tools/share?{urlencode(query | draws, safe=',:')}#sure" if short else "",
        "here": typed.address,
        "api": f"/api/v1/share?{urlencode(_api(query), safe=',:')}" if usable else "",
        "hidden": query,
    }


def _api(query: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in query.items() if name != "listed"}


def _side_by_side(shared: Shared, teller: Teller, rows: Sequence[int]) -> dict[str, Any]:
    used = [one for one in shared.compared if one.share is not None]
    return {
        "rules": [one.rule for one in used],
        "rows": [
            (
                shared.share.units.names[at],
                [
                    teller.amount(float(one.share.division.given[at]))
                    for one in used
                    if one.share is not None
                ],
            )
            for at in rows
        ],
    }


def inline(svg: str) -> Markup:
    """Return a picture drawn by our own code as part of a page."""
    # Names in it were escaped where it was drawn.
    return Markup(svg[svg.index("<svg") :])  # noqa: S704
