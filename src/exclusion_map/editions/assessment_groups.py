"""The groups of an impact assessment: what figures show, what they cannot, whom to ask."""

from collections.abc import Iterator

from exclusion_map.editions import assessment_words as words
from exclusion_map.editions.assessment import Assessment
from exclusion_map.exports.document import Block, Heading, Paragraph, Table
from exclusion_map.targeting.assessment.declared import FigureOf, Group, Role, groups

CANNOT_BE_SEEN = "Cannot be seen in area statistics of this edition"
_SEEN = {
    "counted": "Counted in part",
    "related": "Only related figures",
    "not seen": "Cannot be seen: ask",
}


def summary_table(assessment: Assessment, *, room: bool = False) -> Table:
    """Return every group with what figures show of it; with ``room`` for one's own judgement."""
    own = ("",) if room else ()
    rows = []
    for group in groups().groups:
        state = assessment.evidence.seen(group)
        rows.append((group.name, _SEEN[state], _shown(assessment, group), *own))
    head = ("Group", "Can it be seen?", "What is shown")
    return Table(
        caption="Every group, and what area figures show"
        + (", with room for your own evidence" if room else ""),
        head=(*head, "Your evidence and judgement") if room else head,
        rows=tuple(rows),
    )


def _shown(assessment: Assessment, group: Group) -> str:
    held = [one for one in group.figures if one.indicator in assessment.evidence.figures]
    direct = [one for one in held if one.role is Role.DIRECT]
    said = []
    for one in direct or held:
        figure = assessment.evidence.figures[one.indicator]
        related = "" if one.role is Role.DIRECT else " (related)"
        said.append(
            f"{words.label(assessment, one.indicator)}{related}: "
            f"{words.told(figure.value, figure.unit)} against "
            f"{words.told(figure.comparator, figure.unit)}"
        )
    return "; ".join(said[:2]) or "No figure"


def group_blocks(assessment: Assessment, group: Group) -> Iterator[Block]:
    """Yield what is said of one group."""
    yield Heading(group.name, 3, key=f"group-{group.key.replace('_', '-')}", folds=True)
    yield Paragraph(f"{group.basis}.", topic="Named by")
    held = [one for one in group.figures if one.indicator in assessment.evidence.figures]
    if held:
        yield _figures(assessment, group, held)
        yield Paragraph(_sources(assessment, held), topic="Date and source", tone="small")
        for one in held:
            if one.note:
                yield Paragraph(one.note, topic=words.label(assessment, one.indicator))
    else:
        yield Paragraph(f"{CANNOT_BE_SEEN}. Ask those named below.", topic="Figures")
    yield Paragraph(group.cannot, topic="What cannot be said")
    yield Paragraph(group.elsewhere, topic="Published elsewhere")
    yield Paragraph(group.ask, topic="Ask")


def _figures(assessment: Assessment, group: Group, held: list[FigureOf]) -> Table:
    rows = []
    for one in held:
        figure = assessment.evidence.figures[one.indicator]
        related = "" if one.role is Role.DIRECT else " (related: does not count the group)"
        rows.append(
            (
                f"{words.label(assessment, one.indicator)}{related}",
                words.told(figure.value, figure.unit),
                words.interval(figure),
                words.told(figure.comparator, figure.unit),
                words.compared(figure),
                words.people(figure, assessment),
            )
        )
    return Table(
        caption=f"{group.name}: figures",
        head=(
            *("Figure", "Here", "95% interval"),
            *(assessment.evidence.comparator.name, "Compared", "Stands for"),
        ),
        rows=tuple(rows),
        numeric=frozenset({1, 2, 3}),
    )


def _sources(assessment: Assessment, held: list[FigureOf]) -> str:
    """Return the dates and sources of figures, each once."""
    told = dict.fromkeys(words.dated(assessment, one.indicator) for one in held)
    return f"{'; '.join(told)}."
