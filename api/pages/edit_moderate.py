"""Suggestions as moderators see them: beside the present entry, with what would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.editing import Desk
from api.pages.support import PlaceView, place_view
from exclusion_map.database import now
from exclusion_map.directory.differences import Difference, differences
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.reading import read_listings
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.suggestions import About, State, says_the_same
from exclusion_map.directory.tables import Suggestion, SuggestionDecision

SHOWN: Final = 20
TITLES: Final = {
    About.CORRECTION: "Correction",
    About.ADDITION: "New place",
    About.CLOSED: "Closed",
}
STATES: Final = {
    State.WAITING: "Waiting",
    State.ACCEPTED: "Accepted",
    State.DECLINED: "Declined",
    State.SPAM: "Spam",
}
_EMPTY: Final = Listing(name="?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionView:
    """A suggestion beside the entry it is about.

    Attributes:
        suggestion: itself.
        title: what it is, in words.
        name: of the place.
        place: as it is now; None for an addition, or where it was taken out.
        found: what would change.
        moved: whether the place changed since it was suggested.
        days: how long it has waited.
        edit: address of the form that holds what is proposed.
        accepts: whether it can be accepted as it is.
        decisions: what was decided, the newest first.
    """

    suggestion: Suggestion
    title: str
    name: str
    place: PlaceView | None
    found: Sequence[Difference]
    moved: bool
    days: int
    edit: str
    accepts: bool
    decisions: Sequence[SuggestionDecision] = ()


def queue(desk: Desk, state: State, page: int) -> dict[str, Any]:
    """Return what the page of the queue shows."""
    counts = desk.suggestions.counts()
    pages = max(1, -(-counts[state] // SHOWN))
    page = min(max(page, 1), pages)
    listed = desk.suggestions.listed(state, start=(page - 1) * SHOWN, limit=SHOWN)
    ids = {one.listing_id for one in listed if one.listing_id}
    with desk.directory.database.reading() as session:
        held = {one.id: one for one in read_listings(session, sorted(ids))}
    return {
        "state": state,
        "states": [(each, STATES[each], counts[each]) for each in State],
        "views": [view(desk, one, held.get(one.listing_id or "")) for one in listed],
        "page": page,
        "pages": pages,
        "total": counts[state],
    }


def single(desk: Desk, identity: str) -> SuggestionView:
    """Return one suggestion with its decisions.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = desk.suggestions.get(identity)
    ids = [found.listing_id] if found.listing_id else []
    with desk.directory.database.reading() as session:
        held = read_listings(session, ids)
    decisions = desk.suggestions.decisions(identity)
    return view(desk, found, held[0] if held else None, decisions)


def view(
    desk: Desk,
    suggestion: Suggestion,
    held: Held | None,
    decisions: Sequence[SuggestionDecision] = (),
) -> SuggestionView:
    """Return a suggestion beside the entry it is about."""
    proposed = None
    if suggestion.proposed is not None:
        proposed = Listing.model_validate(suggestion.proposed)
    addition = suggestion.about == About.ADDITION
    base = held.listing if held else _EMPTY
    found: list[Difference] = []
    if proposed is not None and (held or addition):
        after = with_ids(proposed, held.id) if held else proposed
        found = [one for one in differences(base, after) if one.before or one.after]
    edit = "/support/add" if addition else f"/support/{suggestion.listing_id}/edit"
    closed = suggestion.about == About.CLOSED
    moved = False
    if held is not None:
        with desk.directory.database.reading() as session:
            moved = not says_the_same(session, held, suggestion.base_version)
    return SuggestionView(
        suggestion=suggestion,
        title=TITLES[About(suggestion.about)],
        name=held.listing.name if held else proposed.name if proposed else "a place taken out",
        place=place_view(desk.service, held) if held else None,
        found=found,
        moved=moved,
        days=(now() - suggestion.created_at).days,
        edit=f"{edit}?suggestion={suggestion.id}" if held or addition else "",
        accepts=(proposed is not None and not moved and (addition or held is not None))
        or (closed and held is not None),
        decisions=decisions,
    )
