"""Turn pydantic's validation errors for a definition into plain messages with field names."""

import re

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MOST_LEVELS = 20
"""Deepest nesting of groups: published indices have three or four levels."""

TOO_DEEP = f"groups nested more than {MOST_LEVELS} levels deep"


def faults(error: ValidationError) -> str:
    """Return all errors of a definition as one line, each with its location."""
    return "; ".join(_told(fault) for fault in error.errors())


def _told(fault: ErrorDetails) -> str:
    steps = [str(step) for step in fault["loc"]]
    # leave out the model's union tags, which are not part of what the user wrote
    place = ".".join(
        step
        for before, step in zip(["", *steps], steps, strict=False)
        if not (step in {"group", "indicator"} and before.isdigit())
    )
    if fault["type"] == "extra_forbidden":
        return f"unknown field {place!r}"
    if fault["type"] == "greater_than_equal" and place.endswith("weight"):
        return f"{place}: negative weight {fault['input']}"
    if fault["type"] == "union_tag_invalid":
        context = fault.get("ctx", {})
        known = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
        return f"{place}: unknown method {context.get('tag')!r}; it is one of {', '.join(known)}"
    if fault["type"] == "union_tag_not_found" and steps[-1:] and steps[-1].isdigit():
        found = type(fault["input"]).__name__
        return f"{place}: a child is a table of an indicator or a group, not {found}"
    if fault["type"] == "union_tag_not_found":
        return f"{place}: no method named"
    if fault["type"] == "missing" and place.endswith("children"):
        return f"{place}: missing, so the group has no children; give it at least one indicator"
    text = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {text}" if place else text
