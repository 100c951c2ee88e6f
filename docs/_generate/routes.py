"""The pages for people: every address of the route table that answers with HTML."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from docs._generate.markdown import code, page, table

_SAFE: Final = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, order=True)
class Address:
    """One address of the service."""

    path: str
    methods: tuple[str, ...]
    words: str


def addresses(app: FastAPI) -> list[Address]:
    """Return every address of the service, in the order of the alphabet."""
    return sorted(_walk(app))


def _walk(app: FastAPI) -> Iterator[Address]:
    for found in iter_route_contexts(app.routes):
        route: Any = found.original_route
        if isinstance(route, Mount):
            yield Address(f"{route.path}/{{path}}", ("GET",), "Files of the pages.")
            continue
        told = inspect.getdoc(getattr(route, "endpoint", None)) or ""
        methods = tuple(sorted(set(route.methods or ()) - _SAFE))
        yield Address(str(found.path), methods, told.split("\n\n")[0])


def reference(app: FastAPI) -> str:
    """Return the page of addresses that the API's description does not tell of."""
    told = set(app.openapi()["paths"])
    rows = [
        (code(one.path), " ".join(one.methods), one.words)
        for one in addresses(app)
        if one.path not in told
    ]
    return page(
        "Pages",
        "Addresses for people, and for the forms on them. Those for programs are in the "
        "[API](api/index.md). A page keeps its question in its address, so that a link "
        "brings others to the same result.",
        table(("address", "methods", "what"), rows),
    )
