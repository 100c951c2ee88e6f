"""Turn the faults pydantic finds in a definition into words that name the field."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def faults(error: ValidationError) -> str:
    """Return every fault of a definition in one line, each with the place it is at."""
    return "; ".join(_told(fault) for fault in error.errors())


def _told(fault: ErrorDetails) -> str:
    steps = [str(step) for step in fault["loc"]]
    # the model's union tags stand between a child's number and its field: people never wrote them
    place = ".".join(
        step
        for before, step in zip(["", *steps], steps, strict=False)
        if not (step in {"group", "indicator"} and before.isdigit())
    )
    if fault["type"] == "extra_forbidden":
        return f"unknown field {place!r}"
    if fault["type"] == "greater_than_equal" and place.endswith("weight"):
        return f"{place}: negative weight {fault['input']}"
    text = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {text}" if place else text
