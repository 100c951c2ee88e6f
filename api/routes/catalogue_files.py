"""Whole editions: their data package, their files, and the catalogue that other catalogues read."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import FileResponse, Response

from api.answers import FOREVER, JSON, tagged
from api.dependencies import NoParameters, OpenService
from api.errors import responses
from api.holder import Holder
from api.hosts import base_address
from api.negotiation import matches
from api.routes.features import EditionPath, edition_service
from exclusion_map.editions.datapackage import MEDIA, data_package
from exclusion_map.editions.dcat import catalogue
from exclusion_map.errors import NotFoundError

router = APIRouter(prefix="/api/v1", tags=["edition"], dependencies=[NoParameters])

JSON_LD = "application/ld+json"
OCTETS = "application/octet-stream"


@router.get(
    "/catalog.jsonld",
    summary="Catalogue of the editions",
    description="DCAT 3 as JSON-LD, for catalogues such as CKAN and data.gov.uk to harvest.",
    response_class=Response,
    responses={
        200: {"content": {JSON_LD: {"schema": {"type": "object"}}}},
        **responses(422, 503),
    },
)
def catalog(request: Request, service: OpenService) -> Response:
    """Return the catalogue of the open editions."""
    holder: Holder = request.app.state.holder
    manifests = [service.edition.manifest, *(one.edition.manifest for one in holder.others())]
    body = json.dumps(catalogue(manifests, base_address(request)), ensure_ascii=False)
    return tagged(request, body.encode(), JSON_LD)


@router.get(
    "/editions/{edition}/datapackage.json",
    summary="A whole edition as a data package",
    description=(
        "Frictionless Data Package 2.0: every file with its size, SHA-256 checksum, "
        "columns and licences. File paths are relative to this address."
    ),
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "object"}}}},
        **responses(404, 422, 503),
    },
)
def package(request: Request, _service: OpenService, edition: EditionPath) -> Response:
    """Return the descriptor of an edition."""
    held = edition_service(request, edition).edition
    body = json.dumps(data_package(held.folder, held.manifest), ensure_ascii=False, indent=1)
    return tagged(request, body.encode(), JSON, cache=FOREVER)


@router.get(
    "/editions/{edition}/files/{name}",
    summary="A file of an edition",
    description="Only files named in its manifest. Supports range requests; the ETag is the "
    "checksum.",
    response_class=Response,
    responses={
        200: {
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in (OCTETS, *MEDIA.values())
                if media != "application/json"
            }
        },
        206: {"description": "The requested range."},
        **responses(404, 422, 503),
    },
)
def edition_file(
    request: Request,
    _service: OpenService,
    edition: EditionPath,
    name: Annotated[str, Path(description="Name from the data package.", max_length=80)],
) -> Response:
    """Return a file of an edition, whole or in part."""
    held = edition_service(request, edition).edition
    record = held.manifest.files.get(name)
    if record is None:
        raise NotFoundError(
            f"file {name!r} of edition {edition}",
            found="no such file in its manifest",
            expected=f"one of: {', '.join(sorted(held.manifest.files))}",
        )
    headers: dict[str, Any] = {
        "ETag": f'"{record.sha256}"',
        "Cache-Control": FOREVER,
        "Content-Disposition": f'attachment; filename="{edition}-{name}"',
        "Link": '</data>; rel="license"',
    }
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    ending = f".{name.rpartition('.')[2]}"
    # Text would be packed on its way, and no longer be what its checksum says.
    media = OCTETS if ending == ".json" else MEDIA.get(ending, OCTETS)
    return FileResponse(held.folder / name, headers=headers, media_type=media)
