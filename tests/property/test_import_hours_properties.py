"""Hours survive being written and read; no text upsets the reading, and nothing is lost."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.directory.importing import read_hours
from exclusion_map.directory.importing.osm_hours import format_osm, parse_osm
from exclusion_map.support.opening_hours import DAYS, in_words

SLOW_MACHINES = settings(deadline=None, max_examples=80)
TIMES = st.integers(0, 24 * 4).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
SPAN_LISTS = st.lists(TIMES, max_size=4, unique=True).map(
    lambda times: [[a, b] for a, b in zip(sorted(times)[::2], sorted(times)[1::2], strict=False)]
)
WEEKS = st.fixed_dictionaries(dict.fromkeys(DAYS, SPAN_LISTS))
PARTS = st.sampled_from(
    [
        *("Mo", "Tu-Fr", "Sa,Su", "PH", "off", "09:00-17:00", "22:00-02:00", ",", ";", "24/7"),
        *("Mon", "Tues - Fri", "weekdays", "9am", "to", "5pm", "9-5", "&", "closed", "noon"),
        *("Apr-Oct", "week 3", "sunrise", "by appointment", '"', "[1]", "||", "+", "\n"),
    ]
)


@SLOW_MACHINES
@given(WEEKS)
def test_openstreetmap_round_trip(week) -> None:
    if any(week.values()):
        assert parse_osm(format_osm(week)).schedule == week


@SLOW_MACHINES
@given(WEEKS)
def test_words_for_people_read_back_as_the_same_week(week) -> None:
    words = "; ".join(f"{days}: {hours}" for days, hours in in_words(week))
    if any(week.values()):
        assert read_hours(words).schedule == week


@SLOW_MACHINES
@given(st.one_of(st.text(max_size=40), st.lists(PARTS, max_size=8).map(" ".join)), st.booleans())
def test_a_text_is_understood_whole_or_kept_whole(text: str, others_closed: bool) -> None:
    found = read_hours(text, others_closed=others_closed)
    if found.schedule is None:
        assert found.note in ("", " ".join(text.split()))
        assert bool(found.problems) == bool(found.note)
        return
    assert list(found.schedule) == [day for day in DAYS if day in found.schedule]
    for spans in found.schedule.values():
        ends = [time for span in spans for time in span]
        assert ends == sorted(ends)
        assert all(re.fullmatch(r"[0-2]\d:[0-5]\d", time) for time in ends)
