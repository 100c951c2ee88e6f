"""Merge two listings of one place, piece by piece, as a person chooses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from exclusion_map.directory.listing import Listing, Offer
from exclusion_map.directory.terms import stable_id
from exclusion_map.errors import InvalidRequestError

Pick = Literal["mine", "theirs", "both"]
"""Whose piece stays: of the listing that is kept, of the other, or of both together."""


@dataclass(frozen=True)
class Piece:
    """A part of a listing that is chosen as a whole.

    Attributes:
        key: its name in forms.
        label: what people read.
        fields: of the listing, or of its offer.
        of_offer: whether it belongs to the one service that both offer.
        joins: whether both can be kept together.
    """

    key: str
    label: str
    fields: tuple[str, ...]
    of_offer: bool = False
    joins: bool = False


OF_LISTING = (
    Piece("name", "Name", ("name",)),
    Piece("kind", "Kind of place", ("kind",)),
    Piece("provider", "Run by", ("provider",)),
    Piece("address", "Address", ("address", "city", "postcode")),
    # Pulled apart, a position and the area it lies in would contradict each other.
    Piece("position", "On the map", ("latitude", "longitude", "area_code", "placed_by")),
    Piece("about", "Description", ("description",)),
    Piece("accessibility", "Accessibility", ("accessibility", "access_note"), joins=True),
    Piece("as_of", "Date of the list", ("as_of",)),
)
OF_OFFER = (
    Piece("support", "Digital support", ("support",), of_offer=True, joins=True),
    Piece("hours", "Opening hours", ("schedule", "hours_note"), of_offer=True),
    Piece("contact", "Contact", ("phone", "email", "contact"), of_offer=True),
    Piece("url", "Web address", ("url",), of_offer=True),
    Piece("cost", "Cost", ("cost", "fees", "costs"), of_offer=True),
    Piece("languages", "Languages", ("languages",), of_offer=True, joins=True),
    Piece("for_whom", "Ages", ("minimum_age", "maximum_age"), of_offer=True),
    Piece("capacity", "Computers and staffed hours", ("computers", "staffed_hours"), of_offer=True),
    Piece("service", "Service", ("name", "description", "status", "alert"), of_offer=True),
)
SERVICES = Piece("offers", "Services", ("offers",), joins=True)


def pieces(mine: Listing, theirs: Listing) -> tuple[Piece, ...]:
    """Return what can be chosen: within the service where both have one, else services whole."""
    if len(mine.offers) == len(theirs.offers) == 1:
        return (*OF_LISTING, *OF_OFFER)
    return (*OF_LISTING, SERVICES)


def values(listing: Listing, piece: Piece) -> dict[str, Any]:
    """Return what a listing says in a piece, by field."""
    part = listing.offers[0] if piece.of_offer else listing
    return {name: getattr(part, name) for name in piece.fields}


def is_empty(listing: Listing, piece: Piece) -> bool:
    """Tell whether a listing says nothing in a piece."""
    return all(value in (None, "", (), {}, "unknown") for value in values(listing, piece).values())


def suggested(mine: Listing, theirs: Listing) -> dict[str, Pick]:
    """Return the choice to begin with: what is kept says wins, unless it says nothing."""
    chosen: dict[str, Pick] = {}
    for piece in pieces(mine, theirs):
        if values(mine, piece) == values(theirs, piece) or is_empty(theirs, piece):
            chosen[piece.key] = "mine"
        elif is_empty(mine, piece):
            chosen[piece.key] = "theirs"
        else:
            chosen[piece.key] = "both" if piece.joins else "mine"
    return chosen


def merged(mine: Listing, theirs: Listing, picks: Mapping[str, Pick], *, kept_id: str) -> Listing:
    """Return the listing that stays.

    Args:
        mine: the listing that is kept, with its ids.
        theirs: the other one.
        picks: by piece; a piece that is not named stays as the kept listing has it.
        kept_id: id of the listing that is kept.

    Raises:
        InvalidRequestError: a choice that there is not.
    """
    known = {piece.key: piece for piece in pieces(mine, theirs)}
    _check(picks, known)
    listing: dict[str, Any] = {}
    offer: dict[str, Any] = {}
    for key, pick in picks.items():
        piece = known[key]
        if piece is SERVICES:
            listing["offers"] = _services(mine, theirs, pick, kept_id)
        elif pick != "mine":
            taken = values(theirs, piece)
            if pick == "both":
                taken = _joined(values(mine, piece), taken)
            (offer if piece.of_offer else listing).update(taken)
    if offer:
        listing["offers"] = (mine.offers[0].model_copy(update=offer),)
    return mine.model_copy(update=listing)


def moved_id(kept_id: str, offer_id: str) -> str:
    """Return the id that a service of the other listing gets when it moves to the kept one."""
    return stable_id("merged", kept_id, offer_id)


def _check(picks: Mapping[str, Pick], known: Mapping[str, Piece]) -> None:
    for key, pick in picks.items():
        allowed = ("mine", "theirs", *(("both",) if key in known and known[key].joins else ()))
        if key not in known or pick not in allowed:
            raise InvalidRequestError(
                f"choice for {key!r}",
                found=repr(pick),
                expected=f"one of {', '.join(known)}, each one of {', '.join(allowed)}",
            )


def _services(mine: Listing, theirs: Listing, pick: Pick, kept_id: str) -> tuple[Offer, ...]:
    if pick == "mine":
        return mine.offers
    moved = tuple(
        offer.model_copy(update={"id": moved_id(kept_id, offer.id)}) for offer in theirs.offers
    )
    return moved if pick == "theirs" else (*mine.offers, *moved)


def _joined(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _join(value, theirs[name]) for name, value in mine.items()}


def _join(mine: Any, theirs: Any) -> Any:
    if isinstance(mine, dict):
        # What is stated for the place counts for more than what is usual of its kind.
        stated = {key: how for key, how in theirs.items() if how == "stated" or key not in mine}
        return mine | stated
    if isinstance(mine, str):
        return " ".join(_distinct([mine, theirs]))
    return tuple(_distinct([*mine, *theirs]))


def _distinct(items: Collection[str]) -> list[str]:
    return list(dict.fromkeys(item for item in items if item))
