"""The places of the same kind that are most like one, each with how it differs."""

from exclusion_map.areas import phrases
from exclusion_map.areas.explanation import Explainer, Neighbour
from exclusion_map.areas.profiler import Profiler
from exclusion_map.areas.scoring import Answer
from exclusion_map.editions.reports.model import SimilarRow
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.errors import InvalidRequestError

SHOWN = 5
_WORTH_SAYING = 0.25
"""A difference smaller than this, in standard deviations, is not told."""


def similar_rows(profiler: Profiler, answer: Answer, subject: Subject) -> tuple[SimilarRow, ...]:
    """Return the places most like one; none for a list, or where too little is known."""
    if subject.level is None:
        return ()
    explainer = Explainer(profiler.atlas, profiler.edition, profiler.place, profiler.facts, answer)
    try:
        _, _, found = explainer.similar(subject.code, SHOWN)
    except InvalidRequestError:
        return ()
    return tuple(_row(profiler, subject, one) for one in found)


def _row(profiler: Profiler, subject: Subject, found: Neighbour) -> SimilarRow:
    return SimilarRow(
        code=found.code,
        name=found.name,
        where=found.context,
        url=found.url,
        score=found.score,
        decile=found.decile,
        differs=_differs(profiler, subject, found),
    )


def _differs(profiler: Profiler, subject: Subject, found: Neighbour) -> str:
    """Return how a place differs from the one asked about: 'no car 31%, here 25%'."""
    level = subject.level
    if level is None:
        return ""
    held = profiler.atlas.indicators[level.kind]
    leaves = {str(one): one for one in held.ids}
    told = []
    for one in found.differences:
        if abs(one.standard_deviations) < _WORTH_SAYING or one.id not in leaves:
            continue
        column, unit = held.column(one.id), profiler.indicators[one.id].unit
        there, here = (
            phrases.value_text(float(held.value[row, column]), unit)
            for row in (level.position[found.code], subject.row)
        )
        if there != here:
            told.append(f"{phrases.lower_first(one.label)} {there}, here {here}")
    return "; ".join(told) or "hardly different in any figure"
