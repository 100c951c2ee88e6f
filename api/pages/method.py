"""The method page, told from the definition and the catalogue inside the edition."""

from collections.abc import Sequence
from dataclasses import dataclass

from exclusion_map.catalogue import Indicator
from exclusion_map.editions.manifest import EditionSource, Manifest
from exclusion_map.index import Definition


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

    title: str
    share: float
    group: str
    evidence: str
    sources: Sequence[str]
    indicators: Sequence[IndicatorView]


@dataclass(frozen=True, slots=True)
class MethodView:
    """The whole index."""

    definition: Definition
    normalise: str
    aggregate: str
    scale: str
    minimum_share: float
    components: Sequence[ComponentView]
    others: Sequence[IndicatorView]
    """Indicators that are shown in profiles but are not in the index."""


NORMALISE = {
    "percentile_rank": "Each indicator becomes a percentile rank: the share of small areas it is "
    "riskier than. A rank does not care how far apart the figures are, so one extreme area cannot "
    "bend the rest.",
    "min_max": "Each indicator is stretched so that the lowest value is 0 and the highest is 1.",
    "z_score": "Each indicator becomes the distance from the average, in standard deviations.",
}
AGGREGATE = {
    "arithmetic": "The ranks are averaged with their weights. A low risk in one part can make up "
    "for a high risk in another.",
    "geometric": "The ranks are averaged with their weights as a product, so that a high risk in "
    "one part is only partly made up for by a low one in another.",
}
SCALE = {
    "min_max": "The average is stretched to run from 0 (the lowest risk of any small area) to 100 "
    "(the highest).",
}


def method_view(manifest: Manifest) -> MethodView:
    """Return the default index of an edition in words and tables.

    Raises:
        DefinitionError: this version cannot read the definition.
    """
    entry = next(index for index in manifest.indices if index.id == manifest.default_index)
    definition = Definition.parse(entry.definition, entry.id)
    known = {str(indicator.id): indicator for indicator in manifest.indicators}
    used: set[str] = set()
    components = []
    for child in definition.children:
        leaves = [
            leaf for leaf in definition.leaves() if _belongs(leaf.path, leaf.node.id, child.id)
        ]
        views = []
        for leaf in leaves:
            for place, name in enumerate((*leaf.node.choices, *leaf.node.plus)):
                used.add(name)
                if name in known:
                    share = 100 * leaf.nominal_weight
                    source = manifest.source(known[name].source)
                    stand_in = 0 < place < len(leaf.node.choices)
                    views.append(IndicatorView(known[name], source, share, stand_in))
        components.append(
            ComponentView(
                title=child.title or child.id.replace("_", " "),
                share=100 * sum(leaf.nominal_weight for leaf in leaves),
                group=_group(child),
                evidence=child.evidence.strip(),
                sources=child.sources,
                indicators=views,
            )
        )
    others = [
        IndicatorView(indicator, manifest.source(indicator.source), 0.0, stand_in=False)
        for indicator in manifest.indicators
        if indicator.id not in used
    ]
    return MethodView(
        definition=definition,
        normalise=NORMALISE.get(definition.normalise.method, definition.normalise.method),
        aggregate=AGGREGATE.get(definition.aggregate.method, definition.aggregate.method),
        scale=SCALE.get(definition.scale.method, definition.scale.method),
        minimum_share=100 * definition.missing.minimum_share,
        components=components,
        others=others,
    )


def _belongs(path: tuple[str, ...], leaf: str, child: str) -> bool:
    return path[0] == child if path else leaf == child


def _group(child: object) -> str:
    group = getattr(child, "nhs_group", None)
    return group.label if group is not None else ""
