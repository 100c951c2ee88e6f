"""OGC API Features: landing page, conformance, collections, queryables, the API definition."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import OpenService
from api.errors import responses
from api.ogc.catalogue import Collection, catalogue_of
from api.ogc.definition import definition, operations
from api.ogc.documents import (
    CONFORMS_TO,
    collection_links,
    described,
    landing,
    queryables,
    schema_of,
)
from api.ogc.pages import page
from api.ogc.params import OnceEach
from api.ogc.wire import (
    OPENAPI,
    PREFIX,
    SCHEMA,
    Form,
    FormParams,
    OgcRoute,
    document,
    form_of,
    root_of,
    self_links,
)
from api.service import Service

router = APIRouter(prefix=PREFIX, tags=["ogc"], route_class=OgcRoute, dependencies=[OnceEach])

FormQuery = Annotated[FormParams, Query()]
CollectionId = Annotated[
    str,
    Path(
        alias="collectionId",
        max_length=60,
        description="Id of a collection, from /ogc/collections.",
        examples=["local_authority"],
    ),
]
_ERRORS = responses(400, 404, 406, 503)
_SCHEMAS = {200: {"content": {SCHEMA: {}}}, **_ERRORS}


@router.get("", include_in_schema=False)
@router.get("/", summary="Landing page", responses=_ERRORS)
def landing_page(request: Request, service: OpenService, query: FormQuery) -> Response:
    """Links to the API definition, the conformance classes and the collections."""
    form = form_of(request, query.f)
    body = landing(service, root_of(request), self_links(request, "/", form))
    if form is Form.HTML:
        collections = catalogue_of(request.app.state, service).collections
        return page(request, "landing.html", body | {"collections": collections.values()})
    return document(request, body)


@router.get("/conformance", summary="Conformance", responses=_ERRORS)
def conformance(request: Request, service: OpenService, query: FormQuery) -> Response:
    """The conformance classes of OGC API Features and Tiles that this service implements."""
    del service
    body = {"conformsTo": list(CONFORMS_TO)}
    if form_of(request, query.f) is Form.HTML:
        return page(request, "conformance.html", body)
    return document(request, body)


@router.get(
    "/api",
    summary="The API definition",
    description="OpenAPI 3.0 of these addresses; as a page with f=html.",
    responses={200: {"content": {OPENAPI: {}}}, **_ERRORS},
)
def api(request: Request, service: OpenService, query: FormQuery) -> Response:
    """Return the definition of this API."""
    every = catalogue_of(request.app.state, service).collections.values()
    told = definition(request.app, root_of(request), every)
    if form_of(request, query.f) is Form.HTML:
        context = {"info": told["info"], "operations": operations(told)}
        return page(request, "api.html", context)
    return document(request, told, OPENAPI)


@router.get("/collections", summary="Collections", responses=_ERRORS)
def collections(request: Request, service: OpenService, query: FormQuery) -> Response:
    """All collections: one for each kind of area, and one of support locations."""
    form, root = form_of(request, query.f), root_of(request)
    every = catalogue_of(request.app.state, service).collections.values()
    body = {
        "links": [link.plain() for link in self_links(request, "/collections", form)],
        "collections": [_told(service, one, root, None) for one in every],
    }
    if form is Form.HTML:
        return page(request, "collections.html", {"collections": every})
    return document(request, body)


@router.get("/collections/{collectionId}", summary="A collection", responses=_ERRORS)
def collection(
    request: Request, service: OpenService, collection_id: CollectionId, query: FormQuery
) -> Response:
    """Title, extent, reference systems and links of one collection."""
    one = catalogue_of(request.app.state, service).collection(collection_id)
    form = form_of(request, query.f)
    body = _told(service, one, root_of(request), form)
    if form is Form.HTML:
        return page(request, "collection.html", {"collection": one, "told": body})
    return document(request, body)


def _told(service: Service, one: Collection, root: str, form: Form | None) -> dict[str, Any]:
    told = described(service, one, root)
    own = [link.plain() for link in collection_links(one, root, form)]
    return told | {"links": [*own, *told["links"]]}


@router.get(
    "/collections/{collectionId}/queryables",
    summary="Properties of a collection that can be used in a filter",
    responses=_SCHEMAS,
)
def queryables_of(
    request: Request, service: OpenService, collection_id: CollectionId, query: FormQuery
) -> Response:
    """The properties that can be used in a filter, as a JSON Schema."""
    one = catalogue_of(request.app.state, service).collection(collection_id)
    if form_of(request, query.f) is Form.HTML:
        return page(request, "queryables.html", {"collection": one})
    return document(request, queryables(request, one), SCHEMA)


@router.get(
    "/collections/{collectionId}/sortables",
    summary="Properties of a collection that features can be sorted by",
    responses=_SCHEMAS,
)
def sortables_of(
    request: Request, service: OpenService, collection_id: CollectionId, query: FormQuery
) -> Response:
    """The properties that features can be sorted by, as a JSON Schema."""
    one = catalogue_of(request.app.state, service).collection(collection_id)
    if form_of(request, query.f) is Form.HTML:
        return page(request, "queryables.html", {"collection": one})
    told = queryables(request, one)
    address = f"{root_of(request)}/collections/{one.id}/sortables"
    every = {name: schema_of(field) for name, field in one.fields.items()}
    return document(request, told | {"$id": address, "properties": every}, SCHEMA)
