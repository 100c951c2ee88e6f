"""Opening hours of lists: each text worked out by hand; what is not understood stays whole."""

import pytest

from exclusion_map.directory.importing import read_hours
from exclusion_map.directory.importing.hours import read_day, read_days
from exclusion_map.directory.importing.osm_hours import format_osm, parse_osm
from exclusion_map.directory.importing.spoken_hours import parse_spoken

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
NINE_TO_FIVE = [["09:00", "17:00"]]
CLOSED: dict[str, list[list[str]]] = {day: [] for day in (*WORKDAYS, "sat", "sun")}


def week(**days: str) -> dict[str, list[list[str]]]:
    """Return a week: ``mon="09:00-13:00 14:00-17:00"``; other days are closed."""
    said = {day: [span.split("-") for span in text.split()] for day, text in days.items()}
    return CLOSED | said


def on(days: str, spans: str) -> dict[str, list[list[str]]]:
    """Return these days alone."""
    return {day: [span.split("-") for span in spans.split()] for day in days.split()}


OSM = {
    "Mo-Fr 09:00-17:00; Sa 10:00-13:00; Su off": week(
        **dict.fromkeys(WORKDAYS, "09:00-17:00"), sat="10:00-13:00"
    ),
    "24/7": on("mon tue wed thu fri sat sun", "00:00-24:00"),
    "Mo,We 09:00-12:00,13:30-16:00": week(
        mon="09:00-12:00 13:30-16:00", wed="09:00-12:00 13:30-16:00"
    ),
    # A later rule takes the place of an earlier one for its days.
    "Mo-We 09:00-17:00; Tu off": week(mon="09:00-17:00", wed="09:00-17:00"),
    # After a comma a rule adds.
    "Mo 09:00-12:00, Mo 13:00-15:00, Tu 10:00-11:00": week(
        mon="09:00-12:00 13:00-15:00", tue="10:00-11:00"
    ),
    # Over midnight; from Sunday into Monday.
    "Fr 22:00-02:00": week(fri="22:00-24:00", sat="00:00-02:00"),
    "Su 20:00-26:00": week(sun="20:00-24:00", mon="00:00-02:00"),
    # Over the end of the week.
    "Sa-Mo 10:00-12:00": week(sat="10:00-12:00", sun="10:00-12:00", mon="10:00-12:00"),
    "mo-tu 9:00-12:00 open": week(mon="09:00-12:00", tue="09:00-12:00"),
    "Mo 00:00-24:00": week(mon="00:00-24:00"),
}


@pytest.mark.parametrize("text", OSM)
def test_the_style_of_openstreetmap(text: str) -> None:
    found = read_hours(text)
    assert found.schedule == OSM[text]
    assert (found.note, found.problems) == ("", ())


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Mo-Fr 09:00-17:00; PH off", "Public holidays: closed."),
        ("Mo-Fr 09:00-17:00; PH 10:00-12:00", "Public holidays: 10:00-12:00."),
        ("Mo-Fr 09:00-17:00; Sa,Su,PH off", "Public holidays: closed."),
        ('Mo-Fr 09:00-17:00 "ring; the bell, Mo"', "Mo-Fr 09:00-17:00: ring; the bell, Mo."),
    ],
)
def test_what_a_week_cannot_hold_but_does_not_change_it_is_a_note(text: str, note: str) -> None:
    found = read_hours(text)
    assert found.schedule == week(**dict.fromkeys(WORKDAYS, "09:00-17:00"))
    assert found.note == note


@pytest.mark.parametrize(
    "text",
    [
        "Apr-Oct: Mo-Fr 10:00-16:00",
        "week 1-10 Mo 10:00-16:00",
        "Mo-Fr sunrise-sunset",
        "Mo 10:00+",
        "Mo[1] 10:00-12:00",
        "Mo-Fr 09:00-17:00; Dec 25 off",
        'Mo-Fr "by appointment"',
        "Mo-Fr 09:00-17:00 || Sa 10:00-12:00",
        "PH off",
        "Mo 25:00-26:00",
        "Mo 09:70-10:00",
        "By appointment",
        "Tuesday from 11am",
        "Wednesday 7:30pm",
        "1st Saturday of the month 10am - 12 noon",
        "Mon-Fri 9am-5pm (term time only)",
        "Mon - Fri 9am to 5pm except Wed",
        "Mon 9-5, 10am - 2pm Saturday",
        "Mon 9am-1pm and Mon 10am-2pm",
        "Mon 7 - 9",
        "9am - 5pm",
        "Monday",
        '{"mon": [["17:00", "09:00"]]}',
        '{"monday": []}',
    ],
)
def test_what_cannot_be_understood_whole_is_kept_whole(text: str) -> None:
    found = read_hours(text)
    assert found.schedule is None
    assert found.note == text
    assert found.problems == (text,)


SPOKEN = {
    "Monday to Friday 9am to 5.30pm": on("mon tue wed thu fri", "09:00-17:30"),
    "Mon-Fri 9-5, Sat 10-1": on("mon tue wed thu fri", "09:00-17:00") | on("sat", "10:00-13:00"),
    "Tues/Weds 10am - 12pm. Thurs 10am - 2pm": on("tue wed", "10:00-12:00")
    | on("thu", "10:00-14:00"),
    "9 - 4 weekdays": on("mon tue wed thu fri", "09:00-16:00"),
    "Wednesdays 12noon – 2pm": on("wed", "12:00-14:00"),
    "Thursday 1.30 - 3.30pm": on("thu", "13:30-15:30"),
    "Fri 11 - 2pm": on("fri", "11:00-14:00"),
    "Tuesday 2 - 4": on("tue", "14:00-16:00"),
    "Monday 10am-4": on("mon", "10:00-16:00"),
    "Mon 09.00 - 12.30 and 13.30 - 17.00": on("mon", "09:00-12:30 13:30-17:00"),
    "Mon 08:30-4:30": on("mon", "08:30-16:30"),
    "Mon 0900-1700": on("mon", "09:00-17:00"),
    "Sat & Sun: closed; Mon: 9am until midnight": on("mon", "09:00-24:00") | on("sat sun", ""),
    "Friday 6pm - 2am": on("fri", "18:00-24:00") | on("sat", "00:00-02:00"),
    "open 24 hours": on("mon tue wed thu fri sat sun", "00:00-24:00"),
    "Every day, 10am to 4pm": on("mon tue wed thu fri sat sun", "10:00-16:00"),
    "Open between 9am and 1pm Mon": on("mon", "09:00-13:00"),
    "Monday - Thursday 11:30am - 2pm and Monday - Thursday 5pm - 8pm": on(
        "mon tue wed thu", "11:30-14:00 17:00-20:00"
    ),
}


@pytest.mark.parametrize("text", SPOKEN)
def test_hours_as_people_write_them(text: str) -> None:
    assert read_hours(text).schedule == SPOKEN[text]


def test_days_that_are_not_named_are_not_known_unless_somebody_says_so() -> None:
    assert read_hours("Mon 9am-5pm").schedule == {"mon": NINE_TO_FIVE}
    assert read_hours("Mon 9am-5pm", others_closed=True).schedule == week(mon="09:00-17:00")


def test_bank_holidays_are_told() -> None:
    found = read_hours("Mon & Thur 1-3pm (except bank holidays)")
    assert found.schedule == on("mon thu", "13:00-15:00")
    assert found.note == "Closed on bank holidays."


@pytest.mark.parametrize("text", ["", "  ", "n/a", "Not known", "TBC", "?"])
def test_nothing_is_nothing(text: str) -> None:
    assert read_hours(text) == read_hours("")


def test_a_day_has_a_column() -> None:
    assert read_day("9.30am to 1pm, 2pm to 4pm") == [["09:30", "13:00"], ["14:00", "16:00"]]
    assert read_day("09:00-17:00") == NINE_TO_FIVE
    assert read_day("Closed") == read_day("-") == []
    with pytest.raises(ValueError, match="after midnight"):
        read_day("8pm - 2am")


def test_seven_columns() -> None:
    cells = {"mon": "9-5", "tue": "closed", "wed": "", "thu": "see poster"}
    found = read_days(cells)
    assert found.schedule == {"mon": NINE_TO_FIVE, "tue": []}
    assert found.problems == ("Thursday see poster",)
    closed = read_days(cells, others_closed=True).schedule
    assert closed == {"mon": NINE_TO_FIVE, **on("tue wed fri sat sun", "")}


def test_json_as_this_service_writes_it() -> None:
    found = read_hours('{"mon": [["09:00", "17:00"]], "sun": []}')
    assert found.schedule == {"mon": NINE_TO_FIVE, "sun": []}


def test_writing_the_style_of_openstreetmap() -> None:
    for text, schedule in OSM.items():
        assert parse_osm(format_osm(schedule)).schedule == schedule, text
    both = week(**dict.fromkeys(WORKDAYS, "09:00-17:00"), sat="10:00-13:00")
    assert format_osm(both) == "Mo-Fr 09:00-17:00; Sa 10:00-13:00; Su off"


def test_thousands_of_spaces_are_read_as_one() -> None:
    """A pattern that could begin at each of them would take half a minute."""
    assert parse_spoken("Mon" + " " * 20_000 + "9am-5pm").schedule == {"mon": [["09:00", "17:00"]]}
    with pytest.raises(ValueError, match="no hours"):
        parse_spoken("\n " * 20_000)
