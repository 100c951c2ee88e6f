"""What tiles of every sort are answered with, past the framework: headers, problems, preflights."""

from dataclasses import dataclass

from starlette.types import Scope, Send

from api.answers import FIVE_MINUTES, FOREVER
from api.errors import PROBLEM_JSON, Problem, problem_json

MVT = b"application/vnd.mapbox-vector-tile"
PREFIX, SUFFIX = "/tiles/", ".mvt"
METHODS = {"GET", "HEAD"}

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that is not on its way yet."""

    status: int
    headers: list[Header]
    body: bytes = b""


COMMON: list[Header] = [
    (b"vary", b"Accept-Encoding"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_CACHE_VERSIONED: Header = (b"cache-control", FOREVER.encode())
_CACHE_CURRENT: Header = (b"cache-control", FIVE_MINUTES.encode())


def cache_header(*, immutable: bool) -> Header:
    """Return how long an answer may be kept."""
    return _CACHE_VERSIONED if immutable else _CACHE_CURRENT


def is_number(text: str) -> bool:
    """Return whether text is a number that may be part of a tile's address."""
    # isdecimal alone would take digits of other scripts; nine digits are beyond every zoom.
    return text.isascii() and text.isdecimal() and len(text) < 10


def request_headers(scope: Scope) -> tuple[str, str]:
    """Return Accept-Encoding and If-None-Match; empty where a request has none."""
    accepted = held = ""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value.decode("latin-1")
        elif name == b"if-none-match":
            held = value.decode("latin-1")
    return accepted, held


def sized(status: int, headers: list[Header], body: bytes) -> Answer:
    """Return an answer whose headers tell the length of its body."""
    return Answer(status, [*headers, (b"content-length", str(len(body)).encode())], body)


def refusal(problem: Problem, *more: Header) -> Answer:
    """Return a problem as an answer that other sites may read."""
    headers = [*COMMON, (b"content-type", PROBLEM_JSON.encode()), *more]
    return sized(problem.status, headers, problem_json(problem))


async def send_answer(answer: Answer, scope: Scope, send: Send) -> None:
    """Send an answer; of a HEAD, without its body."""
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body})
