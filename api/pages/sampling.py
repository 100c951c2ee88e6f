"""What the page of survey sites shows: the sample, who it brings, how sure, and where to go."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from api.pages import words
from api.pages.gaps import place_name
from api.pages.target_picture import Dot, picture
from api.sampling_query import SampleParams
from api.targets import Base
from exclusion_map.areas.phrases import about
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.reaching import risk_of
from exclusion_map.editions.sampling import CANNOT, Sampled, figures_of
from exclusion_map.maps import palette
from exclusion_map.targeting.sampling.composition import Part
from exclusion_map.targeting.sampling.design import Allocation, Method
from exclusion_map.targeting.sampling.figures import OWN, Figures
from exclusion_map.targeting.sampling.precision import Precision, precision

SHOWN: Final = 40
STRATA_SHOWN: Final = 60
ICC: Final = 0.05
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
        "within_name": place_name(base, code) if code else "",
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
    drawn = sampled.drawn
    rows = drawn.frame.rows[drawn.main]
    told = sampled.parts
    sure = survey(sampled)
    return {
        "sampled": sampled,
        "place": sampled.place,
        "lead": lead(sampled),
        "sites": [
            _site(sampled, int(at), int(row))
            for at, row in zip(drawn.main[:SHOWN].tolist(), rows[:SHOWN].tolist(), strict=True)
        ],
        "strata_rows": _strata(sampled)[:STRATA_SHOWN],
        "groups": [_shares(part) for part in told],
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


def survey(sampled: Sampled) -> Precision:
    """Return what interviews of a probability sample of people in the areas could tell."""
    design, drawn = sampled.drawn.design, sampled.drawn
    people = max(sampled.people, float(design.interviews * len(drawn.main)))
    return precision(
        areas=len(drawn.main),
        interviews=design.interviews,
        icc=ICC,
        weighting=sampled.weighting,
        people=people,
    )


def lead(sampled: Sampled) -> str:
    """Return the answer in one sentence."""
    drawn = sampled.drawn
    count = words.plural(len(drawn.main), "small area")
    parts = len(np.flatnonzero(drawn.wanted))
    divided = f", in {parts} parts" if len(drawn.frame.names) > 1 else ""
    met = len(drawn.main) * drawn.design.interviews
    return (
        f"{count} of {len(drawn.frame):,} in {sampled.place} were drawn{divided}. "
        f"{drawn.design.interviews} people met in each makes {met:,} people."
    )


def _site(sampled: Sampled, at: int, row: int) -> dict[str, Any]:
    drawn = sampled.drawn
    figures = drawn.frame.figures
    small = figures.small
    return {
        "code": small.codes[row],
        "name": small.labels[row],
        "council": figures.classes("local_authority", np.array([row]), 2)[0]
        if "local_authority" in figures.divisions
        else "",
        "stratum": drawn.frame.names[int(drawn.frame.stratum[at])],
        "people": float(small.population[row]),
        "decile": int(figures.risk.decile[row]),
        "probability": float(drawn.probability[at]),
        "weight": 1 / float(drawn.probability[at]),
        "certain": bool(drawn.probability[at] >= 1),
    }


def _strata(sampled: Sampled) -> list[dict[str, Any]]:
    drawn = sampled.drawn
    count = len(drawn.frame.names)
    people = np.nan_to_num(drawn.frame.figures.count("population")[drawn.frame.rows])
    areas = np.bincount(drawn.frame.stratum, minlength=count)
    living = np.bincount(drawn.frame.stratum, weights=people, minlength=count)
    return [
        {
            "name": name,
            "areas": int(areas[at]),
            "people": float(living[at]),
            "drawn": int(drawn.wanted[at]),
        }
        for at, name in enumerate(drawn.frame.names)
    ]


def _shares(part: Part) -> dict[str, Any]:
    told = asdict(part)
    for name in ("population", "expected", "drawn", "weighted"):
        told[name] = None if told[name] is None else 100 * told[name]
    return told


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


def report(sampled: Sampled, sure: Precision) -> list[str]:
    """Return a text that describes the sample in a report, paragraph by paragraph."""
    drawn, design = sampled.drawn, sampled.drawn.design
    how = sampled.how
    first = (
        f"We drew {len(drawn.main):,} of the {len(drawn.frame):,} small areas (LSOAs) of "
        f"{sampled.place}, where {about(sampled.people)} people live, {how['Drawn']}. "
        f"Chances were {how['Chances']}."
    )
    if design.strata:
        first += (
            f" Areas were first divided by {how['Divided by']} into {len(drawn.frame.names)} "
            f"parts, and each part got its number of areas: {how['Each part gets']}."
        )
    second = (
        f"{len(drawn.reserves):,} reserve areas stand ready in an order fixed beforehand. "
        f"The sample can be drawn again with seed {design.seed} from edition {sampled.edition}."
    )
    third = (
        f"If {design.interviews} residents of each area are chosen at random, {sure.people:,.0f} "
        f"people say as much as {sure.effective:,.0f} of a simple random sample (design effect "
        f"{sure.effect:.2f}: {sure.clustering:.2f} for people of one area being alike, with an "
        f"intra-class correlation of {ICC:g}, and {sure.weighting:.2f} for unequal weights). A "
        f"share of 50% is then known to within {100 * sure.half_width:.1f} percentage points, 19 "
        f"times of 20."
    )
    return [first, second, third, *CANNOT[:2]]


def sample_svg(base: Base, code: str, sampled: Sampled) -> str:
    """Return the map: tenths of risk, the areas drawn as dots, reserves as rings."""
    figures, drawn = sampled.drawn.frame.figures, sampled.drawn
    small = figures.small

    def dots(places: np.ndarray, colour: str, radius: float) -> list[Dot]:
        rows = drawn.frame.rows[places].tolist()
        return [
            Dot(float(small.longitude[row]), float(small.latitude[row]), colour, radius)
            for row in rows
        ]

    classes = figures.risk.decile.astype(np.uint8)
    colours = tuple(palette.decile_colour(one) for one in range(1, 11))
    radius = 5.0 if len(drawn.main) <= 60 else 3.5 if len(drawn.main) <= 200 else 2.6
    marks = [*dots(drawn.reserves, "#75727f", radius * 0.6), *dots(drawn.main, "#00703c", radius)]
    return picture(
        base,
        code,
        classes,
        colours,
        marks,
        title=f"{len(drawn.main):,} survey sites in {sampled.place}",
        alt=lead(sampled),
    )
