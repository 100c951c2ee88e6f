"""The history of an assessment in words: what each change changed, from what, to what."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.holding import ANSWERED, DETAILS
from exclusion_map.readiness.models import Scope
from exclusion_map.readiness.tables import ReadinessChange

LABELS: Final = {
    "rating": "Rating",
    "evidence": "Evidence",
    "next_step": "Next step",
    "owner": "Owner",
    "rated_on": "Date",
    "title": "Name",
    "scope": "What it is of",
    "about": "Description",
    "area_code": "Area",
    "name": "Name",
    "access": "May",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a change changed; empty text where nothing was said."""

    label: str
    before: str
    after: str


def title_of(change: ReadinessChange) -> str:
    """Return what a change was, in words."""
    if change.action == ANSWERED:
        return canvas().find(change.factor).title
    if change.action == DETAILS:
        return "Description changed"
    about = (change.after or change.before or {}).get("name", "")
    words = "Assessment made" if change.action == "made" else change.action.capitalize()
    return f"{words}: {about}" if about else words


def told(change: ReadinessChange) -> list[Told]:
    """Return what a change changed, in the order of the form."""
    if change.action not in (ANSWERED, DETAILS, "access changed"):
        return []
    before, after = change.before or {}, change.after or {}
    return [
        Told(LABELS.get(name, name), _words(name, before.get(name)), _words(name, value))
        for name, value in after.items()
        if value != before.get(name)
    ]


def _words(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name == "rating":
        return f"{value} {canvas().name(int(value))}"
    if name == "scope":
        return Scope(value).words
    if name == "rated_on":
        day = date.fromisoformat(value)
        return f"{day.day} {day:%B %Y}"
    return str(value)
