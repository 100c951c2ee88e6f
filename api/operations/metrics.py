"""Metrics for Prometheus: few, bounded, and counted over all processes of the service.

Several processes write what they count into memory-mapped files of one folder; whichever is asked
adds them up. The library decides for that when it is first imported, so it is imported late.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library learns of the folder."""
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of seconds to answer."""
MOST_SERIES: Final = 3_000
"""So many of routes, methods and statuses are told apart; what more there were is ``other``."""


class Metrics:
    """Everything that is counted of an app."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry

        self._registry = CollectorRegistry()
        self._answered: dict[tuple[str, str, int], Counter] = {}
        self._took: dict[str, Histogram] = {}
        self._gauges: dict[str, Gauge] = {}
        self._make()

    def _make(self) -> None:
        from prometheus_client import Counter, Histogram

        at: CollectorRegistry = self._registry
        self._requests = Counter(
            "exclusion_map_requests",
            "Requests answered, by method, route template and status (0: nobody waited for it).",
            ("method", "route", "status"),
            registry=at,
        )
        self._seconds = Histogram(
            "exclusion_map_request_seconds",
            "Seconds from a request to the end of its answer, by route template.",
            ("route",),
            buckets=BUCKETS,
            registry=at,
        )
        self._sent = Counter("exclusion_map_sent_bytes", "Bytes of bodies sent.", registry=at)
        self._refused = Counter(
            "exclusion_map_refused", "Requests refused as too many were under way.", registry=at
        )

    def answered(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        """Count an answer."""
        key = (method, route, status)
        counter = self._answered.get(key)
        if counter is None:
            if len(self._answered) >= MOST_SERIES:
                key = ("OTHER", "other", 0)
            counter = self._answered[key] = self._requests.labels(key[0], key[1], str(key[2]))
        counter.inc()
        histogram = self._took.get(route)
        if histogram is None:
            histogram = self._took[route] = self._seconds.labels(route)
        histogram.observe(seconds)
        self._sent.inc(size)

    def refused(self) -> None:
        """Count a request that was refused."""
        self._refused.inc()

    def set(self, name: str, words: str, value: float, **labels: str) -> None:
        """Set a figure that goes up and down.

        Args:
            name: without our prefix; the first call makes it.
            words: what it is.
            value: now, of this process.
            labels: a few, each of few values.
        """
        from prometheus_client import Gauge

        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(
                f"exclusion_map_{name}",
                words,
                tuple(labels),
                registry=self._registry,
                multiprocess_mode="liveall",
            )
        (gauge.labels(**labels) if labels else gauge).set(value)

    def page(self) -> tuple[bytes, str]:
        """Return what Prometheus reads, of all processes, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        registry = self._registry
        if FOLDER in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST


@contextmanager
def shared_by_processes() -> Iterator[None]:
    """Let processes that are forked within the block count together."""
    with tempfile.TemporaryDirectory(prefix="exclusion-map-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def process_ended(pid: int) -> None:
    """Drop the figures of a process that is no more; what it counted stays counted."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]
