"""How the indices hold up against what people did, as published with the edition."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Params
from api.errors import responses
from api.tables import TableFormat, table_response
from exclusion_map.errors import InvalidRequestError, NotFoundError

router = APIRouter(prefix="/api/v1", tags=["edition"])


class ValidationParams(Params):
    """Query parameters of the validation."""

    measure: str | None = Field(
        default=None, max_length=60, description="Only this index or published measure."
    )
    format: TableFormat = Field(
        default=TableFormat.JSON, description="csv, arrow: only the rows of agreement."
    )


class ValidationFacts(BaseModel):
    """Validation results of the edition; further fields follow."""

    model_config = ConfigDict(frozen=True, extra="allow")

    edition: str
    available: bool = Field(description="False if there is nothing to compare with.")


@router.get(
    "/validation",
    summary="How well the indices agree with behaviour",
    description=(
        "Rank correlation, explained variance and overlap of the worst tenth with households "
        "unlikely to answer the census online, everywhere and by nation, region and rural-urban "
        "class, for each index and for published ones; calibration; limits."
    ),
    response_model=ValidationFacts,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
def validation(
    request: Request, service: OpenService, params: Annotated[ValidationParams, Query()]
) -> Response:
    """Return the validation."""
    edition = service.edition
    held: dict[str, Any] = dict(edition.manifest.validation)
    held.setdefault("available", False)
    if params.measure is not None:
        _narrow(held, params.measure)
    if params.format is TableFormat.JSON:
        whole = {"edition": edition.id, **held}
        body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        return tagged(request, body, JSON, cache=A_MINUTE)
    rows = held.get("rows", [])
    if not rows:
        raise InvalidRequestError(
            "validation", found="no rows in this edition", expected="format=json", mend=""
        )
    columns = {name: [_text(row[name]) for row in rows] for name in rows[0]}
    name = f"exclusion-map-{edition.id}-validation"
    return table_response(request, columns, params.format, {"edition": edition.id}, name)


def _narrow(held: dict[str, Any], measure: str) -> None:
    rows = [row for row in held.get("rows", ()) if row["measure"] == measure]
    if not rows:
        known = sorted({row["measure"] for row in held.get("rows", ())})
        raise NotFoundError(
            f"measure {measure!r}",
            found="no such measure in the validation",
            expected=f"one of: {', '.join(known) or 'none in this edition'}",
        )
    held["rows"] = rows
    held["calibration"] = {
        name: tenths for name, tenths in held.get("calibration", {}).items() if name == measure
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)
