"""The one table that gives domain errors their HTTP meaning, and the one body every error has.

Errors are "problem details" (RFC 9457) in JSON; a request that prefers HTML gets a page instead.
"""

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.fault_words import expected_of
from api.kinds_of_bodies import misread
from api.negotiation import prefers_html
from api.operations.rarely import Rarely
from api.trackers import without_trackers
from exclusion_map.errors import (
    BusyError,
    ConflictError,
    DatabaseError,
    DefinitionError,
    EditionError,
    ExclusionMapError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    NotSignedInError,
    TooLargeError,
    TooManyRequestsError,
    UnsupportedBodyError,
)
from exclusion_map.exports.pdf import PdfError

PROBLEM_JSON = "application/problem+json"


class PreconditionFailedError(ConflictError):
    """A request names a version that is not the present one (RFC 9110, 412)."""

    @classmethod
    def of(cls, error: ConflictError) -> "PreconditionFailedError":
        """Return a conflict as what it means to a request with a condition."""
        return cls(error.thing, found=error.found, expected=error.expected, mend=error.mend)


class PreconditionRequiredError(InvalidRequestError):
    """A request must name the version it is meant for, and does not (RFC 6585, 428)."""


class NotReadyError(ExclusionMapError):
    """Something without which the service should get no requests is not well."""


STATUSES: Mapping[type[ExclusionMapError], tuple[int, str, str]] = MappingProxyType(
    {
        NotFoundError: (404, "not-found", "Not found"),
        InvalidRequestError: (422, "invalid-request", "The request cannot be answered"),
        DefinitionError: (422, "invalid-definition", "The index definition cannot be used"),
        EditionError: (503, "no-edition", "The data is not available"),
        DatabaseError: (503, "no-database", "The directory is not available"),
        PdfError: (503, "no-pdf", "No PDF can be made here"),
        ConflictError: (409, "conflict", "Somebody else changed it meanwhile"),
        PreconditionFailedError: (412, "changed-meanwhile", "Somebody else changed it meanwhile"),
        PreconditionRequiredError: (428, "no-version", "The request must name a version"),
        NotSignedInError: (401, "not-signed-in", "Sign in first"),
        ForbiddenError: (403, "forbidden", "You cannot do that"),
        UnsupportedBodyError: (415, "unsupported-body", "The body is of another kind"),
        TooLargeError: (413, "too-large", "That is too large"),
        TooManyRequestsError: (429, "too-many-requests", "Too many requests"),
        NotReadyError: (503, "not-ready", "The service is not ready"),
        BusyError: (503, "busy", "The service is busy"),
        ExclusionMapError: (500, "internal", "Something went wrong"),
    }
)
"""Status, short name and title of each kind of error; the nearest class of an error counts."""

_TITLES = MappingProxyType(
    {
        404: ("not-found", "Page not found"),
        405: ("method-not-allowed", "That cannot be done here"),
        406: ("not-acceptable", "Not available in that form"),
        408: ("too-slow", "The upload took too long"),
        500: ("internal", "Something went wrong"),
        503: ("unavailable", "The service is not ready"),
    }
)

logger = logging.getLogger(__name__)
_no_answer = Rarely(logger, "the database did not answer")


class Problem(BaseModel):
    """Problem details (RFC 9457), with what was found, what was expected and how to fix it."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "type": "urn:exclusion-map:problem:not-found",
                "title": "Not found",
                "status": 404,
                "detail": "area 'E99999999': found no area of that code in this edition; "
                "expected a code such as E01000001.",
                "instance": "/api/v1/areas/E99999999",
                "found": "no area of that code in this edition",
                "expected": "a code such as E01000001",
                "mend": "Look the place up by name or postcode: /search",
            }
        },
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    found: str = ""
    expected: str = ""
    mend: str = ""
    request_id: str = Field(default="", description="Id of this request in the service's log.")
    errors: tuple[dict[str, str], ...] = Field(
        default=(), description="One entry per invalid parameter."
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error responses of a route for OpenAPI."""
    words = {
        400: "The body cannot be read, or a parameter is unknown or has an invalid value.",
        401: "Nobody is signed in, or the token does not work.",
        403: "This account may not do that.",
        406: "This format is not available.",
        409: "Somebody else changed it first.",
        408: "What was sent took too long to arrive.",
        412: "It has changed since the version named in If-Match.",
        413: "The body is larger than the limit, which the error names.",
        415: "The media type of the body is missing or not supported.",
        428: "If-Match is missing: the request must name the version that was read.",
        429: "Too many requests; Retry-After says how long to wait.",
        404: "No such thing in this edition.",
        422: "A parameter is unknown or has an invalid value.",
        503: "No edition is open.",
    }
    return {
        status: {
            "description": words[status],
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem_of(error: ExclusionMapError, instance: str) -> Problem:
    """Return a domain error as a problem."""
    for kind in type(error).__mro__:
        if kind in STATUSES:
            status, name, title = STATUSES[kind]
            break
    hidden = status == 500
    return Problem(
        type=f"urn:exclusion-map:problem:{name}",
        title=title,
        status=status,
        detail="The service met an internal error." if hidden else error.message,
        instance=instance,
        found="" if hidden else error.found,
        expected="" if hidden else error.expected,
        mend="Try again later." if hidden else error.mend,
    )


def plain_problem(status: int, detail: str, instance: str) -> Problem:
    """Return a problem that comes from HTTP itself: no such address, no such method."""
    name, title = _TITLES.get(status, ("error", "The request could not be answered"))
    return Problem(
        type=f"urn:exclusion-map:problem:{name}",
        title=title,
        status=status,
        detail=detail,
        instance=instance,
    )


def respond(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem in the form the request prefers."""
    extra = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if problem.status == 503:
        extra.setdefault("Retry-After", "30")
    if prefers_html(request.headers.get("accept", "")):
        page = _page(request, problem)
        page.headers.update(extra)
        return page
    named = {"request_id": getattr(request.state, "request_id", "")}
    problem = problem.model_copy(update=named)
    return Response(problem_json(problem), problem.status, extra, PROBLEM_JSON)


def problem_json(problem: Problem) -> bytes:
    """Return the body of a problem; what is empty is left out."""
    return problem.model_dump_json(exclude_defaults=True).encode()


def _page(request: Request, problem: Problem) -> Response:
    # Imported here: an error page is the last thing that may fail because something else did.
    try:
        from api.pages.templating import render_error

        # The text of a domain error ends with how to mend it already.
        mend = "" if problem.errors or problem.detail.endswith(problem.mend) else problem.mend
        page = {"title": problem.title, "detail": problem.detail, "mend": mend}
        return render_error(request, problem.status, again=_again(request, problem), **page)
    except Exception:
        logger.exception("the error page could not be rendered")
        return HTMLResponse(
            f"<!doctype html><html lang=en-GB><title>{problem.title}</title>"
            f"<h1>{problem.title}</h1><p><a href=/>Go to the map</a>",
            problem.status,
        )


def _again(request: Request, problem: Problem) -> str:
    """Return the address of a page without the values that it could not take; empty for others."""
    faults = problem.errors
    if request.method != "GET" or not faults or any(one["in"] != "query" for one in faults):
        return ""
    dropped = {"go", *(one["parameter"].partition(".")[0] for one in faults)}
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in dropped]
    return f"{request.url.path}?{urlencode(kept)}"


async def _on_domain_error(request: Request, error: Exception) -> Response:
    problem = problem_of(cast("ExclusionMapError", error), request.url.path)
    if problem.status == 500:
        logger.error("unexpected domain error", exc_info=error)
    if isinstance(error, (NotSignedInError, ForbiddenError)):
        return await _not_let_in(request, error, problem)
    headers = {}
    if isinstance(error, (TooManyRequestsError, BusyError)):
        headers["Retry-After"] = str(int(error.wait_s) + 1)
    return respond(request, problem, headers)


async def _on_database_error(request: Request, error: Exception) -> Response:
    """Answer while the database does not: writes can be tried again, nothing is half done."""
    _no_answer.tell(error)
    told = DatabaseError(
        "database",
        found="no answer in time",
        expected="a response",
        mend="Try again in a moment; nothing was changed.",
    )
    return respond(request, problem_of(told, request.url.path))


async def _on_data_error(request: Request, _error: Exception) -> Response:
    """Refuse what a database cannot keep: PostgreSQL has no NUL in texts, and bounds of numbers."""
    told = InvalidRequestError(
        "request",
        found="a character, length or number that the database cannot store",
        expected="text without control characters, and numbers of the usual size",
        mend="Nothing was changed.",
    )
    return respond(request, problem_of(told, request.url.path))


async def _not_let_in(request: Request, error: ExclusionMapError, problem: Problem) -> Response:
    # Imported here: pages come after errors.
    from api.pages.edit_once_more import once_more

    kept = await once_more(request, error)
    if kept is not None:
        return kept
    return _sign_in(request, problem) if problem.status == 401 else respond(request, problem)


def _sign_in(request: Request, problem: Problem) -> Response:
    """Send a person to the page where they sign in; tell a program what it lacks."""
    # Imported here: accounts come after errors.
    from api.accounts.guard import sign_in_address

    if prefers_html(request.headers.get("accept", "")):
        return RedirectResponse(sign_in_address(request), 303, {"Cache-Control": "no-store"})
    challenge = 'Bearer realm="Exclusion Map"'
    if request.headers.get("authorization"):
        challenge += ', error="invalid_token"'
    return respond(request, problem, {"WWW-Authenticate": challenge})


async def _on_http_error(request: Request, error: Exception) -> Response:
    http = cast("HTTPException", error)
    details = {
        400: "The body cannot be read: expected JSON in UTF-8, or a form as a browser sends it.",
        404: "There is nothing at this address.",
        405: f"{request.method} is not possible here.",
    }
    if request.method == "GET" and prefers_html(request.headers.get("accept", "")):
        details[405] = "This address only takes what a form sends. Go back to the page of the form."
    detail = details.get(http.status_code, http.detail)
    return respond(request, plain_problem(http.status_code, detail, request.url.path), http.headers)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    faults = cast("RequestValidationError", error).errors()
    if (other := misread(request, faults)) is not None:
        return respond(request, problem_of(other, request.url.path))
    if (clean := without_trackers(request, faults)) is not None:
        return RedirectResponse(clean, 302, {"Cache-Control": "no-store"})
    known = known_parameters(request.scope.get("route"))
    return respond(request, validation_problem(faults, request.url.path, known))


def known_parameters(route: object) -> tuple[str, ...]:
    """Return the names of the query parameters a route declares, one by one or as a model."""
    names: list[str] = []
    for field in getattr(getattr(route, "dependant", None), "query_params", ()):
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            names.extend(model.model_fields)
        else:
            names.append(field.alias)
    return tuple(names)


def validation_problem(
    faults: Sequence[Mapping[str, Any]], instance: str, known: Sequence[str] = ()
) -> Problem:
    """Return every wrong parameter of a request as one problem.

    Args:
        faults: as pydantic tells of them.
        instance: the address that was asked for.
        known: the query parameters there are.
    """
    told = tuple(_fault(fault, known) for fault in faults)
    first = told[0]
    return Problem(
        type="urn:exclusion-map:problem:invalid-request",
        title="The request cannot be answered",
        status=422,
        detail="; ".join(
            f"{fault['parameter']}: found {fault['found']}; expected {fault['expected']}"
            for fault in told
        ),
        instance=instance,
        found=first["found"],
        expected=first["expected"],
        mend="See /api/v1/openapi.json for every parameter and its values.",
        errors=told,
    )


def _fault(fault: Mapping[str, Any], known: Sequence[str]) -> dict[str, str]:
    where = fault["loc"]
    if fault["type"] == "extra_forbidden":
        expected = f"one of the parameters {', '.join(known)}" if known else "no such parameter"
    else:
        expected = expected_of(fault)
    return {
        "parameter": ".".join(str(part) for part in where[1:]) or str(where[0]),
        "in": str(where[0]),
        "found": "nothing" if fault["type"] == "missing" else repr(fault.get("input"))[:80],
        "expected": "a value" if fault["type"] == "missing" else expected,
    }


async def _on_any_error(request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after this response, so the server's log has the traceback.
    problem = plain_problem(500, "The service met an internal error.", request.url.path)
    return respond(request, problem.model_copy(update={"mend": "Try again later."}))


def install(app: FastAPI) -> None:
    """Give an app the error bodies of this module."""
    app.add_exception_handler(ExclusionMapError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(OperationalError, _on_database_error)
    app.add_exception_handler(DataError, _on_data_error)
    app.add_exception_handler(Exception, _on_any_error)
