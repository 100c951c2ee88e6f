"""Read the route table of the service: every address, its methods, and who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from api.accounts.guard import checked
from api.accounts.openid_logout import signed_out

PUBLIC, FORM, PROVIDER = "public", "form", "provider"
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, order=True)
class Address:
    """One method at one address."""

    path: str
    method: str
    guard: str
    """The least role, ``form`` where a form is checked, ``provider`` where a signature of
    the provider of sign-in is, ``public`` where nothing is asked."""

    @property
    def writes(self) -> bool:
        return self.method not in SAFE

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


def addresses(app: FastAPI) -> list[Address]:
    """Return every method of every address, mounts too, in order."""
    return sorted(set(_walk(app)))


def _walk(app: FastAPI) -> Iterator[Address]:
    for found in iter_route_contexts(app.routes):
        route: Any = found.original_route
        if isinstance(route, Mount):
            yield Address(f"{route.path}/*", "GET", PUBLIC)
            continue
        guard = guard_of(getattr(found, "dependant", None) or getattr(route, "dependant", None))
        for method in set(route.methods) - {"HEAD", "OPTIONS"}:
            yield Address(str(found.path), method, guard)


def guard_of(dependant: Any) -> str:
    """Return who may use a route, as its dependencies say."""
    calls = list(_calls(dependant)) if dependant is not None else []
    roles = [call.role for call in calls if hasattr(call, "role")]
    if roles:
        return str(max(roles, key=lambda role: role.rank).value)
    if signed_out in calls:
        return PROVIDER
    return FORM if checked in calls else PUBLIC


def _calls(dependant: Any) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)
