"""How these routes differ from the rest: 400 for what is wrong, the forms of an answer, links."""

import json
from collections.abc import Callable, Coroutine, Mapping
from enum import StrEnum
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.answers import tagged
from api.dependencies import Params
from api.errors import (
    PROBLEM_JSON,
    Problem,
    known_parameters,
    problem_json,
    problem_of,
    respond,
    validation_problem,
)
from api.hosts import base_address
from api.negotiation import weights
from exclusion_map.errors import DefinitionError, ExclusionMapError, InvalidRequestError

PREFIX: Final = "/ogc"
JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
HTML: Final = "text/html"
MVT: Final = "application/vnd.mapbox-vector-tile"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Form(StrEnum):
    """Requested format of the response."""

    JSON = "json"
    HTML = "html"


class FormParams(Params):
    """The query parameter that every address of these standards takes."""

    f: Form | None = None


class OgcRoute(APIRoute):
    """A route that answers a request it cannot use with 400, as the standards demand."""

    def get_route_handler(self) -> Handler:
        """Return the handler, with errors of the request turned into answers of status 400."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                known = [name.replace("_", "-") for name in known_parameters(self)]
                problem = validation_problem(error.errors(), request.url.path, known)
            except (InvalidRequestError, DefinitionError) as error:
                problem = problem_of(cast("ExclusionMapError", error), request.url.path)
            return _refused(request, problem)

        return guarded


def _refused(request: Request, problem: Problem) -> Response:
    told = problem.model_copy(update={"status": 400})
    if request.query_params.get("f") == Form.JSON:
        headers = {"Cache-Control": "no-store"}
        return Response(problem_json(told), 400, headers, PROBLEM_JSON)
    return respond(request, told)


def form_of(request: Request, asked: Form | None) -> Form:
    """Return the form of the answer: as ``f`` says, else as the Accept header does.

    Raises:
        HTTPException: 406, the client takes neither.
    """
    if asked is not None:
        return asked
    accept = request.headers.get("accept", "")
    given = weights(accept) if accept else {"*/*": 1.0}
    html = given.get(HTML, 0.0)
    anything = max(given.get("*/*", 0.0), given.get("application/*", 0.0))
    json_ = max(anything, *(value for name, value in given.items() if _is_json(name)), 0.0)
    if html > json_:
        return Form.HTML
    if json_ > 0:
        return Form.JSON
    if given.get("text/*", 0.0) > 0:
        return Form.HTML
    raise HTTPException(406, "There is JSON and HTML at this address.")


def _is_json(name: str) -> bool:
    return name.startswith("application/") and name.endswith("json")


class Link(BaseModel):
    """A link to another resource (RFC 8288)."""

    model_config = ConfigDict(frozen=True)

    href: str
    rel: str
    type: str | None = None
    title: str | None = None
    hreflang: str | None = None
    templated: bool | None = None

    def plain(self) -> dict[str, Any]:
        """Return the link as a plain object, without what is not said."""
        return self.model_dump(exclude_none=True)


def root_of(request: Request) -> str:
    """Return the address of the landing page, without a slash at its end."""
    return base_address(request) + PREFIX


def query_of(request: Request, **changes: str | None) -> str:
    """Return the query of a request with some parameters changed; None takes one away."""
    given = [(name, value) for name, value in request.query_params.multi_items()]
    kept = [(name, value) for name, value in given if name not in changes]
    pairs = [*kept, *((name, value) for name, value in changes.items() if value is not None)]
    return f"?{urlencode(pairs, quote_via=quote, safe=',:/')}" if pairs else ""


def self_links(request: Request, path: str, form: Form, media_type: str = JSON) -> list[Link]:
    """Return the link to an answer and to the same in the other form."""
    media = {Form.JSON: media_type, Form.HTML: HTML}
    names = {Form.JSON: "JSON", Form.HTML: "a page"}
    return [
        Link(
            href=f"{root_of(request)}{path}{query_of(request, f=one.value)}",
            rel="self" if one is form else "alternate",
            type=media[one],
            title="This document" if one is form else f"This document as {names[one]}",
        )
        for one in sorted(Form, key=lambda one: one is not form)
    ]


def document(
    request: Request,
    body: Mapping[str, Any],
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an object as JSON, tagged."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, text.encode(), media_type, {"Vary": "Accept", **(headers or {})})
