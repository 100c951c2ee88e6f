"""Answers to requests for a footprint: for API, page and impact assessment.

Lists may tell of persons. They stay in memory and are gone with the request: they stand in no
address, no log, no file and no memory of answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from fastapi import Request
from starlette.datastructures import State

from api.engine import Engine
from api.footprint_asking import FootprintAsked, FootprintBody, FootprintParams
from api.memory import give_back
from api.pages.areas import code_of
from api.pages.lens import Lens, lens_of
from api.remember import Memory
from api.service import Service
from api.targets import WAY, Base
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
from exclusion_map.targeting.footprint import Served
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

_LONG: Final = 1_000_000
"""Bytes of a list whose memory is given back to the system when it was read."""
_BOUNDARY_STARTS: Final = (
    b"{",
    b"<",
    b"SQLite format 3",
    b"\x00\x00\x27\x0a",
    b"POLYGON",
    b"MULTI",
)


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
    request: Request, base: Callable[[], Base], engine: Engine, asked: FootprintAsked
) -> Footprinted:
    """Return the answer, worked out in turn: long lists would hold up everybody else."""
    held = held_of(request.app.state)
    return await in_thread(request, lambda _: footprint_asked(held, base(), engine, asked))
