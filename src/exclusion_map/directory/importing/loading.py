"""Load what was built into the directory, in one transaction."""

from collections.abc import Mapping

from exclusion_map.directory.importing.problems import Built
from exclusion_map.directory.importing.report import ImportReport, several
from exclusion_map.directory.listing import Listing, Offer, Provider
from exclusion_map.directory.store import HERE, Directory
from exclusion_map.directory.syncing import Progress, sync
from exclusion_map.directory.terms import stable_id
from exclusion_map.errors import InvalidRequestError
from exclusion_map.support import tidy

LONGEST_SOURCE = 100


def load(
    directory: Directory,
    built: Built,
    source: str,
    *,
    by: str,
    strict: bool = False,
    dry_run: bool = False,
    remove_gone: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring the listings of a source up to date; all of it happens, or nothing.

    Args:
        directory: that is prepared.
        built: listings by key.
        source: id of the list: the same next time, or every place is added again.
        by: who does it, for the history.
        strict: load nothing where any row was rejected.
        dry_run: find out what would be done, and do not do it.
        remove_gone: take out places that the list no longer has, unless edited here. Not done
            where rows were rejected or none is left: their places may only seem to be gone.
        progress: told how many of how many listings are done.

    Returns:
        What was done. With ``strict`` it may be nothing: see ``refused``.

    Raises:
        InvalidRequestError: the source has no usable id.
    """
    check_source(source)
    if not built.listings:
        return ImportReport(source, built, dry_run=dry_run, refused="no row could be taken.")
    if strict and built.rejected:
        left = several(built.rejected_rows, "row")
        refused = f"{left} cannot be taken, and it was to be all rows or none."
        return ImportReport(source, built, dry_run=dry_run, refused=refused)
    listings = _with_own_ids(built.listings, source)
    with directory.database.writing() as session:
        report = sync(
            session,
            source,
            listings,
            by=by,
            remove_gone=remove_gone and not built.rejected,
            progress=progress,
        )
        if dry_run:
            session.rollback()
    return ImportReport(source, built, report, dry_run=dry_run)


def check_source(source: str) -> None:
    """Refuse an id of a source that would not serve.

    Raises:
        InvalidRequestError: it is empty, too long, has signs of its own, or is taken.
    """
    usable = all(character.isalnum() or character in "-_./:" for character in source)
    if source == HERE or not source or not usable or len(source) > LONGEST_SOURCE:
        raise InvalidRequestError(
            "name of the source",
            found=repr(source[:60]) if source else "no name",
            expected="a short name such as wirral-council-venues: letters, digits, - _ . / :",
            mend=f"For example {tidy.slug(source)[:LONGEST_SOURCE] or 'our-venues'!r}.",
        )


def _with_own_ids(listings: Mapping[str, Listing], source: str) -> dict[str, Listing]:
    """Return listings whose services and organisations have ids of this source's own.

    They are the same at every import, and no list can change what belongs to another one by naming
    its id.
    """
    return {
        key: listing.model_copy(
            update={
                "offers": tuple(_own_offer(offer, source, key) for offer in listing.offers),
                "provider": _own_provider(listing.provider, source),
            }
        )
        for key, listing in listings.items()
    }


def _own_offer(offer: Offer, source: str, key: str) -> Offer:
    if not offer.id:
        return offer
    return offer.model_copy(update={"id": stable_id("service", source, key, offer.id)})


def _own_provider(provider: Provider | None, source: str) -> Provider | None:
    if provider is None:
        return None
    known = provider.id or provider.name.casefold()
    return provider.model_copy(update={"id": stable_id("organization", source, known)})
