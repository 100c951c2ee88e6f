"""A sample of areas in words, as a map and as a report: how it was drawn, whom it would bring."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas import words
from exclusion_map.areas.phrases import about
from exclusion_map.editions.papers.paper import Again, Paper, column, paper, table
from exclusion_map.editions.papers.picture import area_map
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.sampling import CANNOT, Sampled
from exclusion_map.exports.bars import Bars
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture
from exclusion_map.maps import palette
from exclusion_map.maps.area_map import AreaMap, Dot, Key
from exclusion_map.targeting.sampling.composition import Part
from exclusion_map.targeting.sampling.precision import Precision, precision

ICC: Final = 0.05
_DRAWN, _RESERVE = "#00703c", "#75727f"
_SHARES = (
    ("Population", "population"),
    ("Met, on average", "expected"),
    ("In this sample", "drawn"),
    ("With weights", "weighted"),
)


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


def site_rows(sampled: Sampled, most: int | None = None) -> list[dict[str, Any]]:
    """Return the first areas of the main sample as plain values."""
    drawn = sampled.drawn
    main = drawn.main[:most]
    rows = drawn.frame.rows[main]
    return [_site(sampled, at, row) for at, row in zip(main.tolist(), rows.tolist(), strict=True)]


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


def strata_rows(sampled: Sampled) -> list[dict[str, Any]]:
    """Return the parts that areas were divided into, as plain values."""
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


def share_row(part: Part) -> dict[str, Any]:
    """Return the shares of a group in per cent; None where they are not known."""
    told = asdict(part)
    for name in ("population", "expected", "drawn", "weighted"):
        told[name] = None if told[name] is None else 100 * told[name]
    return told


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


def sample_map(edition: Edition, sampled: Sampled, *, keyed: bool = False) -> AreaMap:
    """Return the map: tenths of risk, the areas drawn as dots, reserves as smaller ones."""
    figures, drawn = sampled.drawn.frame.figures, sampled.drawn
    small = figures.small

    def dots(places: npt.NDArray[Any], colour: str, radius: float) -> list[Dot]:
        rows = drawn.frame.rows[places].tolist()
        return [
            Dot(float(small.longitude[row]), float(small.latitude[row]), colour, radius)
            for row in rows
        ]

    radius = _radius(sampled)
    marks = [*dots(drawn.reserves, _RESERVE, radius * 0.6), *dots(drawn.main, _DRAWN, radius)]
    return area_map(
        edition,
        drawn.design.within,
        figures.risk.decile.astype(np.uint8),
        tuple(palette.decile_colour(one) for one in range(1, 11)),
        marks,
        title="" if keyed else f"{len(drawn.main):,} survey sites in {sampled.place}",
        key=sample_key(sampled) if keyed else (),
        columns=3,
    )


def sample_key(sampled: Sampled) -> list[Key]:
    """Return what the colours and dots of the map mean."""
    key = [
        Key(palette.decile_colour(one), words.upper_first(palette.decile_words(one)))
        for one in range(1, 11)
    ]
    if not sampled.drawn.frame.figures.risk.decile.all():
        key.append(Key("", "No data"))
    key.append(Key(_DRAWN, "A site", dot=True))
    if len(sampled.drawn.reserves):
        key.append(Key(_RESERVE, "A reserve", dot=True, radius=4))
    return key


def _radius(sampled: Sampled) -> float:
    """Return how large the dots are: smaller where there are many."""
    sites = len(sampled.drawn.main)
    return 5.0 if sites <= 60 else 3.5 if sites <= 200 else 2.6


def sample_paper(edition: Edition, sampled: Sampled, again: Again) -> Document:
    """Return the report of a sample: how it was drawn, the sites, and whom they would bring."""
    said = Paper(
        title=f"Survey sites: {sampled.place}",
        lead=lead(sampled),
        asked=sampled.how,
        notes=sampled.notes,
    )
    blocks = (
        Heading("Where they are", key="map"),
        Picture(
            sample_map(edition, sampled, keyed=True),
            alt=f"Map of {sampled.place}: tenths of risk, and the areas drawn as dots. "
            f"{lead(sampled)} The table names them.",
            caption="Areas by tenth of risk, with the areas drawn",
        ),
        Heading("In words", key="words"),
        *(Paragraph(text) for text in report(sampled, survey(sampled))),
        *_sites(sampled),
        *_groups(sampled),
    )
    return paper(edition.manifest, said, blocks, again)


def _sites(sampled: Sampled) -> Iterator[Block]:
    yield Heading("The sites", key="sites")
    yield table(
        "Areas drawn",
        site_rows(sampled),
        column("Area", lambda row: f"{row['name']} ({row['code']})"),
        column("Part", "stratum"),
        column("People", lambda row: words.count(row["people"]), number=True),
        column(
            "Chance",
            lambda row: "certain" if row["certain"] else words.decimal(row["probability"], 4),
            number=True,
        ),
        column("Weight", lambda row: words.decimal(row["weight"], 1), number=True),
    )
    if len(sampled.drawn.frame.names) > 1:
        yield table(
            "Parts that areas were divided into",
            strata_rows(sampled),
            column("Part", "name"),
            column("Areas", lambda row: words.count(row["areas"]), number=True),
            column("People", lambda row: words.count(row["people"]), number=True),
            column("Drawn", lambda row: words.count(row["drawn"]), number=True),
        )


def _groups(sampled: Sampled) -> Iterator[Block]:
    shown = [one for one in sampled.parts if one.population is not None and one.drawn is not None]
    yield Heading("Who would be met", key="who")
    if shown:
        yield Picture(
            Bars(
                tuple(words.upper_first(one.words) for one in shown),
                tuple(100 * (one.drawn or 0.0) for one in shown),
                tuple(100 * (one.population or 0.0) for one in shown),
                "In this sample",
                "Population",
            ),
            alt="Bar chart: share of each group among people met in this sample, with marks for "
            "its share of the population. The table has the figures.",
            caption="Who lives there, and who would be met",
        )
    yield table(
        "Share of each group, in per cent",
        [share_row(part) for part in sampled.parts],
        column("Group", lambda row: words.upper_first(row["words"])),
        *(
            column(heading, lambda row, key=key: _share(row[key]), number=True)  # type: ignore[misc]
            for heading, key in _SHARES
        ),
    )


def _share(value: float | None) -> str:
    return "no data" if value is None else words.decimal(value, 1)
