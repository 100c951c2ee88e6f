"""An invented assessment that anybody may look at: two rounds of a place that is not there."""

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.models import Access, Answer, Assessment, Details, HeldAnswer, Round

EXAMPLE: Final = Path(__file__).parent / "example.toml"
IDENTITY: Final = "example"
BY: Final = "An invented person"
_ROUNDS: Final = (
    (1, "Spring 2026", datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 9, 14, 9, tzinfo=UTC)),
    (2, "Autumn 2026", datetime(2026, 9, 14, 9, tzinfo=UTC), None),
)


@cache
def example(area_code: str = "") -> Assessment:
    """Return the example; only the area, whose figures are shown, is real.

    Args:
        area_code: of the area whose figures are shown beside it; empty for none.
    """
    with EXAMPLE.open("rb") as file:
        told = tomllib.load(file)
    rounds = tuple(
        Round(
            number=number,
            name=name,
            started_at=started,
            closed_at=closed,
            figures=None,
            answers={
                key: _held(told["answer"].get(key, {}).get(f"round_{number}", {}), started)
                for key in canvas().keys
            },
        )
        for number, name, started, closed in _ROUNDS
    )
    return Assessment(
        id=IDENTITY,
        details=Details(**told["details"], area_code=area_code),
        access=Access.VIEW,
        version=1,
        created_at=rounds[0].started_at,
        updated_at=rounds[-1].started_at,
        rounds=rounds,
    )


def _held(said: dict[str, object], at: datetime) -> HeldAnswer:
    answer = Answer.model_validate(said)
    if answer.rating is not None:
        answer = answer.model_copy(update={"rated_on": at.date()})
    return HeldAnswer(answer, 2 if answer.says else 1, at, BY)
