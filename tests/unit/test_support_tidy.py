"""Names, addresses and contacts as people write them."""

import pytest

from exclusion_map.support import tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("THE DENSHAM SURGERY", "The Densham Surgery"),
        ("ST MARY'S SURGERY", "St Mary's Surgery"),
        ("DR MCKAY & O'HARA", "Dr McKay & O'Hara"),
        ("DR M SUARES' PRACTICE", "Dr M Suares' Practice"),
        ("MEDDYGFA'R SARN", "Meddygfa'r Sarn"),
        ("NHS GP PRACTICE (THE LIMES)", "NHS GP Practice (The Limes)"),
        ("STOCKTON ON TEES", "Stockton on Tees"),
        ("STOCKTON-ON-TEES", "Stockton-on-Tees"),
        ("BLAEN-Y-CWM GROUP PRACTICE", "Blaen-y-Cwm Group Practice"),
        ("DR Y PATEL", "Dr Y Patel"),
        ("DR ARORA RK", "Dr Arora RK"),
        ("168 THE STREET", "168 The Street"),
        ("1ST FLOOR, 12A HIGH ST", "1st Floor, 12A High St"),
        ("ORCHARD CROFT MEDICAL CTR", "Orchard Croft Medical Centre"),
        ("ABINGDON FAM H/CTR", "Abingdon Fam Health Centre"),
        ("CHURCHMERE MED PRAC", "Churchmere Medical Practice"),
        ("ANNANDALE HSE", "Annandale House"),
        ("RAWMARSH,ROTHERHAM", "Rawmarsh, Rotherham"),
        ("  Kensal   Rise  ", "Kensal Rise"),
        ("LloydsPharmacy Inside Sainsbury's", "LloydsPharmacy Inside Sainsbury's"),
        ("Belfast Central\u200b", "Belfast Central"),
        ("", ""),
    ],
)
def test_a_name_is_written_for_people(text: str, expected: str) -> None:
    assert tidy.name(text) == expected


def test_an_address_says_everything_once() -> None:
    parts = ["THE HEALTH CENTRE", "", "LAWSON STREET", "STOCKTON ON TEES", "Lawson Street", None]
    address = tidy.address([part or "" for part in parts], without=("The Health Centre",))
    assert address == "Lawson Street, Stockton on Tees"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01642  672351", "01642 672351"),
        ("1642672351", "01642672351"),
        ("+44 1642 672351", "+44 1642 672351"),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_has_its_zero(text: str, expected: str) -> None:
    assert tidy.phone(text) == expected


def test_only_real_addresses_become_links() -> None:
    assert tidy.web("www.wirral.gov.uk/libraries") == "https://www.wirral.gov.uk/libraries"
    assert tidy.web("https://example.org/a?b=c") == "https://example.org/a?b=c"
    assert tidy.web("javascript:alert(1)") == ""
    assert tidy.web("see the council's page") == ""
    assert tidy.email(" a.b@example.org ") == "a.b@example.org"
    assert tidy.email("ring us") == ""


def test_a_slug_is_plain() -> None:
    assert (
        tidy.slug("Bishop's Castle & Clun (Llyfrgell Ŷ)") == "bishops-castle-and-clun-llyfrgell-y"
    )
