"""Help without a place as pages show it: in words, with its age, and never a price without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from api.pages import words
from api.pages.support_history import ACTIONS, ChangeView
from exclusion_map.directory.confirming import Checked
from exclusion_map.directory.remote import NEEDS, HeldHelp, choose
from exclusion_map.directory.selecting import LONDON
from exclusion_map.directory.tables import Change

FREE = "Free"
ASK = "ask the provider"


@dataclass(frozen=True, slots=True)
class HelpView:
    """An entry.

    Attributes:
        price: what it costs, in words; with its month where nobody checked it for half a year.
        age: when it was last made sure of, in words.
    """

    id: str
    version: int
    need: str
    name: str
    provider: str
    description: str
    who: str
    price: str
    price_note: str
    speed: str
    contract: str
    phone: str
    phone_link: str
    hours: str
    url: str
    site: str
    reach: str
    source: str
    source_url: str
    checked: Checked
    age: str
    confirmed_by: str
    url_here: str


@dataclass(frozen=True, slots=True)
class NeedView:
    """The entries for one need."""

    key: str
    name: str
    entries: Sequence[HelpView]


def help_view(held: HeldHelp) -> HelpView:
    """Return an entry as pages show it."""
    entry, checked = held.listing, held.checked()
    reach = entry.locality or words.listed(list(entry.nations))
    return HelpView(
        id=held.id,
        version=held.version,
        need=entry.need,
        name=entry.name,
        provider=entry.provider,
        description=entry.description,
        who=entry.who,
        price=price_words(held),
        price_note=entry.price_note,
        speed=entry.speed,
        contract=entry.contract,
        phone=entry.phone,
        phone_link="".join(sign for sign in entry.phone if sign.isdecimal() or sign == "+"),
        hours=entry.hours,
        url=entry.url,
        site=entry.url.partition("://")[2].removeprefix("www.").strip("/"),
        reach=reach,
        source=entry.source,
        source_url=entry.source_url,
        checked=checked,
        age=_age(checked, entry.as_of),
        confirmed_by=held.confirmed_by if checked.by_people else "",
        url_here=f"/help-anywhere/{held.id}",
    )


def price_words(held: HeldHelp) -> str:
    """Return what an entry costs: never a price that nobody checked lately without its date."""
    price, checked = held.listing.price, held.checked()
    if price is None:
        return "" if held.listing.need in ("skills", "helpline") else f"Price: {ASK}"
    if price == 0:
        return FREE
    told = f"£{price:,.2f}".removesuffix(".00") + " a month"
    if checked.recent:
        return told
    when = f"{checked.on:%B %Y}" if checked.on else "an unknown month"
    return f"{told} in {when}: ask for today's price"


def _age(checked: Checked, as_of: str) -> str:
    if checked.on is None:
        return "The source bears no date"
    if checked.by_people:
        return f"Checked on {words.day(checked.on)}"
    # No more exactly than the source says it: 2023-12 is December 2023, 2023 is 2023.
    month = f"{checked.on:%B %Y}" if len(as_of) == len("2023-12") else as_of
    return f"As of {words.day(checked.on) if len(as_of) == len('2023-12-01') else month}"


def needs_view(entries: Sequence[HeldHelp], need: str = "", nation: str = "") -> list[NeedView]:
    """Return the entries for a need and in a nation, by need."""
    names = {one.key: one.name for one in NEEDS}
    chosen = [help_view(held) for held in choose(entries, need, nation)]
    return [
        NeedView(key, names[key], list(group))
        for key, group in groupby(chosen, key=lambda one: one.need)
    ]


def in_short(entries: Sequence[HeldHelp], nation: str) -> list[dict[str, Any]]:
    """Return one line for each need, for profiles: its name and who offers it."""
    return [
        {
            "key": need.key,
            "name": need.name,
            "who": list(dict.fromkeys(one.provider or one.name for one in need.entries))[:4],
            "more": max(0, len({one.provider or one.name for one in need.entries}) - 4),
        }
        for need in needs_view(entries, nation=nation)
    ]


_FIELDS = {
    "need": "what it helps with",
    "provider": "who offers it",
    "who": "who can get it",
    "price_note": "note on the price",
    "url": "website",
    "locality": "where",
    "source_url": "address of the source",
    "as_of": "date of the source",
}


def help_history(changes: Sequence[Change]) -> list[ChangeView]:
    """Return the changes of an entry in words, in their order."""
    return [
        ChangeView(
            change.at.astimezone(LONDON),
            change.by,
            ACTIONS.get(change.action, change.action),
            [_FIELDS.get(name, name) for name in _touched(change)],
            [],
            change.note,
            change.version,
        )
        for change in changes
    ]


def _touched(change: Change) -> list[str]:
    before, after = change.before or {}, change.after or {}
    return [name for name in after if before and after[name] != before.get(name)]
