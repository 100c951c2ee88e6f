"""Definition of an index: a tree of weighted groups and indicators with its methods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from exclusion_map.catalogue.models import Declared, Text
from exclusion_map.errors import DefinitionError
from exclusion_map.index.aggregate import Aggregator, Arithmetic
from exclusion_map.index.faults import MOST_LEVELS, TOO_DEEP, faults
from exclusion_map.index.impute import Imputer, NoImputation
from exclusion_map.index.normalise import Normaliser, PercentileRank
from exclusion_map.index.respond import Response
from exclusion_map.index.scale import MinMaxScale, Scale
from exclusion_map.index.treat import NoTreatment, Treater
from exclusion_map.terms import Direction, IndexId, NhsGroup

MEND = "See docs/method/index.md for the fields of a definition."
Weight = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class IndicatorNode(Declared):
    """A leaf of the tree: an indicator, or the first of several alternatives with data."""

    indicator: Name
    id: Name = Field("", validate_default=False, description="By default the indicator's id.")
    title: str = ""
    weight: Weight = Field(1.0, description="Relative to the others of the same group.")
    otherwise: tuple[Name, ...] = Field(
        (),
        description="Substitutes, in order, if the indicator has no values in the table.",
    )
    plus: tuple[Name, ...] = Field(
        (),
        description="Indicators to add to it first, as shares of the same total. They may also "
        "be used on their own elsewhere.",
    )
    treat: Treater | None = Field(None, description="By default the definition's.")
    normalise: Normaliser | None = Field(None, description="By default the definition's.")
    response: Response | None = Field(
        None, description="Kind of response that a high value suggests."
    )
    evidence: str = Field("", description="Why it is here and carries this weight.")
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.id:
            object.__setattr__(self, "id", self.indicator)
        if self.plus and self.otherwise:
            raise ValueError(f"indicator {self.indicator}: give plus or otherwise, not both")
        return self

    @property
    def choices(self) -> tuple[str, ...]:
        """The indicator and its substitutes, in order of preference."""
        return (self.indicator, *self.otherwise)


class Group(Declared):
    """A branch of the tree: a component of the index, or part of a component."""

    id: Name
    title: Text
    weight: Weight = Field(1.0, description="Relative to the others of the same group.")
    nhs_group: NhsGroup | None = Field(
        None, description="Group of the NHS framework that it covers."
    )
    evidence: str = Field("", description="Why it is here and carries this weight.")
    sources: tuple[str, ...] = ()
    aggregate: Aggregator | None = Field(None, description="By default the definition's.")
    children: tuple["Node", ...]


def _kind(data: Any) -> str | None:
    """Return which kind of node a child is, or None if neither, such as a number."""
    if isinstance(data, IndicatorNode):
        return "indicator"
    if isinstance(data, Mapping):
        return "indicator" if "indicator" in data else "group"
    return "group" if isinstance(data, Group) else None


Node = Annotated[
    Annotated[IndicatorNode, Tag("indicator")] | Annotated[Group, Tag("group")],
    Discriminator(_kind),
]


class MissingRule(Declared):
    """Treatment of missing values: they never count as zero or as the lowest risk."""

    minimum_share: float = Field(
        0.5, ge=0, le=1, description="Minimum share of a group's weight that must have a value."
    )
    impute: Imputer = Field(
        NoImputation(), description="How missing values are imputed first, if at all."
    )


class Supplied(Declared):
    """An indicator outside the catalogue that the table must supply for this definition."""

    id: Name
    title: Text
    direction: Direction
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Leaf:
    """An indicator of a definition, with the groups above it and its share of the index."""

    node: IndicatorNode
    path: tuple[str, ...]
    nominal_weight: float


class Definition(Declared):
    """A complete index definition: with the values, anybody can compute the index from it."""

    id: Annotated[IndexId, Field(pattern=r"^[a-z][a-z0-9._-]*$", max_length=60)]
    title: Text
    version: Text = "1.0.0"
    summary: str = Field("", description="What it shows, in plain English.")
    cautions: tuple[str, ...] = Field(
        (), description="What it does not show, and how not to use it."
    )
    evidence: str = Field("", description="How the weights were chosen, and on what evidence.")
    sources: tuple[str, ...] = ()
    fitted_to: str = Field(
        "",
        description="Id of the source of the outcome its weights were fitted to, if any. It is "
        "then validated with weights refitted without each district in turn.",
    )
    treat: Treater = NoTreatment()
    normalise: Normaliser = PercentileRank()
    aggregate: Aggregator = Arithmetic()
    missing: MissingRule = Field(default_factory=lambda: MissingRule(minimum_share=0.5))
    scale: Scale = MinMaxScale()
    supplied: tuple[Supplied, ...] = ()
    children: tuple[Node, ...]

    @model_validator(mode="before")
    @classmethod
    def _shallow(cls, data: Any) -> Any:
        """Refuse trees too deep for the recursive functions that walk or serialise them."""
        level = [data]  # then its children, and so on, down to the indicators
        for _ in range(MOST_LEVELS + 2):
            level = [child for node in level for child in _children(node)]
        if level:
            raise ValueError(TOO_DEEP)
        return data

    @model_validator(mode="after")
    def _sound(self) -> Self:
        seen: dict[str, str] = {}
        for group in _groups(self, self.id):
            if not group.children:
                raise ValueError(f"{group.name}: has no children; give it at least one indicator")
            if not any(child.weight > 0 for child in group.children):
                raise ValueError(f"{group.name}: all weights are 0; give at least one above 0")
            for child in group.children:
                _once(seen, child.id, group.name, "id")
        used: dict[str, str] = {}
        for leaf in self.leaves():
            for name in leaf.node.choices:
                _once(used, name, leaf.node.id, "indicator")
        return self

    def leaves(self) -> tuple[Leaf, ...]:
        """Return the indicators in tree order, each with its nominal share of the index (sum 1)."""
        return tuple(_leaves(self.children, (), 1.0))

    def components(self) -> tuple[Group, ...]:
        """Return every group below the root, in tree order, parents before children."""
        return tuple(_components(self.children))

    def weights(self) -> dict[str, float]:
        """Return the relative weight of every group and indicator, by id."""
        found: dict[str, float] = {}
        for group in _groups(self, self.id):
            found.update({child.id: child.weight for child in group.children})
        return found

    def with_weights(self, weights: Mapping[str, float]) -> "Definition":
        """Return the definition with some weights replaced, by id of group or indicator.

        Raises:
            DefinitionError: an id is unknown, a weight is negative, or a group has no weight left.
        """
        known = self.weights()
        for identity in weights:
            if identity not in known:
                raise DefinitionError(
                    f"weights of {self.id}",
                    found=f"no group or indicator {identity!r}",
                    expected=f"one of {', '.join(known)}",
                )
        data = self.model_dump()
        _reweigh(data, weights)
        return Definition.parse(data)

    @classmethod
    def parse(cls, data: Mapping[str, Any], name: str = "") -> "Definition":
        """Return ``data`` (as from TOML or JSON) as a definition.

        Raises:
            DefinitionError: it names every invalid field and what was found.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise DefinitionError(
                f"definition {name or data.get('id', '')}".strip(),
                found=faults(error),
                expected="a tree of groups and indicators with weights from 0",
                mend=MEND,
            ) from None


def _children(node: Any) -> Sequence[Any]:
    """Return the children of a node of any type."""
    found = node.get("children") if isinstance(node, Mapping) else getattr(node, "children", None)
    return found if isinstance(found, list | tuple) else ()


@dataclass(frozen=True)
class _Level:
    name: str
    children: tuple[Any, ...]


def _groups(top: Definition | Group, name: str) -> Iterator[_Level]:
    yield _Level(name, top.children)
    for child in top.children:
        if isinstance(child, Group):
            yield from _groups(child, f"{name} > {child.id}")


def _once(seen: dict[str, str], key: str, where: str, what: str) -> None:
    if key in seen:
        raise ValueError(f"{what} {key!r} is used twice: in {seen[key]} and in {where}")
    seen[key] = where


def _leaves(nodes: tuple[Any, ...], path: tuple[str, ...], share: float) -> Iterator[Leaf]:
    total = sum(node.weight for node in nodes)
    for node in nodes:
        part = share * node.weight / total if total else 0.0
        if isinstance(node, Group):
            yield from _leaves(node.children, (*path, node.id), part)
        else:
            yield Leaf(node, path, part)


def _components(nodes: tuple[Any, ...]) -> Iterator[Group]:
    for node in nodes:
        if isinstance(node, Group):
            yield node
            yield from _components(node.children)


def _reweigh(data: dict[str, Any], weights: Mapping[str, float]) -> None:
    for child in data.get("children", ()):
        child["weight"] = weights.get(child["id"], child["weight"])
        _reweigh(child, weights)
