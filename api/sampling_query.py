"""What a request for a sample of areas asks, and the answer: for API and page."""

from hashlib import blake2b
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.dependencies import Params
from api.pages.areas import code_of
from api.remember import Memory
from api.service import Service
from exclusion_map.editions.reaching import risk_of
from exclusion_map.editions.sampling import Sampled, sample_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling.design import (
    MOST_SEED,
    Allocation,
    Method,
    SampleDesign,
    parse_design,
)
from exclusion_map.targeting.sampling.uploading import read_column
from exclusion_map.targeting.sampling.venues import FARTHEST, KINDS
from exclusion_map.terms import AreaKind

_USUAL = SampleDesign()
_ABOUT = {name: field.description or "" for name, field in SampleDesign.model_fields.items()}
MOST_QUOTAS = 20_000
_KEPT = 16
Names = Annotated[list[str], Field(max_length=10)]


class SampleParams(Params):
    """Query parameters of a sample."""

    areas: int = Field(default=40, ge=1, le=5_000, description=_ABOUT["areas"])
    method: Method = Field(default=Method.SYSTEMATIC, description=_ABOUT["method"])
    size: str = Field(default="population", max_length=80, description=_ABOUT["size"])
    strata: Names = Field(default_factory=list, description=_ABOUT["strata"])
    classes: int = Field(default=5, ge=2, le=20, description=_ABOUT["classes"])
    allocation: Allocation = Field(
        default=Allocation.PROPORTIONAL, description=_ABOUT["allocation"]
    )
    quotas: str = Field(
        default="",
        max_length=MOST_QUOTAS,
        description="With allocation quotas: one line per stratum, name = number.",
    )
    vary: str = Field(default="score", max_length=80, description=_ABOUT["vary"])
    least: int = Field(default=1, ge=0, le=100, description=_ABOUT["least"])
    sort: Names = Field(
        default_factory=list, description=_ABOUT["sort"] + " local_authority, score if omitted."
    )
    balance: Names = Field(
        default_factory=list,
        description=_ABOUT["balance"] + " population, aged_65_plus, at_risk if omitted.",
    )
    distance_m: float = Field(default=0.0, ge=0, le=100_000, description=_ABOUT["distance_m"])
    reserves: int = Field(default=1, ge=0, le=5, description=_ABOUT["reserves"])
    interviews: int = Field(default=10, ge=1, le=1_000, description=_ABOUT["interviews"])
    seed: int = Field(default=1, ge=0, le=MOST_SEED, description=_ABOUT["seed"])
    within: str = Field(
        default="", max_length=120, description="Code or name of an area; everywhere if omitted."
    )
    index: str = Field(default="", max_length=60, description=_ABOUT["index"])
    kind: Names = Field(
        default_factory=list,
        description=f"Kinds of place that are venues: {', '.join(KINDS)} if omitted.",
    )
    near_m: float = Field(
        default=3_000.0,
        gt=0,
        le=FARTHEST,
        description="Distance within which a place counts as a venue, in metres.",
    )

    @field_validator("strata", "sort", "balance", "kind")
    @classmethod
    def _said(cls, value: list[str]) -> list[str]:
        # A form sends what is left open as an empty text.
        return [each for each in dict.fromkeys(value) if each]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of place that are venues."""
        return tuple(self.kind) or KINDS

    def design(self, service: Service) -> SampleDesign:
        """Return the design.

        Raises:
            InvalidRequestError: it cannot be.
            NotFoundError: there is no such place or index.
        """
        known = {name: getattr(self, name) for name in SampleDesign.model_fields}
        known["within"] = code_of(service, self.within)
        known["index"] = service.index(self.index or None).id
        known["quotas"] = read_quotas(self.quotas) if self.quotas.strip() else {}
        for name in ("sort", "balance"):
            known[name] = known[name] or self._usual(name, service)
        return parse_design(known)

    @staticmethod
    def _usual(name: str, service: Service) -> tuple[str, ...]:
        """Return the usual names, without those that an edition does not have."""
        atlas = service.edition.atlas
        usual: tuple[str, ...] = getattr(_USUAL, name)
        if name == "sort":
            places = {kind.value for kind in atlas.level(AreaKind.SMALL_AREA).parents}
            return tuple(one for one in usual if one == "score" or one in places)
        held = set(atlas.indicators[AreaKind.SMALL_AREA].ids)
        lacks = set() if {"aged_65_74", "aged_75_plus"} <= held else {"aged_65_plus"}
        lacks |= set() if service.estimates is not None else {"at_risk"}
        return tuple(one for one in usual if one not in lacks)


class SampleBody(BaseModel):
    """A column of one's own, to divide areas by with ``strata=own``."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"example": {"csv": "area_code,patch\nE01000001,North\n"}},
    )

    csv: str = Field(description="CSV with a heading: area_code and the column.")
    column: str = Field(
        default="", max_length=200, description="Heading of that column; the first one if empty."
    )


def read_quotas(text: str) -> dict[str, int]:
    """Return numbers by name of the stratum from lines ``name = number``.

    Raises:
        InvalidRequestError: a line is none of these.
    """
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, _, told = line.rpartition("=")
        if not name.strip() or not told.strip().isdecimal() or len(told.strip()) > 6:
            raise InvalidRequestError(
                f"quotas, line {number}",
                found=repr(line.strip()[:60]),
                expected="name of the stratum = number of areas",
            )
        found[name.strip()] = int(told)
    return found


def sample_for(
    request: Request, service: Service, params: SampleParams, body: SampleBody | None = None
) -> Sampled:
    """Return the sample a request asks for; what brings nothing along is remembered a while.

    Raises:
        InvalidRequestError: the design does not fit.
        NotFoundError: there is no such place or index.
    """
    design = params.design(service)
    edition = service.edition

    def make() -> Sampled:
        position = edition.atlas.level(AreaKind.SMALL_AREA).position
        own = None if body is None else read_column(body.csv, position, body.column)
        return sample_of(edition, risk_of(edition, design.index), design, own)

    if body is not None:
        return make()
    key = blake2b(design.model_dump_json().encode(), digest_size=12).hexdigest()
    return _memory(request).get((edition.folder, key), make)


def _memory(request: Request) -> Memory[Sampled]:
    state = request.app.state
    if not hasattr(state, "samples"):
        state.samples = Memory(_KEPT)
    memory: Memory[Sampled] = state.samples
    return memory
