"""Whole editions: the data package by frictionless, the catalogue by rdflib, files by checksum."""

import hashlib
import json
import re
from pathlib import Path

import frictionless
import pytest
from rdflib import DCAT, DCTERMS, RDF, Graph, Literal, URIRef
from starlette.testclient import TestClient

from exclusion_map.editions import current_path, read_manifest

EDITION = "/api/v1/editions/tiny"


def test_frictionless_finds_no_fault_in_the_package(client: TestClient) -> None:
    answer = client.get(f"{EDITION}/datapackage.json")
    assert answer.headers["content-type"] == "application/json"
    descriptor = answer.json()
    assert not list(frictionless.Package.metadata_validate(descriptor))
    package = frictionless.Package.from_descriptor(descriptor)
    assert package.get_resource("scores-parquet").schema.primary_key == ["index", "kind", "code"]
    assert descriptor["licenses"][0]["name"] == "OGL-UK-3.0"


def test_every_file_is_as_its_checksum_says(client: TestClient) -> None:
    descriptor = client.get(f"{EDITION}/datapackage.json").json()
    assert {one["path"] for one in descriptor["resources"]} >= {"files/areas.parquet"}
    for resource in descriptor["resources"]:
        body = client.get(f"{EDITION}/{resource['path']}").content
        assert len(body) == resource["bytes"]
        assert f"sha256:{hashlib.sha256(body).hexdigest()}" == resource["hash"]


def test_ranges_of_a_file(client: TestClient, tiny_processed: Path) -> None:
    address = f"{EDITION}/files/areas.pmtiles"
    whole = (current_path(tiny_processed) / "areas.pmtiles").read_bytes()
    part = client.get(address, headers={"Range": "bytes=10-19", "Accept-Encoding": "gzip"})
    assert part.status_code == 206
    assert part.content == whole[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    beyond = client.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    held = client.get(address, headers={"If-None-Match": part.headers["etag"]})
    assert held.status_code == 304


def test_only_files_of_the_manifest_are_served(client: TestClient) -> None:
    for name in ("manifest.json", "..%2f..%2fcurrent", "%2e%2e", "nothing.parquet"):
        answer = client.get(f"{EDITION}/files/{name}")
        assert answer.status_code == 404, name
    assert client.get("/api/v1/editions/other/datapackage.json").status_code == 404


# rdflib uses a class of its own that it wants to drop.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_catalogue_is_linked_data(client: TestClient, tiny_processed: Path) -> None:
    answer = client.get("/api/v1/catalog.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    graph = Graph().parse(data=answer.text, format="json-ld")
    datasets = list(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(datasets) == 1
    assert (datasets[0], DCTERMS.identifier, Literal("tiny")) in graph
    manifest = read_manifest(current_path(tiny_processed))
    sent = list(graph.objects(datasets[0], DCAT.distribution))
    assert len(sent) == len(manifest.files) + 1
    address = URIRef("http://testserver/api/v1/editions/tiny/files/areas.parquet")
    size = graph.value(address, DCAT.byteSize)
    assert int(str(size)) == manifest.files["areas.parquet"].bytes
    required = (DCTERMS.title, DCTERMS.description, DCTERMS.publisher)  # Mandatory in DCAT-AP 3.
    catalogue = next(graph.subjects(RDF.type, DCAT.Catalog))
    for subject in (catalogue, datasets[0]):
        for predicate in required[: 2 if subject != catalogue else 3]:
            assert graph.value(subject, predicate) is not None
    for distribution in sent:
        assert graph.value(distribution, DCAT.accessURL) is not None


def test_search_engines_find_a_dataset_on_the_page(client: TestClient) -> None:
    page = client.get("/data").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told = json.loads(found.group(1))
    assert (told["@type"], told["identifier"]) == ("Dataset", "tiny")
    for one in told["distribution"]:
        path = one["contentUrl"].removeprefix("http://testserver")
        # A head is answered as a get: of a GeoPackage the whole would be made.
        if not path.endswith(".gpkg"):
            assert client.head(path).status_code == 200, path
