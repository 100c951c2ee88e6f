"""What the service says of itself: landing page, conformance, collections, queryables."""

from typing import Any, Final

from fastapi import Request

from api.ogc.catalogue import Collection
from api.ogc.tilesets import has_tiles
from api.ogc.wire import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Form, Link, root_of
from api.service import Service
from exclusion_map.exports.dataset import Field
from exclusion_map.features.crs import CRS84, EVERY

_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-"
_TILES: Final = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
_COMMON: Final = "http://www.opengis.net/spec/ogcapi-common-"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/"
OGC_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
CONFORMS_TO: Final = (
    f"{_COMMON}1/1.0/conf/core",
    f"{_COMMON}2/1.0/conf/collections",
    *(f"{_FEATURES}1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{_FEATURES}2/1.0/conf/crs",
    *(
        f"{_FEATURES}3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_CQL2}{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "property-property",
            "arithmetic",
        )
    ),
    *(
        f"{_TILES}{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")
    ),
)
"""The classes of the standards that hold here."""

DESCRIPTION: Final = (
    "Where people are at risk of being left out as services go online, and what support is near "
    "them. Risk, not reality: scores describe areas, not persons."
)


def landing(service: Service, root: str, own: list[Link]) -> dict[str, Any]:
    """Return the landing page."""
    manifest = service.edition.manifest
    links = [
        *own,
        Link(href=f"{root}/api", rel="service-desc", type=OPENAPI, title="The API definition"),
        Link(href=f"{root}/api?f=html", rel="service-doc", type=HTML, title="The API explained"),
        Link(href=f"{root}/conformance", rel="conformance", type=JSON, title="Conformance"),
        Link(href=f"{root}/collections", rel="data", type=JSON, title="Collections"),
        Link(
            href=f"{root}/tileMatrixSets",
            rel=f"{OGC_REL}tiling-schemes",
            type=JSON,
            title="Tile matrix sets",
        ),
    ]
    return {
        "title": f"Exclusion Map: {manifest.title}",
        "description": f"{DESCRIPTION} Edition {manifest.edition}.",
        "attribution": attribution(service),
        "links": [link.plain() for link in links],
    }


def attribution(service: Service) -> str:
    """Return whom the data has to be credited to."""
    sources = service.edition.manifest.sources
    return "; ".join(dict.fromkeys(source.attribution for source in sources))


def described(service: Service, collection: Collection, root: str) -> dict[str, Any]:
    """Return the description of a collection, with its links but without those to itself."""
    address = f"{root}/collections/{collection.id}"
    links = [
        Link(href=f"{address}/items", rel="items", type=GEOJSON, title=collection.title),
        Link(href=f"{address}/items?f=html", rel="items", type=HTML, title=collection.title),
        Link(
            href=f"{address}/queryables",
            rel=f"{OGC_REL}queryables",
            type=SCHEMA,
            title="Properties to filter by",
        ),
        Link(href=f"{root}/api", rel="describedby", type=OPENAPI, title="The API definition"),
        *_licences(service),
    ]
    if has_tiles(service, collection.id):
        links.append(
            Link(
                href=f"{address}/tiles",
                rel=f"{OGC_REL}tilesets-vector",
                type=JSON,
                title="Vector tiles",
            )
        )
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "attribution": attribution(service),
        "extent": {"spatial": {"bbox": [list(collection.extent)], "crs": CRS84.uri}},
        "itemType": "feature",
        "crs": [crs.uri for crs in EVERY],
        "storageCrs": CRS84.uri,
        "links": [link.plain() for link in links],
    }


def _licences(service: Service) -> list[Link]:
    addresses = {
        source.licence_url: source.licence
        for source in service.edition.manifest.sources
        if source.licence_url
    }
    return [Link(href=address, rel="license", title=name) for address, name in addresses.items()]


def collection_links(collection: Collection, root: str, form: Form | None) -> list[Link]:
    """Return the links of a collection to itself; of one in a list, ``form`` is None."""
    address = f"{root}/collections/{collection.id}"
    first = form or Form.JSON
    media = {Form.JSON: JSON, Form.HTML: HTML}
    return [
        Link(
            href=f"{address}?f={one.value}",
            rel="self" if one is first else "alternate",
            type=media[one],
            title=collection.title,
        )
        for one in sorted(Form, key=lambda one: one is not first)
    ]


def queryables(request: Request, collection: Collection) -> dict[str, Any]:
    """Return the properties that a filter may name, as a JSON Schema."""
    address = f"{root_of(request)}/collections/{collection.id}/queryables"
    shape = "geometry-point" if collection.kind is None else "geometry-multipolygon"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": collection.title,
        "description": collection.description,
        "properties": {
            "geometry": {"title": "Geometry", "format": shape, "x-ogc-role": "primary-geometry"},
            **{name: schema_of(field) for name, field in collection.fields.items()},
        },
        "additionalProperties": False,
    }


def schema_of(field: Field) -> dict[str, Any]:
    """Return a property as JSON Schema."""
    schema: dict[str, Any] = {"title": field.title, "type": field.type.value}
    if field.description:
        schema["description"] = field.description
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    return schema
