"""What the pages of readiness show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import ValidationError

from api.pages.edit_typed import Typed
from api.pages.readiness_picture import change_svg
from api.readiness_figures import Figures
from exclusion_map.directory.selecting import LONDON
from exclusion_map.readiness.canvas import Evidence, Factor, canvas
from exclusion_map.readiness.comparing import answer_in, compare, earlier, tally
from exclusion_map.readiness.models import Access, Answer, Assessment, Details, Round, Scope
from exclusion_map.readiness.tables import ReadinessChange
from exclusion_map.readiness.telling import title_of, told

SCOPES: Final = tuple((scope.value, scope.words) for scope in Scope)
ACCESSES: Final = tuple((one.value, f"{one.value}: {one.words}") for one in Access)
_FAULTS: Final = {
    "title": "Give it a name of at most 200 characters",
    "scope": "Choose what it is of",
    "about": "Shorten the description to 2,000 characters",
    "area_code": "Choose an area by name, postcode or code",
    "rating": "Choose one of the ratings",
    "evidence": "Shorten the evidence to 4,000 characters",
    "next_step": "Shorten the next step to 2,000 characters",
    "owner": "Shorten the owner to 200 characters",
    "rated_on": "Enter a day from 2000 to today",
}
_ANYWHERE: Final = {
    Evidence.RISK: ("/", "The map of risk"),
    Evidence.SUPPORT: ("/support", "The directory of support"),
    Evidence.GAPS: ("/gaps", "Where risk is high and support far"),
}
"""What a factor leads to where no area is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One factor as the page of an assessment shows it."""

    factor: Factor
    said: Answer
    rating_name: str
    before: Answer | None
    before_name: str
    by: str
    figures: Any


def address(assessment: Assessment, path: str = "", **query: object) -> str:
    """Return an address of an assessment; what is None is left out."""
    said = {name: value for name, value in query.items() if value is not None}
    end = f"?{urlencode(said)}" if said else ""
    return f"/tools/readiness/{assessment.id}{path}{end}"


def overview(assessment: Assessment, shown: Round, figures: Figures | None) -> dict[str, Any]:
    """Return what the page of an assessment shows."""
    before = next(earlier(assessment, shown), None)
    rated = [held.answer.rating for held in shown.answers.values() if held.answer.rating]
    return {
        **common(assessment, shown, figures),
        "rows": rows_of(assessment, shown, figures),
        "before": before,
        "lead": _lead(shown, rated),
        "steps": canvas().step,
        "faults": {},
        "typed_name": "",
        "spread": [
            (step, sum(one == step.rating for one in rated)) for step in reversed(canvas().step)
        ],
    }


def rows_of(assessment: Assessment, shown: Round, figures: Figures | None) -> list[Row]:
    """Return the factors of a round."""
    before = next(earlier(assessment, shown), None)
    return [_row(factor, shown, before, figures) for factor in canvas().factor]


def _row(factor: Factor, shown: Round, before: Round | None, figures: Figures | None) -> Row:
    said = answer_in(shown, factor.key)
    held = shown.answers.get(factor.key)
    earlier_said = answer_in(before, factor.key) if before else None
    return Row(
        factor=factor,
        said=said,
        rating_name=canvas().name(said.rating),
        before=earlier_said,
        before_name=canvas().name(earlier_said.rating) if earlier_said else "",
        by=held.updated_by if held and said.says else "",
        figures=figures.of(factor.evidence) if figures else None,
    )


def _lead(shown: Round, rated: list[int]) -> str:
    total = len(canvas().factor)
    if not rated:
        return f"{shown.name}: none of the {total} factors is rated yet."
    high = sum(one >= 3 for one in rated)
    words = f"{shown.name}: {len(rated)} of {total} factors are rated"
    return f"{words}, {high} of them as in place or better."


def common(assessment: Assessment, shown: Round, figures: Figures | None) -> dict[str, Any]:
    """Return what every page of an assessment shows."""
    open_round = shown.number == assessment.now.number
    return {
        "assessment": assessment,
        "details": assessment.details,
        "shown": shown,
        "open": open_round,
        "figures": figures,
        "base": address(assessment),
        "asked_round": None if open_round else shown.number,
        "example": assessment.id == "example",
    }


def factor_page(
    assessment: Assessment,
    factor: Factor,
    figures: Figures | None,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    conflict: bool = False,
) -> dict[str, Any]:
    """Return what the form of one factor shows.

    Args:
        assessment: the assessment.
        factor: the factor.
        figures: of the area.
        typed: what was typed; what is held where nothing was.
        faults: what is wrong with it.
        conflict: whether somebody else changed it meanwhile.
    """
    shown = assessment.now
    held = shown.answers[factor.key]
    keys = canvas().keys
    at = keys.index(factor.key)
    before = next(earlier(assessment, shown), None)
    return {
        **common(assessment, shown, figures),
        "factor": factor,
        "number": at + 1,
        "previous": keys[at - 1] if at else "",
        "next": keys[at + 1] if at + 1 < len(keys) else "",
        "steps": list(zip(canvas().step, factor.steps, strict=True)),
        "typed": typed if typed is not None else typed_of(held.answer),
        "faults": faults or {},
        "held": held,
        "held_name": canvas().name(held.answer.rating),
        "moved": False,
        "conflict": conflict,
        "before": before,
        "before_said": answer_in(before, factor.key) if before else None,
        "before_name": canvas().name(answer_in(before, factor.key).rating) if before else "",
        "beside": figures.of(factor.evidence) if figures else None,
        "anywhere": _ANYWHERE.get(factor.evidence) if factor.evidence else None,
        "today": date.today().isoformat(),  # noqa: DTZ011 - the day people write on paper
    }


def typed_of(answer: Answer) -> dict[str, str]:
    """Return an answer as the fields of its form."""
    return {
        name: "" if value is None else str(value) for name, value in answer.model_dump().items()
    }


def read_answer(typed: Typed) -> tuple[Answer | None, dict[str, str], dict[str, str]]:
    """Return the answer that a form holds, what was typed, and what is wrong with it."""
    texts = {name: typed.one(name).strip() for name in Answer.model_fields}
    values: dict[str, Any] = dict(texts)
    for name in ("rating", "rated_on"):
        values[name] = texts[name] or None
    if texts["rating"] in ("1", "2", "3", "4"):
        values["rating"] = int(texts["rating"])
    return *_read(Answer, values), texts


def read_details(texts: Mapping[str, str]) -> tuple[Details | None, dict[str, str]]:
    """Return the details that a form holds, or what is wrong with each field."""
    return _read(Details, dict(texts))


def _read(model: Any, values: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    try:
        return model.model_validate(values), {}
    except ValidationError as error:
        names = [str(fault["loc"][0]) for fault in error.errors()]
        return None, {name: _FAULTS[name] for name in names}


def comparison(assessment: Assessment, before: Round, after: Round) -> dict[str, Any]:
    """Return what the page of changes over time shows."""
    compared = compare(assessment, before, after)
    return {
        **common(assessment, after, None),
        "before": before,
        "after": after,
        "compared": compared,
        "tally": tally(compared),
        "picture": change_svg(compared, before.name, after.name),
        "name_of": canvas().name,
        "round_options": [(str(one.number), one.name) for one in assessment.rounds],
        "kept": _kept(before, after),
    }


def _kept(before: Round, after: Round) -> list[tuple[str, str, str]]:
    """Return the figures of the area kept with two rounds, where both were closed."""
    if not before.figures or not after.figures:
        return []
    was, is_now = before.figures["factors"], after.figures["factors"]
    return [
        (label, value, is_now.get(key, {}).get(label, "no data"))
        for key, facts in was.items()
        for label, value in facts.items()
    ]


def history_rows(changes: Any) -> list[dict[str, Any]]:
    """Return changes as the page of history shows them."""
    return [_change(change) for change in changes]


def _change(change: ReadinessChange) -> dict[str, Any]:
    return {
        "at": change.at.astimezone(LONDON),
        "by": change.by,
        "title": title_of(change),
        "round": change.round,
        "told": told(change),
    }
