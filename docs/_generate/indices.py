"""The reference of indices: each shipped definition with its weights and formulae."""

from collections.abc import Iterable
from pathlib import Path

from api.pages.formula import formulae
from docs._generate.markdown import bullets, page, table
from exclusion_map import catalogue
from exclusion_map.editions import read_manifest
from exclusion_map.index import Definition, Group, IndicatorNode
from exclusion_map.index.load import DEFAULT, library


def reference(folder: Path) -> str:
    """Return the page of every shipped index.

    Args:
        folder: of any edition; it says which indices editions hold.
    """
    held = {one.id for one in read_manifest(folder).indices}
    rows = [
        (
            f"[{one.title}](#{identity})",
            f"`{identity}`",
            one.version,
            "every edition" if identity in held else "kept for comparison",
        )
        for identity, one in library().items()
    ]
    parts = [
        "An index is data, not code: a tree of groups and indicators with weights and methods. "
        f"Pages show `{DEFAULT}` by default. To make your own, see "
        "[make an index](../how-to/make-an-index.md). For the methods, see "
        "[method](../method/index.md).",
        table(("index", "id", "version", "where"), rows),
    ]
    return page("Indices", *parts, *(part for one in library().values() for part in _one(one)))


def _one(one: Definition) -> list[str]:
    return [
        f"## {one.title} {{ #{one.id} }}",
        one.summary,
        f"Version {one.version}."
        + (f" Weights are fitted to `{one.fitted_to}`." if one.fitted_to else ""),
        table(("part", "weight", "share of the whole", "group"), _weights(one)),
        "Formulae, in order:",
        table(("step", "formula"), [(step.name, step.text) for step in formulae(one)]),
        f"A group has a value if at least {100 * one.missing.minimum_share:g} % of its weight "
        "has data.",
        "How weights were chosen:" if one.evidence else "",
        one.evidence,
        "Not to forget:" if one.cautions else "",
        bullets(one.cautions),
        "Evidence for its parts:" if _evidence(one) else "",
        bullets(_evidence(one)),
        "Sources:" if one.sources else "",
        bullets(one.sources),
    ]


def _evidence(one: Definition) -> list[str]:
    return [f"**{group.title}**: {group.evidence}" for group in one.components() if group.evidence]


def _weights(one: Definition) -> list[tuple[object, ...]]:
    return list(_rows(one.children, 100.0, 0, {item.id: item.title for item in one.supplied}))


def _rows(
    nodes: Iterable[Group | IndicatorNode], share: float, depth: int, supplied: dict[str, str]
) -> Iterable[tuple[object, ...]]:
    listed = list(nodes)
    total = sum(node.weight for node in listed) or 1.0
    for node in listed:
        part = share * node.weight / total
        dots = "· " * depth
        if isinstance(node, Group):
            group = node.nhs_group.label if node.nhs_group else ""
            yield f"{dots}**{node.title}**", f"{node.weight:g}", f"{part:.1f} %", group
            yield from _rows(node.children, part, depth + 1, supplied)
        else:
            yield dots + _indicator(node, supplied), f"{node.weight:g}", f"{part:.1f} %", ""


def _indicator(node: IndicatorNode, supplied: dict[str, str]) -> str:
    known = catalogue.indicators()
    names = [
        f"[{known[name].short_label}](indicators.md#{name})"
        if name in known
        else f"{supplied.get(name, name)} (supplied by you)"
        for name in (node.indicator, *node.plus)
    ]
    text = " + ".join(names)
    return f"{text}, else `{'`, `'.join(node.otherwise)}`" if node.otherwise else text
