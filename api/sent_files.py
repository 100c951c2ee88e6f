"""How files are sent: their names, licences, dictionaries, and who has them already."""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response

from api.answers import A_MINUTE, tagged
from api.errors import responses
from api.making import file_response, parts_response
from api.negotiation import matches
from api.service import Service
from exclusion_map.exports.csv_files import csvw
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.process import Job

HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"
CSVW = "application/csvm+json"
LICENCE = '</data>; rel="license"'

SENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            form.facts.media: {"schema": {"type": "string", "format": "binary"}}
            for form in FileFormat
        }
    },
    **responses(404, 422, 503),
}
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSVW: {"schema": {"type": "object"}}}},
    **responses(404, 422, 503),
}
Ending = Annotated[str, Path(description=f"File format: {', '.join(FileFormat)}.", max_length=20)]


def attachment(name: str) -> dict[str, str]:
    """Return the header that names a file; names are of plain letters only."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def csv_response(
    request: Request, lines: Iterator[str], name: str, headers: Mapping[str, str]
) -> Response:
    """Return CSV while it is written; its dictionary is at the address in its Link header."""
    sent = {**headers, **attachment(f"{name}.csv"), "Link": _links(request)}
    return parts_response(request, lines, sent, CSV)


async def made_response(
    request: Request, job: Job, form: FileFormat, name: str, headers: Mapping[str, str]
) -> Response:
    """Return a file that another process makes.

    Raises:
        ExclusionMapError: what the job refuses.
        BusyError: too many wait already.
    """
    sent = {**headers, **attachment(f"{name}.{form.value}"), "Link": LICENCE}
    return await file_response(request, job, sent, form.facts.media)


def described(request: Request, dataset: Dataset, name: str) -> Response:
    """Return the dictionary of a CSV file of the same parameters."""
    query = f"?{request.url.query}" if request.url.query else ""
    body = json.dumps(csvw(dataset, f"{name}{query}"), ensure_ascii=False).encode()
    return tagged(request, body, CSVW)


def unchanged(request: Request, kept: Mapping[str, str]) -> Response | None:
    """Return 304 to somebody who has the file already."""
    if matches(request.headers.get("if-none-match", ""), kept["ETag"]):
        return Response(status_code=304, headers=kept)
    return None


def kept_by(request: Request, service: Service) -> dict[str, str]:
    """Return the headers by which a file is kept: edition and all that was asked for decide it."""
    digest = digest_of(request)
    return {"ETag": f'W/"{service.edition.id}-{digest}"', "Cache-Control": A_MINUTE}


def digest_of(request: Request) -> str:
    """Return a digest of all that a file's address asks for."""
    asked = "&".join(sorted(request.url.query.split("&")))
    return blake2b(f"{request.url.path}?{asked}".encode(), digest_size=8).hexdigest()


def _links(request: Request) -> str:
    if request.method == "POST":  # What was sent is not kept: there is no address to look it up.
        return LICENCE
    address = request.url.path.rpartition(".")[0] + ".csv-metadata.json"
    query = f"?{request.url.query}" if request.url.query else ""
    return f'<{address}{query}>; rel="describedby"; type="{CSVW}", {LICENCE}'
