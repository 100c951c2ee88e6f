"""What the pages of likely duplicates show: pairs side by side, what differs, where they are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.directory import Held, Listing
from exclusion_map.directory.differences import offer_words, place_words
from exclusion_map.directory.duplicates import distance_words
from exclusion_map.directory.reviews import Pick, Review, Reviews, State
from exclusion_map.directory.reviews_merging import SERVICES, Piece, pieces, suggested, values
from exclusion_map.errors import InvalidRequestError

PAGE: Final = 20
STATES: Final = (
    (State.OPEN, "To decide"),
    (State.LATER, "Later"),
    (State.DIFFERENT, "Different places"),
    (State.MERGED, "Merged"),
)
SURE: Final = ((0.9, "very likely"), (0.7, "likely"), (0.0, "possibly"))


@dataclass(frozen=True, slots=True)
class Row:
    """A part of both listings, beside each other.

    Attributes:
        key: of the piece.
        label: what it is.
        a: what the first says.
        b: what the second says.
        differs: whether they say different things.
        picked: whose stays, to begin with: ``a``, ``b`` or ``both``.
        joins: whether both can stay.
    """

    key: str
    label: str
    a: Sequence[str]
    b: Sequence[str]
    differs: bool
    picked: str
    joins: bool


def list_context(reviews: Reviews, state: State, page: int) -> dict[str, Any]:
    """Return what the list of pairs needs."""
    counts = reviews.counts()
    pages = max(1, math.ceil(counts[state] / PAGE))
    page = min(page, pages)
    found = reviews.page(state, start=(page - 1) * PAGE, size=PAGE)
    return {
        "state": state.value,
        "states": [(one.value, label, counts[one]) for one, label in STATES],
        "pairs": [{"review": one, "sure": sure_words(one.score)} for one in found],
        "page": page,
        "pages": pages,
    }


def pair_context(review: Review) -> dict[str, Any]:
    """Return what the page of one pair needs."""
    keep = kept_first(review)
    return {
        "review": review,
        "sure": sure_words(review.score),
        "rows": list(_rows(review, keep)),
        "keep": keep,
        "apart": "" if review.distance_m is None else distance_words(review.distance_m),
        "open": review.state is not State.MERGED and not gone(review),
        "gone": gone(review),
        "state_words": {one.value: label for one, label in STATES}[review.state.value],
    }


def sure_words(score: float) -> str:
    """Return how likely two places are one, in words."""
    return next(said for least, said in SURE if score >= least)


def gone(review: Review) -> bool:
    """Whether one of the two is no longer there without having been merged."""
    out = review.a.deleted_at is not None or review.b.deleted_at is not None
    return out and review.state is not State.MERGED


def kept_first(review: Review) -> str:
    """Return which of the two to keep, to begin with: confirmed by people, or saying more."""
    if review.kept_id is not None:
        return "a" if review.kept_id == review.a.id else "b"
    return "b" if _worth(review.b) > _worth(review.a) else "a"


def picks_typed(review: Review, keep: str, chosen: Mapping[str, str]) -> dict[str, Pick]:
    """Return whose piece stays, from what a form says of the first and the second.

    Raises:
        InvalidRequestError: it names another one.
    """
    mine, theirs = (review.a, review.b) if keep == "a" else (review.b, review.a)
    picks: dict[str, Pick] = {}
    for piece in pieces(mine.listing, theirs.listing):
        said = chosen.get(piece.key, keep)
        if said not in ("a", "b", "both"):
            raise InvalidRequestError(
                piece.label, found=repr(said), expected="the first, the second or both"
            )
        picks[piece.key] = "both" if said == "both" else ("mine" if said == keep else "theirs")
    return picks


def _worth(held: Held) -> tuple[bool, int]:
    said = held.listing.model_dump(exclude_defaults=True)
    offers = sum(len(offer.model_dump(exclude_defaults=True)) for offer in held.listing.offers)
    return held.confirmed_at is not None, len(said) + offers


def _rows(review: Review, keep: str) -> Iterator[Row]:
    a, b = review.a.listing, review.b.listing
    picks = suggested(*((a, b) if keep == "a" else (b, a)))
    other = "b" if keep == "a" else "a"
    for piece in pieces(a, b):
        pick = picks[piece.key]
        yield Row(
            key=piece.key,
            label=piece.label,
            a=_said(a, piece),
            b=_said(b, piece),
            differs=_compared(a, piece) != _compared(b, piece),
            picked={"mine": keep, "theirs": other}.get(pick, "both"),
            joins=piece.joins,
        )


def _compared(listing: Listing, piece: Piece) -> Any:
    if piece is SERVICES:
        return [offer.model_dump(exclude={"id"}) for offer in listing.offers]
    found = values(listing, piece)
    provider = found.get("provider")
    return {**found, "provider": provider.name} if provider is not None else found


def _said(listing: Listing, piece: Piece) -> list[str]:
    """Return what a listing says in a piece, in lines."""
    if piece is SERVICES:
        return [offer.name for offer in listing.offers]
    if piece.key == "position":
        return _position(listing)
    if piece.of_offer:
        lines = (offer_words(listing.offers[0], name) for name in piece.fields)
    else:
        lines = (place_words(listing, name) for name in piece.fields)
    return [line for line in lines if line]


def _position(listing: Listing) -> list[str]:
    if listing.latitude is None or listing.longitude is None:
        return []
    by = {"postcode": "by its postcode", "coordinates": "by its coordinates"}
    return [
        f"{listing.latitude:.5f}, {listing.longitude:.5f}",
        *([by[listing.placed_by]] if listing.placed_by else []),
    ]
