"""Which column is what: guessed from headings and values, shown, corrected, kept in a file."""

from pathlib import Path

import pytest

from exclusion_map.directory.importing import FIELDS, Mapping, build, guess, read_table
from exclusion_map.directory.importing.fields import by_heading, words_of
from exclusion_map.errors import InvalidRequestError

from .import_places import geocoder

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "import-support.md"


def guessed(text: str) -> dict[str, tuple[str, ...]]:
    """Return the columns that are guessed of a CSV."""
    return guess(read_table(text.strip().encode(), "a.csv")).columns


def test_headings_that_lists_have() -> None:
    text = """
Venue Name,Address Line 1,Address Line 2,Post Code,Tel No.,E-mail,Web Site,Opening Times,Wi-Fi?
Hub,1 High Street,Ashby,CH41 2AB,0151 652 1111,a@example.org,www.example.org,Mon 9am-1pm,yes
Hall,2 High Street,,CH41 6AX,0151 652 1112,b@example.org,example.org,By appointment,no
"""
    assert guessed(text) == {
        "name": ("Venue Name",),
        "address": ("Address Line 1", "Address Line 2"),
        "postcode": ("Post Code",),
        "phone": ("Tel No.",),
        "email": ("E-mail",),
        "url": ("Web Site",),
        "hours": ("Opening Times",),
        "support.free_wifi": ("Wi-Fi?",),
    }


def test_values_speak_where_headings_do_not() -> None:
    text = """
a,b,c,d,e
Hub,CH41 2AB,x@example.org,53.39123,-3.01234
Hall,CH41 6AX,y@example.org,53.39523,-3.01534
"""
    found = guess(read_table(text.strip().encode(), "a.csv"))
    assert found.columns == {
        "name": ("a",),
        "postcode": ("b",),
        "latitude": ("d",),
        "longitude": ("e",),
        "email": ("c",),
    }
    assert found.evidence["name"].confidence < 0.5
    assert "100% of values look like postcodes" in found.evidence["postcode"].reasons


def test_values_decide_between_fields_of_one_heading() -> None:
    assert guessed("Name,PCs\nHub,12\nHall,0\n")["computers"] == ("PCs",)
    assert guessed("Name,PCs\nHub,yes\nHall,no\n")["support.public_computers"] == ("PCs",)
    assert "computers" not in guessed("Name,PCs\nHub,yes\nHall,no\n")


def test_seven_days_and_the_national_grid() -> None:
    found = guessed(
        "Location,Mon,Tue,Wed,Thu,Fri,Sat,Sun,Easting,Northing\n"
        "Hub,9-5,9-5,9-5,9-5,9-5,closed,closed,332500,388600\n"
    )
    assert {f"hours.{day}" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")} < {*found}
    assert (found["easting"], found["northing"]) == (("Easting",), ("Northing",))


def test_half_a_pair_is_no_position() -> None:
    assert "latitude" not in guessed("Name,Latitude\nHub,53.39\n")


def test_codes_of_areas_and_markers_are_left_out() -> None:
    found = guessed("Name,Area code,Area name,marker-color\nHub,E08000001,Bolton,#fc6721\n")
    assert found == {"name": ("Name",)}


def test_every_field_is_found_by_its_own_key_and_no_heading_is_lost() -> None:
    for key, field in FIELDS.items():
        assert by_heading()[words_of(key)] == key
        assert field.title
        assert all(words_of(one) == one for one in field.headings), field.headings


def test_a_mapping_is_a_file() -> None:
    found = guess(read_table(b'Name,"The ""open"" times"\nHub,Mon 9am-1pm\n', "a.csv"))
    found = found.corrected(
        {"hours": ['The "open" times']}, {"kind": "library", "support.free_wifi": "yes"}
    )
    found = found.model_copy(update={"kinds": {"Pub": "community_venue"}, "sheet": "Places"})
    text = found.to_toml()
    assert "# 80% sure: heading 'Name'" in text
    again = Mapping.read(text)
    assert again == found.model_copy(update={"evidence": {}})
    assert Mapping.read(found.model_dump_json()) == again


def test_a_correction_moves_a_column_and_empties_a_field() -> None:
    first = Mapping(columns={"name": "A", "address": ("B", "C"), "phone": "D"})
    then = first.corrected({"postcode": ["C"], "phone": []}, {})
    assert then.columns == {"name": ("A",), "address": ("B",), "postcode": ("C",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[columns]\nnames = "A"\n', "'names' is not a field"),
        ('[columns]\nname = ["A", "B"]\n', "name takes one column, not 2"),
        ('other_days = "perhaps"\n', "other_days"),
        ("[columns\n", "TOML or JSON"),
        ('colums = "A"\n', "colums"),
        ('[kinds]\nPub = "inn"\n', "'Pub' to be one of library, gp_practice"),
        ('[terms]\nTea = "biscuits"\n', "'Tea' to be one of public_computers"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"m\.toml") as caught:
        Mapping.read(text, "m.toml")
    assert told in caught.value.message


def test_a_mapping_has_to_fit_its_table() -> None:
    table = read_table(b"Title,Post\nHub,CH41 2AB\n", "a.csv")
    with pytest.raises(InvalidRequestError, match="'Title', 'Post'"):
        Mapping(columns={"name": "Name"}).check(table)
    with pytest.raises(InvalidRequestError, match="--map name=COLUMN"):
        Mapping(columns={"postcode": "Post"}).check(table)


def test_the_mapping_in_the_guide_can_be_read() -> None:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("    other_days"))
    stop = next(at for at, line in enumerate(lines[start:], start) if line and line[0] != " ")
    found = Mapping.read("\n".join(line[4:] for line in lines[start:stop]))
    assert found.columns == {"name": ("Venue",), "address": ("Street", "Town")}
    assert (found.other_days, found.terms) == ("closed", {"Tech Tuesday": "drop_in_help"})


def test_own_words_for_kinds_of_place_and_of_support() -> None:
    table = read_table(b"Name,Type,Support\nHub,Pub,Tech Tuesday; tea; wifi\n", "a.csv")
    mapping = guess(table).model_copy(
        update={
            "kinds": {"pub": "community_venue"},
            "terms": {"tech tuesday": "devices", "Tea": ""},
        }
    )
    made = build(table, mapping, geocoder())
    (listing,) = made.listings.values()
    assert listing.kind == "community_venue"
    assert set(listing.offers[0].support) == {"devices", "free_wifi"}
    assert made.warnings == ()
