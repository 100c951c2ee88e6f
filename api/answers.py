"""Make responses: JSON from models, tagged with the edition's name, and 304 where it is held."""

from collections.abc import Mapping
from hashlib import blake2b

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from api.negotiation import matches

A_MINUTE = "public, max-age=60"
FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
FIVE_MINUTES = "public, max-age=300"
JSON = "application/json"
GEOJSON = "application/geo+json"


def model_json(request: Request, model: BaseModel, media_type: str = JSON) -> Response:
    """Return a model as JSON."""
    return tagged(request, model.model_dump_json().encode(), media_type)


def tagged(
    request: Request,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    cache: str = A_MINUTE,
) -> Response:
    """Return a body with its tag, or 304 without the body where the client holds it already.

    The tag is weak, for the same answer goes out compressed or not: edition, then a digest.
    """
    edition = (headers or {}).get("exclusion-map-edition") or _edition_of(request)
    etag = f'W/"{edition}-{blake2b(body, digest_size=8).hexdigest()}"'
    sent = {"ETag": etag, "Cache-Control": cache, **(headers or {})}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=sent)
    return Response(body, headers=sent, media_type=media_type)


def _edition_of(request: Request) -> str:
    """Return the edition a request was answered from.

    A new one may have been opened while the answer was made: what the request took hold of at its
    beginning counts.
    """
    service = getattr(request.state, "service", None) or getattr(request.app.state, "service", None)
    return service.edition.id if service else "none"
