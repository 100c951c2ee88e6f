"""The map of an assessment: where risk is high among the people concerned."""

from collections.abc import Iterator
from typing import Final

from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.papers.picture import area_map
from exclusion_map.exports.document import Block, Picture
from exclusion_map.maps.area_map import Key
from exclusion_map.maps.palette import DECILE_COLOURS
from exclusion_map.terms import AreaKind

_ENDS: Final = {1: " (highest risk)", 10: " (lowest risk)"}


def map_blocks(assessment: Assessment) -> Iterator[Block]:
    """Yield the map of places that were named.

    Of a list of people there is none: it would show where they live.
    """
    if assessment.listed:
        return
    edition, rows = assessment.edition, assessment.evidence.served.rows
    deciles = edition.atlas.score_set(assessment.index.id, AreaKind.SMALL_AREA).decile
    drawn = area_map(
        edition,
        "",
        deciles,
        DECILE_COLOURS,
        title="",
        key=_key(bool((deciles[rows] == 0).any())),
        columns=4,
        rows=rows,
    )
    yield Picture(
        drawing=drawn,
        alt=f"Map of {assessment.name} by tenth of risk. The chart above has how many people live "
        "in each tenth.",
        caption="Darker areas have a higher risk of digital exclusion; areas without a colour are "
        "not part of this assessment.",
    )


def _key(missing: bool) -> list[Key]:
    told = [
        Key(colour, f"{number}{_ENDS.get(number, '')}")
        for number, colour in enumerate(DECILE_COLOURS, 1)
    ]
    return [*told, Key("", "no data")] if missing else told
