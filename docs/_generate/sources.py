"""The reference of sources: what each is, how old it is, and on which terms it may be used."""

from docs._generate.markdown import bullets, page, table
from exclusion_map import catalogue
from exclusion_map.catalogue import Delivery, Source, SourceFile

_DELIVERED = {
    Delivery.FILE: "downloaded",
    Delivery.ARCGIS_LAYER: "downloaded, page by page",
    Delivery.BY_HAND: "put there by hand",
}


def reference() -> str:
    """Return the page of every source."""
    every = list(catalogue.sources().values())
    rows = [
        (f"[{one.title}](#{one.id})", one.publisher, one.vintage, one.licence, _needed(one))
        for one in every
    ]
    parts = [
        "Every dataset in the catalogue. The sources of an edition, with checksums, are in its "
        "`manifest.json` and on the page `/data`. To download them again, see "
        "[refresh the data](../how-to/refresh-data.md).",
        table(("source", "publisher", "speaks of", "licence", "an edition"), rows),
    ]
    return page("Sources and their age", *parts, *(part for one in every for part in _one(one)))


def _needed(one: Source) -> str:
    if any(file.required for file in one.files):
        return "needs it"
    return "is better with it" if any(file.recommended for file in one.files) else "may use it"


def _one(one: Source) -> list[str]:
    licence = f"[{one.licence}]({one.licence_url})" if one.licence_url else one.licence
    facts = [
        ("Id, and its raw folder", f"`{one.id}`"),
        ("Publisher", f"[{one.publisher}]({one.page})" if one.page else one.publisher),
        ("Speaks of", one.vintage),
        ("Areas", one.geography),
        ("Nations", ", ".join(one.nations)),
        ("Licence", licence),
        ("Credit", one.attribution),
    ]
    return [
        f"## {one.title} {{ #{one.id} }}",
        one.used_for,
        table(("", ""), facts),
        bullets(one.warnings),
        table(("file", "how it comes", "needed"), [_file(file) for file in one.files]),
    ]


def _file(one: SourceFile) -> tuple[str, str, str]:
    name = f"`{one.path}`"
    if one.delivery is Delivery.FILE:
        name = f"[{one.path}]({one.address})"
    how = _DELIVERED[one.delivery]
    needed = "yes" if one.required else "recommended" if one.recommended else "no"
    return name, how, needed
