"""Features of a collection: a page of them as it is made, or one."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Annotated, Any
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from api.answers import A_MINUTE
from api.dependencies import OpenService, Settings
from api.errors import responses
from api.memory import give_back
from api.negotiation import matches
from api.ogc.catalogue import Collection, catalogue_of, engine_of
from api.ogc.pages import page
from api.ogc.params import ItemParams, ItemsParams, OnceEach
from api.ogc.routes import CollectionId
from api.ogc.selecting import Chosen, choose, table_of
from api.ogc.wire import (
    GEOJSON,
    JSON,
    PREFIX,
    Form,
    Link,
    OgcRoute,
    form_of,
    query_of,
    root_of,
    self_links,
)
from api.service import Service
from api.work import briefly
from exclusion_map import __version__
from exclusion_map.areas.scoring import Answer
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.features.crs import CRS84, Crs, find_crs
from exclusion_map.features.geojson import dumps, feature_texts
from exclusion_map.settings import ServiceSettings

router = APIRouter(prefix=PREFIX, tags=["ogc"], route_class=OgcRoute, dependencies=[OnceEach])

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "GeoJSON.",
        "content": {GEOJSON: {"schema": {"type": "object"}}, "text/html": {}},
    },
    **responses(400, 404, 406, 503),
}
_PIECE = 64_000
"""Characters that are sent together."""
_LONG = 1000
"""Features of a page after which memory is given back to the system."""


@router.get(
    "/collections/{collectionId}/items",
    summary="Features of a collection",
    description=(
        "Areas are scored by any index, with any weights and base. A parameter with "
        "the name of a property keeps the features with that value."
    ),
    response_class=Response,
    responses=_ANSWERS,
)
async def items(
    request: Request,
    service: OpenService,
    settings: Settings,
    collection_id: CollectionId,
    params: Annotated[ItemsParams, Query()],
) -> Response:
    """Return a page of features."""
    return await briefly(request, _page, request, service, settings, collection_id, params)


def _page(
    request: Request,
    service: Service,
    settings: ServiceSettings,
    collection_id: CollectionId,
    params: ItemsParams,
) -> Response:
    catalogue = catalogue_of(request.app.state, service)
    collection = catalogue.collection(collection_id)
    form = form_of(request, params.f)
    crs = find_crs(params.crs, "crs")
    names = _names(collection, params)
    chosen = choose(catalogue, engine_of(request.app.state, service), collection, params)
    size = min(params.limit, settings.items_limit)
    rows = chosen.rows[params.offset : params.offset + size]
    links = _links(request, collection, params, form, size, len(chosen.rows))
    if form is Form.HTML:
        return _items_page(request, collection, chosen, rows, links, params)
    headers = {**_headers(service, request, crs, collection), "Link": _header(links)}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    top = _top(service, chosen, rows, links, crs)
    texts = feature_texts(chosen.table, rows, names, crs, geometry=not params.skip_geometry)
    return StreamingResponse(_stream(top, texts), headers=headers, media_type=GEOJSON)


def _names(collection: Collection, params: ItemsParams) -> list[str]:
    """Return the properties to tell."""
    asked = [name.strip() for name in params.properties.split(",") if name.strip()]
    for name in asked:
        if name not in collection.fields:
            raise InvalidRequestError(
                "properties",
                found=repr(name),
                expected=f"some of: {', '.join(collection.fields)}",
            )
    return asked or list(collection.fields)


def _links(
    request: Request,
    collection: Collection,
    params: ItemsParams,
    form: Form,
    size: int,
    matched: int,
) -> list[Link]:
    """Return the links of a page: to itself, its other form, the collection, next and previous."""
    path = f"/collections/{collection.id}/items"
    address = f"{root_of(request)}{path}"
    media = GEOJSON if form is Form.JSON else "text/html"
    links = self_links(request, path, form, GEOJSON)
    links.append(
        Link(
            href=f"{root_of(request)}/collections/{collection.id}",
            rel="collection",
            type=JSON,
            title=collection.title,
        )
    )
    if params.offset + size < matched:
        href = address + query_of(request, offset=str(params.offset + size), f=form.value)
        links.append(Link(href=href, rel="next", type=media, title="Next page"))
    if params.offset:
        before = max(0, params.offset - size)
        href = address + query_of(request, offset=str(before) if before else None, f=form.value)
        links.append(Link(href=href, rel="prev", type=media, title="Previous page"))
    return links


def _header(links: Sequence[Link]) -> str:
    """Return links as a Link header; titles are plain ASCII."""
    return ", ".join(f'<{link.href}>; rel="{link.rel}"; type="{link.type}"' for link in links)


def _headers(
    service: Service, request: Request, crs: Crs, collection: Collection
) -> dict[str, str]:
    """Return headers; the tag is of the question, and of the directory for the places in it.

    Areas change with the edition only.
    """
    asked = f"{__version__} {request.url.path}?{request.url.query} {root_of(request)}"
    if collection.kind is None:
        asked += f" {service.places.tag}"
    digest = blake2b(asked.encode(), digest_size=8).hexdigest()
    return {
        "ETag": f'W/"{service.edition.id}-{digest}"',
        "Cache-Control": A_MINUTE,
        "Content-Crs": f"<{crs.uri}>",
        "Vary": "Accept",
        "Exclusion-Map-Edition": service.edition.id,
    }


def _top(
    service: Service,
    chosen: Chosen,
    rows: np.ndarray[Any, Any],
    links: Sequence[Link],
    crs: Crs,
) -> dict[str, Any]:
    """Return the members of a feature collection before its features."""
    return {
        "type": "FeatureCollection",
        **_named_crs(crs),
        "numberMatched": len(chosen.rows),
        "numberReturned": len(rows),
        "links": [link.plain() for link in links],
        "provenance": _provenance(service, chosen.answer),
    }


def _named_crs(crs: Crs) -> dict[str, Any]:
    """Return the old member that tells a file's reader its system, where axes are not in doubt."""
    if crs is CRS84 or crs.north_first:
        return {}
    return {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs.code}"}}}


def _provenance(service: Service, answer: Answer | None) -> dict[str, Any]:
    manifest = service.edition.manifest
    told: dict[str, Any] = {"edition": manifest.edition, "synthetic": manifest.synthetic}
    if answer is not None:
        definition = answer.composite.definition
        told |= {
            "index": definition.id,
            "title": definition.title,
            "weights": definition.weights(),
            "base": answer.question.base.value,
            "notes": list(answer.notes),
        }
    return told


def _stream(top: dict[str, Any], texts: Iterator[str]) -> Iterator[bytes]:
    pieces, length = [dumps(top)[:-1] + ',"features":['], 0
    for number, text in enumerate(texts):
        pieces.append(f",\n{text}" if number else text)
        length += len(text)
        if length > _PIECE:
            yield "".join(pieces).encode()
            pieces, length = [], 0
    yield ("".join(pieces) + "]}").encode()
    if top["numberReturned"] > _LONG:
        give_back()


def _items_page(
    request: Request,
    collection: Collection,
    chosen: Chosen,
    rows: np.ndarray[Any, Any],
    links: Sequence[Link],
    params: ItemsParams,
) -> Response:
    names = _names(collection, params)
    usual = [name for name in COLUMNS if name in names and (name != "name" or "label" not in names)]
    shown = names if params.properties else usual
    columns = chosen.table.taken(shown, rows)
    ids = [chosen.table.ids[row] for row in rows.tolist()]
    context = {
        "collection": collection,
        "fields": [collection.fields[name] for name in shown],
        "rows": list(zip(ids, zip(*columns.values(), strict=True), strict=True)),
        "matched": len(chosen.rows),
        "first": params.offset + 1,
        "last": params.offset + len(rows),
        "params": params,
        "kept": _kept(request, "filter", "offset", "f"),
        "next": _address(links, "next"),
        "previous": _address(links, "prev"),
        "json": query_of(request, f="json"),
    }
    return page(request, "items.html", context)


COLUMNS = (
    *("name", "label", "local_authority", "kind", "address", "postcode", "population"),
    *("score", "rank", "decile"),
)
"""Properties that the page of features shows, unless others are asked for."""


def _address(links: Sequence[Link], rel: str) -> str:
    return next((link.href for link in links if link.rel == rel), "")


def _kept(request: Request, *without: str) -> list[tuple[str, str]]:
    return [pair for pair in request.query_params.multi_items() if pair[0] not in without]


@router.get(
    "/collections/{collectionId}/items/{featureId}",
    summary="One feature",
    response_class=Response,
    responses=_ANSWERS,
)
def item(
    request: Request,
    service: OpenService,
    collection_id: CollectionId,
    feature_id: Annotated[
        str, Path(alias="featureId", max_length=200, description="Code of an area, or id.")
    ],
    params: Annotated[ItemParams, Query()],
) -> Response:
    """One area by code, or one support location by id, as GeoJSON."""
    catalogue = catalogue_of(request.app.state, service)
    collection = catalogue.collection(collection_id)
    form = form_of(request, params.f)
    crs = find_crs(params.crs, "crs")
    engine = engine_of(request.app.state, service)
    table, answer = table_of(catalogue, engine, collection, params)
    if collection.kind is None:
        feature_id = _own_id(service, feature_id)
    try:
        row = np.array([table.ids.index(feature_id)])
    except ValueError:
        raise NotFoundError(
            f"feature {feature_id!r} of {collection.id}",
            found="no such feature",
            expected=f"an id such as {table.ids[0]}" if table.ids else "another collection",
        ) from None
    if form is Form.HTML:
        values = [column[0] for column in table.taken(list(collection.fields), row).values()]
        told = list(zip(collection.fields.values(), values, strict=True))
        context = {"collection": collection, "id": feature_id, "told": told}
        return page(request, "item.html", context)
    path = f"/collections/{collection.id}/items/{quote(feature_id)}"
    links = self_links(request, path, form, GEOJSON)
    links.append(
        Link(href=f"{root_of(request)}/collections/{collection.id}", rel="collection", type=JSON)
    )
    headers = {**_headers(service, request, crs, collection), "Link": _header(links)}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    more = {
        "links": [link.plain() for link in links],
        "provenance": _provenance(service, answer),
        **_named_crs(crs),
    }
    text = next(feature_texts(table, row, list(collection.fields), crs, links=more))
    return Response(text.encode(), headers=headers, media_type=GEOJSON)


def _own_id(service: Service, feature_id: str) -> str:
    """Return the id of a place also by what its list knows it by, as addresses had it before."""
    snapshot = service.places.snapshot
    row = snapshot.keys.get(feature_id)
    return feature_id if row is None else snapshot.ids[row]
