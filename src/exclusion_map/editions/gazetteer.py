"""What a list can name in an edition, and the estimate that goes with any set of areas."""

import numpy as np

from exclusion_map.areas.drawn import Addresses
from exclusion_map.areas.rollup_estimate import SmallEstimates, widened
from exclusion_map.areas.rollup_places import Gazetteer, Practice
from exclusion_map.editions.extras import extras_of
from exclusion_map.editions.reader import Edition
from exclusion_map.terms import AreaKind, SupportKind

_GP = SupportKind.GP_PRACTICE.value


def gazetteer_of(edition: Edition) -> Gazetteer:
    """Return what a list can name: areas, postcodes, GP practices, names."""
    support = edition.support

    def practice(code: str) -> Practice | None:
        place = support.get(f"{_GP}:{code}")
        if place is None:
            return None
        return Practice(code, place.name, place.longitude, place.latitude, place.area_code)

    return Gazetteer(
        atlas=edition.atlas,
        postcodes=edition.postcodes,
        practice=practice,
        usual_list=_usual_list(edition),
    )


def _usual_list(edition: Edition) -> dict[str, float]:
    """Return residents for each GP practice, by nation; without those that have no practice."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    column = list(SupportKind).index(SupportKind.GP_PRACTICE)
    practices = edition.support.counts_by_area(small.codes)[:, column]
    people = np.nan_to_num(small.population)
    nations = np.array(small.nations)
    found = {}
    for nation in sorted(set(small.nations)):
        at = nations == nation
        if practices[at].any():
            found[nation] = float(people[at].sum() / practices[at].sum())
    return found


def addresses_of(edition: Edition) -> Addresses | None:
    """Return where people are: the postcodes in use; None where the edition has none."""
    if edition.postcodes is None:
        return None
    longitude, latitude, area = edition.postcodes.in_use()
    return Addresses(longitude, latitude, area) if len(area) else None


def estimates_of(edition: Edition) -> SmallEstimates | None:
    """Return the modelled estimate of the small areas; None where the edition has none."""
    held = extras_of(edition).estimate
    report = edition.manifest.validation.get("estimate")
    if AreaKind.SMALL_AREA not in held or not isinstance(report, dict):
        return None
    made = report.get("made_with")
    shared = made.get("error_correlations") if isinstance(made, dict) else None
    small = held[AreaKind.SMALL_AREA]
    estimates = SmallEstimates(
        share=small.estimate,
        low=small.low,
        high=small.high,
        households=small.households,
        people=small.people,
        correlations=(
            {str(name): float(str(value)) for name, value in shared.items()}
            if isinstance(shared, dict)
            else {}
        ),
    )
    wide = held.get(AreaKind.LOCAL_AUTHORITY)
    if wide is None:
        return estimates
    width = wide.households_high - wide.households_low
    return widened(edition.atlas, estimates, AreaKind.LOCAL_AUTHORITY, width)
