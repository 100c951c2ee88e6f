"""What changed between two rounds, factor by factor."""

from collections.abc import Iterator
from dataclasses import dataclass

from exclusion_map.readiness.canvas import Factor, canvas
from exclusion_map.readiness.models import Answer, Assessment, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One factor in two rounds.

    Attributes:
        ratings: in every round from the first, None where it was not rated.
        before: what was said in the earlier one.
        after: what was said in the later one.
        first: whether no round before the later one has a rating.
    """

    factor: Factor
    ratings: tuple[int | None, ...]
    before: Answer
    after: Answer
    first: bool = True

    @property
    def change(self) -> int | None:
        """Steps up, or down below 0; None where one of the rounds has no rating."""
        if self.before.rating is None or self.after.rating is None:
            return None
        return self.after.rating - self.before.rating

    @property
    def words(self) -> str:
        """The change in words."""
        if self.change is None:
            if self.before.rating is None and self.after.rating is None:
                return "not rated"
            if self.after.rating is None:
                return "not rated again yet"
            return (
                "rated for the first time" if self.first else "rated; not rated in the one before"
            )
        if self.change == 0:
            return "the same"
        steps = abs(self.change)
        return f"{'up' if self.change > 0 else 'down'} {steps} step{'s' if steps > 1 else ''}"


def answer_in(held: Round, factor: str) -> Answer:
    """Return what was said of a factor in a round; nothing where it was not asked."""
    found = held.answers.get(factor)
    return found.answer if found else Answer()


def compare(assessment: Assessment, before: Round, after: Round) -> list[Compared]:
    """Return each factor in two rounds, in the order of the canvas."""
    return [
        Compared(
            factor=factor,
            ratings=tuple(answer_in(one, factor.key).rating for one in assessment.rounds),
            before=answer_in(before, factor.key),
            after=answer_in(after, factor.key),
            first=all(
                answer_in(one, factor.key).rating is None for one in earlier(assessment, after)
            ),
        )
        for factor in canvas().factor
    ]


def tally(compared: list[Compared]) -> dict[str, int]:
    """Return how many factors went up, went down, stayed, or cannot be compared."""
    changes = [one.change for one in compared]
    return {
        "up": sum(one is not None and one > 0 for one in changes),
        "down": sum(one is not None and one < 0 for one in changes),
        "same": changes.count(0),
        "unknown": changes.count(None),
    }


def earlier(assessment: Assessment, shown: Round) -> Iterator[Round]:
    """Yield the rounds before one, the latest first."""
    yield from (one for one in reversed(assessment.rounds) if one.number < shown.number)
