"""What a request for a risk matrix asks, and the answer: for API and page."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import State

from api.dependencies import Params
from api.engine import Engine
from api.pages.lens import Lens, lens_of
from api.picking import area_codes
from api.questions import Weight
from api.remember import Memory
from api.work import in_turn
from exclusion_map.areas.phrases import listed
from exclusion_map.editions.matrix import Matrixed, drawn_doubt, made_of, published_doubt
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.matrix import Compared, MatrixQuestion, Measure
from exclusion_map.targeting.matrix_cells import parse_cells
from exclusion_map.targeting.matrix_cuts import CutRule
from exclusion_map.targeting.matrix_doubt import MatrixDoubt
from exclusion_map.targeting.matrix_figures import MOST_FIGURES, Figure
from exclusion_map.targeting.matrix_impact import OWN, Impact, impact_listed, impact_of
from exclusion_map.targeting.sharing_places import drawn_places
from exclusion_map.terms import AreaKind

MOST_DRAWS = 500
_DOUBTS = 6
Lines = Annotated[str, Field(max_length=200)]


class MatrixParams(Params):
    """Query parameters of a risk matrix."""

    group: str = Field(
        default="aged_75_plus",
        max_length=60,
        description="Who the impact counts: residents, the id of an indicator that counts people "
        "or households, or own (figures in a body sent by POST).",
    )
    within: str = Field(
        default="",
        max_length=2_000,
        description="Codes or names of places, separated by commas; everywhere if omitted.",
    )
    level: AreaKind = Field(default=AreaKind.SMALL_AREA, description="Kind of area.")
    size: int = Field(default=3, description="Classes per axis: 3 or 5.", examples=[3])
    cuts: CutRule = Field(
        default=CutRule.AREAS,
        description="areas: the same number of areas in each class; people: the same number of "
        "residents; fixed: your own class limits on both axes.",
    )
    likelihood_lines: Lines = Field(
        default="",
        description="Ascending class limits of the score, separated by commas, one fewer than "
        "classes.",
    )
    impact_lines: Lines = Field(default="", description="The same for the impact.")
    measure: Measure = Field(
        default=Measure.COUNT, description="count: number of people; share: per cent of all."
    )
    compared: Compared = Field(
        default=Compared.PLACE,
        description="Areas that class limits are based on: those of the place, or everywhere.",
    )
    cells: str = Field(
        default="",
        max_length=200,
        description="Cells to list, as likelihood-impact, separated by commas, such as 3-3,3-2; "
        "those high on both axes if omitted.",
    )
    index: str = Field(default="", max_length=60, description="Id of an index.")
    weights: str = Field(
        default="", max_length=4_000, description="Weights by id, replacing those of the index."
    )
    draws: int = Field(
        default=0,
        ge=0,
        le=MOST_DRAWS,
        description="Number of draws for uncertainty; 0 for the published intervals, which exist "
        "only for small areas and published indices.",
    )
    seed: int = Field(default=1, ge=0, le=2**31, description="Random seed for the draws.")

    @property
    def question(self) -> MatrixQuestion:
        """The same as the library takes it.

        Raises:
            InvalidRequestError: lines cannot be read, or the size is none.
        """
        return MatrixQuestion(
            size=self.size,
            cuts=self.cuts,
            likelihood_edges=_edges("lines of likelihood", self.likelihood_lines),
            impact_edges=_edges("lines of impact", self.impact_lines),
            measure=self.measure,
            compared=self.compared,
        )


def _edges(what: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidRequestError(
            what, found=repr(text[:40]), expected="numbers separated by commas"
        ) from None


_EXAMPLE: dict[str, Any] = {
    "label": "Patients of the heart failure clinic",
    "figures": {"E01007127": 12, "CH41 2AB": 3, "N85002": 41},
}


class MatrixBody(BaseModel):
    """Your own figures for the impact, such as how many people rely on a service, by place."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": _EXAMPLE})

    label: str = Field(default="", max_length=120, description="What the figures count.")
    figures: dict[str, Weight] = Field(
        max_length=MOST_FIGURES,
        description="Number by area code of any kind, postcode, GP practice code or exact name; "
        "spread over small areas in proportion to residents, and used for this "
        "request only.",
    )
    others_none: bool = Field(
        default=False, description="Treat areas that are not listed as 0; otherwise as missing."
    )

    @property
    def listed(self) -> tuple[Figure, ...]:
        """The figures as the library takes them."""
        return tuple(Figure(place, number) for place, number in self.figures.items())


def matrix_for(engine: Engine, params: MatrixParams, body: MatrixBody | None = None) -> Matrixed:
    """Return a risk matrix, with what the published intervals leave open.

    Raises:
        InvalidRequestError: it cannot be made so.
        NotFoundError: a place, the group or the index is unknown.
    """
    lens = lens_of(engine, params.index, params.weights)
    edition = engine.service.edition
    scores = lens.scores(AreaKind.SMALL_AREA)
    codes = area_codes(engine, params.within) if params.within.strip() else ()
    impact = _impact(engine, params, body)
    made = made_of(edition, scores, impact, params.question, params.level, codes)
    doubt = None
    if lens.published:
        doubt = published_doubt(edition, made, scores, lens.index, params.level)
    return Matrixed(
        matrix=made,
        definition=lens.definition,
        own_weights=bool(lens.weights),
        place=_place(engine, codes),
        kind=params.level,
        cells=parse_cells(params.cells, params.size),
        doubt=doubt,
    )


def _place(engine: Engine, codes: tuple[str, ...]) -> str:
    edition = engine.service.edition
    named = [level.labels[row] for level, row in map(edition.atlas.find, codes)]
    more = [f"{len(named) - 3} more"] if len(named) > 4 else []
    return listed(named[: 3 if more else 4] + more) or edition.manifest.title


def _impact(engine: Engine, params: MatrixParams, body: MatrixBody | None) -> Impact:
    edition = engine.service.edition
    if params.group != OWN:
        if body is not None:
            raise InvalidRequestError(
                "group", found=f"{params.group} and figures of your own", expected="group=own"
            )
        return impact_of(edition.atlas, edition.manifest.indicators, params.group)
    if body is None or not body.figures:
        raise InvalidRequestError(
            "group own",
            found="no figures of your own",
            expected="a list of places and numbers",
            mend="Enter or upload one, or choose a group.",
        )
    return impact_listed(
        engine.service.gazetteer, body.listed, body.label, others_none=body.others_none
    )


async def with_draws(
    request: Request, engine: Engine, params: MatrixParams, found: Matrixed
) -> Matrixed:
    """Return a matrix with what draws leave open; long work waits for its turn.

    Raises:
        HTTPException: too many wait already.
    """
    if not params.draws:
        return found
    lens = lens_of(engine, params.index, params.weights)
    held, key = _doubts_of(request.app.state), _key(engine, params, found)
    doubt = await in_turn(
        request,
        held.has(key),
        lambda: held.get(key, lambda: _drawn(lens, params, found)),
    )
    return replace(found, doubt=doubt)


def _doubts_of(state: State) -> Memory[MatrixDoubt]:
    """Return the answers over draws of an app: a page is often followed by its file."""
    if not hasattr(state, "matrix_doubts"):
        state.matrix_doubts = Memory(_DOUBTS)
    held: Memory[MatrixDoubt] = state.matrix_doubts
    return held


def _key(engine: Engine, params: MatrixParams, found: Matrixed) -> str:
    """Return a digest of all that decides an answer over draws: impact has no part in it."""
    asked = params.model_dump(include={"within", "level", "index", "weights", "draws", "seed"})
    told = (engine.service.edition.id, asked, found.matrix.likelihood_cuts)
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def _drawn(lens: Lens, params: MatrixParams, found: Matrixed) -> MatrixDoubt:
    answer = lens.answer()
    scores = lens.scores(AreaKind.SMALL_AREA)

    def ranks() -> Iterator[npt.NDArray[np.int32]]:
        for rank, _ in drawn_places(
            answer.composite.definition,
            answer.table,
            answer.composite.base,
            draws=params.draws,
            seed=params.seed,
        ):
            yield rank

    return drawn_doubt(lens.engine.service.edition, found.matrix, scores, ranks(), params.seed)
