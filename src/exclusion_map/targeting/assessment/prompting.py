"""Which prompts for lessening harm an assessment holds, and what brings each of them up."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from exclusion_map.targeting.assessment.declared import (
    ALWAYS,
    FAR,
    UNSEEN,
    WORST_TENTH,
    Prompt,
    prompts,
)
from exclusion_map.targeting.assessment.figures import Figure
from exclusion_map.targeting.assessment.reach import FAR as FAR_BELOW
from exclusion_map.targeting.assessment.reach import Reach

FAR_KIND: Final = "library"
"""The kind of place that tells whether support is far: nearly all have computers for the public."""
MANY: Final = 1.25
"""So many times the comparator's share in the highest-risk tenth counts as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found of the people served.

    Attributes:
        figures: by id.
        drivers: indicators, and groups of the NHS framework, that drive their risk.
        reach: places of support by kind.
        worst_tenth: share in the highest-risk tenth, theirs and the comparator's; NaN unknown.
    """

    figures: Mapping[str, Figure]
    drivers: Collection[str]
    reach: tuple[Reach, ...]
    worst_tenth: tuple[float, float]

    def brings(self, cause: str) -> bool:
        """Return whether a figure, group or finding is here."""
        if cause in (ALWAYS, UNSEEN):
            return True
        if cause == FAR:
            return self.far
        if cause == WORST_TENTH:
            here, usual = self.worst_tenth
            return not math.isnan(here) and here > max(0.1, MANY * usual)
        held = self.figures.get(cause)
        return cause in self.drivers or (held is not None and held.sign > 0)

    @property
    def far(self) -> bool:
        """Whether fewer than half of the people served have a library in reach."""
        return any(one.kind == FAR_KIND and one.share < FAR_BELOW for one in self.reach)


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt that is asked, and what brought it up, most telling first."""

    prompt: Prompt
    causes: tuple[str, ...]

    @property
    def always(self) -> bool:
        """Whether it stands in every assessment."""
        return self.causes == (ALWAYS,)


def asked_of(findings: Findings) -> tuple[Asked, ...]:
    """Return the prompts that findings bring up, by domain; those asked always come last."""
    found = []
    for prompt in prompts().prompts:
        causes = tuple(cause for cause in prompt.when if findings.brings(cause))
        if causes:
            found.append(Asked(prompt, causes))
    order = list(prompts().domains)
    return tuple(sorted(found, key=lambda one: (order.index(one.prompt.domain), one.always)))
