"""Help that reaches people anywhere: what is said of it, how old it is, and the list we keep."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, field_validator

from exclusion_map.database import now
from exclusion_map.directory.confirming import Checked
from exclusion_map.directory.confirming import checked as last_checked
from exclusion_map.directory.listing import Part, known_only
from exclusion_map.directory.terms import stable_id
from exclusion_map.terms import Nation

LIST: Final = Path(__file__).parent / "remote_help.toml"
GOOD_FOR: Final = timedelta(days=183)
"""Prices and conditions change: what nobody checked for half a year is marked."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody may be in need of.

    Attributes:
        key: part of addresses.
        name: what people read.
        support: the term of digital support that it is; empty where none fits.
    """

    key: str
    name: str
    support: str


NEEDS: Final = (
    Need("broadband", "Cheaper broadband", ""),
    Need("mobile", "Mobile data and SIM cards", "data"),
    Need("device", "A phone, tablet or computer", "devices"),
    Need("skills", "Learning digital skills", "skills_courses"),
    Need("helpline", "Somebody to ring", ""),
)
NEED_KEYS: Final = tuple(need.key for need in NEEDS)
NATIONS: Final = tuple(nation.value for nation in Nation)


def _known_need(value: str) -> str:
    if value not in NEED_KEYS:
        raise ValueError(f"{value!r} is not one of {', '.join(NEED_KEYS)}")
    return value


class Help(Part):
    """An offer that reaches people wherever they live.

    Attributes:
        who: who may have it.
        price: pounds a month; None where nobody made sure of it.
        nations: where it is offered; empty for all of the United Kingdom.
        locality: a narrower part, in words.
        source: who says so; ``source_url`` is where.
        as_of: the date of that source, as exactly as it is known: ``2023-04-20``, ``2023``.
    """

    need: Annotated[str, AfterValidator(_known_need)]
    name: str = Field(min_length=1, max_length=200)
    provider: str = Field("", max_length=200)
    description: str = Field("", max_length=1000)
    who: str = Field("", max_length=1000)
    price: float | None = Field(None, ge=0, le=1000)
    price_note: str = Field("", max_length=300)
    speed: str = Field("", max_length=100)
    contract: str = Field("", max_length=500)
    phone: str = Field("", max_length=60, pattern=r"^[0-9+() -]*$")
    hours: str = Field("", max_length=200)
    url: str = Field("", max_length=500, pattern=r"^(https?://\S+)?$")
    nations: tuple[str, ...] = ()
    locality: str = Field("", max_length=200)
    source: str = Field("", max_length=300)
    source_url: str = Field("", max_length=500, pattern=r"^(https?://\S+)?$")
    as_of: str = Field("", max_length=30)

    @field_validator("nations")
    @classmethod
    def _known_nations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return known_only(value, NATIONS)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON's own types."""
        return self.model_dump(mode="json")

    def reaches(self, nation: str) -> bool:
        """Whether it is offered in a nation; any, for an empty name."""
        return not nation or not self.nations or nation in self.nations


class HeldHelp(Part):
    """An entry as the directory holds it."""

    id: str
    version: int
    listing: Help
    source_key: str | None
    confirmed_at: datetime | None
    confirmed_by: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None

    def checked(self, today: date | None = None) -> Checked:
        """Return when it was last made sure of; not recent after half a year."""
        day = today or now().date()
        return last_checked(self.confirmed_at, self.listing.as_of, day, GOOD_FOR)


@cache
def maintained() -> dict[str, Help]:
    """Return the list that comes with the product, by key."""
    with LIST.open("rb") as file:
        entries = tomllib.load(file)["help"]
    return {entry.pop("key"): Help.model_validate(entry) for entry in entries}


def help_id(source_key: str) -> str:
    """Return the id of an entry of the maintained list, the same everywhere."""
    return stable_id("remote_help", source_key)


def listed_help() -> list[HeldHelp]:
    """Return the maintained list as it is held where there is no database."""
    return in_order(
        HeldHelp(
            id=help_id(key),
            version=1,
            listing=entry,
            source_key=key,
            confirmed_at=None,
            confirmed_by="",
            created_at=_NEVER,
            updated_at=_NEVER,
            deleted_at=None,
        )
        for key, entry in maintained().items()
    )


def in_order(entries: Any) -> list[HeldHelp]:
    """Return entries by need, provider and name."""

    def place(held: HeldHelp) -> tuple[int, bool, str, str]:
        entry, who = held.listing, held.listing.provider.casefold()
        # The regulator's list of all companies comes before single ones.
        return NEED_KEYS.index(entry.need), who != "ofcom", who, entry.name.casefold()

    return sorted(entries, key=place)


def choose(entries: Sequence[HeldHelp], need: str = "", nation: str = "") -> list[HeldHelp]:
    """Return the entries for a need and in a nation; all for empty texts."""
    return [
        held
        for held in entries
        if (not need or held.listing.need == need) and held.listing.reaches(nation)
    ]
