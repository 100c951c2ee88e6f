"""An assessment as files: everything as JSON, one row a factor and round as CSV."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from exclusion_map.exports.areas_csv import safe_cell
from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.models import Assessment, Round
from exclusion_map.readiness.tables import ReadinessChange

FORMAT: Final = "exclusion-map-readiness/1"
COLUMNS: Final = (
    "assessment",
    "scope",
    "area_code",
    "round",
    "round_name",
    "factor",
    "title",
    "rating",
    "rating_name",
    "evidence",
    "next_step",
    "owner",
    "rated_on",
    "updated_at",
    "updated_by",
)


def as_json(assessment: Assessment, changes: Sequence[ReadinessChange]) -> str:
    """Return an assessment with all rounds and the whole history as JSON."""
    return json.dumps(plain(assessment, changes), ensure_ascii=False, indent=2, allow_nan=False)


def plain(assessment: Assessment, changes: Sequence[ReadinessChange] = ()) -> dict[str, Any]:
    """Return an assessment as JSON's own types."""
    return {
        "format": FORMAT,
        "id": assessment.id,
        "version": assessment.version,
        **assessment.details.to_json(),
        "created_at": _moment(assessment.created_at),
        "updated_at": _moment(assessment.updated_at),
        "steps": [one.model_dump(mode="json") for one in canvas().step],
        "rounds": [_round(one) for one in assessment.rounds],
        "history": [plain_change(one) for one in changes],
    }


def plain_change(change: ReadinessChange) -> dict[str, Any]:
    """Return one change as JSON's own types; accounts are told by name alone."""
    names = ("number", "by", "action", "round", "factor", "version", "before", "after")
    return {"at": _moment(change.at), **{name: getattr(change, name) for name in names}}


def as_csv(assessment: Assessment) -> str:
    """Return one row a round and factor, with text that no spreadsheet takes for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(value) for value in row] for row in _rows(assessment))
    return text.getvalue()


def _rows(assessment: Assessment) -> Iterator[list[Any]]:
    details = assessment.details
    for one in assessment.rounds:
        for factor in canvas().factor:
            held = one.answers.get(factor.key)
            if held is None:
                continue
            said = held.answer
            yield [
                details.title,
                details.scope.value,
                details.area_code,
                one.number,
                one.name,
                factor.key,
                factor.title,
                said.rating,
                canvas().name(said.rating),
                said.evidence,
                said.next_step,
                said.owner,
                said.rated_on.isoformat() if said.rated_on else None,
                _moment(held.updated_at),
                held.updated_by,
            ]


def _round(one: Round) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "started_at": _moment(one.started_at),
        "closed_at": _moment(one.closed_at) if one.closed_at else None,
        "figures": dict(one.figures) if one.figures else None,
        "answers": {
            key: {
                **held.answer.to_json(),
                "version": held.version,
                "updated_at": _moment(held.updated_at),
                "updated_by": held.updated_by,
            }
            for key, held in one.answers.items()
        },
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
