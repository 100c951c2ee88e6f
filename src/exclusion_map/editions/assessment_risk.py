"""Who is concerned, their risk and how sure it is, and ways without the internet."""

from collections.abc import Iterator

import numpy as np

from exclusion_map.areas import phrases
from exclusion_map.directory.confirming import Checked
from exclusion_map.editions import assessment_words as words
from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.assessment_map import map_blocks
from exclusion_map.exports.bars import Bars
from exclusion_map.exports.document import Block, Bullets, Heading, Paragraph, Picture, Table
from exclusion_map.targeting.assessment.reach import THRESHOLD_M, by_postcode

_TENTHS = ("1 (highest risk)", *(str(one) for one in range(2, 10)), "10 (lowest risk)")


def scope_blocks(assessment: Assessment) -> Iterator[Block]:
    """Yield who is concerned, and what a list came to."""
    evidence = assessment.evidence
    served, matching = evidence.served, evidence.served.matching
    yield Heading("Who is concerned", key="who")
    areas = f"{len(served.rows):,} small areas" if len(served.rows) != 1 else "1 small area"
    nations = phrases.listed(
        [f"{name} {words.percent(100 * share)}" for name, share in evidence.nations.items()]
    )
    said = [words.who(assessment), f"They are in {areas}."]
    if len(evidence.nations) > 1:
        said.append(f"By nation: {nations}.")
    said.append(f"Figures are compared with {evidence.comparator.name}.")
    if np.isnan(evidence.outside):
        said.append("A few people elsewhere (a small count, withheld) are left out.")
    elif evidence.outside > 0:
        said.append(
            f"Left out are {phrases.about(evidence.outside)} people who live elsewhere: compare "
            "with “all” to take everybody in."
        )
    yield Paragraph(" ".join(said))
    if assessment.listed:
        yield Paragraph(
            "The people are those of a list. Nothing is known of them but where they live, so each "
            "counts as usual for the small area. The list itself is not kept."
        )
    if evidence.total < words.FEW_SERVED:
        yield Paragraph(
            f"Fewer than {words.FEW_SERVED} people: figures of areas say little of so few.",
            tone="inset",
        )
    if matching.unmatched:
        yield Paragraph(
            f"{matching.understood:,} of {matching.rows:,} rows were understood. Not understood: "
            + "; ".join(f"{reason} ({count:,})" for reason, count in matching.reasons.items())
            + "."
        )
    if matching.notes:
        yield Bullets(tuple(matching.notes))


def risk_blocks(assessment: Assessment) -> Iterator[Block]:
    """Yield the risk, how sure it is, and the modelled estimate."""
    risk, comparator = assessment.evidence.risk, assessment.evidence.comparator
    spread, usual = risk.spread, risk.usual
    yield Heading("Risk of digital exclusion", key="risk")
    if not spread.scored:
        yield Paragraph("None of these areas has a score in this edition.")
        return
    yield Paragraph(
        f"The mean score is {spread.score:.1f} of 100, against {usual.score:.1f} in "
        f"{comparator.name}. Areas inside it reach from {spread.lowest:.1f} to "
        f"{spread.highest:.1f}: an average hides the areas with most risk."
    )
    yield _tenths(assessment)
    yield from map_blocks(assessment)
    yield from _doubt(assessment)
    if risk.estimate is not None:
        yield from _estimate(assessment)
    if assessment.evidence.drivers:
        yield Table(
            caption="What raises the score most, in points of the score",
            head=("Indicator", f"Points more than in {comparator.name}"),
            rows=tuple(
                (words.label(assessment, one.indicator), f"{one.points:.1f}")
                for one in assessment.evidence.drivers
            ),
            numeric=frozenset({1}),
        )


def _tenths(assessment: Assessment) -> Picture:
    risk, comparator = assessment.evidence.risk, assessment.evidence.comparator
    ours, theirs = (
        tuple(100 * people / one.population_scored for people in one.tenths)
        for one in (risk.spread, risk.usual)
    )
    shares = [words.percent(share) for share in ours]
    alt = (
        f"Bar chart: {shares[0]} of the people concerned are in areas of the highest-risk tenth, "
        f"against {words.percent(theirs[0])} in {comparator.name}. From the second tenth down to "
        f"the lowest-risk one the shares are {phrases.listed(shares[1:])}."
    )
    return Picture(
        drawing=Bars(_TENTHS, ours, theirs, "People concerned", comparator.name),
        alt=alt,
        caption="People concerned by tenth of risk of their small area; marks show "
        f"{comparator.name}.",
    )


def _doubt(assessment: Assessment) -> Iterator[Block]:
    risk = assessment.evidence.risk
    if np.isnan(risk.surely_high):
        yield Paragraph("This edition does not say how sure the places of areas are.")
        return
    yield Paragraph(
        f"{words.percent(100 * risk.surely_high)} are in areas that stay in the highest-risk fifth "
        "in at least nine of ten other reasonable readings of the index; for "
        f"{words.percent(100 * risk.in_doubt)} the place of their area depends on the reading.",
        topic="How sure is that",
    )


def _estimate(assessment: Assessment) -> Iterator[Block]:
    risk, comparator = assessment.evidence.risk, assessment.evidence.comparator
    about = assessment.edition.manifest.validation.get("estimate")
    said = about if isinstance(about, dict) else {}
    found, usual = risk.estimate, risk.usual_estimate
    if found is None:
        return
    text = f"{words.reading(found.share)} of households are unlikely to deal with government online"
    if usual is not None:
        text += f", against {words.reading(usual.share)} in {comparator.name}"
    if not assessment.listed:
        text += f": {words.counted(found.households)} households here"
    yield Paragraph(f"{text}. Ranges are 80% intervals.", topic="Modelled, not counted")
    if said.get("does_not_measure"):
        yield Paragraph(str(said["does_not_measure"]), tone="small")


def reach_blocks(assessment: Assessment) -> Iterator[Block]:
    """Yield the support in reach, and ways that need no journey."""
    evidence = assessment.evidence
    yield Heading("Ways without the internet, and support in reach", key="reach")
    how = "from every postcode" if by_postcode(evidence.served.rows) else "from areas’ centres"
    yield Paragraph(
        f"In reach means at most {THRESHOLD_M:,.0f} metres on foot, about 12 minutes on foot, "
        f"measured {how}. That is not so for everybody: ask disabled people what is in their reach."
    )
    if evidence.reach:
        yield Table(
            caption="Places in reach of the people concerned",
            head=(
                "Places",
                "In reach",
                evidence.comparator.name,
                "Average distance",
                "In these areas",
            ),
            rows=tuple(
                (
                    words.place_words(one.kind),
                    words.reach_words(one.share),
                    words.reach_words(one.usual),
                    words.way_words(one),
                    f"{one.places:,}",
                )
                for one in evidence.reach
            ),
            numeric=frozenset({1, 2, 3, 4}),
        )
    yield Paragraph(
        "Lists age: telephone before you send people there. The service’s own routes by telephone, "
        "on paper and in person are not known here: write them down.",
        tone="small",
    )
    if assessment.helplines:
        yield Heading("Help by telephone", 3)
        yield Table(
            caption="Help by telephone that reaches people anywhere",
            head=("Who", "Telephone", "For whom", "Known of"),
            rows=tuple(
                (
                    f"{one.listing.name} ({one.listing.provider})"
                    if one.listing.provider
                    else one.listing.name,
                    one.listing.phone or "see their page",
                    one.listing.who or "anybody",
                    _known_of(one.checked(assessment.today)),
                )
                for one in assessment.helplines
            ),
        )


def _known_of(checked: Checked) -> str:
    if checked.on is None:
        return "nobody knows when"
    old = "" if checked.recent else "; check first"
    return f"{checked.on:%B %Y}{old}"
