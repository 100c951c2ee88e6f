"""CQL2: read as another parser reads it, evaluated as worked out by hand, safe from anybody."""

import json

import cql2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Field, FieldType
from exclusion_map.features.evaluate import evaluate, like_pattern
from exclusion_map.features.json_form import parse_json
from exclusion_map.features.shapes import PointShapes
from exclusion_map.features.syntax import DEEPEST, parse_text
from exclusion_map.features.table import FeatureTable, Texts

EXAMPLES = [
    "decile <= 2 AND local_authority = 'Wirral'",
    "name LIKE 'A%' OR name NOT LIKE '%b_'",
    "code IN ('E01000001', 'it''s') AND decile NOT IN (1, 2)",
    "score BETWEEN 1 AND 2.5e1 OR score NOT BETWEEN -3 AND 0.5",
    "a IS NULL AND b IS NOT NULL",
    "NOT (a = 1 OR b = 2) AND NOT c = 3",
    "a = 1 OR b = 2 AND c = 3 OR d = 4",
    "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 0)))",
    "S_WITHIN(geometry, MULTIPOLYGON(((0 0,1 0,1 1,0 0)))) AND S_INTERSECTS(POINT(1 2), geometry)",
    "S_INTERSECTS(geometry, BBOX(1,2,3,4))",
    "CASEI(name) LIKE casei('wir%') AND accenti(name) = accenti('Môn')",
    "a + 1 > 2 * b - 3 / c",
    "(a + 1) * 2 >= -b",
    "a - 1 - 2 <> 3 AND a DIV 2 = 1 AND a % 2 = 0 AND a ^ 2 < 9",
    '"odd name" = 1 AND TRUE',
    "d > TIMESTAMP('2020-01-01T00:00:00Z') AND e = DATE('2020-01-01')",
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_text_is_read_as_another_parser_reads_it(text: str) -> None:
    theirs = cql2.parse_text(text).to_json()
    assert parse_text(text) == theirs
    assert parse_json(json.dumps(theirs)) == theirs


names = st.sampled_from(["a", "decile", "score"])
numbers = st.integers(0, 99).map(str)
texts = st.text("ab%_é '", max_size=4).map(lambda text: "'{}'".format(text.replace("'", "''")))
comparisons = st.one_of(
    st.builds("{} {} {}".format, names, st.sampled_from(["=", "<", ">=", "<>"]), numbers),
    st.builds("{} LIKE {}".format, names, texts),
    st.builds("{} IN ({}, {})".format, names, numbers, numbers),
    st.builds("{} BETWEEN {} AND {}".format, names, numbers, numbers),
    st.builds("{} IS NULL".format, names),
)
filters = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("({}) AND ({})".format, inner, inner),
        st.builds("({}) OR ({})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=6,
)


@given(filters)
def test_any_nesting_is_read_as_another_parser_reads_it(text: str) -> None:
    def flat(node: object) -> object:
        """AND of AND is one AND, whichever way it was written down."""
        if not isinstance(node, dict) or "args" not in node:
            return node
        args = [flat(each) for each in node["args"]]
        if node["op"] in ("and", "or"):
            parts = [
                each["args"] if isinstance(each, dict) and each.get("op") == node["op"] else [each]
                for each in args
            ]
            args = [each for part in parts for each in part]
        return {"op": node["op"], "args": args}

    assert flat(parse_text(text)) == flat(cql2.parse_text(text).to_json())


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("decile <=", "character 10", "a property, a number"),
        ("a = 1 b = 2", "character 7", "AND, OR, a comparison or the end"),
        ("name = 'Wirral", "character 8", "a closing quote"),
        ("(a = 1", "character 7", "')'"),
        ("a LIKE 'x' AND AND b = 1", "character 16", "a property, a number"),
        ("a = $1", "character 5", "a word, a number or a sign"),
        ("a NOT 5", "character 7", "LIKE, BETWEEN or IN"),
        ("S_INTERSECTS(geometry, POLYGON((0 0)))", "character 24", "a geometry"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1", "character 41", "closing bracket"),
        ("", "character 1", "a property, a number"),
    ],
)
def test_an_error_has_its_place(text: str, place: str, expected: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_text(text)
    assert caught.value.thing == f"filter, {place}"
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "character 2"),
        ("null", "at $"),
        ('{"op": "="}', "at $"),
        ('{"op": "and", "args": [true, {"x": 1}]}', "at $.args[1]"),
        ('{"op": "=", "args": [{"property": "a"}, 1e999]}', "at $.args[1]"),
    ],
)
def test_an_error_of_json_has_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_json(text)
    assert caught.value.thing == f"filter, {place}"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a = 1" + ")" * 5000,
        "NOT " * 4000 + "a = 1",
        "a = " + "-" * 5000 + "1",
        "a = 1" + " + 1" * 4000,
        "casei(" * 2000 + "a" + ")" * 2000 + " = 'x'",
        '{"op":"not","args":[' * 900 + "true" + "]}" * 900,
        "[" * 9000,
        "a = 1 OR " * 400 + "a = 1",
        "a = '" + "x" * 30_000 + "'",
    ],
)
def test_what_is_nested_too_deeply_or_too_long_is_refused(text: str) -> None:
    table = hand_table()
    with pytest.raises(InvalidRequestError):
        evaluate(table, parse_json(text) if text[0] in "{[" else parse_text(text))
    assert evaluate(table, parse_text("(" * (DEEPEST - 2) + "a = 1" + ")" * (DEEPEST - 2))).any()


def hand_table() -> FeatureTable:
    """Four features: a is 1, 2, missing, 4; name is Ash, Môr, ash%, missing."""
    columns = {
        "a": np.array([1.0, 2.0, np.nan, 4.0]),
        "b": np.array([2.0, 2.0, 2.0, np.nan]),
        "name": Texts(("Ash", "Môr", "ash%"), np.array([0, 1, 2, -1])),
        "other": Texts(("Ash", "x"), np.array([0, 1, 1, 1])),
    }
    kinds = {"a": FieldType.NUMBER, "b": FieldType.INTEGER}
    fields = {
        name: Field(name=name, title=name, description="", type=kinds.get(name, FieldType.TEXT))
        for name in columns
    }
    points = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
    return FeatureTable(
        ids=("w", "x", "y", "z"),
        fields=fields,
        makers={name: lambda column=column: column for name, column in columns.items()},
        shapes=PointShapes(points),
        rows=np.arange(4),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a = 1", "w"),
        ("1 = a", "w"),
        ("a <> 1", "xz"),
        ("NOT a = 1", "xz"),  # What is not known is neither equal nor unequal.
        ("NOT (a = 1 OR b = 2)", ""),
        ("a = 1 OR b = 2", "wxy"),
        ("a IS NULL OR a = 4", "yz"),
        ("a IS NOT NULL AND b IS NOT NULL", "wx"),
        ("a BETWEEN 2 AND 4", "xz"),
        ("a NOT BETWEEN 2 AND 4", "w"),
        ("a IN (1, 4)", "wz"),
        ("a NOT IN (1, 4)", "x"),
        ("name IN ('Ash', 'nothing')", "w"),
        ("a < b", "w"),
        ("a * 2 = b + 0", "w"),
        ("b / (a - 1) > 0", "x"),  # A division by nought has no value.
        ("name LIKE 'A%'", "w"),
        ("name LIKE 'ash\\%'", "y"),
        ("name LIKE '_sh'", "w"),
        ("name NOT LIKE '%s%'", "x"),
        ("name ILIKE 'a%'", "wy"),
        ("casei(name) = casei('ASH')", "w"),
        ("accenti(name) = 'Mor'", "x"),
        ("name = other", "w"),
        ("name <> other", "xy"),
        ("name > 'B'", "xy"),
        ("name IS NULL", "z"),
        ("TRUE AND a = 1", "w"),
        ("FALSE OR a = 1", "w"),
        ("geometry IS NULL", ""),
        ("S_INTERSECTS(geometry, BBOX(0.5, -1, 2, 1))", "xy"),
        ("S_INTERSECTS(geometry, POLYGON((-1 -1, 0.5 -1, 0.5 1, -1 1, -1 -1)))", "w"),
        ("S_DISJOINT(geometry, POINT(1 0))", "wyz"),
        ("S_WITHIN(geometry, BBOX(0.5, -1, 2.5, 1))", "xy"),
        ("S_CONTAINS(BBOX(0.5, -1, 2.5, 1), geometry)", "xy"),
        ("S_EQUALS(geometry, POINT(3 0))", "z"),
        ("S_CONTAINS(geometry, POINT(3 0))", "z"),
        ("S_TOUCHES(geometry, LINESTRING(2 0, 2 5))", "y"),
        ("S_CROSSES(geometry, LINESTRING(2 0, 2 5))", ""),
        ("S_OVERLAPS(geometry, MULTIPOINT((2 0), (3 0)))", ""),
    ],
)
def test_filters_find_what_they_should_by_hand(text: str, found: str) -> None:
    table = hand_table()
    flags = evaluate(table, parse_text(text))
    assert "".join(table.ids[row] for row in np.flatnonzero(flags)) == found


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("foo = 1", "'foo'", "a, b, name, other"),
        ("a = 'x'", "a = 'x'", "two numbers or two texts"),
        ("name > 3", "name > 3.0", "two numbers or two texts"),
        ("a", "a", "a comparison"),
        ("foo(a) = 1", "'foo'", "casei, accenti"),
        ("name + 1 = 2", "+ with a text", "numbers"),
        ("geometry = 1", "the geometry as a value", "S_INTERSECTS"),
        ("S_INTERSECTS(a, POINT(1 1))", "without the property geometry", "one shape"),
        ("S_INTERSECTS(geometry, geometry)", "with itself", "one shape"),
        ("S_INTERSECTS(geometry, POINT(1 91))", "1, 91", "Longitude and latitude"),
        (
            "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))",
            "Self-intersection",
            "a valid geometry",
        ),
        ("a > DATE('2020-01-01')", "2020-01-01", "no dates here"),
        ("a IN ('x')", "IN", "one type"),
        ("name LIKE 5", "5.0", "text in single quotes"),
    ],
)
def test_what_cannot_be_evaluated_says_why(text: str, found: str, expected: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        evaluate(hand_table(), parse_text(text))
    assert found in caught.value.found
    assert expected in caught.value.expected


def test_no_pattern_takes_long() -> None:
    # It would not end in a lifetime, were every place tried with every other.
    pattern = like_pattern("%a" * 200 + "%b")
    assert pattern.fullmatch("a" * 5000) is None


@given(
    st.text("ab%_\\", max_size=6),
    st.text("ab%_", max_size=8),
)
def test_like_is_what_a_slow_matcher_says(pattern: str, text: str) -> None:
    def slow(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "%":
            return any(slow(pattern[1:], text[at:]) for at in range(len(text) + 1))
        if pattern[0] == "\\":
            wanted, rest = pattern[1:2], pattern[2:]
            return text[:1] == wanted and slow(rest, text[1:]) if wanted else not text
        return bool(text) and pattern[0] in ("_", text[0]) and slow(pattern[1:], text[1:])

    assert (like_pattern(pattern).fullmatch(text) is not None) == slow(pattern, text)


def test_a_geometry_in_national_grid_is_bent_with_the_grid() -> None:
    from exclusion_map.features.crs import NATIONAL_GRID
    from exclusion_map.features.spatial import box_of

    box = box_of([100_000, 100_000, 600_000, 600_000], NATIONAL_GRID)
    assert shapely.get_num_coordinates(box) > 100
    corners = box_of([0, 0, 1, 1], NATIONAL_GRID).centroid
    assert (round(corners.x, 1), round(corners.y, 1)) == (-7.6, 49.8)
