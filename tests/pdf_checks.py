"""What must be true of every PDF we make: opened by foreign readers, its tags walked."""

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf


def check_tagged(pdf: bytes, *, title: str, folder: Path, lang: str = "en-GB") -> list[str]:
    """Assert that a PDF is tagged as PDF/UA-1 asks; return the text of its structure types.

    The conformance checker is `page`, which passes veraPDF's corpus; what a machine cannot tell a
    fault from (headings out of order, headers without a scope) is looked at here.
    """
    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    import page

    report = page.validate_pdf(path, profile=page.ValidationProfile.PDF_UA_1)
    assert report.is_compliant, list(report.failures)[:5]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        root = opened.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == lang
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert str(opened.docinfo["/Title"]) == title
        with opened.open_metadata() as metadata:
            assert metadata["dc:title"] == title
            assert metadata["pdfuaid:part"] == "1"
        elements = list(walk(root.StructTreeRoot))
        kinds = [str(one.S) for one in elements]
        levels = [int(kind[2]) for kind in kinds if kind[:2] == "/H" and kind[2:].isdigit()]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))
        for one in elements:
            if str(one.S) == "/Figure":
                assert str(one.Alt).strip()
            if str(one.S) == "/TH":
                assert str(one.A.Scope) in ("/Column", "/Row")
            if str(one.S) == "/Table":
                assert any(str(kid.S) == "/TR" for kid in walk(one)), "a table without a row"
        return kinds


def walk(element: Any) -> Iterator[Any]:
    """Yield the structure elements below one, in order."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from walk(kid)
