"""Whatever text it is given, each parser returns what it should or refuses in the project's words.

Every parser of text that comes from outside stands in this table, or has a test of its own:
boundaries and lists (tests/property/test_uploads_properties.py), import rows and hours
(test_import_rows_properties.py, test_import_hours_properties.py), forms of listings
(test_edit_form_properties.py), files (test_file_parsers_hold.py), headers, cookies and addresses
(test_requests_hold.py).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from api.negotiation import accepts_gzip, matches, prefers_html
from api.pages.edit_hours import parse_day_words
from api.routes.archives import UnsatisfiableError, parse_ranges
from api.routes.features import parse_bounds
from api.scored_tiles import parse_query
from exclusion_map.areas.bases import parse_base
from exclusion_map.areas.rollup_reading import entries_of, read_geojson, read_lists
from exclusion_map.areas.scoring import parse_weights
from exclusion_map.areas.upload_files import parse_upload
from exclusion_map.directory.feeds.bounded import web_address
from exclusion_map.directory.importing import Mapping
from exclusion_map.directory.importing.hours import read_day, read_hours
from exclusion_map.directory.importing.osm_hours import parse_osm
from exclusion_map.directory.importing.spoken_hours import parse_spoken
from exclusion_map.directory.selecting import parse_open
from exclusion_map.errors import ExclusionMapError
from exclusion_map.exports.area_columns import parse_groups
from exclusion_map.exports.formats import parse_format
from exclusion_map.features.crs import find_crs
from exclusion_map.features.json_form import parse_json
from exclusion_map.features.syntax import parse_text
from exclusion_map.geography.postcode_index import normalise
from exclusion_map.placing.memory import parse_bytes
from exclusion_map.settings import UploadSettings
from exclusion_map.support.opening_hours import parse_day, parse_week
from exclusion_map.targeting.candidates import listed_candidates
from exclusion_map.targeting.footprint.columns import read_number
from exclusion_map.targeting.footprint.listing import read_listing
from exclusion_map.targeting.matrix_cells import parse_cells
from exclusion_map.targeting.matrix_figures import read_figures
from exclusion_map.targeting.sampling.record import design_of
from exclusion_map.targeting.sampling.uploading import read_column
from exclusion_map.targeting.sharing_reading import read_units

from .mutations import near, treacherous
from .trying import trying

Parser = Callable[[str], Any]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CQL = [
    "score > 10 AND name LIKE 'Ash%' AND decile IN (1, 2) OR NOT population BETWEEN 1 AND 9",
    "S_INTERSECTS(geometry, POLYGON((-1 51, -0.9 51, -0.9 51.1, -1 51)))",
    "CASEI(name) = casei('x') AND updated >= DATE('2026-01-01') AND score IS NOT NULL",
]
CQL_JSON = [
    '{"op": "and", "args": [{"op": ">", "args": [{"property": "score"}, 10]}, '
    '{"op": "in", "args": [{"property": "decile"}, [1, 2]]}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [-1, 51, 0, 52]}]}',
]
HOURS = ["Mo-Fr 09:00-17:00; Sa 10:00-12:30; PH off", "Mon to Fri 9am - 5.30pm, closed weekends"]
TIMES = ["09:00-17:00", "9am to 12 noon, 1pm to 5pm", "closed", "24 hours"]


def both_numbers(text: str) -> None:
    for comma in (False, True):
        number = read_number(text, decimal_comma=comma)
        assert number is None or np.isfinite(number)


def nowhere(text: str) -> None:
    normalise(text)


def headers(text: str) -> None:
    prefers_html(f"text/html,{text}")
    accepts_gzip(f"gzip,{text}")
    matches(text, '"x"')


PARSERS: dict[str, tuple[Parser, list[str]]] = {
    "weights": (parse_weights, ["age:2,disability:1", '{"age": 2, "disability": 0.5}']),
    "base of scores": (parse_base, ["local_authority", "selection"]),
    "CQL2 text": (parse_text, CQL),
    "CQL2 JSON": (parse_json, CQL_JSON),
    "coordinate system": (
        lambda text: find_crs(text, "crs"),
        ["EPSG:27700", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    ),
    "box": (parse_bounds, ["-1.5,51,-0.5,52.25"]),
    "query of a scored tile": (
        lambda text: parse_query(text.encode("utf-8", "replace")),
        ["weights=age:2&base=region"],
    ),
    "byte ranges": (
        lambda text: parse_ranges(text, 1000),
        ["bytes=0-499", "bytes=-5, 7-9,20-", "bytes=999-2000"],
    ),
    "negotiation": (headers, ['text/html;q=0.8, */*;q=0.1, "a", W/"b", gzip;q=0']),
    "postcode": (normalise, ["CH41 2AB", "sw1a1aa"]),
    "entries of places": (entries_of, ['E01000001, "Ashford, north"; CH41 2AB\nM80017']),
    "lists of places": (
        lambda text: read_lists(text, "list"),
        ["list,area_code\na,E01000001\nb,E01000002\n"],
    ),
    "outline": (
        lambda text: read_geojson(text, "outline"),
        ['{"type": "Polygon", "coordinates": [[[-1, 51], [0, 51], [0, 52], [-1, 51]]]}'],
    ),
    "own figures": (
        lambda text: parse_upload(text, "own.csv"),
        ["area_code,value\nE01000001,3.5\nE01000002,\n", "code,numerator,denominator\nE01,1,9\n"],
    ),
    "units of a share": (
        read_units,
        ["name,code,minimum,maximum\nA,E01000001 E01000002,1,9\n", "A: E01000001, CH41 2AB\n"],
    ),
    "list of people served": (
        lambda text: read_listing(text, "list", UploadSettings()),
        ["postcode,count\nLS1 1AA,3\nLS1 1AB,4\n", "name;lat;lon;radius\nHub;53,8;-1,5;800\n"],
    ),
    "number as people write it": (both_numbers, ["1,234.5", "12%", "£3", "1.234,5"]),
    "own figures of the matrix": (
        read_figures,
        ["postcode,people\nCH41 2AB,3\n", "E01000001\t4\n"],
    ),
    "candidates of places": (
        lambda text: listed_candidates(text, nowhere),
        ["name,postcode\nHub,CH41 2AB\nHall,53.4,-3.0,200\n"],
    ),
    "own column of a sample": (
        lambda text: read_column(text, {"E01000001": 0}),
        ["area_code,visits\nE01000001,3\n"],
    ),
    "record of a sample": (
        design_of,
        ['{"design": {"areas": 30, "seed": 1, "weights": {"a": 1}}}'],
    ),
    "cells of the matrix": (lambda text: parse_cells(text, 3), ["1-1,3-3", "A1,C3"]),
    "mapping of columns": (
        Mapping.read,
        ['[columns]\nname = "Name"\npostcode = ["Post code"]\n[fixed]\nkind = "library"\n'],
    ),
    "hours of any kind": (
        read_hours,
        # The last one has a place for lists in lists, where long runs once found a fault.
        [*HOURS, '{"mon": [["09:00", "17:00"]]}', '{"mon": '],
    ),
    "hours, OpenStreetMap": (parse_osm, HOURS),
    "hours, spoken": (parse_spoken, HOURS),
    "hours of a day": (read_day, TIMES),
    "hours of a day, in the form": (parse_day_words, TIMES),
    "hours of a library": (parse_day, TIMES),
    "hours of a week": (
        lambda text: parse_week({"mon": text, "tue": "9-5"}, blank_is_closed=True),
        TIMES,
    ),
    "open when": (lambda text: parse_open(text, NOON), ["now", "mon 10:00", "sat"]),
    "address of a feed": (web_address, ["https://api.example.org/services?x=1", "http://[::1]:8/"]),
    "form of a file": (parse_format, ["csv", "gpkg"]),
    "groups of columns": (parse_groups, ["scores,indicators", "all"]),
    "size of memory": (parse_bytes, ["2 GB", "512MiB"]),
}
REFUSED: dict[str, type[Exception]] = {
    "byte ranges": UnsatisfiableError,
    "query of a scored tile": RequestValidationError,
    # Called by "hours of any kind", which keeps the text as a note then.
    **dict.fromkeys(
        [one for one in PARSERS if one.startswith("hours") and "any" not in one], ValueError
    ),
}


@cache
def inputs(name: str) -> st.SearchStrategy[str]:
    return near(PARSERS[name][1])


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_returns_or_refuses(name: str) -> None:
    parser, seeds = PARSERS[name]
    for text in treacherous(seeds):
        refused_or_read(name, parser, text)

    @trying(40)
    @given(inputs(name))
    def tried(text: str) -> None:
        refused_or_read(name, parser, text)

    tried()


def refused_or_read(name: str, parser: Parser, text: str) -> None:
    told = ""
    try:
        parser(text)
    except ExclusionMapError as error:
        told = error.message
    except REFUSED.get(name, ExclusionMapError):
        pass
    # A message says enough, and no more than a reader takes in.
    assert len(told) < 5_000
