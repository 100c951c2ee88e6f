"""The precision calculator as a report: what a planned survey could tell. It knows no edition."""

from collections.abc import Iterator
from typing import Final

from exclusion_map.areas import words
from exclusion_map.editions.papers.paper import Again, column, table
from exclusion_map.exports.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Paragraph,
    Table,
)
from exclusion_map.targeting.sampling.calculator import SurveyPlan, SurveyTold, other_plans

NOTES: Final = (
    "All this holds for residents chosen at random within areas that were drawn by chance. People "
    "met at a pharmacy, library or jobcentre are no such sample: give no margin for them.",
    "How alike people of one area are has to be stated; if nobody knows, try 0.02, 0.05 and 0.10.",
    "Intervals near 0% or 100% are wider on one side than this says.",
)


def survey_lead(plan: SurveyPlan, told: SurveyTold) -> str:
    """Return the answer in two sentences."""
    return (
        f"{plan.interviews:,} people in each of {words.plural(plan.areas, 'area')} are "
        f"{told.people_met:,.0f} people. They tell a share of {_percent(plan.share)} to within "
        f"{_points(told.half_width)}."
    )


def plan_rows(plan: SurveyPlan) -> list[dict[str, float]]:
    """Return other plans, one a row, as plain numbers."""
    columns = other_plans(plan)
    count = len(columns["areas"])
    return [{name: float(held[at]) for name, held in columns.items()} for at in range(count)]


def survey_paper(plan: SurveyPlan, told: SurveyTold, again: Again) -> Document:
    """Return the report of the precision calculator."""
    title = "How many people, in how many areas?"
    lead = survey_lead(plan, told)
    return Document(
        title=title,
        subject=lead,
        foot=f"{title} Exclusion Map, {words.day(again.made)}.",
        blocks=(
            Paragraph(lead, tone="lede"),
            Paragraph(f"Made on {words.day(again.made)} by Exclusion Map.", tone="small"),
            *_answer(plan, told),
            *_asked(plan),
            Heading("What to know before you use this", key="know"),
            Bullets(NOTES),
            Heading("How to get the same answer", key="again"),
            Table("Where this comes from", ("What", "Which"), tuple(again.rows())),
            Paragraph("Exclusion Map is independent and not part of the NHS.", tone="small"),
        ),
    )


def _answer(plan: SurveyPlan, told: SurveyTold) -> Iterator[Block]:
    least = told.least_difference
    yield Heading("What the survey could tell", key="answer")
    yield Table(
        caption="In numbers",
        head=("What", "How much"),
        rows=(
            (
                f"Margin, in {100 * plan.confidence:.0f} of 100 such surveys",
                f"±{_points(told.half_width)}",
            ),
            ("Design effect of areas", f"{told.clustering_effect:.2f}"),
            ("Design effect of weights", f"{told.weighting_effect:.2f}"),
            ("Says as much as so many people drawn singly", f"{told.effective:,.0f}"),
            (f"Areas needed for ±{_points(plan.half_width)}", f"{told.areas_needed:,}"),
            (
                f"Chance to tell {_percent(plan.share)} from {_percent(plan.other)} between two "
                "halves of the areas",
                f"{100 * told.power:.0f}%",
            ),
            (
                f"Smallest rise found {100 * plan.power:.0f} times of 100",
                "none" if least is None else _points(least),
            ),
        ),
        numeric=frozenset((1,)),
    )
    yield Heading("If there were fewer or more", key="others")
    yield table(
        "Margin of other plans",
        plan_rows(plan),
        column("Areas", lambda row: f"{row['areas']:,.0f}"),
        column("People in each", lambda row: f"{row['interviews']:,.0f}", number=True),
        column("People in all", lambda row: f"{row['people_met']:,.0f}", number=True),
        column("Design effect", lambda row: f"{row['design_effect']:.2f}", number=True),
        column("Margin", lambda row: f"±{_points(row['half_width'])}", number=True),
    )


def _asked(plan: SurveyPlan) -> Iterator[Block]:
    yield Heading("What was asked, and how it was worked out", key="how")
    yield Table(
        "The question",
        ("What", "Answer"),
        (
            ("Areas", f"{plan.areas:,}"),
            ("People in each", f"{plan.interviews:,}"),
            ("Share expected", _percent(plan.share)),
            ("Share in the other half", _percent(plan.other)),
            ("How alike people of one area are (ICC)", f"{plan.icc:g}"),
            ("Design effect of weights", f"{plan.weighting:g}"),
            ("People in all", "many" if plan.people is None else f"{plan.people:,.0f}"),
            ("Design effect", "(1 + (people in each - 1) × ICC) × effect of weights (Kish)"),
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _points(share: float) -> str:
    return f"{100 * share:.1f} percentage points"
