"""Figures that go up and down: looked at every few seconds, and when metrics are asked for."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from starlette.datastructures import State

from api.holder import Holder
from api.operations.checks import Checks
from api.operations.metrics import Metrics
from api.operations.observe import Observing
from api.work import Pool
from exclusion_map.accounts.telling import post

EVERY_S = 5.0
"""Seconds between two looks."""


def set_gauges(state: State) -> None:
    """Set every figure of this process, where there are metrics."""
    observing: Observing = state.observing
    metrics = observing.metrics
    if metrics is None:
        return
    metrics.set("requests_under_way", "Requests being answered.", observing.under_way)
    metrics.set("resident_bytes", "Resident memory of a process.", _resident())
    _set_work(metrics, getattr(state, "work_pools", {}))
    _set_edition(metrics, state.holder)
    checks: Checks = state.checks
    metrics.set("database_up", "1 where the database answers, else 0.", checks.database_up)
    _set_mail(metrics)
    for cache, size in _caches(state):
        metrics.set("cache_bytes", "Bytes of what is remembered.", size, cache=cache)


def _set_work(metrics: Metrics, pools: dict[str, Pool]) -> None:
    for pool in tuple(pools.values()):
        metrics.set("work_running", "Pieces of heavy work under way.", pool.running, pool=pool.name)
        metrics.set("work_waiting", "Pieces of heavy work waiting.", pool.waiting, pool=pool.name)
        metrics.set(
            "work_still_seconds",
            "Seconds for which a full pool has begun and ended nothing.",
            pool.still_s,
            pool=pool.name,
        )


def _set_mail(metrics: Metrics) -> None:
    mailer = post()
    if mailer is not None:
        metrics.set("mail_waiting", "Messages that wait to be sent.", mailer.waiting)
        metrics.set("mail_sent", "Messages that the mail server took.", mailer.sent)
        metrics.set("mail_failed", "Messages that were given up or dropped.", mailer.failed)


def _set_edition(metrics: Metrics, holder: Holder) -> None:
    service = holder.service
    metrics.set("edition_open", "1 where an edition is served, else 0.", service is not None)
    metrics.set(
        "edition_current",
        "1 where the current edition is served, 0 where another or none is.",
        service is not None and holder.fault is None,
    )
    if service is not None:
        age = (datetime.now(UTC) - service.edition.manifest.built).total_seconds()
        metrics.set("edition_age_seconds", "Seconds since the edition was built.", age)


def _caches(state: State) -> Iterator[tuple[str, int]]:
    """Yield name and bytes of what is remembered of all open editions."""
    scored = tuple(getattr(state, "scored_tiles", {}).values())
    painters = tuple(getattr(state, "painters", {}).values())
    yield "scored_tiles", sum(one.nbytes for one in scored)
    yield "pictures", sum(one.pictures.nbytes for one in painters)


def _resident() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
