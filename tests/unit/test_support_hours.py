"""Opening hours as the sources write them."""

import pytest

from exclusion_map.support.opening_hours import in_words, parse_day, parse_week


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("09:00-17:00", [["09:00", "17:00"]]),
        ("10:00-13:00,14:00-17:00", [["10:00", "13:00"], ["14:00", "17:00"]]),
        ("14:00-17:00, 10:00-13:00", [["10:00", "13:00"], ["14:00", "17:00"]]),
        ("09:00-13:00:14:00-18:00", [["09:00", "13:00"], ["14:00", "18:00"]]),
        ("07:00 - 00:00", [["07:00", "24:00"]]),
        ("CLOSED", []),
        ("N/A Closed", []),
    ],
)
def test_a_day_is_read(text: str, spans: list[list[str]]) -> None:
    assert parse_day(text) == spans


@pytest.mark.parametrize(
    "text",
    ["1:00-18:00", "00:00", "07:00-02:00", "09:00-12:00,11:00-13:00", "9 to 5", "24:30-24:45", "-"],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not opening|before it begins|overlap"):
        parse_day(text)


def test_an_empty_cell_is_closed_only_where_the_source_means_it() -> None:
    cells = {"mon": "09:00-17:00", "tue": ""}
    closed = parse_week(cells, blank_is_closed=True)
    assert closed.schedule is not None
    assert closed.schedule["tue"] == []
    unknown = parse_week(cells, blank_is_closed=False)
    assert unknown.schedule == {"mon": [["09:00", "17:00"]]}


def test_a_wrong_cell_is_kept_in_the_note_and_its_day_is_not_known() -> None:
    week = parse_week({"mon": "09:00-17:00", "wed": "1:00-18:00"}, blank_is_closed=True)
    assert week.schedule is not None
    assert "wed" not in week.schedule
    assert week.problems == ("Wednesday 1:00-18:00",)
    assert week.note == "Not clear in the source: Wednesday 1:00-18:00."


def test_a_week_of_nothing_has_no_schedule() -> None:
    assert parse_week({}, blank_is_closed=True).to_json() is None
    odd = parse_week({"mon": "by appointment"}, blank_is_closed=True)
    assert odd.schedule is None
    assert odd.note == "As the source has it: Monday by appointment."


def test_hours_are_told_in_words_days_together() -> None:
    week = parse_week(
        {
            **dict.fromkeys(("mon", "tue", "wed"), "09:00-17:30"),
            "thu": "12:00-00:00",
            "fri": "10:00-13:00,14:00-17:00",
            "sat": "CLOSED",
        },
        blank_is_closed=False,
    )
    assert in_words(week.schedule) == [
        ("Monday to Wednesday", "9am to 5:30pm"),
        ("Thursday", "midday to midnight"),
        ("Friday", "10am to 1pm and 2pm to 5pm"),
        ("Saturday", "closed"),
        ("Sunday", "not known"),
    ]
    assert in_words(None) == []
