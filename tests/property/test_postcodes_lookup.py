"""Whatever postcodes there are, the index finds each of them and nothing else."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.geography.postcodes import PostcodeIndex, index_table, normalise, pretty

SLOW_MACHINES = settings(deadline=None, max_examples=60)
POSTCODES = st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}", fullmatch=True)


def build(codes: list[str]) -> PostcodeIndex:
    count = len(codes)
    frame = pd.DataFrame(
        {
            "postcode": codes,
            "latitude": np.linspace(50, 55, count),
            "longitude": np.linspace(-5, 1, count),
            "live": [row % 2 == 0 for row in range(count)],
        }
    )
    return PostcodeIndex(index_table(frame, np.arange(count, dtype=np.int32)))


@SLOW_MACHINES
@given(st.lists(POSTCODES, min_size=1, max_size=40, unique=True), POSTCODES)
def test_each_postcode_is_found_with_its_own_area(codes: list[str], other: str) -> None:
    index = build(codes)
    for row, code in enumerate(codes):
        found = index.find(pretty(code).lower())
        assert found is not None
        assert (found.postcode, found.area, found.live) == (code, row, row % 2 == 0)
    assert (index.find(other) is None) == (other not in codes)


@SLOW_MACHINES
@given(st.lists(POSTCODES, min_size=1, max_size=40, unique=True))
def test_each_outward_code_and_sector_counts_its_postcodes(codes: list[str]) -> None:
    index = build(codes)
    for code in codes:
        outward, sector = code[:-3], f"{code[:-3]} {code[-3]}"
        groups = {group.label: group.count for group in index.prefix(outward, limit=100)}
        assert groups[outward] == sum(other[:-3] == outward for other in codes)
        (group,) = index.prefix(sector)
        assert group.count == sum(pretty(other).startswith(sector) for other in codes)


@SLOW_MACHINES
@given(POSTCODES)
def test_writing_a_postcode_nicely_changes_nothing(code: str) -> None:
    assert normalise(pretty(code)) == code


@SLOW_MACHINES
@given(st.text(max_size=12))
def test_no_text_upsets_a_search_by_its_beginning(text: str) -> None:
    for group in build(["CH412AB", "M11AE"]).prefix(text):
        assert group.count > 0
