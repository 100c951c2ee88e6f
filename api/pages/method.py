"""The method page of any index, told from its definition and the catalogue inside the edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.engine import Engine
from api.index_facts import Effective, IndexDetail, one_index
from api.pages.formula import Formula, formulae
from exclusion_map.catalogue import Indicator
from exclusion_map.editions.manifest import EditionSource
from exclusion_map.index import Definition, Leaf
from exclusion_map.index.audit import DOUBLE_COUNTING, OPPOSED


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One indicator of the index with its weight and its source."""

    indicator: Indicator
    source: EditionSource | None
    share: float
    """Nominal share of the index, 0 to 100."""
    stand_in: bool


@dataclass(frozen=True, slots=True)
class ComponentView:
    """One component of the index."""

    id: str
    title: str
    share: float
    effective: float | None
    """Its part of the score's variance, 0 to 100; None where that cannot be had."""
    correlation: float | None
    group: str
    evidence: str
    sources: Sequence[str]
    indicators: Sequence[IndicatorView]


@dataclass(frozen=True, slots=True)
class EffectiveRow:
    """An indicator with what its weight says and what it does."""

    label: str
    nominal: float
    effective: float | None
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Correlations between indicators, beneath the diagonal: row i has i cells."""

    labels: Sequence[str]
    rows: Sequence[Sequence[float | None]]

    @staticmethod
    def strong(cell: float | None) -> bool:
        """Whether a pair is to be warned of."""
        return cell is not None and (cell > DOUBLE_COUNTING or cell < OPPOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """The whole index."""

    definition: Definition
    is_default: bool
    choices: Sequence[tuple[str, str]]
    normalise: str
    aggregate: str
    scale: str
    formulae: Sequence[Formula]
    minimum_share: float
    components: Sequence[ComponentView]
    others: Sequence[IndicatorView]
    """Indicators that are shown in profiles but are not in the index."""
    effective: Sequence[EffectiveRow]
    matrix: Matrix | None
    warnings: Sequence[str]
    missing: Sequence[str]
    missing_words: str


NORMALISE = {
    "percentile_rank": "Each figure becomes a percentile rank: the share of small areas it is "
    "riskier than. A rank does not care how far apart the figures are, so one extreme area cannot "
    "bend the rest.",
    "min_max": "Each figure is stretched so that the lowest value is 0 and the highest is 100.",
    "z_score": "Each figure becomes the distance from the average, in standard deviations.",
    "goalposts": "Each figure is placed between two fixed marks.",
    "rank_exponential": "Each figure is ranked, and ranks are stretched at the deprived end, as in "
    "the Indices of Deprivation.",
    "none": "Each figure stands as it is.",
}
AGGREGATE = {
    "arithmetic": "They are averaged with their weights. A low risk in one part can make up for a "
    "high risk in another.",
    "geometric": "They are averaged with their weights as a product, so that a high risk in one "
    "part is only partly made up for by a low one in another.",
    "generalised_mean": "They are averaged with their weights by a mean that gives more say to "
    "high values.",
    "copeland": "Every area is compared with every other, part by part; the one that wins more "
    "comparisons stands higher.",
}
SCALE = {
    "percentile_rank": "The average becomes a percentile rank from 0 to 100.",
    "linear": "The average is multiplied by a fixed number.",
    "none": "The average stands as it is.",
    "min_max": "The average is stretched to run from 0 (the lowest risk of any small area) to 100 "
    "(the highest).",
}


def method_view(engine: Engine, identity: str | None = None) -> MethodView:
    """Return an index in words and tables; the default one for None.

    Raises:
        NotFoundError: there is no such index.
    """
    definition = engine.definition(identity)
    facts = one_index(engine, str(definition.id))
    manifest = engine.service.edition.manifest
    known = {str(indicator.id): indicator for indicator in manifest.indicators}
    effective = {one.id: one for one in (*facts.indicators, *facts.groups)}
    components = [_component(engine, definition, child, effective) for child in definition.children]
    used = {name for leaf in definition.leaves() for name in (*leaf.node.choices, *leaf.node.plus)}
    labels = {leaf.node.id: _label(leaf, known) for leaf in definition.leaves()}
    default = engine.service.default_index
    return MethodView(
        definition=definition,
        is_default=definition.id == default,
        choices=[(key, one.title) for key, one in engine.definitions.items()],
        normalise=NORMALISE.get(definition.normalise.method, definition.normalise.method),
        aggregate=AGGREGATE.get(definition.aggregate.method, definition.aggregate.method),
        scale=SCALE.get(definition.scale.method, ""),
        formulae=formulae(definition),
        minimum_share=100 * definition.missing.minimum_share,
        components=components,
        others=[
            IndicatorView(indicator, manifest.source(indicator.source), 0.0, stand_in=False)
            for indicator in manifest.indicators
            if indicator.id not in used
        ],
        effective=[
            EffectiveRow(
                labels[one.id], 100 * one.nominal, _percent(one.variance_share), one.correlation
            )
            for one in facts.indicators
        ],
        matrix=_matrix(facts, labels),
        warnings=[_told(warning, labels) for warning in facts.warnings],
        missing=[_name(name, known) for name in facts.missing],
        missing_words=facts.missing_words,
    )


def _component(
    engine: Engine, definition: Definition, child: object, effective: Mapping[str, Effective]
) -> ComponentView:
    manifest = engine.service.edition.manifest
    known = {str(indicator.id): indicator for indicator in manifest.indicators}
    identity = str(getattr(child, "id", ""))
    leaves = [leaf for leaf in definition.leaves() if identity in (*leaf.path, leaf.node.id)]
    views = []
    for leaf in leaves:
        for place, name in enumerate((*leaf.node.choices, *leaf.node.plus)):
            if name in known:
                stand_in = 0 < place < len(leaf.node.choices)
                source = manifest.source(known[name].source)
                share = 100 * leaf.nominal_weight
                views.append(IndicatorView(known[name], source, share, stand_in))
    group = getattr(child, "nhs_group", None)
    done = effective.get(identity)
    return ComponentView(
        id=identity,
        title=getattr(child, "title", "") or _name(identity, known),
        share=100 * sum(leaf.nominal_weight for leaf in leaves),
        effective=_percent(done.variance_share) if done else None,
        correlation=done.correlation if done else None,
        group=group.label if group is not None else "",
        evidence=getattr(child, "evidence", "").strip(),
        sources=getattr(child, "sources", ()),
        indicators=views,
    )


def _matrix(facts: IndexDetail, labels: Mapping[str, str]) -> Matrix | None:
    if facts.correlations is None or len(facts.correlations.ids) < 2:
        return None
    return Matrix(
        [labels[name] for name in facts.correlations.ids],
        [row[:place] for place, row in enumerate(facts.correlations.matrix)],
    )


def _label(leaf: Leaf, known: Mapping[str, Indicator]) -> str:
    return leaf.node.title or _name(leaf.node.indicator, known)


def _name(identity: str, known: Mapping[str, Indicator]) -> str:
    return known[identity].short_label if identity in known else identity.replace("_", " ")


def _told(warning: str, labels: Mapping[str, str]) -> str:
    """Return a warning with ids of indicators in words, the longest ids first."""
    for identity in sorted(labels, key=len, reverse=True):
        warning = warning.replace(f"{identity} ", f"{labels[identity]} ", 1)
    return warning


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
