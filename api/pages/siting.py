"""What the page of siting shows: the places that help most, what each adds, before and after."""

from typing import Any, Final

import numpy as np

from api.pages import words
from api.pages.bivariate import COLOURS
from api.pages.gaps import form_context, place_name
from api.pages.target_picture import Dot, picture
from api.siting_query import SitingParams
from api.targets import Base
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.targeting.sites import words_of
from exclusion_map.targeting.siting_query import Aim, Siting, Whose
from exclusion_map.targeting.siting_table import chosen_places

AIMS: Final = (
    (Aim.REACH.value, "bring most of them within reach"),
    (Aim.JOURNEY.value, "shorten their way the most"),
)
GRIDS: Final = (
    ("", "no grid"),
    ("500", "every 500 m"),
    ("1000", "every 1 km"),
    ("2000", "every 2 km"),
)
_NEW = "#b3123f"


def form(base: Base, params: SitingParams, code: str, listed: str = "") -> dict[str, Any]:
    """Return what the form of the page needs."""
    counts = base.sites.snapshot.counts
    asked = set(params.candidates)
    return {
        **form_context(base, params, code),
        "needs_place": True,
        "listed": listed,
        "candidate_options": [
            (term.key, term.plural or term.name, term.key in asked)
            for term in taxonomy(PLACES).terms
            if counts[term.key]
        ],
        "aims": AIMS,
        "grids": GRIDS,
        "grid": "" if params.grid is None else f"{params.grid:g}",
        "whose_options": [(one.value, one.label) for one in Whose],
        "whose": params.whose.value if params.whose else Whose.CONCERNED.value,
        "siting": None,
        "job": None,
    }


def answer(base: Base, params: SitingParams, code: str, siting: Siting) -> dict[str, Any]:
    """Return what the page says of an answer."""
    place = place_name(base, code)
    whose = params.whose or Whose.CONCERNED
    solution = siting.solution
    return {
        "siting": siting,
        "places": chosen_places(siting),
        "place": place,
        "whose_words": whose.label,
        "far": words.distance(params.threshold),
        "support_words": words_of(params.looked_for),
        "gap_words": gap_words(solution.gap, stopped=solution.stopped),
        "lead": lead(place, params, siting),
        "costs": siting.candidates.cost is not None,
    }


def lead(place: str, params: SitingParams, siting: Siting) -> str:
    """Return the answer in one sentence."""
    count = len(siting.steps)
    if not count:
        return f"No new place among {siting.candidates.what} would change anything in {place}."
    new = words.plural(count, "new place")
    before, after = siting.before, siting.after
    if params.aim is Aim.JOURNEY and np.isfinite(before.way):
        return (
            f"{new} in {place} would shorten the average way from "
            f"{words.distance(before.way)} to {words.distance(after.way)}."
        )
    share = (before.served / siting.meant, after.served / siting.meant)
    return (
        f"{new} in {place} would bring {100 * share[1]:.0f}% of "
        f"{(params.whose or Whose.CONCERNED).label} within "
        f"{words.distance(params.threshold)}; it is {100 * share[0]:.0f}% now."
    )


def gap_words(gap: float, *, stopped: bool) -> str:
    """Return how good the choice is for certain."""
    if gap == 0:
        return "Proved: no other choice of these candidates does better."
    text = f"No other choice can do better by more than {100 * gap:.2g}%"
    return f"{text}; time was up before the proof." if stopped else f"{text}."


def siting_svg(base: Base, params: SitingParams, code: str, siting: Siting, *, after: bool) -> str:
    """Return the map before or after: the share of people within reach, in three classes."""
    state = siting.after if after else siting.before
    classes = np.zeros(len(base.homes), dtype=np.uint8)
    classes[siting.rows] = np.select([state.share < 1 / 3, state.share < 2 / 3], [1, 2], default=3)
    sites = base.sites
    dots = [
        Dot(float(sites.points.longitude[row]), float(sites.points.latitude[row]), "#1d1a24", 2.4)
        for row in siting.existing.rows.tolist()
    ]
    if after:
        dots += [
            Dot(one.longitude, one.latitude, _NEW, 9, str(one.number))
            for one in chosen_places(siting)
        ]
    when = "After" if after else "Before"
    return picture(
        base,
        code,
        classes,
        REACH_COLOURS,
        dots,
        title=f"{when}: people within {words.distance(params.threshold)}",
        alt=f"{when}. {lead(place_name(base, code), params, siting)}",
    )


REACH_COLOURS: Final = (COLOURS[3], COLOURS[6], COLOURS[8])
