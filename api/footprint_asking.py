"""What a request for a footprint asks: for API, page and impact assessment.

Lists may tell of persons. They stay in memory and are gone with the request: they stand in no
address, no log, no file and no memory of answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.dependencies import Params
from api.questions import Weight, read_model
from api.uploads import MULTIPART, received, too_large
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import UploadSettings, read
from exclusion_map.targeting.footprint import Basis
from exclusion_map.targeting.footprint.catchments import FARTHEST

MOST_DRAWS: Final = 400
LONGEST_ADDRESS: Final = 1_500
"""Lists as short as this stand in an address, where they tell of places and not of persons."""
FIELDS: Final = 24
_FORMS: Final = (MULTIPART, "application/x-www-form-urlencoded")


class ServedParams(Params):
    """How to read who is served, and what to compare them with."""

    name: str = Field(
        default="",
        max_length=120,
        description="Name of the service, product, programme or place.",
    )
    compare: str = Field(
        default="",
        max_length=120,
        description="Code or name of the area to compare with; “all” for the whole edition. If "
        "omitted, the smallest area that contains nearly all people served.",
    )
    basis: Basis | None = Field(
        default=None,
        description="counts: each row is one person, or as many as it says. residents: everyone "
        "who lives in the places. If omitted: counts for a list with a column of "
        "counts or for postcodes alone.",
    )


class FootprintParams(ServedParams):
    """How to read and compare a footprint."""

    radius: float | None = Field(
        default=None,
        gt=0,
        le=FARTHEST,
        description="Catchment radius around each postcode or position, in metres, as a straight "
        "line.",
    )
    index: str = Field(default="", max_length=60, description="Id of an index.")
    weights: str = Field(
        default="", max_length=4_000, description="Weights by id, replacing those of the index."
    )
    draws: int = Field(
        default=0,
        ge=0,
        le=MOST_DRAWS,
        description="Number of alternative versions of the index to test; 0 for none.",
    )
    seed: int = Field(
        default=1, ge=0, le=2**31, description="Random seed for the alternative versions."
    )


class FootprintBody(BaseModel):
    """A list, with or without counts, or a boundary."""

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
        default=(), max_length=250_000, description="Number of people for each entry; optional."
    )
    polygon: dict[str, Any] | None = Field(
        default=None, description="A GeoJSON boundary: everyone who lives inside is served."
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


def query_of(params: FootprintParams) -> dict[str, str]:
    """Return what an address needs to say of parameters; defaults are left out."""
    plain = params.model_dump(mode="json", exclude_defaults=True)
    return {name: str(value) for name, value in plain.items() if value not in (None, "")}


Where = Annotated[
    str,
    Field(
        max_length=6_000,
        description="Area codes of any kind, GP practice codes and names, separated by commas. "
        "Postcodes are refused here, because addresses are logged on their way. Send "
        "them with POST.",
        examples=["E08000015"],
    ),
]
