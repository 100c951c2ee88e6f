"""Fair share on an edition: what rules look at, and the division as a table with its notes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.rollup_estimate import SmallEstimates
from exclusion_map.editions.credits import about_tool
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.dataset import Column, Dataset, Field, FieldType
from exclusion_map.exports.dataset_job import NoShapes
from exclusion_map.index import Definition
from exclusion_map.targeting.sharing import TIES, Compared, Share, by_every_rule
from exclusion_map.targeting.sharing_draws import ShareDoubt
from exclusion_map.targeting.sharing_reasons import ROUNDING
from exclusion_map.targeting.sharing_rules import Grounds, Rule
from exclusion_map.targeting.sharing_table import share_columns
from exclusion_map.targeting.sharing_weights import PartMoves
from exclusion_map.terms import AreaKind

_FIELDS: Mapping[str, tuple[str, str]] = {
    "code": ("Code", "Code of the area; empty for a partner with a list of areas."),
    "name": ("Name", "Name of the area or partner."),
    "population": ("People", "People who live in its areas (Census 2021)."),
    "people_at_risk": (
        "People at risk",
        "Modelled people in households unlikely to deal with government online; where the edition "
        "has no estimate, people in the highest-risk fifth of areas.",
    ),
    "score": ("Score", "Mean score of its people, 0 to 100, more is riskier."),
    "claim": ("Claim", "What the rule counts for it."),
    "claim_pct": ("Claim, per cent", "Its part of all claims."),
    "received": ("Received before", "Counts towards its share."),
    "minimum": ("Minimum", "It must get at least so much now."),
    "maximum": ("Maximum", "It may get at most so much now."),
    "share_before_bounds": ("Share before bounds", "Its part of all claims times the total."),
    "fair_share": (
        "Fair share",
        "With bounds and received things, before it is made a whole number; adds up to the total.",
    ),
    "given": ("Given", "What it gets."),
    "per_1000_at_risk": (
        "For each 1,000 people at risk",
        "Given and received before, for each 1,000 people at risk.",
    ),
    "tie": ("Tie", "Whether only the queue decided about the last one."),
    "why": ("Why", "The reason in words."),
    "given_low": ("Given, low", "At least so much in 95 % of draws."),
    "given_median": ("Given, median", "Median over the draws."),
    "given_high": ("Given, high", "At most so much in 95 % of draws."),
    "chance_of_as_much": ("Chance of as much", "Share of draws with at least what it gets."),
    "chance_of_any": ("Chance of any", "Share of draws in which it gets anything."),
}
_TEXT = frozenset({"code", "name", "tie", "why"})


@dataclass(frozen=True, eq=False, kw_only=True)
class Shared:
    """A division with all that is told of it.

    Attributes:
        share: the division.
        grounds: it stands on.
        compared: the same total by every rule.
        definition: of the index.
        own_weights: whether the reader changed its weights.
        place: where, in words.
        what: is shared, in words: computers.
        kind: of the areas that share; None for partners with lists of areas.
        doubt: what each unit gets over many draws; None where it was not asked for.
        parts: what each part of the index moves; told together with draws.
    """

    share: Share
    grounds: Grounds
    compared: tuple[Compared, ...]
    definition: Definition
    own_weights: bool
    place: str
    what: str
    kind: AreaKind | None = None
    doubt: ShareDoubt | None = None
    parts: tuple[PartMoves, ...] = ()

    @property
    def title(self) -> str:
        """What it is, in a line."""
        total = f"{self.share.question.total:,f}"
        return f"{total} {self.what} for {self.place}: {self.share.question.rule.label.lower()}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said of it."""
        units = self.share.units
        left_out = [
            f"{name}: {one.text[:60]} was left out: {one.reason}"
            for name, listed in units.unmatched.items()
            for one in listed[:20]
        ]
        tied = int(self.share.division.tied.sum())
        ties = [f"{tied:,} units tied for the last ones. {TIES}"] if tied else [TIES]
        silent = int(np.isnan(self.share.claims.weight).sum())
        unknown = [f"Of {silent:,} units nothing is known that the rule counts."] if silent else []
        return (*units.notes, *unknown, *ties, *left_out)

    @property
    def how(self) -> dict[str, str]:
        """How it was worked out, by topic."""
        question = self.share.question
        weights = "changed by who asked" if self.own_weights else "as published"
        told = {
            "Shared": f"{question.total:,f} {self.what} in steps of {question.step:f}",
            "Rule": question.rule.label,
            "Whole numbers": f"{question.method.label}. {ROUNDING[question.method]}",
            "Minimum for each": f"{question.minimum:f}",
            "Maximum for each": "none" if question.maximum is None else f"{question.maximum:f}",
        }
        if question.rule.of_index:
            told["Index"] = f"{self.definition.title}, version {self.definition.version}"
            told["Weights of the index"] = weights
        if question.rule is Rule.ABOVE:
            line = self.grounds.usual_score if question.line is None else question.line
            told["Line"] = f"score {line:.1f}"
        if self.doubt is not None:
            told["Draws"] = f"{self.doubt.draws:,}, seed {self.doubt.seed}"
        return told


def grounds_of(edition: Edition, scores: ScoreSet, estimates: SmallEstimates | None) -> Grounds:
    """Return what rules look at."""
    return Grounds.of(edition.atlas, scores, estimates)


def rules_of(share: Share, grounds: Grounds) -> tuple[Compared, ...]:
    """Return the same total by every rule the edition can tell."""
    return by_every_rule(share, grounds)


def share_dataset(edition: Edition, shared: Shared) -> Dataset:
    """Return a division as a table to be written, with notes and sources."""
    found = share_columns(shared.share, shared.compared, shared.doubt)
    return Dataset(
        name="fair_share",
        file_name=file_name(edition, shared),
        key="name",
        columns=tuple(_column(name, values) for name, values in found.items()),
        about=about_tool(
            edition,
            title=shared.title,
            selection=f"{len(shared.share.units):,} who share, each once",
            how=shared.how,
            notes=shared.notes,
        ),
        shapes=NoShapes(),
    )


def file_name(edition: Edition, shared: Shared) -> str:
    """Return the name of a file without its ending."""
    place = re.sub(r"[^a-z0-9]+", "-", shared.place.lower()).strip("-")[:40]
    return f"exclusion-map-{edition.id}-share-{shared.share.question.rule.value}-{place}"


def _column(name: str, values: np.ndarray | Sequence[str]) -> Column:
    title, told = _FIELDS.get(name, ("", ""))
    if not title:
        rule = Rule(name.removeprefix("by_").replace("_", "-"))
        title, told = f"By rule: {rule.label}", "What it would get by this rule, bounds alike."
    kind = FieldType.TEXT if name in _TEXT else FieldType.NUMBER
    return Column(Field(name=name, title=title, description=told, type=kind), values)
