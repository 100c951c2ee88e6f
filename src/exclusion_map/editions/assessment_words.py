"""An impact assessment in words: figures rounded to what they can bear, sentences, gaps."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from exclusion_map.areas import phrases
from exclusion_map.areas.rollup_estimate import Range
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.manifest import EditionSource
from exclusion_map.targeting.assessment.declared import (
    ALWAYS,
    FAR,
    RURAL,
    UNSEEN,
    WORST_TENTH,
    figures_used,
)
from exclusion_map.targeting.assessment.figures import PERCENT, Figure
from exclusion_map.targeting.assessment.prompting import FAR_KIND, Asked
from exclusion_map.targeting.assessment.reach import Reach
from exclusion_map.terms import Nation, NhsGroup

OLD_YEARS: Final = 3
"""Sources older than this are told as such."""
FEW_SERVED: Final = 100
_COVERED: Final = 0.995
_RURAL_LABEL: Final = "People in rural areas"


def percent(value: float) -> str:
    """Return a share as ``20.5%``; never 0 or 100 by rounding alone."""
    if np.isnan(value):
        return "not known"
    if 0 < value < 0.05:
        return "under 0.1%"
    return "over 99.9%" if 99.95 <= value < 100 else f"{value:.1f}%"


def told(value: float, unit: str) -> str:
    """Return a value with its unit."""
    return percent(value) if unit == PERCENT else phrases.value_text(value, unit)


def interval(figure: Figure) -> str:
    """Return the 95 % interval of a figure; a dash where it has none."""
    if np.isnan(figure.low):
        return "–"
    digits = 2 if figure.value < 1 and figure.unit == PERCENT else 1
    return f"{figure.low:.{digits}f} to {figure.high:.{digits}f}"


def reading(bounds: Range, unit: str = "%") -> str:
    """Return a modelled figure with its 80 % interval: ``6.1% (5.9% to 6.3%)``."""
    ends = (f"{end:.1f}{unit}" for end in (bounds.middle, bounds.low, bounds.high))
    middle, low, high = ends
    return f"{middle} ({low} to {high})"


def counted(bounds: Range) -> str:
    """Return a modelled count with its 80 % interval: ``about 67,000 (65,000 to 69,000)``."""
    ends = (phrases.about(end) for end in (bounds.middle, bounds.low, bounds.high))
    middle, low, high = ends
    return f"{middle} ({low.removeprefix('about ')} to {high.removeprefix('about ')})"


def compared(figure: Figure) -> str:
    """Return how a figure stands to the comparator's, in words."""
    if np.isnan(figure.comparator):
        return "nothing to compare with"
    if figure.sign == 0:
        return "about the same"
    words = "more" if figure.sign > 0 else "less"
    if figure.unit != PERCENT or np.isnan(figure.ratio):
        return "higher" if figure.sign > 0 else "lower"
    if figure.ratio < 0.1:
        return "less than a tenth"
    return f"{words}: {figure.ratio:.1f} times"


def label(assessment: Assessment, name: str) -> str:
    """Return what a figure is called."""
    if name == RURAL:
        return _RURAL_LABEL
    return assessment.indicators[name].label


def dated(assessment: Assessment, name: str) -> str:
    """Return the date and source of a figure."""
    if name == RURAL:
        source = assessment.sources.get("ons-lsoa21-ruc21")
        return f"{source.vintage}, {source.title}" if source else "2021, rural urban classification"
    one = assessment.indicators[name]
    source = assessment.sources.get(str(one.source))
    return f"{one.date:%B %Y}, {source.title if source else one.source}"


def people(figure: Figure, assessment: Assessment) -> str:
    """Return how many of the people served a figure stands for; a dash where it is no share."""
    if np.isnan(figure.people):
        return "–"
    counts = "people"
    if figure.indicator in assessment.indicators:
        counts = assessment.indicators[figure.indicator].people
    return f"{phrases.about(figure.people)} {counts}"


def who(assessment: Assessment) -> str:
    """Return who is concerned, as a sentence: "About 320,000 people live in Wirral."."""
    total = phrases.about(assessment.evidence.total).capitalize()
    if assessment.listed:
        return f"{total} people are in “{assessment.name}”."
    if assessment.evidence.served.matching.rows > 1 or assessment.name.startswith("Your "):
        return f"{total} people live in the places of “{assessment.name}”."
    return f"{total} people live in {assessment.name}."


def lead(assessment: Assessment) -> str:
    """Return the answer in a few sentences."""
    evidence = assessment.evidence
    said = [who(assessment)]
    spread, usual = evidence.risk.spread, evidence.risk.usual
    if not np.isnan(spread.worst_tenth):
        said.append(
            f"{percent(100 * spread.worst_tenth)} of them are in areas of the highest-risk tenth, "
            f"against {percent(100 * usual.worst_tenth)} in {evidence.comparator.name}."
        )
    themes = phrases.driver_themes(
        ((one.indicator, one.group, one.points) for one in evidence.drivers), raising=True, most=3
    )
    if themes:
        verb = "raises" if len(themes) == 1 else "raise"
        words = phrases.listed(themes)
        said.append(f"{words[0].upper()}{words[1:]} {verb} the risk most.")
    return " ".join(said)


def why(assessment: Assessment, asked: Asked) -> str:
    """Return what brought a prompt up."""
    figures = assessment.evidence.figures
    for cause in asked.causes:
        if cause == ALWAYS:
            continue
        if cause == UNSEEN:
            return (
                f"{len(assessment.evidence.unseen()):,} groups of this assessment cannot be counted"
            )
        if cause == FAR:
            near = next(one for one in assessment.evidence.reach if one.kind == FAR_KIND)
            return f"{percent(100 * near.share)} have a library within a walk"
        if cause == WORST_TENTH:
            share = assessment.evidence.risk.spread.worst_tenth
            return f"{percent(100 * share)} are in areas of the highest-risk tenth"
        if cause in figures and figures[cause].sign > 0:
            one = figures[cause]
            return (
                f"{label(assessment, cause)}: {told(one.value, one.unit)}, against "
                f"{told(one.comparator, one.unit)} in {assessment.evidence.comparator.name}"
            )
        if cause in figures:
            return f"{label(assessment, cause)}: raises the risk here"
        return f"{NhsGroup(cause).label}: raise the risk here"
    return "Asked in every assessment"


def place_words(key: str) -> str:
    """Return what a kind of place is called, for many of them."""
    return taxonomy(PLACES).term(key).plural or taxonomy(PLACES).term(key).name


def reach_words(share: float) -> str:
    """Return the share of people in reach of a place."""
    return "not listed here" if np.isnan(share) else percent(100 * share)


def way_words(reach: Reach) -> str:
    """Return how far the nearest place is on average."""
    if np.isnan(reach.way) or np.isnan(reach.share):
        return "not known"
    return phrases.distance(reach.way) if np.isfinite(reach.way) else "none anywhere"


def gaps(assessment: Assessment) -> tuple[str, ...]:
    """Return what the evidence lacks."""
    return tuple(_gaps(assessment))


def _gaps(assessment: Assessment) -> Iterator[str]:
    evidence, manifest = assessment.evidence, assessment.edition.manifest
    yield from _nations(assessment)
    unseen = [group.name for group in evidence.unseen() if evidence.seen(group) == "not seen"]
    yield f"No figure at all of: {'; '.join(unseen)}."
    held = set(evidence.figures)
    for name, one in assessment.indicators.items():
        if name not in held and name in figures_used():
            nations = phrases.listed([nation.value for nation in one.nations])
            yield f"{one.label}: no figure for these places in this edition (made for {nations})."
    for name, one_figure in evidence.figures.items():
        if one_figure.covered < _COVERED:
            yield (
                f"{label(assessment, name)}: known for {percent(100 * one_figure.covered)} of the "
                "people; the figure is of these."
            )
        if one_figure.compared < _COVERED and not np.isnan(one_figure.comparator):
            yield (
                f"{label(assessment, name)}: the comparator is of "
                f"{percent(100 * one_figure.compared)} of the people of {evidence.comparator.name}."
            )
    for reach in evidence.reach:
        if reach.known < _COVERED:
            yield (
                f"{place_words(reach.kind)}: no list was read for nations where "
                f"{percent(100 * (1 - reach.known))} of the people live."
            )
    yield from _old(assessment)
    if manifest.synthetic:
        yield f"{manifest.title} is invented: none of this is real."


def _nations(assessment: Assessment) -> Iterator[str]:
    small = {
        nation for level in assessment.edition.atlas.levels.values() for nation in level.nations
    }
    missing = [nation.value for nation in Nation if nation.value not in small]
    if missing:
        yield (
            f"This edition holds nothing of {phrases.listed(missing)}: their censuses, indices and "
            "codes are made in other ways. People there are not in these figures."
        )


def _old(assessment: Assessment) -> Iterator[str]:
    by_source: dict[str, list[str]] = {}
    for name in assessment.evidence.figures:
        if name == RURAL:
            continue
        one = assessment.indicators[name]
        if (assessment.today - one.date).days > OLD_YEARS * 365.25:
            by_source.setdefault(dated(assessment, name), []).append(one.short_label)
    for source, names in by_source.items():
        yield f"More than {OLD_YEARS} years old: {source} ({phrases.listed(names)})."


def used_sources(assessment: Assessment) -> tuple[EditionSource, ...]:
    """Return the sources of the figures and places shown, as the edition lists them."""
    figures = {
        str(assessment.indicators[name].source)
        for name in assessment.evidence.figures
        if name in assessment.indicators
    }
    places = ("librar", "pharmac", "practice", "jobcentre", "hub")
    return tuple(
        one
        for one in assessment.edition.manifest.sources
        if one.id in figures
        or any(part in one.title.lower() or part in one.id for part in places)
        or one.id in ("ons-dpi-census2021", "ons-lsoa21-ruc21", "ons-nspl-postcodes")
    )
