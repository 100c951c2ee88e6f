"""The command ``journeys``: how long the way to support takes by public transport and on foot."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, data_settings
from exclusion_map.cli_targeting import Kinds, Out, StreetsFile, reach_asked
from exclusion_map.errors import InvalidRequestError

_console = Console(stderr=True)
_WINDOW = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")


def journeys(
    within: Annotated[str, typer.Option(help="Code of the area whose residents travel.")],
    timetable: Annotated[Path, typer.Option(help="Timetable of the region: a GTFS zip file.")],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Date of travel.")],
    depart: Annotated[str, typer.Option(help="Earliest and latest departure.")] = "09:00-11:00",
    kind: Kinds = None,
    minutes: Annotated[
        float, typer.Option(min=1, max=120, help="Minutes that count as near.")
    ] = 30.0,
    streets: StreetsFile = None,
    out: Out = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Calculate travel times to the nearest support, by public transport and on foot."""
    from pipelines.journeys import Travel
    from pipelines.journeys import journeys as run

    first, last = _window(depart)
    reach = reach_asked(kind, within, minutes, streets=streets)
    travel = Travel(timetable=timetable, day=day.date(), first=first, last=last)
    run(data_settings(None, processed_dir).processed_dir, reach, travel, out, _console)


def _window(text: str) -> tuple[float, float]:
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise InvalidRequestError(
            "--depart", found=repr(text), expected="two times on the same day, such as 09:00-11:00"
        )
    hours = [int(part) for part in found.groups()]
    return hours[0] * 60.0 + hours[1], hours[2] * 60.0 + hours[3]
