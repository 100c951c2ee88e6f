"""Libraries from their two lists: what is open, what is added, and what one list alone gives."""

from pathlib import Path

from exclusion_map.support.importers import libraries, libraries_england
from exclusion_map.support.importers.libraries_england import authority_key, name_key
from exclusion_map.support.record import Imported

from .support_lists import adds_up, by_key, put, table


def library(name: str, postcode: str, **more: str) -> dict[str, str]:
    row = {
        "Local authority": "Wirral Borough Council",
        "Library name": name,
        "Address 1": "Borough Road",
        "Postcode": postcode,
        "Type of library": "LAL",
    }
    return row | {key.replace("_", " "): value for key, value in more.items()}


def england(name: str, postcode: str, operation: str = "LA", **more: str) -> dict[str, str]:
    row = {"reporting": "Wirral", "authority": "Wirral", "name": name, "postcode": postcode}
    return row | {"type": "Static Library", "operation_23": operation} | more


def libraries_of(raw: Path, uk: list[dict[str, str]], eng: list[dict[str, str]]) -> Imported:
    put(raw, "ace-libraries", "libraries.csv", table(libraries._COLUMNS, uk))
    columns = ("authority", *libraries_england.COLUMNS)
    put(raw, "ace-libraries", "libraries_england_2023.csv", table(columns, eng))
    return libraries.read(raw)


def test_library_hours_address_and_type(tmp_path: Path) -> None:
    hours = {"Monday_staffed_hours": "09:00-20:00", "Sunday_unstaffed_hours": "10:00-12:00"}
    notes = {"Notes": "Closed for lunch 1-2pm"}
    uk = [library("Birkenhead Central", "CH41 2XB", **hours, **notes)]
    imported = libraries_of(tmp_path, uk, [england("Birkenhead Central Library", "CH41 2XB")])
    (place,) = imported.places
    assert place.key == "wirral-birkenhead-central"
    assert place.name == "Birkenhead Central Library"
    assert place.about == "Run by the council."
    assert place.hours.schedule is not None
    assert place.hours.schedule["mon"] == [["09:00", "20:00"]]
    assert place.hours.schedule["sun"] == []
    assert "Sunday 10am to midday" in place.hours.note
    assert "Closed for lunch 1-2pm." in place.hours.note
    assert dict(imported.left_out) == {"same_library_in_both_lists": 1}


def test_a_library_is_closed_when_either_list_is_sure(tmp_path: Path) -> None:
    uk = [
        library("Hoylake", "CH47 5AA"),
        library("Irby", "CH61 0HE", Year_closed="2019"),
        library("Gone", "CH60 1AA", Notes="Closed 24 September 2019"),
        library("Back", "CH60 1AB", Notes="Closed 2016 re-opened 2018"),
    ]
    eng = [england("Hoylake Library", "CH47 5AA", "Closed"), england("Irby", "CH61 0HE", "Closed")]
    imported = libraries_of(tmp_path, uk, eng)
    assert [place.name for place in imported.places] == ["Back Library"]
    assert imported.left_out["closed"] == 2
    assert imported.left_out["closed_in_2023_list"] == 1
    assert adds_up(imported)


def test_a_library_that_moved_is_not_taken_for_closed(tmp_path: Path) -> None:
    uk = [library("Heaton Hub Library", "BD9 6LL")]
    eng = [england("Heaton Library", "BD9 4LG", "Closed"), england("Heaton Hub", "BD9 6LL")]
    assert len(libraries_of(tmp_path, uk, eng).places) == 1


def test_what_only_the_list_of_2023_calls_open_is_added(tmp_path: Path) -> None:
    week = dict.fromkeys(("monday", "tuesday"), "AM & PM (continuous)") | {"wednesday": "closed"}
    eng = [
        england("Una Marson Library", "SE17 2GN", "CR", **week),
        england("Reopened", "CH61 0HE"),
        england("Bus", "CH61 0HF", type="Mobile Library"),
        england("Shut for now", "CH61 0HG", "Temporary Closure"),
        england("St Bernard's Hospital Library", "UB1 3EU"),
    ]
    uk = [library("Reopened", "CH61 0HE", Year_closed="2019")]
    imported = libraries_of(tmp_path, uk, eng)
    places = by_key(imported)
    assert set(places) == {"wirral-una-marson-library", "wirral-reopened"}
    added = places["wirral-una-marson-library"]
    assert added.hours.schedule is None
    assert added.hours.note.startswith("In 2023: Monday and Tuesday morning and afternoon; Wed")
    assert imported.left_out["not_for_the_public"] == 1
    assert imported.left_out["temporarily_closed_in_2023_list"] == 1
    assert imported.left_out[libraries.SPECIAL] == 1
    assert adds_up(imported)


def test_two_libraries_of_one_name_have_different_keys(tmp_path: Path) -> None:
    uk = [library("Central Library", "CH41 2XB"), library("Central Library", "CH45 4JG")]
    keys = set(by_key(libraries_of(tmp_path, uk, [])))
    assert keys == {"wirral-central-library-ch41-2xb", "wirral-central-library-ch45-4jg"}


def test_the_list_of_england_may_be_absent(tmp_path: Path) -> None:
    text = table(libraries._COLUMNS, [library("Hoylake", "CH47 5AA")])
    put(tmp_path, "ace-libraries", "libraries.csv", text)
    imported = libraries.read(tmp_path)
    assert len(imported.places) == 1
    assert libraries.UNCHECKED in imported.notes
    assert any(note.startswith("ace-libraries/libraries_england") for note in imported.notes)


def test_the_list_of_the_united_kingdom_may_be_absent(tmp_path: Path) -> None:
    rows = [england("Hoylake", "CH47 5AA"), england("Irby", "CH61 0HE", "Closed")]
    text = table(("authority", *libraries_england.COLUMNS), rows)
    put(tmp_path, "ace-libraries", "libraries_england_2023.csv", text)
    imported = libraries.read(tmp_path)
    assert imported.listed
    assert [place.name for place in imported.places] == ["Hoylake Library"]
    assert libraries.ENGLAND_ONLY in imported.notes
    assert adds_up(imported)


def test_authorities_and_libraries_are_matched_by_what_names_share() -> None:
    assert authority_key("London Borough of Hammersmith & Fulham") == "hammersmith fulham"
    assert authority_key("Hammersmith and Fulham") == "hammersmith fulham"
    assert authority_key("Hull City Council") == authority_key("Kingston upon Hull, City of")
    assert authority_key("Durham County Council") == authority_key("County Durham")
    assert name_key("Yardley Community Library & Hub") == name_key("Yardley Library") == "yardley"
    assert name_key("The Library") == "the library"
