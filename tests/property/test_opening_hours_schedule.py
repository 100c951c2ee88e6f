"""Whatever a source writes, a schedule is ordered, apart, and reads back as it was written."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.support.opening_hours import DAYS, from_json, in_words, parse_day, parse_week

SLOW_MACHINES = settings(deadline=None, max_examples=60)
TIMES = st.integers(0, 24 * 4).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
SPAN_LISTS = st.lists(TIMES, max_size=6, unique=True).map(
    lambda times: [[a, b] for a, b in zip(sorted(times)[::2], sorted(times)[1::2], strict=False)]
)


def written(spans: list[list[str]]) -> str:
    return ",".join(f"{a}-{b}" for a, b in spans) or "CLOSED"


@SLOW_MACHINES
@given(SPAN_LISTS, st.randoms())
def test_spans_come_back_in_order_however_they_are_written(spans, random) -> None:
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert parse_day(written(shuffled)) == spans


@SLOW_MACHINES
@given(st.fixed_dictionaries(dict.fromkeys(DAYS, SPAN_LISTS)))
def test_a_week_survives_being_stored(week) -> None:
    parsed = parse_week({day: written(spans) for day, spans in week.items()}, blank_is_closed=True)
    if any(week.values()):
        assert from_json(parsed.to_json()) == week
    else:
        assert parsed.to_json() is None
    assert parsed.problems == ()


@SLOW_MACHINES
@given(st.dictionaries(st.sampled_from(DAYS), st.text(max_size=20)), st.booleans())
def test_no_text_upsets_a_week_and_nothing_is_lost(cells, blank_is_closed: bool) -> None:
    week = parse_week(cells, blank_is_closed=blank_is_closed)
    schedule = week.schedule or {}
    for spans in schedule.values():
        ends = [time for span in spans for time in span]
        assert ends == sorted(ends)
    for day, text in cells.items():
        if text.strip() and week.schedule is not None:
            assert day in schedule or text.strip() in week.note
    assert len(in_words(week.schedule)) <= 7
