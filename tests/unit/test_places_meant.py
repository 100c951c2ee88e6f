"""A text in a form means one place or none: never the place that happens to be spelt most alike."""

import pytest

from exclusion_map.areas.meant import code_meant
from exclusion_map.areas.search import SearchAnswer, SearchResult
from exclusion_map.errors import NotFoundError
from exclusion_map.terms import AreaKind


def place(
    code: str, kind: AreaKind, name: str, context: str, matched: str = "name"
) -> SearchResult:
    return SearchResult.model_validate(
        {
            "code": code,
            "kind": kind,
            "kind_label": kind.label,
            "name": name,
            "context": context,
            "population": None,
            "decile": None,
            "url": f"/areas/{code}",
            "bbox": (0, 0, 1, 1),
            "point": (0, 0),
            "matched": matched,
            "matched_text": name,
        }
    )


NEWPORT = place("W06000022", AreaKind.LOCAL_AUTHORITY, "Newport", "Wales")
WARDS = (
    place("E05000001", AreaKind.WARD, "Newport", "Isle of Wight"),
    place("E05000002", AreaKind.WARD, "Newport", "Telford and Wrekin"),
)
WEST = place("E07000127", AreaKind.LOCAL_AUTHORITY, "West Lancashire", "North West")
BRISTOL = place("E06000023", AreaKind.LOCAL_AUTHORITY, "Bristol, City of", "South West")
POSTCODE = place("E01000001", AreaKind.SMALL_AREA, "CH41 2AB", "Wirral", "postcode")
PART = place("E02000001", AreaKind.NEIGHBOURHOOD, "CH41", "Wirral", "postcode_part")


@pytest.mark.parametrize(
    ("text", "found", "code"),
    [
        ("newport", (NEWPORT, *WARDS), "W06000022"),
        ("Newport, Isle of Wight", (NEWPORT, *WARDS), "E05000001"),
        ("City of Bristol", (BRISTOL,), "E06000023"),
        ("bristol  council", (BRISTOL,), "E06000023"),
        ("CH41 2AB", (POSTCODE,), "E01000001"),
    ],
)
def test_a_name_means_the_place_called_so(
    text: str, found: tuple[SearchResult, ...], code: str
) -> None:
    assert code_meant(lambda asked, _: SearchAnswer(query=asked, results=found), text) == code


@pytest.mark.parametrize(
    ("text", "found", "told"),
    [
        ("lancashire", (WEST,), "no place of that name"),
        ("Bristl", (BRISTOL,), "no place of that name"),
        ("CH41", (PART,), "no place of that name"),
        ("Newport", WARDS, "several places of that name"),
        ("zzz", (), "no place of that name"),
    ],
)
def test_anything_else_is_refused_with_what_may_be_meant(
    text: str, found: tuple[SearchResult, ...], told: str
) -> None:
    with pytest.raises(NotFoundError) as fault:
        code_meant(lambda asked, _: SearchAnswer(query=asked, results=found), text)
    assert fault.value.found == told
    assert all(one.code in fault.value.mend for one in found)
    assert fault.value.mend
