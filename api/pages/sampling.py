"""What the page of survey sites shows: the sample, who it brings, how sure, and where to go."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from api.pages import words
from api.pages.areas import name_to_type
from api.sampling_query import SampleParams
from api.targets import Base
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.papers.sample import (
    ICC,
    lead,
    report,
    sample_key,
    share_row,
    site_rows,
    strata_rows,
    survey,
)
from exclusion_map.editions.reaching import risk_of
from exclusion_map.editions.sampling import CANNOT, Sampled, figures_of
from exclusion_map.targeting.sampling.composition import Part
from exclusion_map.targeting.sampling.design import Allocation, Method
from exclusion_map.targeting.sampling.figures import OWN, Figures

SHOWN: Final = 40
STRATA_SHOWN: Final = 60
DISTANCES: Final = (
    ("0", "any"),
    ("1000", "1 km"),
    ("2000", "2 km"),
    ("5000", "5 km"),
    ("10000", "10 km"),
)
NEAR: Final = (("1000", "1 km"), ("2000", "2 km"), ("3000", "3 km"), ("5000", "5 km"))


def form(base: Base, params: SampleParams, code: str) -> dict[str, Any]:
    """Return what the form of the page needs."""
    service = base.service
    index = service.index(params.index or None).id
    figures = figures_of(service.edition, risk_of(service.edition, index))
    sizes = [("equal", "the same for all areas"), *_named(figures, figures.counts)]
    divisions = _named(figures, figures.divisions)
    strata = [*params.strata, "", ""][:2]
    counts = base.sites.snapshot.counts
    return {
        "asked": params,
        "within_name": name_to_type(service, code),
        "methods": [(one.value, one.label) for one in Method],
        "allocations": [(one.value, one.label) for one in Allocation],
        "sizes": sizes,
        "divisions": [("", "nothing"), *divisions, (OWN, "the column in my file")],
        "strata": strata,
        "values": [("score", "score"), *divisions],
        "balance_options": [
            (name, text, name in params.balance) for name, text in sizes if name != "equal"
        ],
        "distances": _with(DISTANCES, f"{params.distance_m:g}", words.distance(params.distance_m)),
        "nears": _with(NEAR, f"{params.near_m:g}", words.distance(params.near_m)),
        "kind_options": [
            (term.key, term.plural or term.name, term.key in params.kinds, counts[term.key])
            for term in taxonomy(PLACES).terms
            if counts[term.key]
        ],
        "cannot": CANNOT,
        "sampled": None,
    }


def _named(figures: Figures, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, figures.words(name)) for name in names]


def _with(options: Sequence[tuple[str, str]], value: str, text: str) -> list[tuple[str, str]]:
    found = dict(options)
    found.setdefault(value, text)
    return sorted(found.items(), key=lambda one: float(one[0]))


def query_of(params: SampleParams, code: str) -> str:
    """Return the question as part of an address: the same one gives the same sample."""
    said = params.model_dump(mode="json", exclude_defaults=True)
    said = {name: value for name, value in said.items() if value not in ("", [], None)}
    # Always told, for a link that says how the sample was drawn.
    said |= {"areas": params.areas, "seed": params.seed}
    if code:
        said["within"] = code
    return urlencode(said, doseq=True)


def answer(params: SampleParams, sampled: Sampled) -> dict[str, Any]:
    """Return what the page says of a sample."""
    told = sampled.parts
    sure = survey(sampled)
    return {
        "sampled": sampled,
        "place": sampled.place,
        "lead": lead(sampled),
        "key": sample_key(sampled),
        "sites": site_rows(sampled, SHOWN),
        "strata_rows": strata_rows(sampled)[:STRATA_SHOWN],
        "groups": [share_row(part) for part in told],
        "chart": chart(told),
        "sure": sure,
        "icc": ICC,
        "half_width": 100 * sure.half_width,
        "population": sampled.people,
        "text": report(sampled, sure),
        "site_query": site_query(params),
        "design_rows": list(sampled.how.items()),
        "notes": [note for note in sampled.notes if note not in CANNOT],
    }


def site_query(params: SampleParams) -> str:
    """Return which venues the packs of sites should tell of, as the end of an address."""
    said = params.model_dump(mode="json", include={"kind", "near_m"}, exclude_defaults=True)
    return f"?{urlencode(said, doseq=True)}" if said else ""


def chart(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return rows of the picture: where the population and the people met stand, in per cent."""
    shown = [part for part in parts if part.population is not None and part.drawn is not None]
    most = max((max(one.population or 0, one.drawn or 0) for one in shown), default=1.0) or 1.0
    return [
        {
            "words": words.upper_first(part.words),
            "y": 18 + 26 * at,
            "population": 250 + 370 * (part.population or 0) / most,
            "drawn": 250 + 370 * (part.drawn or 0) / most,
            "expected": 250 + 370 * (part.expected or 0) / most,
        }
        for at, part in enumerate(shown)
    ]
