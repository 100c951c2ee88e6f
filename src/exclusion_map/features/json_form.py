"""CQL2 JSON: read with limits and checked for its form, so that evaluation can rely on it."""

import json
import math
from typing import Any, Final

from exclusion_map.errors import InvalidRequestError
from exclusion_map.features.syntax import DEEPEST, MOST_CHARACTERS, Node

_INSTANTS: Final = ("date", "timestamp")
_SHAPES: Final = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"}
)


def parse_json(text: str) -> Node:
    """Return a filter in CQL2 JSON.

    Raises:
        InvalidRequestError: it is none; the message tells where.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequestError(
            "filter", found=f"{len(text):,} characters", expected=f"at most {MOST_CHARACTERS:,}"
        )
    try:
        return _checked(json.loads(text), "$", 0)
    except json.JSONDecodeError as error:
        raise InvalidRequestError(
            f"filter, character {error.pos + 1}", found=error.msg, expected="JSON"
        ) from None
    except ValueError:
        raise InvalidRequestError(
            "filter", found="a number with thousands of digits", expected="a number"
        ) from None
    except RecursionError:
        raise InvalidRequestError(
            "filter", found=f"more than {DEEPEST} levels", expected="fewer"
        ) from None


def _checked(node: Any, path: str, depth: int) -> Node:
    """Return a node with numbers as floats and operators in lower case, but for isNull."""
    if depth > DEEPEST:
        raise _fault(path, f"more than {DEEPEST} levels", "fewer")
    if isinstance(node, bool | str):
        return node
    if isinstance(node, int | float):
        if not math.isfinite(node):
            raise _fault(path, repr(node), "a number")
        return float(node)
    if isinstance(node, list):
        return [_checked(each, f"{path}[{at}]", depth + 1) for at, each in enumerate(node)]
    if not isinstance(node, dict):
        raise _fault(path, "null", "a property, a value or an operator")
    return _checked_object(node, path, depth)


def _checked_object(node: dict[str, Any], path: str, depth: int) -> Node:
    if "op" in node:
        name, arguments = node["op"], node.get("args")
        if not isinstance(name, str) or not isinstance(arguments, list):
            raise _fault(path, _shown(node), "an object with 'op', a text, and 'args', a list")
        name = "isNull" if name.lower() == "isnull" else name.lower()
        args = [
            _checked(each, f"{path}.args[{at}]", depth + 1) for at, each in enumerate(arguments)
        ]
        return {"op": name, "args": args}
    if isinstance(node.get("property"), str):
        return {"property": node["property"]}
    if node.get("type") in _SHAPES and "coordinates" in node:
        return {"type": node["type"], "coordinates": node["coordinates"]}
    if node.get("type") == "GeometryCollection" and isinstance(node.get("geometries"), list):
        return {"type": "GeometryCollection", "geometries": node["geometries"]}
    if isinstance(node.get("bbox"), list):
        return {"bbox": _checked(node["bbox"], f"{path}.bbox", depth + 1)}
    for name in _INSTANTS:
        if isinstance(node.get(name), str):
            return {name: node[name]}
    raise _fault(
        path, _shown(node), "an object with 'op' and 'args', a 'property' or a GeoJSON geometry"
    )


def _shown(node: object) -> str:
    return json.dumps(node)[:60]


def _fault(path: str, found: str, expected: str) -> InvalidRequestError:
    return InvalidRequestError(f"filter, at {path}", found=found, expected=expected)
