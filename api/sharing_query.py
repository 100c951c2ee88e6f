"""What a request for a fair share asks, and the answer: for API and page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import State

from api.dependencies import Params
from api.engine import Engine
from api.pages.lens import Lens, lens_of
from api.picking import area_codes
from api.questions import Weight
from api.remember import Memory
from api.work import briefly, in_turn
from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.phrases import listed
from exclusion_map.editions.sharing import Shared, grounds_of, rules_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import prepare
from exclusion_map.targeting.sharing import Share, ShareQuestion, share_out
from exclusion_map.targeting.sharing_draws import Judged, ShareDoubt, doubt_of
from exclusion_map.targeting.sharing_method import Method
from exclusion_map.targeting.sharing_reading import UnitRow, read_units
from exclusion_map.targeting.sharing_rules import Rule
from exclusion_map.targeting.sharing_units import (
    MOST_LISTED,
    Overlap,
    Units,
    units_inside,
    units_listed,
    with_terms,
)
from exclusion_map.targeting.sharing_weights import PartMoves, moves_of_parts
from exclusion_map.terms import AreaKind

MOST_DRAWS = 1_000
MOST_CELLS = 4_000_000
"""Draws times units of one question."""
_DOUBTS = 6

Amount = Annotated[Decimal, Field(ge=0, le=1_000_000_000, decimal_places=4)]


class ShareParams(Params):
    """Query parameters of a fair share."""

    total: Annotated[Decimal, Field(gt=0, le=1_000_000_000, decimal_places=4)] = Field(
        description="Total to share.", examples=[150]
    )
    what: str = Field(
        default="things", max_length=40, description="What is shared, such as computers."
    )
    step: Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=4)] = Field(
        default=Decimal(1), description="Smallest unit that is given: 1, 0.01 pounds, 0.5 hours."
    )
    within: str = Field(
        default="",
        max_length=2_000,
        description="Codes or names of places, separated by commas; everywhere if omitted.",
    )
    level: AreaKind = Field(
        default=AreaKind.WARD, description="Kind of area that receives a share."
    )
    rule: Rule | None = Field(
        default=None,
        description="What shares are proportional to; if omitted, at-risk if the edition has the "
        "modelled estimate, otherwise worst-fifth.",
    )
    line: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="With the rule above: the score above which people count; the mean if omitted.",
    )
    method: Method = Field(
        default=Method.WEBSTER, description="How fair shares are rounded to whole numbers."
    )
    minimum: Amount = Field(default=Decimal(0), description="Minimum that each receives now.")
    maximum: Amount | None = Field(default=None, description="Maximum that each receives now.")
    overlap: Overlap = Field(
        default=Overlap.SPLIT,
        description="People served by several units: split between them, or counted twice.",
    )
    index: str = Field(default="", max_length=60, description="Id of an index.")
    weights: str = Field(
        default="", max_length=4_000, description="Weights by id, replacing those of the index."
    )
    draws: int = Field(
        default=0, ge=0, le=MOST_DRAWS, description="Number of draws for uncertainty; 0 for none."
    )
    seed: int = Field(default=1, ge=0, le=2**31, description="Random seed for the draws.")

    def question(self, usual: Rule) -> ShareQuestion:
        """Return the same as the library takes it; by the usual rule where none was named."""
        return ShareQuestion(
            total=self.total,
            step=self.step,
            rule=self.rule or usual,
            method=self.method,
            minimum=self.minimum,
            maximum=self.maximum,
            line=self.line,
        )


class UnitIn(BaseModel):
    """One unit that receives a share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    where: tuple[str, ...] = Field(
        default=(),
        max_length=20_000,
        description="Its areas: codes of any kind, postcodes, exact names; its name if omitted.",
    )
    minimum: Weight | None = Field(default=None, description="Its own minimum.")
    maximum: Weight | None = Field(default=None, description="Its own maximum.")
    received: Weight | None = Field(
        default=None, description="What it already has; taken into account."
    )
    number: Weight | None = Field(default=None, description="For the rule own.")


_EXAMPLE: dict[str, Any] = {
    "units": [
        {"name": "Library service", "where": ["E08000015"], "received": 4},
        {"name": "Age UK", "where": ["E05000954", "CH41 2AB"], "minimum": 2},
    ]
}


class ShareBody(BaseModel):
    """Partners with lists of areas; or, with ``within``, numbers for the areas there."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": _EXAMPLE})

    units: tuple[UnitIn, ...] = Field(max_length=40_000)

    @property
    def rows(self) -> tuple[UnitRow, ...]:
        """The same as the library takes them.

        Raises:
            InvalidRequestError: two have one name.
        """
        counts = Counter(one.name for one in self.units)
        name, times = counts.most_common(1)[0] if counts else ("", 0)
        if times > 1:
            raise InvalidRequestError(
                "units", found=f"{name!r} {times} times", expected="each name once"
            )
        return tuple(
            UnitRow(
                name=one.name,
                entries=one.where,
                minimum=one.minimum,
                maximum=one.maximum,
                received=one.received,
                number=one.number,
            )
            for one in self.units
        )


def shared_of(engine: Engine, params: ShareParams, rows: tuple[UnitRow, ...] = ()) -> Shared:
    """Return who gets how many, by every rule; without draws.

    Raises:
        InvalidRequestError: it cannot be shared so.
        NotFoundError: a place, a unit's area or the index is unknown.
    """
    lens = lens_of(engine, params.index, params.weights)
    units, place = _units(engine, params, rows)
    service = engine.service
    scores = lens.scores(AreaKind.SMALL_AREA)
    grounds = grounds_of(service.edition, scores, service.estimates)
    usual = Rule.WORST_FIFTH if grounds.estimates is None else Rule.AT_RISK
    share = share_out(units, grounds, params.question(usual))
    return Shared(
        share=share,
        grounds=grounds,
        compared=rules_of(share, grounds),
        definition=lens.definition,
        own_weights=bool(lens.weights),
        place=place,
        what=params.what.strip() or "things",
        kind=None if rows and not params.within.strip() else params.level,
    )


def _units(engine: Engine, params: ShareParams, rows: tuple[UnitRow, ...]) -> tuple[Units, str]:
    atlas = engine.service.edition.atlas
    if rows and not params.within.strip():
        units = units_listed(engine.service.gazetteer, rows, params.overlap)
        return units, f"{len(units):,} partners" if len(units) > 1 else units.names[0]
    codes = area_codes(engine, params.within) if params.within.strip() else ()
    units = units_inside(atlas, params.level, codes)
    named = [level.labels[row] for level, row in map(atlas.find, codes)]
    more = [f"{len(named) - 3} more"] if len(named) > 4 else []
    place = listed(named[: 3 if more else 4] + more) or engine.service.edition.manifest.title
    return (with_terms(units, rows) if rows else units), place


async def with_doubt(
    request: Request, engine: Engine, params: ShareParams, shared: Shared
) -> Shared:
    """Return an answer with what each unit gets over draws; long work waits for its turn.

    Raises:
        InvalidRequestError: too many draws for so many units.
        HTTPException: too many wait already.
    """
    if not params.draws or not shared.share.question.rule.doubtful:
        return shared
    cells = params.draws * len(shared.share.units)
    if cells > MOST_CELLS:
        raise InvalidRequestError(
            "draws",
            found=f"{params.draws:,} draws of {len(shared.share.units):,} units",
            expected=f"at most {MOST_CELLS:,} of the two multiplied",
            mend="Use fewer draws or larger areas, or use the command: exclusion-map share.",
        )
    held = doubts_of(request.app.state)
    key = _key(engine, params, shared.share)
    lens = lens_of(engine, params.index, params.weights)
    doubt = await in_turn(
        request,
        held.has(key),
        lambda: held.get(key, lambda: _doubt(lens, params, shared)),
    )
    parts = await briefly(request, _parts, lens, shared)
    return replace(shared, doubt=doubt, parts=parts)


def _parts(lens: Lens, shared: Shared) -> tuple[PartMoves, ...]:
    """Return what each part of the index moves: a dozen compositions of columns made once."""
    if not shared.share.question.rule.of_index:
        return ()
    columns = prepare(lens.definition, lens.engine.table)
    return moves_of_parts(
        shared.share,
        shared.grounds,
        lens.definition,
        lens.weights,
        lambda weights: ScoreSet.of_small_areas(columns.compose(weights)),
    )


def _doubt(lens: Lens, params: ShareParams, shared: Shared) -> ShareDoubt | None:
    found = lens.answer()
    judged = Judged(
        definition=found.composite.definition, table=found.table, base=found.composite.base
    )
    atlas = lens.engine.service.edition.atlas
    return doubt_of(
        shared.share, atlas, shared.grounds, judged, draws=params.draws, seed=params.seed
    )


def _key(engine: Engine, params: ShareParams, share: Share) -> str:
    claims = share.claims
    digest = blake2b(digest_size=16)
    digest.update(f"{engine.service.edition.id} {params.model_dump_json()}".encode())
    for part in (claims.weight, claims.least, claims.most, claims.held, share.units.row):
        digest.update(part.tobytes())
    return digest.hexdigest()


def doubts_of(state: State) -> Memory[ShareDoubt | None]:
    """Return the answers over draws that an app remembers for a while."""
    if not hasattr(state, "share_doubts"):
        state.share_doubts = Memory(_DOUBTS)
    held: Memory[ShareDoubt | None] = state.share_doubts
    return held


def rows_in(text: str) -> tuple[UnitRow, ...]:
    """Return the units of a text as `read_units` reads it, a bounded number of them.

    Raises:
        InvalidRequestError: it cannot be read.
    """
    rows = read_units(text)
    if len(rows) > 80 * MOST_LISTED:
        raise InvalidRequestError(
            "units", found=f"{len(rows):,} lines", expected=f"at most {80 * MOST_LISTED:,}"
        )
    return rows


def query_of(params: ShareParams) -> Mapping[str, str]:
    """Return what an address needs to say of a request; defaults are left out."""
    plain = params.model_dump(mode="json", exclude_defaults=True)
    return {name: str(value) for name, value in plain.items() if value not in (None, "")}
