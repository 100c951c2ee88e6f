"""Tables as a request wants them: a page of JSON, or the whole as CSV or Arrow."""

from collections.abc import Mapping
from enum import StrEnum

from fastapi import Request
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.negotiation import weights
from exclusion_map.exports.score_tables import Columns, arrow_bytes, arrow_table, csv_text

CSV = "text/csv; charset=utf-8"
ARROW = "application/vnd.apache.arrow.stream"
NO_STORE = "no-store"


class TableFormat(StrEnum):
    """File formats of a table."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"


_TYPES = {TableFormat.JSON: JSON, TableFormat.CSV: "text/csv", TableFormat.ARROW: ARROW}


def wanted_format(request: Request, asked: TableFormat | None) -> TableFormat:
    """Return the form asked for by parameter, else by the Accept header, else JSON."""
    if asked is not None:
        return asked
    given = weights(request.headers.get("accept", ""))
    best = max(TableFormat, key=lambda one: given.get(_TYPES[one], 0.0))
    return best if given.get(_TYPES[best], 0.0) > given.get(JSON, 0.0) else TableFormat.JSON


def table_response(
    request: Request,
    columns: Columns,
    form: TableFormat,
    told: Mapping[str, str],
    name: str,
    cache: str = A_MINUTE,
) -> Response:
    """Return a whole table as CSV or Arrow.

    Args:
        request: for its tag.
        columns: of the table.
        form: CSV or Arrow.
        told: what was computed: the metadata of Arrow.
        name: of the file, without its ending.
        cache: how long it may be kept.
    """
    if form is TableFormat.CSV:
        # The mark at the start makes spreadsheets believe that it is UTF-8.
        body, media = ("\ufeff" + "".join(csv_text(columns))).encode(), CSV
    else:
        body, media = arrow_bytes(arrow_table(columns, told)), ARROW
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form.value}"',
        "Link": '</data>; rel="license", </method>; rel="describedby"',
        "Vary": "Accept",
    }
    return tagged(request, body, media, headers, cache)
