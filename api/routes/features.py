"""What the map in a browser asks for: which area a feature is, what is in view, names to write."""

import gzip
from typing import Annotated

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import AN_HOUR, FOREVER, tagged
from api.dependencies import NoParameters, OpenService, Params
from api.engine import engines_of
from api.errors import responses
from api.holder import Holder
from api.negotiation import accepts_gzip
from api.pages.areas import Bounds, rows_in_bounds
from api.pages.layers import INDEX, ROBUSTNESS, classes_of, draws_of, layer_of
from api.pages.legend import histogram
from api.pages.lens import lens_of
from api.service import Service
from api.tile_values import TileParams, in_tile
from api.work import in_turn
from exclusion_map.areas.search import context_of
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1/editions/{edition}", tags=["map"])

LABELLED = (AreaKind.LOCAL_AUTHORITY, AreaKind.NEIGHBOURHOOD)
MOST_LABELS = 400
OCTETS = "application/octet-stream"

EditionPath = Annotated[str, Path(description="Id of the edition, from /api/v1/edition.")]
KindPath = Annotated[AreaKind, Path(description="Kind of area.")]


class ViewParams(Params):
    """A view of the map."""

    bbox: str = Field("", description="west,south,east,north in degrees; everywhere if omitted.")

    @property
    def bounds(self) -> Bounds | None:
        """The view as numbers; None for everywhere."""
        return parse_bounds(self.bbox) if self.bbox else None


class LegendParams(ViewParams):
    """A view of the map, and what its areas are coloured by."""

    layer: str = Field(INDEX, max_length=20, description="index, robustness, estimate or patterns.")
    weights: str = Field(
        "", max_length=2000, description="Weights that replace those of the index."
    )
    base: str = Field("", max_length=20, description="Areas that each area is compared with.")
    where: str = Field("", max_length=4000, description="With base=selection: codes of places.")


class LensParams(Params):
    """How areas are looked at, where that is not the score as published."""

    index: str = Field("", max_length=60, description="Id of an index; empty for the default one.")
    weights: str = Field(
        "", max_length=2000, description="Weights that replace those of the index."
    )
    base: str = Field("", max_length=20, description="Areas that each area is compared with.")
    where: str = Field("", max_length=4000, description="With base=selection: codes of places.")


class LayerParams(LensParams, TileParams):
    """Query parameters of the classes of a layer."""


class Feature(BaseModel):
    """The area shown by a feature of the tiles."""

    model_config = ConfigDict(frozen=True)

    feature: int = Field(description="Feature id in the tiles; position in every values array.")
    code: str
    kind: AreaKind
    name: str
    context: str = Field(description="Where it lies.")
    decile: int | None = Field(description="1 = highest-risk tenth; null = no score.")
    bbox: Bounds
    url: str


class LegendCounts(BaseModel):
    """Areas and people in each class; position 0 counts areas without data, position d decile d."""

    model_config = ConfigDict(frozen=True)

    areas: tuple[int, ...]
    people: tuple[int, ...]
    words: tuple[str, ...] = Field(description="The decile in words.")


def edition_service(request: Request, edition: str) -> Service:
    """Return the open service of an edition.

    Raises:
        NotFoundError: that edition is not open.
    """
    holder: Holder = request.app.state.holder
    return holder.named(edition)


def parse_bounds(text: str) -> Bounds:
    """Return "west,south,east,north" in degrees as numbers.

    Raises:
        InvalidRequestError: it is not four numbers in that order.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west, south, east, north = 1.0, 0.0, 0.0, 0.0
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InvalidRequestError(
            "bbox", found=repr(text[:60]), expected="west,south,east,north in degrees"
        )
    return west, south, east, north


@router.get(
    "/features/{kind}/{feature}",
    summary="Find the area of a tile feature",
    responses=responses(404, 422, 503),
    dependencies=[NoParameters],
)
def feature(
    request: Request,
    response: Response,
    _service: OpenService,
    edition: EditionPath,
    kind: KindPath,
    feature: Annotated[int, Path(description="Feature id in the tiles.", examples=[0])],
) -> Feature:
    """Code, name, score and decile of the area with this feature id in the tiles."""
    service = edition_service(request, edition)
    level = service.edition.atlas.level(kind)
    if not 0 <= feature < len(level):
        raise NotFoundError(
            f"feature {feature} of {kind.value}",
            found="no such feature",
            expected=f"0 to {len(level) - 1}",
        )
    decile = int(service.edition.atlas.score_set(service.default_index, kind).decile[feature])
    west, south, east, north = (float(edge) for edge in level.bbox[feature])
    response.headers["Cache-Control"] = FOREVER
    return Feature(
        feature=feature,
        code=level.codes[feature],
        kind=kind,
        name=level.labels[feature],
        context=context_of(service.edition.atlas, level, feature),
        decile=decile or None,
        bbox=(west, south, east, north),
        url=f"/areas/{level.codes[feature]}",
    )


@router.get(
    "/legend/{kind}/{index}",
    summary="How many areas and people fall in each class",
    description="For the whole edition or inside a view. An area is inside if its point is.",
    responses=responses(404, 422, 503),
)
def legend_counts(
    request: Request,
    response: Response,
    _service: OpenService,
    edition: EditionPath,
    kind: KindPath,
    index: Annotated[str, Path(description="Id of the index, from /api/v1/indices.")],
    view: Annotated[LegendParams, Query()],
) -> LegendCounts:
    """Return how many areas and people fall in each class."""
    service = edition_service(request, edition)
    level = service.edition.atlas.level(kind)
    layer = layer_of(service, view.layer)
    engine = engines_of(request.app.state).of(service)
    lens = lens_of(engine, index, view.weights, view.base, view.where)
    classes = classes_of(lens, layer, kind)
    counts = histogram(level, classes, view.bounds, len(layer.colours) + 1)
    response.headers["Cache-Control"] = FOREVER
    return LegendCounts(areas=counts.areas, people=counts.people, words=counts.words)


@router.get(
    "/layers/{kind}/{layer}.bin",
    summary="The class of every area in a layer of the map",
    description=(
        "One unsigned byte per area, in the order of feature ids in the tiles; 0 is "
        "no data. robustness: 1 robustly high, 2 depends on judgement, 3 robustly "
        "middle, 4 robustly low; a larger area has the class that most of its people "
        "live in. estimate: 1 is the highest class of the modelled share of "
        "households. patterns: 1 higher risk among higher risk, 2 higher among "
        "lower, 3 lower among higher, 4 lower among lower, 5 no clear pattern, 6 "
        "isolated. gaps: 1 to 3 the highest-risk fifth, 4 to 6 the next three "
        "tenths, 7 to 9 the lower half; in each group the first is more than 2 km "
        "from a library, the second more than 1 km, the third nearer. With tile, "
        "only the areas in that tile, which are listed before their bytes."
    ),
    response_class=Response,
    responses={
        200: {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}},
        **responses(404, 422, 503),
    },
)
async def layer_classes(
    request: Request,
    _service: OpenService,
    edition: EditionPath,
    kind: KindPath,
    layer: Annotated[str, Path(description="index, robustness or estimate.")],
    view: Annotated[LayerParams, Query()],
) -> Response:
    """Return the class of every area of a kind."""
    service = edition_service(request, edition)
    engine = engines_of(request.app.state).of(service)
    held = layer_of(service, layer)
    lens = await anyio.to_thread.run_sync(
        lens_of, engine, view.index, view.weights, view.base, view.where
    )
    ready = held.id != ROBUSTNESS or lens.plain
    ready = ready or engine.has_draws(lens.question, *draws_of(lens))
    key = (held.id, kind, view.model_copy(update={"tile": ""}))

    def worked_out() -> bytes:
        if not view.tile:
            return classes_of(lens, held, kind).tobytes()
        return engine.encoded.get(key, lambda: classes_of(lens, held, kind).tobytes())

    body = await in_turn(request, ready, worked_out)
    cache = FOREVER if lens.plain else AN_HOUR
    if view.tile:
        sent = await anyio.to_thread.run_sync(in_tile, service, kind, view.tile, body)
        return tagged(request, sent.body, OCTETS, sent.headers, cache)
    headers = {"Exclusion-Map-Count": str(len(body)), "Vary": "Accept-Encoding"}
    if accepts_gzip(request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
    return tagged(request, body, OCTETS, headers, cache)


@router.get(
    "/labels/{kind}.json",
    summary="Names to write on the map",
    description=(
        f"Name, longitude and latitude of areas, the most populous first, at most {MOST_LABELS}; "
        "everywhere or inside a view."
    ),
    responses=responses(404, 422, 503),
)
def labels(
    request: Request,
    response: Response,
    _service: OpenService,
    edition: EditionPath,
    kind: KindPath,
    view: Annotated[ViewParams, Query()],
) -> list[tuple[str, float, float]]:
    """Return name, longitude and latitude of areas, the most populous first."""
    service = edition_service(request, edition)
    if kind not in LABELLED:
        raise NotFoundError(
            f"labels of {kind.value}", found="none are available", expected=" or ".join(LABELLED)
        )
    level = service.edition.atlas.level(kind)
    bounds = view.bounds
    rows = np.flatnonzero(
        np.ones(len(level), bool) if bounds is None else rows_in_bounds(level, bounds)
    )
    order = rows[np.argsort(-np.nan_to_num(level.population[rows]), kind="stable")]
    response.headers["Cache-Control"] = FOREVER
    return [
        (
            level.labels[row],
            round(float(level.longitude[row]), 4),
            round(float(level.latitude[row]), 4),
        )
        for row in order[:MOST_LABELS]
    ]
