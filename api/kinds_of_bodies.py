"""Of which kind the body of a request is: an address that takes JSON takes nothing else.

A body that says nothing, or something else, is refused (415): what one program reads as text and
another as JSON is a way around checks (OWASP ASVS 13.1.5, 13.2.5).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request
from fastapi.params import Form

from exclusion_map.errors import UnsupportedBodyError

JSON: Final = "application/json"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def kind_of(request: Request) -> str:
    """Return the media type of a body, in lower case and without parameters; empty if not said."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def is_json(kind: str) -> bool:
    """Whether a media type is JSON (RFC 6839 too: ``application/geo+json``)."""
    return kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))


def expect_json(request: Request) -> None:
    """Refuse a body that does not say it is JSON.

    Raises:
        UnsupportedBodyError: it is of another kind, or does not say.
    """
    kind = kind_of(request)
    if not is_json(kind):
        raise unsupported(kind, JSON)


def misread(request: Request, faults: Sequence[Mapping[str, Any]]) -> UnsupportedBodyError | None:
    """Return what to say where a body has faults because it is of another kind; None else.

    Args:
        request: to a route that declares its body.
        faults: as pydantic tells of them.
    """
    if not any(fault["loc"] and fault["loc"][0] == "body" for fault in faults):
        return None
    if request.headers.get("content-length", "") == "0":
        return None
    route = request.scope.get("route")
    declared = getattr(getattr(route, "dependant", None), "body_params", ())
    if not declared:
        return None
    kind, form = kind_of(request), any(isinstance(one.field_info, Form) for one in declared)
    if form:
        # A form that sent nothing at all need not say of which kind nothing is.
        return unsupported(kind, " or ".join(FORMS)) if kind and kind not in FORMS else None
    return None if is_json(kind) else unsupported(kind, JSON)


def unsupported(kind: str, expected: str) -> UnsupportedBodyError:
    """Return the error of a body of another kind."""
    return UnsupportedBodyError(
        "body",
        found=f"one that says it is {kind[:60]}" if kind else "one that does not say what it is",
        expected=expected,
        mend=f"Send the header Content-Type: {expected.split(' ', maxsplit=1)[0]}.",
    )
