"""An impact assessment as a document: the same parts for page, PDF and Word."""

from collections.abc import Iterator

from exclusion_map.editions import assessment_words as words
from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.assessment_groups import group_blocks, summary_table
from exclusion_map.editions.assessment_risk import reach_blocks, risk_blocks, scope_blocks
from exclusion_map.editions.papers.paper import sources_table
from exclusion_map.exports.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Paragraph,
    Table,
)
from exclusion_map.targeting.assessment.declared import Part, groups, prompts

UNDERSTAND = (
    "This gathers what figures of small areas can say for an equality and health inequalities "
    "impact assessment of a service that people use online. It is evidence to start from. What the "
    "service does to people, what people themselves say, and the decision, are for you to add."
)


def assessment_document(assessment: Assessment, *, room: bool = True) -> Document:
    """Return an assessment as a document.

    Args:
        assessment: the evidence.
        room: whether the table at its beginning has room for one's own words.
    """
    manifest = assessment.edition.manifest
    return Document(
        title=assessment.title,
        subject=words.lead(assessment),
        foot=f"{assessment.name}. Edition {manifest.edition}, "
        f"{assessment.today:%-d %B %Y}. Risk in areas, not persons.",
        blocks=tuple(_blocks(assessment, room)),
    )


def _blocks(assessment: Assessment, room: bool) -> Iterator[Block]:
    if assessment.edition.manifest.synthetic:
        title = assessment.edition.manifest.title
        yield Paragraph(f"{title} is an invented county: none of this is real.", tone="banner")
    yield Paragraph(words.lead(assessment), tone="lede")
    yield Paragraph(UNDERSTAND, tone="inset")
    yield Heading("At a glance", key="glance")
    yield summary_table(assessment, room=room)
    yield from scope_blocks(assessment)
    yield from risk_blocks(assessment)
    for part in Part:
        told = groups().parts[part]
        yield Heading(told.title, key=part.value)
        yield Paragraph(told.told)
        for group in groups().of(part):
            yield from group_blocks(assessment, group)
    yield from reach_blocks(assessment)
    yield Heading("Gaps in this evidence", key="gaps")
    yield Bullets(words.gaps(assessment))
    yield from _prompt_blocks(assessment)
    yield Heading("How not to use this", key="not-for")
    yield Bullets(prompts().uses.not_for)
    yield from _source_blocks(assessment)


def _prompt_blocks(assessment: Assessment) -> Iterator[Block]:
    yield Heading("What could lessen harm: questions to answer", key="prompts")
    yield Paragraph(
        "In the five domains of the NHS framework for action on digital inclusion. The right "
        "column says what brought a question up."
    )
    for key, title in prompts().domains.items():
        asked = [one for one in assessment.evidence.asked if one.prompt.domain == key]
        if not asked:
            continue
        yield Heading(title, 3, folds=True)
        yield Table(
            caption=f"Questions: {title.lower()}",
            head=("Question", "Asked because"),
            rows=tuple((one.prompt.text, words.why(assessment, one)) for one in asked),
        )


def _source_blocks(assessment: Assessment) -> Iterator[Block]:
    manifest = assessment.edition.manifest
    yield Heading("Sources and dates", key="sources", folds=True)
    yield sources_table(
        "What the figures and lists of places come from", words.used_sources(assessment)
    )
    yield Heading("How it was worked out", key="how", folds=True)
    yield Bullets(
        (
            f"Edition {manifest.edition} ({manifest.title}), built {manifest.built:%-d %B %Y}; "
            f"index “{assessment.index.title}”, version "
            f"{assessment.index.definition.get('version', 'not told')}.",
            "Shares are of the people served: each small area counts with the people served there. "
            "For all residents this gives the published counts added up.",
            "Intervals of figures (95%) hold the chance in counts and what the census office does "
            "to protect people; for a list also that its people are one draw of those who live in "
            "their areas. Whether a list resembles its neighbours, areas cannot tell.",
            "“More” and “less” mean beyond the interval, and by more than a twentieth of the "
            "comparator. Modelled figures have 80% intervals.",
            "Ways are straight lines, a third longer; places are those listed, not all there are.",
        )
    )
    yield Paragraph(
        "Contains public sector information licensed under the Open Government Licence v3.0. "
        "Contains OS data © Crown copyright and database right. Exclusion Map is independent and "
        "not part of the NHS."
        if not manifest.synthetic
        else "Exclusion Map is independent and not part of the NHS.",
        tone="small",
    )
