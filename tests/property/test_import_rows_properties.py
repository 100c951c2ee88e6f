"""Whatever cells hold, every row becomes a listing or is told; nothing stops the others."""

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.directory.importing import FIELDS, Geocoder, Mapping, build, guess, read_table
from exclusion_map.errors import InvalidRequestError

SLOW_MACHINES = settings(deadline=None, max_examples=60)
ODD = st.sampled_from(
    [
        "",
        "yes",
        "-1",
        "1e400",
        "nan",
        "53.4",
        "-3",
        "CH41 2AB",
        "9-5",
        "£2",
        "a;b",
        "'=1",
        "x" * 400,
    ]
)
# A file with a NUL is no text: it is refused whole.
LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
CELLS = st.one_of(ODD, st.text(LETTERS, max_size=12))
KEYS = list(FIELDS)
ALL = Mapping(columns={key: (key,) for key in KEYS})
NOWHERE = Geocoder(None, ("W01",), lambda longitude, _: np.zeros(len(longitude), dtype=np.int32))


@SLOW_MACHINES
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), CELLS), min_size=1, max_size=4))
def test_every_row_is_a_listing_or_is_told(rows) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, KEYS, restval="")
    writer.writeheader()
    writer.writerows([{"name": "First"}, *({"name": "Hub", **row} for row in rows)])
    table = read_table(out.getvalue().encode(), "a.csv")
    made = build(table, ALL, NOWHERE)
    closed = sum(note.endswith("left out.") and "closed" in note for note in made.notes)
    taken = {number for numbers in made.rows_of.values() for number in numbers}
    told = {problem.row for problem in made.rejected}
    assert taken.isdisjoint(told)
    assert closed or taken | told == {row.number for row in table.rows}
    for listing in made.listings.values():
        assert listing.latitude is None or 49 < listing.latitude < 61
        assert len(listing.postcode) <= 20
        assert all(len(offer.phone) <= 60 for offer in listing.offers)


@SLOW_MACHINES
@given(st.text(max_size=200))
def test_any_text_is_a_table_or_is_refused(text: str) -> None:
    try:
        table = read_table(text.encode("utf-8", "ignore"), "a.csv")
    except InvalidRequestError:
        return
    assert len(set(table.columns)) == len(table.columns)
    assert set(guess(table).columns) <= set(FIELDS)
