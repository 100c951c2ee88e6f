"""All that is drawn from the seed before any file is written."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map.sampleshire import codes
from exclusion_map.sampleshire.factors import factors
from exclusion_map.sampleshire.people import People, settle
from exclusion_map.sampleshire.world import World, build


@dataclass(frozen=True)
class County:
    """The land, its people, and its output areas.

    Attributes:
        world: small areas, n of them.
        factors: hidden factors of each small area.
        people: counts of each small area.
        output_areas: code, area (row of the small area), households; rows together by area.
    """

    world: World
    factors: pd.DataFrame
    people: People
    output_areas: pd.DataFrame

    @property
    def areas(self) -> pd.DataFrame:
        """Names and codes of the small areas."""
        return self.world.areas

    @property
    def english(self) -> NDArray[np.bool_]:
        """Which small areas are under English statistics (n,)."""
        return (self.areas["letter"] == "E").to_numpy()

    @property
    def codes(self) -> list[str]:
        """Codes of the small areas, sorted."""
        return [str(code) for code in self.areas["code"]]


def streams(seed: int) -> dict[str, np.random.Generator]:
    """Return one generator a subject, so that a change in one leaves the others as they were."""
    subjects = ("land", "people", "output_areas", "deprivation", "broadband", "outcomes", "places")
    children = np.random.SeedSequence(seed).spawn(len(subjects))
    return {
        subject: np.random.default_rng(child)
        for subject, child in zip(subjects, children, strict=True)
    }


def draw_county(random: dict[str, np.random.Generator], areas: int) -> County:
    """Return the county with ``areas`` small areas."""
    world = build(random["land"], areas)
    hidden = factors(random["people"], world)
    people = settle(random["people"], hidden)
    return County(world, hidden, people, _output_areas(random["output_areas"], world, people))


def _output_areas(random: np.random.Generator, world: World, people: People) -> pd.DataFrame:
    """Split each small area into four to six output areas of about the same size."""
    rows = []
    numbers = {"E": 0, "W": 0}
    for area, letter in enumerate(world.areas["letter"]):
        count = int(random.integers(4, 7))
        share = random.dirichlet(np.full(count, 40.0))
        for households in random.multinomial(people.households[area], share).tolist():
            numbers[letter] += 1
            rows.append((codes.output_area(letter, numbers[letter]), area, households))
    return pd.DataFrame(rows, columns=["code", "area", "households"])
