"""Which features a request wants, in which order: question, box, filter, properties, sorting."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np

from api.engine import Engine, question_key
from api.ogc.catalogue import Catalogue, Collection
from api.ogc.params import ItemParams, ItemsParams, scoring_given
from api.questions import question
from exclusion_map.areas.scoring import Answer
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import FieldType
from exclusion_map.features.crs import find_crs
from exclusion_map.features.json_form import parse_json
from exclusion_map.features.syntax import Node, parse_text
from exclusion_map.features.table import FeatureTable, Flags, Rows, Texts

_INSTANT: Final = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?"
_DATETIME: Final = re.compile(
    rf"{_INSTANT}|({_INSTANT}|\.\.|)/({_INSTANT}|\.\.|)", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The features a request wants.

    Attributes:
        table: of the collection.
        rows: of all that match, in order.
        answer: the scores; None for support locations.
    """

    table: FeatureTable
    rows: Rows
    answer: Answer | None


def table_of(
    catalogue: Catalogue, engine: Engine, collection: Collection, params: ItemParams
) -> tuple[FeatureTable, Answer | None]:
    """Return the features of a collection as a request wants them scored, and the answer.

    Raises:
        InvalidRequestError: the parameters cannot be used.
        DefinitionError: the index or weights cannot be used.
        NotFoundError: the index, or every area named, is unknown.
    """
    if collection.kind is None:
        given = scoring_given(params)
        if given:
            raise InvalidRequestError(
                f"parameter {given[0]}",
                found=f"it for {collection.id}",
                expected="a parameter of this collection: places have no score",
            )
        return catalogue.places, None
    answer = engine.answer(question(engine, params))
    return catalogue.area_table(collection, collection.kind, answer), answer


def choose(
    catalogue: Catalogue, engine: Engine, collection: Collection, params: ItemsParams
) -> Chosen:
    """Return the features a request wants; what was found is remembered for the next page.

    Raises:
        InvalidRequestError: a parameter cannot be used.
        DefinitionError: the index or weights cannot be used.
        NotFoundError: the index, or every area named, is unknown.
    """
    table, answer = table_of(catalogue, engine, collection, params)
    if params.datetime and not _DATETIME.fullmatch(params.datetime):
        raise InvalidRequestError(
            "datetime", found=repr(params.datetime), expected="2021-03-21 or 2021-01-01/.."
        )
    # Places change while an edition is open; areas do not.
    tag = catalogue.service.places.tag if collection.kind is None else ""
    rows = catalogue.matched.get(
        _key(collection, tag, params, answer),
        lambda: _sorted(table, _matching(table, params), params),
    )
    return Chosen(table, rows, answer)


def _key(collection: Collection, tag: str, params: ItemsParams, answer: Answer | None) -> bytes:
    """Return a digest of all that decides which features match, and their order."""
    page = {"limit", "offset", "f", "crs", "properties", "skip_geometry", "datetime"}
    asked = params.model_dump_json(exclude=page)
    scored = question_key(answer.question) if answer else ""
    return blake2b(f"{collection.id}\n{tag}\n{scored}\n{asked}".encode(), digest_size=16).digest()


def _matching(table: FeatureTable, params: ItemsParams) -> Rows:
    # Not needed to start: geometry takes a good part of a second to import.
    from exclusion_map.features.evaluate import evaluate
    from exclusion_map.features.spatial import box_of, related

    keep: Flags = np.zeros(len(table), dtype=bool)
    keep[table.rows] = True
    for name, value in params.equal.items():
        keep &= _equal(table, name, value)
    if params.filter:
        keep &= evaluate(table, read_filter(params), find_crs(params.filter_crs, "filter-crs"))
    if params.bbox:
        crs = find_crs(params.bbox_crs, "bbox-crs")
        box = box_of([_number(part) for part in params.bbox.split(",")], crs)
        keep &= related(table.shapes, "s_intersects", box)
    return np.flatnonzero(keep).astype(np.int32)


def read_filter(params: ItemsParams) -> Node:
    """Return the filter of a request.

    Raises:
        InvalidRequestError: it cannot be read.
    """
    language = params.filter_lang
    is_json = (
        params.filter.lstrip()[:1] in ("{", "[") if language is None else language == "cql2-json"
    )
    return parse_json(params.filter) if is_json else parse_text(params.filter)


def _equal(table: FeatureTable, name: str, value: str) -> Flags:
    field = table.fields.get(name)
    if field is None:
        raise InvalidRequestError(
            f"parameter {name!r}",
            found="no such parameter or property",
            expected=f"a parameter of the API definition, or one of: {', '.join(table.fields)}",
            mend="See /queryables of the collection.",
        )
    from exclusion_map.features.evaluate import evaluate

    literal: Node = value
    if field.type is not FieldType.TEXT:
        try:
            literal = float(value)
        except ValueError:
            raise InvalidRequestError(
                f"parameter {name}", found=repr(value), expected="a number"
            ) from None
    return evaluate(table, {"op": "=", "args": [{"property": name}, literal]})


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _sorted(table: FeatureTable, rows: Rows, params: ItemsParams) -> Rows:
    """Return rows in the order asked for; missing comes last, ties stay in feature order."""
    names = [name.strip() for name in params.sortby.split(",") if name.strip()]
    if len(names) > 5:
        raise InvalidRequestError("sortby", found=f"{len(names)}", expected="at most 5 properties")
    for name in reversed(names):
        plain = name.lstrip("+-")
        if plain not in table.fields:
            raise InvalidRequestError(
                "sortby", found=repr(name), expected=f"some of: {', '.join(table.fields)}"
            )
        key = _sort_key(table, plain)[rows]
        key = -key if name.startswith("-") else key
        rows = rows[np.argsort(key, kind="stable")]
    return rows


def _sort_key(table: FeatureTable, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return numbers that sort as a property does; NaN, which sorts last, for missing."""
    column = table.column(name)
    if not isinstance(column, Texts):
        return column
    texts = list(column.values)
    order = np.argsort(np.array([text.casefold() for text in texts], dtype=object), kind="stable")
    place = np.empty(len(texts) + 1)
    place[order] = np.arange(len(texts))
    place[-1] = np.nan
    return place[column.at]
