"""What each index is and really does: definition, effective weights, double counting."""

import math
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.engine import Engine
from exclusion_map.index import Definition
from exclusion_map.index.audit import Audit, EffectiveWeight


class Effective(BaseModel):
    """Effective weight of a group or indicator, compared with its nominal weight."""

    model_config = ConfigDict(frozen=True)

    id: str
    nominal: float = Field(description="Share of the index by the weights, 0 to 1.")
    variance_share: float | None = Field(
        description="Share of the score's variance; null if the index is not a weighted sum."
    )
    correlation: float | None = Field(description="Correlation with the score.")


class IndexFacts(BaseModel):
    """An index: its complete definition and the effective weights of its parts."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    published: bool = Field(
        description="Whether the edition contains its scores; others are calculated on request."
    )
    computable: bool = Field(description="Whether the edition has any data for it.")
    missing: tuple[str, ...] = Field(description="Indicators without data or a substitute.")
    missing_words: str = Field(description="Effect of the missing indicators, in words.")
    definition: dict[str, JsonValue]
    groups: tuple[Effective, ...]
    indicators: tuple[Effective, ...]
    warnings: tuple[str, ...] = Field(description="Pairs of indicators that overlap or cancel out.")


class Correlations(BaseModel):
    """Correlations between the normalised indicators of an index, (k, k)."""

    model_config = ConfigDict(frozen=True)

    ids: tuple[str, ...]
    matrix: tuple[tuple[float | None, ...], ...]


class IndexDetail(IndexFacts):
    """An index with the correlations between its indicators."""

    edition: str
    correlations: Correlations | None


class Indices(BaseModel):
    """All available indices; those of the edition come first."""

    model_config = ConfigDict(frozen=True)

    edition: str
    default: str
    indices: tuple[IndexFacts, ...]


def all_indices(engine: Engine) -> Indices:
    """Return every index."""
    return Indices(
        edition=engine.service.edition.id,
        default=engine.service.default_index,
        indices=tuple(
            IndexFacts(**_facts(engine, one, engine.audit(one)))
            for one in engine.definitions.values()
        ),
    )


def one_index(engine: Engine, identity: str) -> IndexDetail:
    """Return one index.

    Raises:
        NotFoundError: there is none of that id.
    """
    definition = engine.definition(identity)
    found = engine.audit(definition)
    correlations = None
    if found is not None:
        correlations = Correlations(
            ids=tuple(one.id for one in found.indicators),
            matrix=tuple(tuple(_number(cell) for cell in row) for row in found.correlations),
        )
    return IndexDetail(
        **_facts(engine, definition, found),
        edition=engine.service.edition.id,
        correlations=correlations,
    )


def _facts(engine: Engine, definition: Definition, found: Audit | None) -> dict[str, Any]:
    published = {index.id: index for index in engine.service.edition.manifest.indices}
    missing = engine.missing(definition)
    held = published.get(definition.id)
    return {
        "id": definition.id,
        "title": definition.title,
        "published": held is not None,
        "computable": found is not None,
        "missing": missing,
        "missing_words": _missing_words(definition, missing, found),
        "definition": held.definition if held else definition.model_dump(mode="json"),
        "groups": tuple(_effective(one) for one in found.groups) if found else (),
        "indicators": tuple(_effective(one) for one in found.indicators) if found else (),
        "warnings": tuple(pair.warning for pair in found.warnings) if found else (),
    }


def _missing_words(definition: Definition, missing: tuple[str, ...], found: Audit | None) -> str:
    if not missing:
        return ""
    if found is None:
        return "The edition has no data for this index: bring its indicators along as values."
    share = sum(
        leaf.nominal_weight for leaf in definition.leaves() if leaf.node.indicator in missing
    )
    return (
        f"Indicators with {share:.0%} of the weight have no data in this edition. The rest of "
        "their groups carries their weight; an area has no score where too little is left. Bring "
        "them along as values for the index as it was meant."
    )


def _effective(one: EffectiveWeight) -> Effective:
    return Effective(
        id=one.id,
        nominal=one.nominal,
        variance_share=_number(one.variance_share),
        correlation=_number(one.correlation),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
