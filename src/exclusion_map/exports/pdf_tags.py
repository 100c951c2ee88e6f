"""Tags of a PDF that WeasyPrint has laid out, completed before it is written.

It works on pydyf's objects: dictionaries with names as text (``"/TH"``) and references as bytes
(``b"12 0 R"``).
"""

from collections.abc import Iterator
from typing import Any


def headings_with_scope(pdf: Any) -> None:
    """Say of each heading cell what it heads, which WeasyPrint tells only by identifiers.

    ISO 32000-1, 14.8.5.7: ``Scope`` of a ``TH``; a heading inside a ``THead`` heads its column.
    """
    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            group = _object(pdf, _object(pdf, element["P"])["P"])
            element["A"]["Scope"] = "/Column" if group.get("S") == "/THead" else "/Row"


def page_feet_as_artifacts(pdf: Any) -> None:
    """Mark running heads and feet as no part of the content (ISO 14289-1, 7.8).

    WeasyPrint marks their text as content whose element hangs in no tree; a screen reader could
    still meet it on each page.
    """
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    inside = set(_numbers(pdf, root))
    nums = _object(pdf, root["ParentTree"])["Nums"]
    pages = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
    for page, elements in zip(pages, nums[1::2], strict=False):
        outside = {at for at, one in enumerate(elements) if _number(one) not in inside}
        parts = _object(pdf, page["Contents"]).stream
        for at, part in enumerate(parts):
            if part == b"BDC" and _content(parts[at - 1]) in outside:
                # Its identifier of marked content goes: nothing refers to it.
                parts[at - 2 : at + 1] = ["/Artifact", "<</Type /Pagination>>", b"BDC"]
        for at in outside:
            elements[at] = "null"


def links_in_print(pdf: Any) -> None:
    """Let links be where they are on screen in print, too (ISO 14289-1, 7.18.1)."""
    for one in pdf.objects:
        if isinstance(one, dict) and one.get("Subtype") == "/Link":
            one["F"] = 4  # the flag Print, ISO 32000-1, 12.5.3


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _content(properties: Any) -> int:
    """Return the identifier in the property list of marked content."""
    return int(properties["MCID"])


def _numbers(pdf: Any, element: Any) -> Iterator[int]:
    """Yield the numbers of all elements below one."""
    for kid in element.get("K", ()):
        if isinstance(kid, bytes):
            yield _number(kid)
            below = _object(pdf, kid)
            if below.get("Type") == "/StructElem":
                yield from _numbers(pdf, below)
