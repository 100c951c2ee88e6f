"""What the page of siting shows: the places that help most, what each adds, before and after."""

from typing import Any, Final

from api.pages.gaps import form_context
from api.siting_query import SitingParams, question_of
from api.targets import WAY, Base
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.papers.siting import (
    AIMS,
    Sited,
    gap_words,
    siting_alt,
    siting_key,
    siting_map,
)
from exclusion_map.targeting.siting_query import Siting, Whose
from exclusion_map.targeting.siting_table import chosen_places

GRIDS: Final = (
    ("", "no grid"),
    ("500", "every 500 m"),
    ("1000", "every 1 km"),
    ("2000", "every 2 km"),
)


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
        "aims": [(aim.value, told) for aim, told in AIMS.items()],
        "grids": GRIDS,
        "grid": "" if params.grid is None else f"{params.grid:g}",
        "whose_options": [(one.value, one.label) for one in Whose],
        "whose": params.whose.value if params.whose else Whose.CONCERNED.value,
        "siting": None,
        "job": None,
    }


def sited(base: Base, params: SitingParams, code: str, siting: Siting) -> Sited:
    """Return an answer with all that is told of it."""
    return Sited(
        edition=base.service.edition,
        sites=base.sites,
        code=code,
        question=question_of(base, params),
        index=base.service.index(params.index).title,
        siting=siting,
        way=WAY.label,
    )


def answer(found: Sited) -> dict[str, Any]:
    """Return what the page says of an answer."""
    siting = found.siting
    return {
        "siting": siting,
        "places": chosen_places(siting),
        "place": found.place,
        "whose_words": found.question.whose.label,
        "far": found.far,
        "support_words": found.support,
        "gap_words": gap_words(siting.solution.gap, stopped=siting.solution.stopped),
        "lead": found.lead,
        "key": siting_key(found, after=True),
        "costs": siting.candidates.cost is not None,
    }


def siting_svg(found: Sited, *, after: bool) -> str:
    """Return the map before or after, as an SVG file."""
    return siting_map(found, after=after).svg(siting_alt(found, after=after), inside=False)
