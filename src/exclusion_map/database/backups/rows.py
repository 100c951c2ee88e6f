"""Rows of a table as lines of JSON that are the same from SQLite and from PostgreSQL.

A line is an array of the columns. Moments are ISO 8601 in UTC. JSON columns are their own text, as
it is stored, so that a missing value and a JSON null stay apart. Lines are in the order of the
primary key, by code points, whatever the collation of a database.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Double,
    Float,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    cast,
    collate,
    column,
    insert,
    select,
    type_coerce,
)
from sqlalchemy import table as by_name
from sqlalchemy.types import TypeEngine

from exclusion_map.database.backups.schema import is_day, is_json, is_moment
from exclusion_map.database.base import UtcDateTime
from exclusion_map.errors import DatabaseError

BATCH = 1_000
_PLAIN = (String, Integer, Float, Double, Boolean, Date)


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table as lines, within the connection's transaction.

    Args:
        connection: to the database.
        table: of the revision the database is at.

    Raises:
        DatabaseError: a column is of a kind that backups do not know.
    """
    postgres = connection.dialect.name == "postgresql"
    wanted = [_read(table, name, postgres=postgres) for name in table.c.keys()]  # noqa: SIM118
    order = [
        collate(column(key.name, String), "C")
        if postgres and isinstance(key.type, String)
        else column(key.name)
        for key in table.primary_key
    ]
    query = select(*wanted).select_from(_named(table)).order_by(*order)
    options = {"stream_results": True, "yield_per": BATCH}
    for row in connection.execute(query, execution_options=options):
        yield json.dumps([_plain(value) for value in row], separators=(",", ":")).encode() + b"\n"


def write_lines(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Insert rows that :func:`lines_of` wrote."""
    postgres = connection.dialect.name == "postgresql"
    names = list(table.c.keys())
    parsed = _parsers(table)
    values = {name: _written(table, name, postgres=postgres) for name in names}
    statement = insert(_named(table)).values(values)
    rest = iter(lines)
    while batch := [json.loads(line) for line in islice(rest, BATCH)]:
        for row in batch:
            for number, parse in parsed.items():
                if row[number] is not None:
                    row[number] = parse(row[number])
        rows = [
            {f"v_{name}": value for name, value in zip(names, row, strict=True)} for row in batch
        ]
        connection.execute(statement, rows)


def _parsers(table: Table) -> dict[int, Callable[[str], date]]:
    """Return what makes values of text, by the number of the column."""
    parsers: dict[int, Callable[[str], date]] = {}
    for number, name in enumerate(table.c.keys()):
        if is_moment(table, name):
            parsers[number] = datetime.fromisoformat
        elif is_day(table, name):
            parsers[number] = date.fromisoformat
    return parsers


def _named(table: Table) -> Any:
    """Return a table by its name alone: types and constraints of reflection stay out."""
    return by_name(table.name, *(column(name) for name in table.c.keys()))  # noqa: SIM118


def _kind(table: Table, name: str) -> TypeEngine[Any]:
    held = table.c[name].type
    if is_json(table, name):
        return Text()
    if is_moment(table, name):
        return UtcDateTime()
    for kind in _PLAIN:
        if isinstance(held, kind):
            return held.as_generic()
    raise DatabaseError(
        f"column {name} of {table.name}",
        found=f"values of type {held}",
        expected="text, numbers, dates, times or JSON",
        mend="This is a bug: please report it.",
    )


def _read(table: Table, name: str, *, postgres: bool) -> ColumnElement[Any]:
    kind = _kind(table, name)
    if is_json(table, name) and postgres:
        return cast(column(name), Text).label(name)
    return type_coerce(column(name), kind).label(name)


def _written(table: Table, name: str, *, postgres: bool) -> ColumnElement[Any]:
    value = bindparam(f"v_{name}", type_=_kind(table, name))
    return cast(value, JSON) if is_json(table, name) and postgres else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
