"""The reference of indicators, from the catalogue."""

from docs._generate.markdown import bullets, page, table
from exclusion_map import catalogue
from exclusion_map.catalogue import Columns, Indicator


def reference() -> str:
    """Return the page of every indicator."""
    every = list(catalogue.indicators().values())
    rows = [
        (
            f"[{one.short_label}](#{one.id})",
            f"`{one.id}`",
            one.nhs_group.label,
            one.date.year,
            _listed(one.nations),
        )
        for one in every
    ]
    parts = [
        "Indicators are numbers about small areas. The direction is stated here once and applies "
        "in every index. For how they become a score, see [indices](indices.md).",
        table(("indicator", "id", "group of the NHS framework", "year", "nations"), rows),
    ]
    return page("Indicators", *parts, *(part for one in every for part in _one(one)))


def _one(one: Indicator) -> list[str]:
    source = catalogue.source(one.source)
    facts = [
        ("What is counted", f"{one.numerator} ({one.people})"),
        ("Out of", one.denominator or "–"),
        ("Universe", one.universe),
        ("Unit", one.unit),
        ("Formula", _formula(one)),
        ("Date", one.date.isoformat()),
        ("Direction", one.direction.value.replace("_", " ")),
        ("Nations", _listed(one.nations)),
        ("Compare across nations", "yes" if one.comparable_across_nations else "no"),
        ("Plausible", _plausible(one)),
        ("Source", f"[{source.title}](sources.md#{source.id}), {source.publisher}"),
        ("Licence", source.licence),
    ]
    return [
        f"## {one.label} {{ #{one.id} }}",
        one.meaning,
        one.why,
        table(("", ""), facts),
        bullets(one.warnings),
    ]


def _formula(one: Indicator) -> str:
    if one.count is None or one.out_of is None:
        return f"as published: {_columns(one.value)}" if one.value else "–"
    return f"{one.factor:g} × ({_columns(one.count)}) ÷ ({_columns(one.out_of)})"


def _columns(told: Columns | None) -> str:
    if told is None:
        return ""
    return " + ".join(f"`{name}`" for name in told.columns) + f" of table `{told.table}`"


def _plausible(one: Indicator) -> str:
    return "; ".join(
        f"{nation}: {bounds.low:g} to {bounds.high:g}" for nation, bounds in one.plausible.items()
    )


def _listed(nations: tuple[object, ...]) -> str:
    return ", ".join(str(nation) for nation in nations)
