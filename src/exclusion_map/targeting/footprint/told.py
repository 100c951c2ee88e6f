"""What has to be said of how a list was understood."""

from collections.abc import Iterator

from exclusion_map.targeting.footprint.listing import Listing
from exclusion_map.targeting.footprint.matching import Matching, Way
from exclusion_map.targeting.footprint.served import Basis


def notes_of(matching: Matching, listing: Listing, basis: Basis) -> tuple[str, ...]:
    """Return notes on a list; no text of its rows stands in them."""
    return (*_what_counts(matching, listing, basis), *_how_read(matching))


def _what_counts(matching: Matching, listing: Listing, basis: Basis) -> Iterator[str]:
    if basis is Basis.RESIDENTS:
        yield "All who live in the places named count, each once."
        if Way.POSTCODE in matching.matched:
            yield (
                "A postcode stands for its part of its small area: one of as many as are in use "
                "there."
            )
    elif listing.columns.count is None:
        yield "Each row counts as one person, also where a postcode comes again."
    else:
        head = listing.head[listing.columns.count] if listing.head else ""
        named = f"the column “{head.strip()}”" if head else "the column of numbers"
        yield f"People are counted by {named}."
    if basis is Basis.COUNTS and set(matching.matched) - {Way.POSTCODE}:
        yield "People of a wider place are spread over its small areas as its residents are."
    if Way.PRACTICE in matching.matched:
        yield (
            "Where the patients of a GP practice live is not public. Each practice stands for the "
            "nearest small areas with as many people as practices have on average: an "
            "approximation."
        )
    if Way.SITE in matching.matched:
        yield (
            "A catchment is a straight line around a site; the postcodes in use inside it stand "
            "for people."
        )


def _how_read(matching: Matching) -> Iterator[str]:
    if matching.old:
        yield (
            f"{_rows(matching.old)} a postcode that is no longer in use: it counts where it last "
            "was."
        )
    if matching.mended:
        yield (
            f"{_rows(matching.mended)} a postcode with O for 0 or I for 1, or the other way round; "
            "it was mended, as only one postcode can be meant."
        )
    if matching.repeated:
        yield f"{_rows(matching.repeated)} a place that an earlier row has, too."


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"
