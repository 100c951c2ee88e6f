"""A footprint in words and as a report: who is served, who among them is at risk, who is missed."""

from collections.abc import Iterator
from typing import Any, Final

from exclusion_map.areas import words
from exclusion_map.editions.footprint import Footprinted
from exclusion_map.editions.papers.footprint_map import footprint_alt, footprint_map
from exclusion_map.editions.papers.paper import Again, Paper, column, paper, table
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.bars import Bars
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture, Table
from exclusion_map.targeting.footprint import Basis
from exclusion_map.targeting.footprint.comparing import Part, Reading
from exclusion_map.targeting.footprint.footprint import Footprint
from exclusion_map.terms import NhsGroup

SHOWN: Final = 20


def lead(found: Footprint) -> str:
    """Return the answer in two sentences."""
    fifth, place = found.fifth, found.comparator.name
    start = f"{found.total:,.0f} people live in the places served, compared with {place}."
    if found.served.basis is Basis.COUNTS:
        start = f"{found.total:,.0f} people of the list live in {place}."
    if fifth.reading is Reading.WITHHELD:
        return f"{start} How many live in its highest-risk areas is too small a count to be told."
    verdict = {
        Reading.MORE: "more than expected",
        Reading.FEWER: "fewer than expected",
        Reading.UNCLEAR: "no clear difference",
    }.get(fifth.reading, "nothing to compare")
    return (
        f"{start} {words.percent(100 * fifth.share)} of them live in the highest-risk fifth of "
        f"areas, as do {words.percent(100 * fifth.whole_share)} of all people there: {verdict}."
    )


def line_of(part: Part, found: Footprint) -> dict[str, Any]:
    """Return what is told of a tenth or a group, as text."""
    few = part.reading is Reading.WITHHELD
    return {
        "key": part.key,
        "words": part.words,
        "people": "withheld" if few else words.count(part.people),
        "households": _households(part, found),
        "share": "" if few else f"{100 * part.share:.1f}%",
        "whole": f"{100 * part.whole_share:.1f}%",
        "ratio": "" if few else _ratio(part.ratio),
        "chance": _ends(part.chance.low, part.chance.high),
        "other": _ends(part.other.low, part.other.high),
        "reading": part.reading.value,
        "mark": part.reading.name.lower(),
    }


def _households(part: Part, found: Footprint) -> str:
    if part.households != part.households:
        return "0" if part.people == 0 else "withheld"
    if found.rule is None:
        return words.count(part.households)
    return f"{part.households_low:,.0f} to {part.households:,.0f}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio == ratio else "none"


def _ends(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}" if low == low else ""


def group_lines(found: Footprint) -> list[tuple[NhsGroup, list[dict[str, Any]]]]:
    """Return figures by group of the NHS framework."""
    return [
        (group, [line_of(one, found) for one in found.groups if one.group is group])
        for group in NhsGroup
        if any(one.group is group for one in found.groups)
    ]


def missed_rows(edition: Edition, found: Footprint) -> list[dict[str, Any]]:
    """Return the neighbourhoods served worst, as plain values."""
    held = found.neighbourhoods
    level = edition.atlas.level(held.kind)
    return [
        {
            "code": level.codes[row],
            "name": level.labels[row],
            "high": held.high[at],
            "served": "withheld"
            if held.served[at] != held.served[at]
            else words.count(float(held.served[at])),
            "expected": held.expected[at],
            "short": held.short[at],
        }
        for at, row in enumerate(held.rows[:SHOWN].tolist())
        if held.short[at] > 0
    ]


def modelled(found: Footprint) -> dict[str, str] | None:
    """Return the modelled estimate as text; None where the edition has none."""
    one, whole = found.estimate, found.whole_estimate
    if one is None or whole is None:
        return None

    def ends(low: float, high: float) -> str:
        told = dict.fromkeys(words.about(end).removeprefix("about ") for end in (low, high))
        return " to ".join(told)

    return {
        "people": words.about(one.people.middle),
        "people_range": ends(one.people.low, one.people.high),
        "households": words.about(one.households.middle),
        "households_range": ends(one.households.low, one.households.high),
        "share": f"{one.share.middle:.1f}%",
        "share_range": f"{one.share.low:.1f}% to {one.share.high:.1f}%",
        "whole": f"{whole.share.middle:.1f}%",
        "whole_range": f"{whole.share.low:.1f}% to {whole.share.high:.1f}%",
    }


def footprint_paper(edition: Edition, told: Footprinted, again: Again) -> Document:
    """Return the report of a footprint.

    No row of a list stands in it; nor does an address or a command that holds some of them, where
    they may tell of persons.
    """
    if told.found.served.matching.personal:
        again = Again(listed=True, made=again.made)
    said = Paper(title=told.title, lead=lead(told.found), asked=told.how, notes=told.notes)
    found = told.found
    blocks = (
        *_matched(found),
        *_tenths(found),
        *_groups(found),
        *_missed(edition, found),
        *_modelled(found),
        *_support(found),
    )
    return paper(edition.manifest, said, blocks, again)


def _matched(found: Footprint) -> Iterator[Block]:
    matching = found.served.matching
    yield Paragraph(
        f"{matching.understood:,} of {words.plural(matching.rows, 'row')} of the list were "
        "understood."
    )
    if matching.reasons:
        yield Table(
            "Rows that were not understood",
            ("Why", "Rows"),
            tuple((reason, f"{count:,}") for reason, count in matching.reasons.items()),
            frozenset((1,)),
        )


def _tenths(found: Footprint) -> Iterator[Block]:
    place = found.comparator.name
    yield Heading("Where those served live, by tenth of risk", key="tenths")
    yield Picture(
        Bars(
            tuple(one.words for one in found.tenths),
            tuple(100 * one.share for one in found.tenths),
            tuple(100 * one.whole_share for one in found.tenths),
            "People served",
            f"All people of {place}",
        ),
        alt="Bar chart: share of people served in each tenth of risk, with marks for all people. "
        "The table has the figures.",
        caption="Share of people served in each tenth of risk",
    )
    yield _parts("Tenths of risk", [line_of(one, found) for one in (*found.tenths, found.fifth)])


def _groups(found: Footprint) -> Iterator[Block]:
    held = group_lines(found)
    if held:
        yield Heading("Groups of the NHS framework, by where people live", key="groups")
    for group, lines in held:
        yield Heading(words.upper_first(group.label), 3)
        yield _parts(words.upper_first(group.label), lines)


def _parts(caption: str, lines: list[dict[str, Any]]) -> Table:
    return table(
        caption,
        lines,
        column("What", "words"),
        column("People served", "people", number=True),
        column("Of those served", "share", number=True),
        column("Of all people", "whole", number=True),
        column("Ratio", "ratio", number=True),
        column("Interval", lambda row: row["chance"] or row["other"], number=True),
        column("In words", "reading"),
    )


def _missed(edition: Edition, found: Footprint) -> Iterator[Block]:
    yield Heading("Who is missed", key="missed")
    yield Picture(
        footprint_map(edition, found, keyed=True),
        alt=footprint_alt(found),
        caption=f"Where people at high risk are served in {found.comparator.name}",
    )
    rows = missed_rows(edition, found)
    if not rows:
        yield Paragraph("Nowhere are people at high risk served less than others.")
        return
    yield table(
        "Neighbourhoods served worst",
        rows,
        column("Where", lambda row: f"{row['name']} ({row['code']})"),
        column("People at high risk", lambda row: words.count(row["high"]), number=True),
        column("Of them served", "served", number=True),
        column("Expected", lambda row: words.count(row["expected"]), number=True),
        column("Shortfall", lambda row: words.count(row["short"]), number=True),
    )


def _modelled(found: Footprint) -> Iterator[Block]:
    told = modelled(found)
    if told is None:
        return
    yield Heading("Households unlikely to cope online (modelled)", key="modelled")
    yield Table(
        "Where those served live",
        ("What", "Middle", "80% range"),
        (
            ("Households", told["households"], told["households_range"]),
            ("People in them", told["people"], told["people_range"]),
            ("Share of households", told["share"], told["share_range"]),
            (f"Share in {found.comparator.name}", told["whole"], told["whole_range"]),
        ),
        frozenset((1, 2)),
    )


def _support(found: Footprint) -> Iterator[Block]:
    if not found.support:
        return
    yield Heading("Support in reach", key="support")
    yield table(
        "People with a place of support within 1 km on foot",
        [{"one": one} for one in found.support],
        column("Place", lambda row: words.upper_first(row["one"].kind.label)),
        column(
            "Of people served",
            lambda r: "withheld" if r["one"].withheld else words.percent(100 * r["one"].served),
            number=True,
        ),
        column("Of all people", lambda r: words.percent(100 * r["one"].whole), number=True),
        column(
            "Half of those served are within",
            lambda row: words.distance(row["one"].typical),
            number=True,
        ),
    )
