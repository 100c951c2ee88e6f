"""Everyone who lives in the county, counted so that all tables agree with each other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from exclusion_map.sampleshire import shares
from exclusion_map.sampleshire.shares import Counts, draw


@dataclass(frozen=True)
class People:
    """Counts of each small area, one frame a subject; every frame has n rows in the areas' order.

    Attributes:
        households: how many households (n,).
        in_households: people who live in them (n,).
        communal: people in communal establishments (n,).
        ages: all usual residents by age band.
        sizes, deprivation, cars, tenures: households.
        english: residents aged 3 and over. health, disability: all residents.
        classes, qualifications: residents aged 16 and over.
        work_history: residents aged 16 and over who are not in employment.
    """

    households: Counts
    in_households: Counts
    communal: Counts
    ages: pd.DataFrame
    sizes: pd.DataFrame
    deprivation: pd.DataFrame
    cars: pd.DataFrame
    tenures: pd.DataFrame
    english: pd.DataFrame
    health: pd.DataFrame
    disability: pd.DataFrame
    classes: pd.DataFrame
    qualifications: pd.DataFrame
    work_history: pd.DataFrame

    @property
    def residents(self) -> Counts:
        """All usual residents (n,)."""
        everyone: Counts = self.in_households + self.communal
        return everyone

    def aged(self, *bands_left_out: str) -> Counts:
        """Return residents without those in the age bands named (n,)."""
        counts: Counts = self.ages.drop(columns=list(bands_left_out)).sum(axis=1).to_numpy()
        return counts

    @property
    def aged_3_plus(self) -> Counts:
        """Residents aged 3 and over (n,)."""
        return self.aged("0-2")

    @property
    def aged_5_plus(self) -> Counts:
        """Residents aged 5 and over (n,)."""
        return self.aged("0-2", "3-4")

    @property
    def aged_16_plus(self) -> Counts:
        """Residents aged 16 and over (n,)."""
        return self.aged("0-2", "3-4", "5-15")

    @property
    def aged_65_plus(self) -> Counts:
        """Residents aged 65 and over (n,)."""
        return self.aged("0-2", "3-4", "5-15", "16-64")

    @property
    def students(self) -> Counts:
        """Schoolchildren aged 5 to 15 and full-time students from 16 (n,)."""
        everyone: Counts = self.ages["5-15"].to_numpy() + self.classes["L15"].to_numpy()
        return everyone


def settle(random: np.random.Generator, factors: pd.DataFrame) -> People:
    """Return the people of every small area; each area has between about 1,000 and 3,000."""
    wanted = np.clip(random.lognormal(np.log(1620.0), 0.17, len(factors)), 1_150, 2_600)
    expected = shares.likely(shares.HOUSEHOLD_SIZES, factors)
    mean_size = expected @ np.arange(1, 9)
    households = np.round(wanted / mean_size).astype(np.int64)
    sizes = draw(random, households, shares.HOUSEHOLD_SIZES, factors, own=0.13)
    more = random.poisson(0.4 * sizes["8+"])  # some of the largest have more than eight people
    in_households = (sizes.to_numpy() @ np.arange(1, 9) + more).astype(np.int64)
    communal = _communal(random, factors)
    ages = draw(random, in_households + communal, shares.AGES, factors)
    adults = ages.drop(columns=["0-2", "3-4", "5-15"]).sum(axis=1).to_numpy()
    classes = draw(random, adults, shares.CLASSES, factors, own=0.13)
    return People(
        households=households,
        in_households=in_households,
        communal=communal,
        ages=ages,
        sizes=sizes,
        deprivation=draw(random, households, shares.DEPRIVATION, factors),
        cars=draw(random, households, shares.CARS, factors),
        tenures=draw(random, households, shares.TENURES, factors, own=0.4),
        english=draw(
            random, ages.drop(columns=["0-2"]).sum(axis=1).to_numpy(), shares.ENGLISH, factors
        ),
        health=draw(random, in_households + communal, shares.HEALTH, factors),
        disability=draw(random, in_households + communal, shares.DISABILITY, factors),
        classes=classes,
        qualifications=draw(random, adults, shares.QUALIFICATIONS, factors, own=0.1),
        work_history=_work_history(random, adults, classes, factors),
    )


def _communal(random: np.random.Generator, factors: pd.DataFrame) -> Counts:
    """Return people in care homes, halls and the like: none in most areas, many in a few."""
    likely = 0.16 + 0.05 * factors["old"].clip(-2, 2).to_numpy()
    care_home = random.uniform(size=len(factors)) < likely
    people = care_home * random.integers(12, 75, len(factors))
    halls = np.round(420 * factors["student"].to_numpy() ** 2)
    together: Counts = (people + halls).astype(np.int64)
    return together


def _work_history(
    random: np.random.Generator, adults: Counts, classes: pd.DataFrame, factors: pd.DataFrame
) -> pd.DataFrame:
    """Return when those without a job last worked; at least as many as never worked (L14)."""
    never_employed = classes["L14"].to_numpy()
    rest = draw(random, adults - never_employed, shares.NOT_EMPLOYED, factors)
    return draw(random, never_employed + rest["yes"].to_numpy(), shares.WORK_HISTORY, factors)
