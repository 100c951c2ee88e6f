"""A sample as columns, one entry an area: what files, pages and the API hold alike."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.sampling.composition import Part
from exclusion_map.targeting.sampling.drawing import Drawn
from exclusion_map.targeting.sampling.probabilities import Floats, Rows, summed
from exclusion_map.targeting.tables import councils

Columns = Mapping[str, npt.NDArray[Any] | Sequence[str]]

DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "role": ("Role", "main: drawn; reserve: stands in for one of its stratum, in order of turn."),
    "turn": ("Turn", "Reserves of a stratum are used from 1 upwards."),
    "stratum": ("Stratum", "The part of the population it was drawn from."),
    "size": ("Measure of size", "Chances are proportional to it."),
    "inclusion_probability": (
        "Inclusion probability",
        "Chance to be in the main sample; a reserve has its own only if it had been drawn.",
    ),
    "design_weight": ("Design weight", "1 / inclusion probability; main sample only."),
    "person_weight": (
        "Weight of a person met",
        "Design weight x people / interviews: if everybody is as likely to be met.",
    ),
    "certain": ("Certain", "1 where its size puts it into every sample."),
    "interviews": ("Interviews", "People to be met."),
    "decile": ("Tenth of risk", "1 = highest-risk tenth of people."),
}


def sample_columns(drawn: Drawn) -> dict[str, npt.NDArray[Any] | Sequence[str]]:
    """Return the areas drawn, then the reserves in their order."""
    frame, figures = drawn.frame, drawn.frame.figures
    places = np.concatenate([drawn.main, drawn.reserves])
    rows = frame.rows[places]
    listed, small = rows.tolist(), figures.small
    n = len(drawn.main)
    people = figures.count("population")[rows]
    probability = drawn.probability[places]
    weight = np.where(np.arange(len(places)) < n, 1 / np.maximum(probability, 1e-300), np.nan)
    return {
        "role": ["main"] * n + ["reserve"] * len(drawn.reserves),
        "turn": np.concatenate([np.full(n, np.nan), drawn.turn.astype(np.float64)]),
        "code": [small.codes[row] for row in listed],
        "name": [small.labels[row] for row in listed],
        "local_authority": councils(figures.atlas, rows),
        "stratum": [frame.names[at] for at in frame.stratum[places].tolist()],
        "population": people,
        "households": figures.count("households")[rows],
        "size": frame.size[places],
        "inclusion_probability": probability,
        "design_weight": weight,
        "person_weight": weight * people / drawn.design.interviews,
        "certain": drawn.certain[places].astype(np.int64),
        "interviews": np.full(len(places), drawn.design.interviews),
        "score": figures.risk.score[rows],
        "decile": figures.risk.decile[rows],
        "rural_urban": _rural(drawn, rows),
        "longitude": small.longitude[rows],
        "latitude": small.latitude[rows],
    }


def _rural(drawn: Drawn, rows: Rows) -> list[str]:
    held = drawn.frame.figures.small.rural_urban
    return [held[row] if held else "" for row in rows.tolist()]


def stratum_columns(drawn: Drawn) -> dict[str, npt.NDArray[Any] | Sequence[str]]:
    """Return one row a stratum: what it holds and what was drawn from it."""
    frame, count = drawn.frame, len(drawn.frame.names)
    people = np.nan_to_num(frame.figures.count("population")[frame.rows])

    def total(values: Floats, at: Rows | slice = slice(None)) -> Floats:
        return summed(frame.stratum[at], values[at], count)

    ones = np.ones(len(frame))
    return {
        "stratum": frame.names,
        "areas": total(ones),
        "population": total(people),
        "size": total(frame.size),
        "drawn": drawn.wanted.astype(np.float64),
        "certain": total(drawn.certain.astype(np.float64)),
        "reserves": total(ones, drawn.reserves),
        "smallest_probability": _least(drawn, count),
        "estimated_population": _estimated(drawn, people, count),
    }


def _least(drawn: Drawn, count: int) -> Floats:
    found = np.full(count, np.inf)
    np.minimum.at(found, drawn.frame.stratum, drawn.probability)
    return found


def _estimated(drawn: Drawn, people: Floats, count: int) -> Floats:
    """Return people of each stratum as the sample estimates them: a check on the weights."""
    main = drawn.main
    weighted = people[main] * drawn.weights
    return summed(drawn.frame.stratum[main], weighted, count)


def composition_columns(parts: Sequence[Part]) -> dict[str, npt.NDArray[Any] | Sequence[str]]:
    """Return one row a group; shares 0 to 1."""
    shares = ("population", "expected", "drawn", "weighted")
    return {
        "kind": [part.kind for part in parts],
        "group": [part.words for part in parts],
        **{
            f"{name}_share": np.array(
                [np.nan if (held := getattr(part, name)) is None else held for part in parts]
            )
            for name in shares
        },
    }
