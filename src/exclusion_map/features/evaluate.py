"""A CQL2 filter over columns: every operator works on all features at once.

Truth has three values, as in SQL: what compares with a missing value is neither true nor false.
Text is kept as distinct texts, so a comparison looks at each of them once.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from shapely.geometry.base import BaseGeometry

from exclusion_map.errors import InvalidRequestError
from exclusion_map.features.crs import CRS84, Crs
from exclusion_map.features.spatial import RELATIONS, TURNED, geometry_of, related
from exclusion_map.features.syntax import Node
from exclusion_map.features.table import FeatureTable, Flags, Floats, Texts

MOST_PREDICATES: Final = 200
MOST_RELATIONS: Final = 20
"""Most spatial relations in one filter: each may read many outlines."""
GEOMETRY: Final = frozenset({"geometry", "geom"})
"""Names that a filter may call the geometry by."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Where a predicate is true and where it is false; elsewhere it is not known."""

    yes: Flags
    no: Flags


Value = Floats | float | Texts | str
"""A column or one value for all."""

_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        "=": operator.eq,
        "<>": operator.ne,
        "<": operator.lt,
        ">": operator.gt,
        "<=": operator.le,
        ">=": operator.ge,
    }
)
_CALCULATE: Final[Mapping[str, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "%": np.mod,
        "div": np.floor_divide,
        "^": np.power,
    }
)


def evaluate(table: FeatureTable, filter_: Node, crs: Crs = CRS84) -> Flags:
    """Return which features a filter is true for, (n,).

    Args:
        table: the features.
        filter_: in the JSON form of CQL2.
        crs: that the coordinates of the filter are in.

    Raises:
        InvalidRequestError: it names what there is not, or compares what cannot be compared.
    """
    return _Evaluator(table, crs).truth(filter_).yes


class _Evaluator:
    def __init__(self, table: FeatureTable, crs: Crs) -> None:
        self.table = table
        self.crs = crs
        self.predicates = 0
        self.relations = 0

    def truth(self, node: Node) -> Truth:
        """Return where a predicate holds."""
        if isinstance(node, bool):
            all_ = np.full(len(self.table), node)
            return Truth(all_, ~all_)
        if not isinstance(node, dict) or "op" not in node:
            raise _wrong(_shown(node), "a comparison, such as decile <= 2")
        name, args = node["op"], node["args"]
        if name in ("and", "or"):
            return self.joined(name, args)
        self.predicates += 1
        if self.predicates > MOST_PREDICATES:
            raise _wrong(f"more than {MOST_PREDICATES} predicates", "fewer; IN takes long lists")
        if name in RELATIONS:
            return self.spatial(name, args)
        known: dict[str, tuple[int, Callable[..., Truth]]] = {
            "not": (1, self.negated),
            "isNull": (1, self.is_null),
            "like": (2, self.like),
            "in": (2, self.is_in),
            "between": (3, self.between),
        }
        if name in _COMPARE:
            _count(name, args, 2)
            return self.compared(name, args[0], args[1])
        if name not in known:
            raise _wrong(f"{name!r}", f"one of: and, or, {', '.join([*known, *_COMPARE])}")
        count, method = known[name]
        _count(name, args, count)
        return method(*args)

    def joined(self, name: str, args: Sequence[Node]) -> Truth:
        if not args:
            raise _wrong(f"{name} of nothing", "at least one predicate")
        parts = [self.truth(arg) for arg in args]
        yes, no = [part.yes for part in parts], [part.no for part in parts]
        if name == "and":
            return Truth(np.logical_and.reduce(yes), np.logical_or.reduce(no))
        return Truth(np.logical_or.reduce(yes), np.logical_and.reduce(no))

    def negated(self, arg: Node) -> Truth:
        inner = self.truth(arg)
        return Truth(inner.no, inner.yes)

    def is_null(self, arg: Node) -> Truth:
        if isinstance(arg, dict) and arg.get("property") in GEOMETRY:
            absent = np.zeros(len(self.table), dtype=bool)
        else:
            absent = _absent(self.value(arg), len(self.table))
        return Truth(absent, ~absent)

    def compared(self, name: str, left: Node, right: Node) -> Truth:
        one, other = self.value(left), self.value(right)
        compare = _COMPARE[name]
        n = len(self.table)
        if _is_text(one) != _is_text(other):
            raise _wrong(
                f"{_shown(left)} {name} {_shown(right)}",
                "two numbers or two texts; texts stand in single quotes",
            )
        if not isinstance(one, Texts | str) and not isinstance(other, Texts | str):
            with np.errstate(invalid="ignore"):
                yes = np.broadcast_to(compare(np.asarray(one), np.asarray(other)), n)
        elif isinstance(one, Texts) and isinstance(other, str):
            yes = _each(one, lambda text: compare(text, other))
        elif isinstance(other, Texts) and isinstance(one, str):
            yes = _each(other, lambda text: compare(one, text))
        else:
            pairs = zip(_spread(one, n), _spread(other, n), strict=True)
            yes = np.array([compare(a, b) for a, b in pairs], dtype=bool)
        known = ~(_absent(one, n) | _absent(other, n))
        return Truth(yes & known, ~yes & known)

    def like(self, left: Node, right: Node) -> Truth:
        text, pattern = self.value(left), self.value(right)
        if not isinstance(pattern, str) or not _is_text(text):
            raise _wrong(_shown(right), "a property that is text, LIKE a text in single quotes")
        matches = like_pattern(pattern).fullmatch
        n = len(self.table)
        if isinstance(text, str):
            yes = np.full(n, matches(text) is not None)
        else:
            yes = _each(text, lambda value: matches(value) is not None)  # type: ignore[arg-type]
        known = ~_absent(text, n)
        return Truth(yes & known, ~yes & known)

    def is_in(self, left: Node, right: Node) -> Truth:
        if not isinstance(right, list) or not right:
            raise _wrong(_shown(right), "a list of values in brackets")
        value = self.value(left)
        choices = [each for each in right if isinstance(each, str | float)]
        if len(choices) != len(right) or {_is_text(each) for each in choices} != {_is_text(value)}:
            raise _wrong(
                f"{_shown(left)} IN {_shown(right)}", "values of one type, that of the property"
            )
        n = len(self.table)
        if isinstance(value, Texts):
            yes = _each(value, frozenset(choices).__contains__)
        elif isinstance(value, str):
            yes = np.full(n, value in choices)
        else:
            yes = np.broadcast_to(np.isin(value, np.array(choices)), n)
        known = ~_absent(value, n)
        return Truth(yes & known, ~yes & known)

    def between(self, value: Node, low: Node, high: Node) -> Truth:
        above = {"op": ">=", "args": [value, low]}
        return self.joined("and", [above, {"op": "<=", "args": [value, high]}])

    def spatial(self, name: str, args: Sequence[Node]) -> Truth:
        _count(name, args, 2)
        self.relations += 1
        if self.relations > MOST_RELATIONS:
            raise _wrong(f"more than {MOST_RELATIONS} spatial relations", "fewer")
        ours = [isinstance(arg, dict) and arg.get("property") in GEOMETRY for arg in args]
        if ours.count(True) != 1:
            raise _wrong(
                f"{name} without the property geometry"
                if not any(ours)
                else f"{name} of geometry with itself",
                "the property geometry and one shape, such as POINT(-3.02 53.39)",
            )
        shape = args[ours.index(False)]
        if not isinstance(shape, dict) or not ("bbox" in shape or "type" in shape):
            raise _wrong(_shown(shape), "a shape, such as POINT(-3.02 53.39)")
        relation = name if ours[0] else TURNED.get(name, name)
        geometry: BaseGeometry = geometry_of(shape, self.crs)
        yes = related(self.table.shapes, relation, geometry)
        return Truth(yes, ~yes)

    def value(self, node: Node) -> Value:
        """Return the values of an expression."""
        if isinstance(node, bool | list):
            raise _wrong(_shown(node), "a number, a text or a property")
        if isinstance(node, float | str):
            return node
        if "property" in node:
            return self.property(node["property"])
        if "op" in node:
            return self.function(node["op"], node["args"])
        raise _wrong(_shown(node), "a number, a text or a property: there are no dates here")

    def property(self, name: str) -> Value:
        if name in GEOMETRY:
            raise _wrong("the geometry as a value", "it inside S_INTERSECTS or another relation")
        if name not in self.table.fields:
            raise InvalidRequestError(
                "filter",
                found=f"property {name!r}, which there is not",
                expected=f"one of: {', '.join(self.table.fields)}, geometry",
            )
        return self.table.column(name)

    def function(self, name: str, args: Sequence[Node]) -> Value:
        if name in ("casei", "accenti"):
            _count(name, args, 1)
            inner = self.value(args[0])
            fold = str.casefold if name == "casei" else without_accents
            if isinstance(inner, Texts):
                return Texts([fold(text) for text in inner.values], inner.at)
            if isinstance(inner, str):
                return fold(inner)
            raise _wrong(f"{name} of a number", "a text")
        if name not in _CALCULATE:
            expected = f"one of: casei, accenti, {', '.join(_CALCULATE)}"
            raise _wrong(f"function {name!r}", expected)
        _count(name, args, 2)
        left, right = self.value(args[0]), self.value(args[1])
        if _is_text(left) or _is_text(right):
            raise _wrong(f"{name} with a text", "numbers")
        with np.errstate(all="ignore"):
            found = np.asarray(_CALCULATE[name](left, right), dtype=np.float64)
        # What has no value, such as a division by nought, is missing.
        return np.where(np.isfinite(found), found, np.nan)


def like_pattern(pattern: str) -> re.Pattern[str]:
    r"""Return a LIKE pattern as a regular expression: % any text, _ one character, \ takes as is.

    Each piece is found at its first place and kept there, so no text takes long, whatever the
    pattern.
    """
    pieces, piece = [], ""
    parts = iter(pattern)
    for char in parts:
        if char == "%":
            pieces.append(piece)
            piece = ""
        else:
            piece += "." if char == "_" else re.escape(next(parts, "") if char == "\\" else char)
    if not pieces:
        return re.compile(piece, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in pieces[1:] if part)
    return re.compile(f"{pieces[0]}{middle}.*{piece}", re.DOTALL)


def without_accents(text: str) -> str:
    """Return a text with plain letters for accented ones."""
    taken_apart = unicodedata.normalize("NFD", text)
    return "".join(char for char in taken_apart if not unicodedata.combining(char))


def _is_text(value: Value) -> bool:
    return isinstance(value, Texts | str)


def _absent(value: Value, n: int) -> Flags:
    """Return where a value is missing, (n,)."""
    if isinstance(value, str):
        return np.zeros(n, dtype=bool)
    if isinstance(value, Texts):
        empty = np.array([not text for text in value.values] + [True], dtype=bool)
        flags: Flags = empty[value.at]
        return flags
    return np.broadcast_to(np.isnan(value), n)


def _each(texts: Texts, test: Callable[[str], bool]) -> Flags:
    """Return a test of each feature's text, made once for each distinct text, (n,)."""
    passed = np.array([*(test(text) for text in texts.values), False], dtype=bool)
    flags: Flags = passed[texts.at]
    return flags


def _spread(value: Texts | str | Any, n: int) -> list[str]:
    if isinstance(value, str):
        return [value] * n
    known = [*value.values, ""]
    return [known[number] for number in value.at.tolist()]


def _count(name: str, args: Sequence[Node], count: int) -> None:
    if len(args) != count:
        raise _wrong(f"{name} of {len(args)}", f"{count}")


def _shown(node: Node) -> str:
    if isinstance(node, str):
        return f"'{node[:40]}'"
    if isinstance(node, dict) and "property" in node:
        return str(node["property"])[:40]
    if isinstance(node, dict) and "op" in node:
        return f"{node['op']}(…)"[:40]
    return str(node)[:40]


def _wrong(found: str, expected: str) -> InvalidRequestError:
    return InvalidRequestError("filter", found=found, expected=expected)
