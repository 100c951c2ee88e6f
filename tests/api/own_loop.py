"""Run what is asynchronous in a thread of its own."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import anyio

Answer = TypeVar("Answer")


def run(function: Callable[..., Awaitable[Answer]], *args: Any) -> Answer:
    """Return what a coroutine returns: the tests' own thread may have a browser's loop already."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(anyio.run, function, *args).result()
