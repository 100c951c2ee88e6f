"""What a request for a footprint asks, and the answer: for API, page and impact assessment.

Lists may tell of persons. They stay in memory and are gone with the request: they stand in no
address, no log, no file and no memory of answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import State

from api.dependencies import Params
from api.engine import Engine
from api.memory import give_back
from api.pages.areas import code_of
from api.pages.lens import Lens, lens_of
from api.questions import Weight, read_model
from api.remember import Memory
from api.service import Service
from api.targets import WAY, Base
from api.uploads import MULTIPART, received, too_large
from api.work import in_thread
from exclusion_map.editions.footprint import (
    Footprinted,
    drawn_tenths,
    evidence_of,
    ground_of,
    group_figures,
)
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import DisclosureSettings, UploadSettings, read
from exclusion_map.targeting.footprint import Basis, Served
from exclusion_map.targeting.footprint.catchments import FARTHEST
from exclusion_map.targeting.footprint.comparing import GroupFigure
from exclusion_map.targeting.footprint.footprint import (
    EVERYWHERE,
    Comparator,
    comparator_of,
    footprint_of,
)
from exclusion_map.targeting.footprint.listing import Listing, read_listing
from exclusion_map.targeting.footprint.serving import serve, serve_outline
from exclusion_map.targeting.footprint.support import ways_to
from exclusion_map.targeting.footprint.withholding import DisclosureRule
from exclusion_map.targeting.homes import points_of
from exclusion_map.terms import AreaKind, SupportKind

Ways = dict[SupportKind, npt.NDArray[np.float64]]

MOST_DRAWS: Final = 400
_LONG: Final = 1_000_000
"""Bytes of a list whose memory is given back to the system when it was read."""
LONGEST_ADDRESS: Final = 1_500
"""Lists as short as this stand in an address, where they tell of places and not of persons."""
FIELDS: Final = 24
_FORMS: Final = (MULTIPART, "application/x-www-form-urlencoded")
_BOUNDARY_STARTS: Final = (
    b"{",
    b"<",
    b"SQLite format 3",
    b"\x00\x00\x27\x0a",
    b"POLYGON",
    b"MULTI",
)


class ServedParams(Params):
    """How to read who is served, and what to compare them with."""

    name: str = Field(
        default="",
        max_length=120,
        description="Of the service, product, programme or place, in words.",
    )
    compare: str = Field(
        default="",
        max_length=120,
        description="Code or name of the area to compare with; “all” for the whole edition. If "
        "left out, the smallest area that holds nearly all people served.",
    )
    basis: Basis | None = Field(
        default=None,
        description="counts: each row is a person, or as many as it says. residents: all who live "
        "in the places. If left out: counts with a column of counts or postcodes alone.",
    )


class FootprintParams(ServedParams):
    """How to read and compare a footprint."""

    radius: float | None = Field(
        default=None,
        gt=0,
        le=FARTHEST,
        description="Metres of catchment around each postcode or position, in a straight line.",
    )
    index: str = Field(default="", max_length=60, description="Id of an index.")
    weights: str = Field(
        default="", max_length=4_000, description="Weights by id that replace the index's."
    )
    draws: int = Field(
        default=0,
        ge=0,
        le=MOST_DRAWS,
        description="Other readings of the index to look at; 0 for none.",
    )
    seed: int = Field(default=1, ge=0, le=2**31, description="Of these readings.")


class FootprintBody(BaseModel):
    """A list, with or without counts, or an outline."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"example": {"where": ["E08000015", "CH41 2AB"], "counts": [120, 3]}},
    )

    where: tuple[str, ...] = Field(
        default=(),
        max_length=250_000,
        description="Whole postcodes, area codes of any kind, GP practice codes, exact names.",
    )
    counts: tuple[Weight, ...] = Field(
        default=(), max_length=250_000, description="People, one for each entry; or left out."
    )
    polygon: dict[str, Any] | None = Field(
        default=None, description="A GeoJSON outline: all who live inside are served."
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FootprintAsked:
    """What is asked: how, and a list typed, a file, or an outline.

    Attributes:
        params: how to read and compare.
        where: a list as it was typed.
        content: of a file: a list or a boundary.
        file: its name, for messages.
        body: of a request in JSON.
        texts: all fields of a form, for those who look for others.
    """

    params: FootprintParams
    where: str = field(default="", repr=False)
    content: bytes = field(default=b"", repr=False)
    file: str = ""
    body: FootprintBody | None = field(default=None, repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def empty(self) -> bool:
        """Whether nothing was brought."""
        given = self.body is not None and (self.body.where or self.body.polygon is not None)
        return not (self.where.strip() or self.content or given)


def params_of(texts: Mapping[str, str]) -> FootprintParams:
    """Return the fields of a form as parameters; empty ones and others are passed over.

    Raises:
        InvalidRequestError: one cannot be read; what was typed is told only of short fields.
    """
    known = {
        name: text.strip()
        for name, text in texts.items()
        if name in FootprintParams.model_fields and text.strip()
    }
    if "radius" in known:
        known["radius"] = known["radius"].replace(",", "")
    try:
        return FootprintParams.model_validate(known)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = str(fault["loc"][0]) if fault["loc"] else "form"
        raise InvalidRequestError(
            name, found=repr(known.get(name, ""))[:60], expected=str(fault["msg"])
        ) from None


async def read_asked(request: Request, params: FootprintParams | None = None) -> FootprintAsked:
    """Return what a request brings, all of it in memory: JSON, a form, or a file as the body.

    Args:
        request: whose body is read.
        params: of the address; those of the form if None.

    Raises:
        TooLargeError: it is larger than an upload may be.
        InvalidRequestError: it cannot be read.
    """
    most = read(UploadSettings).upload_max_bytes
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in _FORMS:
        async with received(request, most_fields=FIELDS, in_memory=True) as sent:
            return FootprintAsked(
                params=params_of(sent.texts) if params is None else params,
                where=sent.texts.get("where", ""),
                content=sent.content(),
                file=sent.name,
                texts=dict(sent.texts),
            )
    if kind in ("application/json", "application/geo+json", ""):
        if kind == "application/geo+json":
            content = await _body(request, most)
            return FootprintAsked(params=params or FootprintParams(), content=content)
        body = await read_model(request, most, FootprintBody)
        return FootprintAsked(params=params or FootprintParams(), body=body)
    content = await _body(request, most)
    return FootprintAsked(params=params or FootprintParams(), content=content, file="list")


async def _body(request: Request, most: int) -> bytes:
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) > most:
            raise too_large(most, f"more than {most:,} bytes")
    return bytes(held)


def served_asked(engine: Engine, asked: FootprintAsked) -> Served:
    """Return who is served by what a request brings.

    Raises:
        InvalidRequestError: nothing or several things are brought, or they cannot be read.
        NotFoundError: nothing of a list can be understood; no row of it is told.
    """
    body = asked.body or FootprintBody()
    polygon = body.polygon is not None
    given = (bool(asked.where.strip()), bool(asked.content), bool(body.where), polygon)
    if sum(given) != 1:
        raise InvalidRequestError(
            "footprint",
            found=f"{sum(given)} lists, files or outlines" if any(given) else "nothing",
            expected="one list, file or outline",
            mend="Clear the box, or do not choose a file." if any(given) else "",
        )
    service = engine.service
    ground = ground_of(service.edition, service.gazetteer)
    params = asked.params
    name = params.name.strip() or "Your list"
    if body.polygon is not None:
        return serve_outline(ground, body.polygon, name=name)
    if asked.content and _is_boundary(asked.content):
        return _bounded(ground, asked, name)
    listing = _listing(asked, body)
    return serve(ground, listing, name=name, basis=params.basis, radius=params.radius)


def _listing(asked: FootprintAsked, body: FootprintBody) -> Listing:
    limits = read(UploadSettings)
    if body.where:
        if body.counts and len(body.counts) != len(body.where):
            raise InvalidRequestError(
                "counts",
                found=f"{len(body.counts):,} of them",
                expected=f"{len(body.where):,}, one for each entry of where",
            )
        return Listing.of_entries(body.where, body.counts)
    if asked.content:
        return read_listing(asked.content, asked.file or "file", limits)
    return read_listing(asked.where, "list", limits)


def _is_boundary(content: bytes) -> bool:
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.upper().startswith(_BOUNDARY_STARTS) or content.startswith(_BOUNDARY_STARTS):
        return True
    return (
        content.startswith(b"PK")
        and b"[Content_Types].xml" not in content[:4_000] + (content[-60_000:])
    )


def _bounded(ground: Any, asked: FootprintAsked, name: str) -> Served:
    from exclusion_map.uploads import read_boundary  # Not needed to start.

    boundary = read_boundary(asked.content, asked.file or "file")
    return serve_outline(ground, boundary.geojson, name=name, notes=boundary.notes)


@dataclass(eq=False)
class Held:
    """What footprints of an app share: of editions and indices, never of lists."""

    ways: Memory[Ways] = field(default_factory=lambda: Memory(2))
    figures: Memory[tuple[GroupFigure, ...]] = field(default_factory=lambda: Memory(2))
    draws: Memory[npt.NDArray[np.uint8]] = field(default_factory=lambda: Memory(3, heavy=True))


def held_of(state: State) -> Held:
    """Return what footprints of an app share; made with the first."""
    if not hasattr(state, "footprint_held"):
        state.footprint_held = Held()
    held: Held = state.footprint_held
    return held


def footprint_asked(
    held: Held, base: Base, engine: Engine, asked: FootprintAsked, served: Served | None = None
) -> Footprinted:
    """Return the answer to what a request brings.

    Args:
        held: what footprints share.
        base: homes and places of support.
        engine: of the same edition.
        asked: by the request.
        served: who is served, where it is known already.

    Raises:
        InvalidRequestError: it cannot be read, or too few people are served to tell anything.
        NotFoundError: nothing of it can be understood, or the index or place is unknown.
        DefinitionError: other readings were asked for of an index that is not one weighted mean.
    """
    params = asked.params
    lens = lens_of(engine, params.index, params.weights)
    served = served or served_asked(engine, asked)
    edition = engine.service.edition
    comparator = compared_with(engine.service, params.compare, served)
    scores = lens.scores(AreaKind.SMALL_AREA)
    evidence = evidence_of(
        edition,
        scores,
        lens.answer().composite,
        figures=held.figures.get(edition.folder, lambda: group_figures(edition)),
        estimates=engine.service.estimates,
        ways=held.ways.get((edition.folder, base.places.tag), lambda: _ways(base)),
        drawn=_drawn(held, lens, params) if params.draws else None,
    )
    if len(asked.content) > _LONG:
        give_back()
    return Footprinted(
        found=footprint_of(served, comparator, evidence, rule_of()),
        definition=lens.definition,
        own_weights=bool(lens.weights),
        seed=params.seed,
    )


def compared_with(service: Service, asked: str, served: Served) -> Comparator:
    """Return the place to compare with; NotFoundError where no area has that code or name."""
    edition = service.edition
    code = asked if asked.strip().lower() in EVERYWHERE else code_of(service, asked)
    return comparator_of(edition.atlas, code, edition.manifest.title, served)


def _ways(base: Base) -> Ways:
    small = base.service.edition.atlas.level(AreaKind.SMALL_AREA)
    return ways_to(points_of(base.homes.centres), base.sites, WAY, small.nations)


def _drawn(held: Held, lens: Lens, params: FootprintParams) -> npt.NDArray[np.uint8]:
    answer = lens.answer()
    folder = lens.engine.service.edition.folder
    key = (folder, lens.index, params.weights, params.draws, params.seed)
    composite = answer.composite
    return held.draws.get(
        key,
        lambda: drawn_tenths(
            composite.definition, answer.table, composite, params.draws, params.seed
        ),
    )


def rule_of() -> DisclosureRule:
    """Return how small counts are kept from pointing at anybody, as the settings say."""
    settings = read(DisclosureSettings)
    return DisclosureRule(
        threshold=settings.small_count_threshold, base=settings.small_count_rounding
    )


async def answered(
    request: Request, base: Base, engine: Engine, asked: FootprintAsked
) -> Footprinted:
    """Return the answer, worked out in turn: long lists would hold up everybody else."""
    held = held_of(request.app.state)
    return await in_thread(request, lambda _: footprint_asked(held, base, engine, asked))


def query_of(params: FootprintParams) -> dict[str, str]:
    """Return what an address needs to say of parameters; defaults are left out."""
    plain = params.model_dump(mode="json", exclude_defaults=True)
    return {name: str(value) for name, value in plain.items() if value not in (None, "")}


Where = Annotated[
    str,
    Field(
        max_length=6_000,
        description="Area codes of any kind, GP practice codes and names, with commas. Postcodes "
        "are refused here: addresses are logged on their way. Send them with POST.",
        examples=["E08000015"],
    ),
]
