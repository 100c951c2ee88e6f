"""Three-way merge: what a source changed comes in, what people edited here stays."""

from collections.abc import Sequence

from exclusion_map.directory.listing import Listing, Offer, Part


def merge(before: Listing, here: Listing, source: Listing) -> tuple[Listing, tuple[str, ...]]:
    """Merge what a source says now into a listing that may have been edited.

    Args:
        before: what the source said last time.
        here: the listing as it is held, with edits of people.
        source: what the source says now.

    Returns:
        The merged listing, and the fields in which an edit was kept against the source, such as
        ``phone`` or ``offers: Computers and Wi-Fi: cost``.
    """
    fields, kept = merged_fields(before, here, source, but=("offers",))
    offers, kept_offers = _offers(before.offers, here.offers, source.offers)
    merged = here.model_copy(update={**fields, "offers": offers})
    return merged, (*kept, *kept_offers)


def merged_fields(
    before: Part, here: Part, source: Part, *, but: Sequence[str] = ()
) -> tuple[dict[str, object], list[str]]:
    """Return the fields to take from the source, and those where an edit stood against it.

    Args:
        before: what the source said last time.
        here: what is held, with edits of people.
        source: what the source says now.
        but: fields that are left alone.
    """
    taken, kept = {}, []
    for name in type(here).model_fields:
        was, mine, theirs = (getattr(part, name) for part in (before, here, source))
        if name in but or mine == theirs:
            continue
        if mine == was:
            taken[name] = theirs
        elif theirs != was:
            kept.append(name)
    return taken, kept


def _offers(
    before: Sequence[Offer], here: Sequence[Offer], source: Sequence[Offer]
) -> tuple[tuple[Offer, ...], list[str]]:
    was = {offer.id: offer for offer in before}
    theirs = {offer.id: offer for offer in source}
    merged, kept = [], []
    for mine in here:
        known, new = was.get(mine.id), theirs.get(mine.id)
        if known is None:
            merged.append(mine)
        elif new is None:
            # The source dropped it: it goes, unless somebody here made it their own.
            if mine != known:
                merged.append(mine)
                kept.append(f"offers: {mine.name}")
        else:
            fields, names = merged_fields(known, mine, new)
            merged.append(mine.model_copy(update=fields))
            kept += [f"offers: {mine.name}: {name}" for name in names]
    held = {offer.id for offer in here}
    # An offer that was known and is not held any more was taken out here, and stays out.
    merged += [offer for offer in source if offer.id not in held and offer.id not in was]
    return tuple(merged), kept
