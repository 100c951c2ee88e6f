"""Editions as a catalogue other catalogues can harvest: DCAT 3 and schema.org, as JSON-LD."""

from collections.abc import Iterable
from typing import Any, Final

from exclusion_map.editions.datapackage import MEDIA, description
from exclusion_map.editions.manifest import Manifest
from exclusion_map.editions.tables_told import FILES

CONTEXT: Final[dict[str, Any]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "locn": "http://www.w3.org/ns/locn#",
    "prov": "http://www.w3.org/ns/prov#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_SHA256: Final = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_ENGLISH: Final = "http://publications.europa.eu/resource/authority/language/ENG"
_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"
PUBLISHER: Final = "Exclusion Map contributors"
KEYWORDS: Final = ("digital exclusion", "digital inclusion", "small areas", "composite indicator")


def catalogue(manifests: Iterable[Manifest], base: str) -> dict[str, Any]:
    """Return the catalogue of the open editions as DCAT 3 in JSON-LD.

    Args:
        manifests: of the editions, the current one first.
        base: address of the service, without a slash at its end.
    """
    listed = list(manifests)
    return {
        "@context": CONTEXT,
        "@id": f"{base}/api/v1/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _text("Exclusion Map"),
        "dct:description": _text(
            "Editions of the risk of digital exclusion and of places that can help."
        ),
        "dct:publisher": _publisher(base),
        "dct:language": {"@id": _ENGLISH},
        "foaf:homepage": {"@id": f"{base}/"},
        "dct:issued": _time(listed[0]),
        "dcat:dataset": [_dataset(manifest, base) for manifest in listed],
        "dcat:service": [_service(listed, base)],
    }


def _dataset(manifest: Manifest, base: str) -> dict[str, Any]:
    edition = f"{base}/api/v1/editions/{manifest.edition}"
    licences = {source.licence_url for source in manifest.sources if source.licence_url}
    return {
        "@id": f"{edition}/datapackage.json#edition",
        "@type": "dcat:Dataset",
        "dct:title": _text(f"Risk of digital exclusion in {manifest.title}"),
        "dct:description": _text(description(manifest)),
        "dct:identifier": manifest.edition,
        "dcat:version": manifest.edition.rpartition("-")[2],
        "dct:issued": _time(manifest),
        "dct:publisher": _publisher(base),
        "dct:language": {"@id": _ENGLISH},
        "dcat:keyword": [_text(word) for word in KEYWORDS],
        "dcat:landingPage": {"@id": f"{base}/data"},
        "dct:spatial": {"@type": "dct:Location", "dcat:bbox": _box(manifest)},
        "dct:rights": [
            {"@type": "dct:RightsStatement", "dct:description": _text(source.attribution)}
            for source in manifest.sources
        ],
        "dct:license": [{"@id": licence} for licence in sorted(licences)],
        "dct:source": [{"@id": page} for page in sorted({s.page for s in manifest.sources} - {""})],
        "dcat:distribution": [
            _whole(manifest, edition),
            *(_file(manifest, name, edition) for name in sorted(manifest.files)),
        ],
    }


def _whole(manifest: Manifest, edition: str) -> dict[str, Any]:
    address = f"{edition}/datapackage.json"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": _text("The whole edition as a data package"),
        "dcat:accessURL": {"@id": address},
        "dct:conformsTo": {"@id": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "dcat:mediaType": {"@id": f"{_MEDIA_TYPES}application/json"},
        "dct:issued": _time(manifest),
    }


def _file(manifest: Manifest, name: str, edition: str) -> dict[str, Any]:
    address, record = f"{edition}/files/{name}", manifest.files[name]
    title, words = FILES.get(name, (name, "A file of the edition."))
    media = MEDIA.get(f".{name.rpartition('.')[2]}", "application/octet-stream")
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": _text(title),
        "dct:description": _text(words),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"{_MEDIA_TYPES}{media}"},
        "dcat:byteSize": {"@value": str(record.bytes), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": _SHA256},
            "spdx:checksumValue": {"@value": record.sha256, "@type": "xsd:hexBinary"},
        },
    }


def _service(manifests: list[Manifest], base: str) -> dict[str, Any]:
    return {
        "@id": f"{base}/api/v1/",
        "@type": "dcat:DataService",
        "dct:title": _text("Exclusion Map API"),
        "dcat:endpointURL": {"@id": f"{base}/api/v1/"},
        "dcat:endpointDescription": {"@id": f"{base}/api/v1/openapi.json"},
        "dcat:servesDataset": [
            {"@id": f"{base}/api/v1/editions/{one.edition}/datapackage.json#edition"}
            for one in manifests
        ],
    }


def _publisher(base: str) -> dict[str, Any]:
    return {"@id": f"{base}/about#publisher", "@type": "foaf:Agent", "foaf:name": PUBLISHER}


def _text(words: str) -> dict[str, str]:
    return {"@value": words, "@language": "en"}


def _time(manifest: Manifest) -> dict[str, str]:
    return {"@value": manifest.built.strftime("%Y-%m-%dT%H:%M:%SZ"), "@type": "xsd:dateTime"}


def _box(manifest: Manifest) -> dict[str, str]:
    west, south, east, north = manifest.bounds
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return {"@value": f"POLYGON(({ring}))", "@type": _WKT}


def schema_org(manifest: Manifest, base: str) -> dict[str, Any]:
    """Return an edition as a schema.org Dataset, as search engines for data read it."""
    west, south, east, north = manifest.bounds
    edition = f"{base}/api/v1/editions/{manifest.edition}"
    licences = sorted({source.licence_url for source in manifest.sources if source.licence_url})
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"Risk of digital exclusion in {manifest.title}",
        "description": description(manifest),
        "url": f"{base}/data",
        "identifier": manifest.edition,
        "version": manifest.edition.rpartition("-")[2],
        "dateModified": manifest.built.date().isoformat(),
        "license": licences,
        "keywords": list(KEYWORDS),
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": PUBLISHER, "url": f"{base}/about"},
        "creditText": " ".join(dict.fromkeys(source.attribution for source in manifest.sources)),
        "spatialCoverage": {
            "@type": "Place",
            "name": manifest.title,
            "geo": {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"},
        },
        "distribution": [
            {
                "@type": "DataDownload",
                "name": title,
                "encodingFormat": media,
                "contentUrl": address,
            }
            for title, media, address in (
                ("Data package", "application/json", f"{edition}/datapackage.json"),
                ("Small areas, CSV", "text/csv", f"{base}/api/v1/download/areas.csv"),
                (
                    "Small areas, GeoPackage",
                    "application/geopackage+sqlite3",
                    f"{base}/api/v1/download/areas.gpkg",
                ),
            )
        ],
        "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{base}/api/v1/catalog.jsonld"},
    }
