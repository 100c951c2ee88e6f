"""The record of a sample: everything needed to draw it again, and to see that it is the same."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

import numpy as np

from exclusion_map import __version__
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling.design import SampleDesign, parse_design
from exclusion_map.targeting.sampling.drawing import Drawn

FORMAT = 1


def record_of(drawn: Drawn, edition: str, own: str = "") -> dict[str, Any]:
    """Return the record of a sample as plain values.

    Args:
        drawn: the sample.
        edition: id of the edition that the areas are of.
        own: heading of the column somebody brought along; empty for none.
    """
    small = drawn.frame.figures.small
    codes = [small.codes[row] for row in drawn.frame.rows[drawn.main].tolist()]
    told: dict[str, Any] = {
        "format": FORMAT,
        "edition": edition,
        "design": drawn.design.model_dump(mode="json"),
        "method": drawn.design.method.told,
        "random_numbers": "NumPy PCG64 by SeedSequence([seed, stream, stratum]); doubles only",
        "frame": {
            "areas": len(drawn.frame),
            "without_size": drawn.frame.without_size,
            "digest": drawn.frame.digest(),
        },
        "sample": {"areas": len(codes), "digest": _digest(codes)},
        "allocation": dict(zip(drawn.frame.names, drawn.wanted.tolist(), strict=True)),
        "made_with": {
            "exclusion_map": __version__,
            "numpy": np.__version__,
            "scipy": version("scipy"),
        },
    }
    if own:
        told["own_column"] = own
    if drawn.spaced is not None:
        told["probabilities"] = (
            f"estimated from {drawn.spaced.samples:,} simulated samples, largest relative "
            f"standard error {drawn.spaced.error:.3f}"
        )
    return told


def record_text(record: Mapping[str, Any]) -> str:
    """Return a record as JSON, always the same bytes."""
    return json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def design_of(text: str) -> SampleDesign:
    """Return the design that a record or a design alone holds, as JSON.

    Raises:
        InvalidRequestError: it holds none.
    """
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(
            "record of a sample", found=str(error)[:200], expected="the JSON record of a sample"
        ) from None
    return parse_design(held["design"] if isinstance(held, dict) and "design" in held else held)


def check_record(record: Mapping[str, Any], drawn: Drawn, edition: str) -> None:
    """Raise InvalidRequestError where a sample is not the one a record is of."""
    now = record_of(drawn, edition, str(record.get("own_column", "")))
    for name in ("edition", "frame", "sample"):
        if name in record and record[name] != now[name]:
            raise InvalidRequestError(
                f"{name} of the record",
                found=f"{now[name]}",
                expected=f"{record[name]}",
                mend="Draw it again from the same edition, with the same file.",
            )


def _digest(codes: list[str]) -> str:
    return blake2b("\n".join(codes).encode(), digest_size=16).hexdigest()
