"""Addresses as newsletters and networks send them on: with parameters of their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

_NAMES = frozenset(
    {
        "fbclid",
        "gclid",
        "gbraid",
        "wbraid",
        "dclid",
        "twclid",
        "yclid",
        "msclkid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "igshid",
        "gad_source",
        "li_fat_id",
    }
)


def without_trackers(request: Request, faults: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the address without such parameters; None where anything else is wrong with it.

    Args:
        request: that was refused.
        faults: of it, as pydantic tells of them.
    """
    unknown = {str(fault["loc"][-1]) for fault in faults if fault["type"] == "extra_forbidden"}
    if request.method != "GET" or not all(_tracks(name) for name in unknown):
        return None
    if any(fault["type"] != "extra_forbidden" for fault in faults):
        return None
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in unknown]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def _tracks(name: str) -> bool:
    return name in _NAMES or name.startswith("utm_")
