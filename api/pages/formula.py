"""The formulae of an index, written out from its definition with its own numbers in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from exclusion_map.index import Definition, Group, IndicatorNode
from exclusion_map.index.aggregate import Aggregator, Copeland, GeneralisedMean, Geometric
from exclusion_map.index.impute import Imputation
from exclusion_map.index.normalise import (
    Goalposts,
    MinMax,
    NoNormalisation,
    Normaliser,
    PercentileRank,
    RankExponential,
)
from exclusion_map.index.scale import LinearScale, MinMaxScale, PercentileScale, Scale
from exclusion_map.index.treat import Log, NoTreatment, Treater, Winsorise


@dataclass(frozen=True, slots=True)
class Formula:
    """One step of an index."""

    name: str
    text: str


def formulae(definition: Definition) -> list[Formula]:
    """Return the formulae of an index in the order in which they are worked out."""
    steps = []
    filling = definition.missing.impute.method
    if filling is not Imputation.NONE:
        steps.append(
            Formula("gap", f"the {filling.value} of the areas compared, marked as an estimate")
        )
    if not isinstance(definition.treat, NoTreatment):
        steps.append(Formula("treated value", treatment(definition.treat)))
    steps += [
        Formula("part", normalisation(definition.normalise)),
        *_exceptions(definition),
        Formula("average", aggregation(definition.aggregate)),
        Formula("score", scaling(definition.scale)),
    ]
    return steps


def treatment(params: Treater) -> str:
    """Return how extreme values are treated."""
    if isinstance(params, NoTreatment):
        return "value"
    if isinstance(params, Winsorise):
        text = f"values in the outer {100 * params.share:g}% at either end take the last one inside"
    elif isinstance(params, Log):
        text = "ln(value − lowest + (highest − lowest) ÷ 100), mirrored for a long lower tail"
    else:
        text = "(value^λ − 1) ÷ λ, with the λ from −2 to 2 that fits best"
    if params.always:
        return text
    return (
        f"{text}; only where skewness is beyond ±{params.skewness:g} and excess kurtosis above "
        f"{params.kurtosis:g}"
    )


def normalisation(params: Normaliser) -> str:
    """Return how values become comparable parts."""
    if isinstance(params, PercentileRank):
        return "100 × (rank − ½) ÷ number of areas, rank 1 = least risk"
    if isinstance(params, MinMax):
        return "100 × (value − lowest) ÷ (highest − lowest)"
    if isinstance(params, Goalposts):
        low, high = f"{params.low:g}", f"{params.high:g}"
        return f"100 × (value − {low}) ÷ ({high} − {low}), cut off at 0 and 100"
    if isinstance(params, RankExponential):
        s = f"{params.scale:g}"
        return f"−{s} × ln(1 − R × (1 − e^(−100 ÷ {s}))), R = rank ÷ number of areas"
    if isinstance(params, NoNormalisation):
        return "value"
    return "(value − average) ÷ standard deviation"


def aggregation(params: Aggregator) -> str:
    """Return how parts become one average."""
    if isinstance(params, Geometric):
        c = f"{params.offset:g}"
        return f"exp(sum of (weight × ln(part + {c})) ÷ sum of weights) − {c}"
    if isinstance(params, GeneralisedMean):
        c, p = f"{params.offset:g}", f"{params.power:g}"
        return f"(sum of (weight × (part + {c})^{p}) ÷ sum of weights)^(1 ÷ {p}) − {c}"
    if isinstance(params, Copeland):
        return "50 × (1 + (comparisons won − comparisons lost) ÷ (number of areas − 1))"
    return "sum of (weight × part) ÷ sum of the weights that have data"


def scaling(params: Scale) -> str:
    """Return how the average becomes the score."""
    if isinstance(params, MinMaxScale):
        return "100 × (average − lowest average) ÷ (highest average − lowest average)"
    if isinstance(params, PercentileScale):
        return "100 × (rank of the average − ½) ÷ number of areas"
    if isinstance(params, LinearScale):
        offset = f" + {params.offset:g}" if params.offset else ""
        return f"{params.factor:g} × average{offset}"
    return "average"


def _exceptions(definition: Definition) -> list[Formula]:
    """Return where a group or an indicator has a method of its own."""
    found: list[Formula] = []
    nodes: Sequence[Group | IndicatorNode] = (
        *definition.components(),
        *(leaf.node for leaf in definition.leaves()),
    )
    for node in nodes:
        name = node.title or node.id.replace("_", " ")
        if isinstance(node, Group):
            if node.aggregate:
                found.append(Formula(f"average of {name}", aggregation(node.aggregate)))
            continue
        if node.treat:
            found.append(Formula(f"treated value of {name}", treatment(node.treat)))
        if node.normalise:
            found.append(Formula(f"part of {name}", normalisation(node.normalise)))
    return found
