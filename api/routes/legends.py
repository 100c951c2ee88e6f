"""Legends of raster tiles and styles, as pictures and in words."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import FIVE_MINUTES, model_json, tagged
from api.dependencies import OpenService
from api.engine import Engine, engines_of
from api.errors import responses
from api.painting import PaintParams, scores_at
from exclusion_map.areas.bases import BaseName
from exclusion_map.maps.legend_image import Legend, legend_png, legend_svg, make_legend
from exclusion_map.terms import AreaKind

router = APIRouter(tags=["tiles"])

Index = Annotated[str, Path(description="Id of the index, from /api/v1/indices.")]


class LegendParams(PaintParams):
    """Query parameters of a legend: those of the tiles it explains."""

    level: AreaKind | None = Field(
        default=None, description="Kind of area; wording for every kind if omitted."
    )
    scale: int = Field(default=1, ge=1, le=3, description="Device pixels per CSS pixel, for PNG.")


class LegendClass(BaseModel):
    """One class of a legend; number 0 is no data."""

    model_config = ConfigDict(frozen=True)

    number: int
    colour: str
    words: str


class LegendWords(BaseModel):
    """A legend in words."""

    model_config = ConfigDict(frozen=True)

    title: str
    note: str
    alt: str = Field(description="Alternative text for people who cannot see the picture.")
    edition: str
    classes: tuple[LegendClass, ...] = Field(description="Highest risk first, then no data.")


@router.get(
    "/legends/{index}.{form}",
    summary="The legend of an index, as a picture or in words",
    description="png or svg: a picture 260 CSS pixels wide. json: the same in words, with "
    "alternative text.",
    response_class=Response,
    responses={
        200: {
            "model": LegendWords,
            "content": {
                "image/png": {"schema": {"type": "string", "format": "binary"}},
                "image/svg+xml": {"schema": {"type": "string"}},
            },
        },
        **responses(404, 422, 503),
    },
)
def legend(
    request: Request,
    service: OpenService,
    index: Index,
    form: Annotated[Literal["png", "svg", "json"], Path(description="png, svg or json.")],
    params: Annotated[LegendParams, Query()],
) -> Response:
    """Return a legend."""
    engine = engines_of(request.app.state).of(service)
    made = legend_of(engine, index, params, params.level)
    if form == "png":
        return tagged(request, legend_png(made, params.scale), "image/png", cache=FIVE_MINUTES)
    if form == "svg":
        return tagged(request, legend_svg(made).encode(), "image/svg+xml", cache=FIVE_MINUTES)
    classes = tuple(
        LegendClass(number=one.number, colour=one.colour, words=one.words) for one in made.classes
    )
    words = LegendWords(
        title=made.title,
        note=made.note,
        alt=made.alt,
        edition=service.edition.id,
        classes=classes,
    )
    return model_json(request, words)


def legend_of(engine: Engine, index: str, params: PaintParams, kind: AreaKind | None) -> Legend:
    """Return the legend of what is asked for; what tiles would refuse is refused here too."""
    scores_at(engine, index, params, kind or AreaKind.SMALL_AREA)
    manifest = engine.service.edition.manifest
    compared = f"compared {'with' if params.base is BaseName.ALL else 'within'} "
    compared += params.base.described
    own = ", with weights of your own" if params.weights else ""
    made_up = ", a made-up place" if manifest.synthetic else ""
    return make_legend(
        engine.definition(index).title,
        params.measure,
        params.scheme,
        areas=kind.label_plural if kind else "areas",
        compared=compared + own,
        foot=f"{manifest.title}{made_up}, edition {manifest.edition}",
    )
