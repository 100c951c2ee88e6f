"""A fair share in words and as a report: who gets how many and why, other rules, how sure."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from exclusion_map.areas import words
from exclusion_map.editions.papers.paper import Again, Paper, column, paper, table
from exclusion_map.editions.papers.share_map import share_alt, share_map
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.sharing import Shared
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture
from exclusion_map.targeting.sharing import Compared
from exclusion_map.targeting.sharing_reasons import ROUNDING, Teller
from exclusion_map.targeting.sharing_rules import Rule

_NAMED: Final = 3
"""Units that the first sentence names; more are counted."""


def order_of(shared: Shared) -> list[int]:
    """Return the units, those that get most first."""
    share = shared.share
    order: list[int] = np.lexsort((np.array(share.units.names), -share.given)).tolist()
    return order


def unit_row(shared: Shared, teller: Teller, at: int) -> dict[str, Any]:
    """Return what is told of a unit."""
    share, doubt = shared.share, shared.doubt
    risky = float(share.risky[at])
    held = float(share.given[at] + share.received[at])
    found = {
        "name": share.units.names[at],
        "code": share.units.codes[at],
        "given": teller.amount(float(share.division.given[at])),
        "claim": float(share.claims.weight[at]),
        "fair": float(share.amount(float(share.division.fair[at]))),
        "received": teller.amount(float(share.claims.held[at])),
        "per": 1000 * held / risky if risky > 0 else np.nan,
        "why": teller.why(at),
    }
    if doubt is not None:
        low, high = (_plain(teller, shared, end[at]) for end in (doubt.low, doubt.high))
        found["range"] = low if low == high else f"{low} to {high}"
        found["as_much"] = chance(float(doubt.as_much[at]))
    return found


def _plain(teller: Teller, shared: Shared, amount: float) -> str:
    return teller.amount(float(amount) / float(shared.share.question.step))


def chance(share: float) -> str:
    """Return a share of draws in words: never 0 % or 100 % by rounding alone."""
    return words.percent(100 * share) if 0 < share < 1 else f"{100 * share:.0f}%"


def part_rows(edition: Edition, shared: Shared, teller: Teller) -> list[dict[str, str]]:
    """Return what each part of the index moves, most first."""
    labels = {str(one.id): one.short_label for one in edition.manifest.indicators}
    order = sorted(shared.parts, key=lambda one: -max(one.out or 0.0, one.double or 0.0))
    step = float(shared.share.question.step)

    def said(amount: float | None) -> str:
        return "cannot be" if amount is None else teller.amount(amount / step)

    return [
        {
            "title": one.title or labels.get(one.part, one.part.replace("_", " ")),
            "out": said(one.out),
            "double": said(one.double),
        }
        for one in order
    ]


def rule_row(one: Compared, teller: Teller) -> dict[str, Any]:
    """Return what is told of the same total by a rule."""
    if one.share is None:
        return {"rule": one.rule, "share": None, "why_not": one.why_not}
    even = one.share.equity
    step = float(one.share.question.step)
    return {
        "rule": one.rule,
        "share": one.share,
        "moved": teller.amount(one.moved / step),
        "none": int((one.share.given == 0).sum()),
        "even": even,
        "ratio": f"{even.ratio:,.1f} times" if np.isfinite(even.ratio) else "some have none",
    }


def lead(shared: Shared, teller: Teller) -> str:
    """Return the answer in a sentence or two."""
    share = shared.share
    total = teller.amount(float(share.question.steps))
    given, names = share.division.given, share.units.names
    start = f"{total} {shared.what} for {shared.place}, shared {_by(share.question.rule)}"
    if len(names) == 1:
        return f"{start}: {names[0]} gets all of it."
    if given.min() == given.max():
        return f"{start}: each of the {len(names):,} gets {teller.amount(float(given[0]))}."
    ends = []
    for end, word in ((given.max(), "most"), (given.min(), "least")):
        at = np.flatnonzero(given == end).tolist()
        who = words.listed([names[one] for one in at]) if len(at) <= _NAMED else f"{len(at):,}"
        verb, each = ("gets", "") if len(at) == 1 else ("get", " each")
        ends.append(f"{who} {verb} {word}, {teller.amount(float(end))}{each}")
    return f"{start}: {'; '.join(ends)}."


def _by(rule: Rule) -> str:
    if rule in (Rule.EQUAL, Rule.PEOPLE):
        return "evenly" if rule is Rule.EQUAL else "in proportion to people"
    if rule is Rule.EXPONENTIAL:
        return "by a formula that weighs the areas of highest risk most"
    named = "your own numbers" if rule is Rule.OWN else words.lower_first(rule.label)
    return f"in proportion to {named}"


def report(shared: Shared, teller: Teller) -> list[str]:
    """Return paragraphs for a committee paper, in plain English."""
    share, question = shared.share, shared.share.question
    total = teller.amount(float(question.steps))
    said = [
        f"There are {total} {shared.what} to share among {among(shared)}. "
        f"They are shared {_by(question.rule)}. {_bounds(shared)}".strip()
    ]
    if share.claims.held.any():
        had = teller.amount(float(share.claims.held.sum()))
        said.append(
            f"What some have already, {had} in all, counts: everybody is filled to the same level."
        )
    even = share.equity
    if np.isfinite(even.highest):
        said.append(
            f"For each 1,000 people at risk there are then from {even.lowest:,.1f} to "
            f"{even.highest:,.1f} {shared.what}; {even.overall:,.1f} in all."
        )
    others = [one for one in shared.compared if one.share is not None and one.moved > 0]
    if others:
        least, most = (pick(others, key=lambda one: one.moved) for pick in (min, max))
        step = float(question.step)
        few, many = (teller.amount(one.moved / step) for one in (least, most))
        said.append(
            f"Another rule would send some elsewhere: {few} if they were shared "
            f"{_by(least.rule)}, {many} if {_by(most.rule)}."
        )
    if shared.doubt is not None:
        said.append(
            f"The data could be read in other ways. Over {shared.doubt.draws:,} such readings, on "
            f"average {shared.doubt.moved:,.1f} of {total} {shared.what} would go elsewhere."
        )
    said.append(
        "The figures show risk in areas, not who is left out. They are a start for a talk with "
        "people who know the places, not the end of one."
    )
    return said


def among(shared: Shared) -> str:
    """Return who shares, in words: "22 wards of Wirral"."""
    count = len(shared.share.units)
    if shared.kind is None:
        return words.plural(count, "partner")
    kind = shared.kind.label if count == 1 else shared.kind.label_plural
    return f"{count:,} {kind} of {shared.place}"


def _bounds(shared: Shared) -> str:
    question = shared.share.question
    said = []
    if question.minimum:
        said.append(f"at least {question.minimum:,f}")
    if question.maximum is not None:
        said.append(f"at most {question.maximum:,f}")
    return f"Each gets {' and '.join(said)}." if said else ""


def share_paper(edition: Edition, shared: Shared, again: Again) -> Document:
    """Return the paper of a fair share: who gets how many and why, and what else there is."""
    teller = Teller(shared.share)
    blocks = (
        Heading("Where it goes", key="map"),
        Picture(
            share_map(edition, shared, keyed=True),
            alt=f"{share_alt(shared)} {lead(shared, teller)}",
            caption=f"How many {shared.what} each gets",
        ),
        Heading("In words", key="words"),
        *(Paragraph(text) for text in report(shared, teller)),
        *_tables(edition, shared, teller),
    )
    said = Paper(
        title=shared.title, lead=lead(shared, teller), asked=shared.how, notes=shared.notes
    )
    return paper(edition.manifest, said, blocks, again)


def _tables(edition: Edition, shared: Shared, teller: Teller) -> Iterator[Block]:
    doubt = [column("In most readings", "range", number=True)] if shared.doubt else []
    yield Heading("Who gets how many, and why", key="who")
    yield table(
        f"How many {shared.what} each gets",
        [unit_row(shared, teller, at) for at in order_of(shared)],
        column("Who", "name"),
        column("Gets", "given", number=True),
        column("Fair share", lambda row: words.decimal(row["fair"], 2), number=True),
        *doubt,
        column("Why", "why"),
    )
    yield Paragraph(ROUNDING[shared.share.question.method])
    yield Heading("What other rules would give", key="rules")
    yield table(
        "Each rule beside the one asked for",
        [rule_row(one, teller) for one in shared.compared if one.share is not None],
        column("Rule", lambda row: row["rule"].label),
        column("Goes elsewhere", "moved", number=True),
        column("Who get none", lambda row: f"{row['none']:,}", number=True),
        column("Highest over lowest", "ratio", number=True),
    )
    parts = part_rows(edition, shared, teller)
    if parts:
        yield Heading("If a part of the index counted otherwise", key="parts")
        yield table(
            f"How many {shared.what} would go elsewhere",
            parts,
            column("Part of the index", "title"),
            column("Without it", "out", number=True),
            column("Counted double", "double", number=True),
        )
