"""What moves when one part of the index counts double, or not at all: rules of the index alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.errors import DefinitionError, InvalidRequestError
from exclusion_map.index import Definition
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.sharing import Share, moved, share_out
from exclusion_map.targeting.sharing_rules import Grounds

Rescored = Callable[[Mapping[str, float]], ScoreSet]
"""Scores of small areas with other weights by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMoves:
    """What one part of an index moves.

    Attributes:
        part: id of the part.
        title: its name in the definition; empty for none.
        out: how much goes to somebody else when it does not count; None where nothing is left.
        double: how much does when it counts double.
    """

    part: str
    title: str
    out: float | None
    double: float | None


def moves_of_parts(
    share: Share,
    grounds: Grounds,
    definition: Definition,
    weights: Mapping[str, float],
    rescored: Rescored,
) -> tuple[PartMoves, ...]:
    """Return what each top-level part of the index moves; nothing for rules that need no index.

    Args:
        share: the division.
        grounds: it stands on.
        definition: of the index as published.
        weights: that replace its own, as asked.
        rescored: scores with other weights.
    """
    if not share.question.rule.of_index:
        return ()

    def moves(part: str, weight: float) -> float | None:
        try:
            scores = rescored({**weights, part: weight})
            other = Grounds(
                population=grounds.population,
                score=scores.score,
                decile=scores.decile,
                rank=scores.rank,
                estimates=grounds.estimates,
            )
            return moved(share, share_out(share.units, other, share.question))
        except (DefinitionError, InvalidRequestError):
            return None

    found = []
    for child in as_wanted(definition.children):
        weight = weights.get(child.id, child.weight)
        found.append(
            PartMoves(
                part=child.id,
                title=child.title,
                out=moves(child.id, 0.0),
                double=moves(child.id, 2 * weight),
            )
        )
    return tuple(found)
