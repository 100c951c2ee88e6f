"""What a listing may hold when a person hands it in: lengths, addresses, hours that can be.

Imports bring what their sources have; people are told what to mend. What a listing held before the
edit is not held against the editor.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from exclusion_map.database import new_id
from exclusion_map.directory.listing import Listing, Offer, Part, Provider
from exclusion_map.support.opening_hours import DAY_NAMES, Schedule, parse_day

MOST_OFFERS = 20
MOST_COSTS = 12
MOST_LANGUAGES = 40
LONGEST: Mapping[str, int] = {
    "name": 200,
    "description": 2_000,
    "address": 300,
    "city": 100,
    "postcode": 10,
    "access_note": 500,
    "as_of": 30,
    "website": 500,
    "url": 500,
    "email": 254,
    "phone": 60,
    "contact": 100,
    "fees": 300,
    "alert": 500,
    "hours_note": 500,
    "option": 200,
    "amount_description": 200,
}
"""Most characters of each text."""
_LINES = frozenset({"description", "access_note", "address", "alert", "hours_note", "fees"})
_EMAIL = re.compile(r"[^@\s<>\"'?&,;:]+@[^@\s<>\"'?&,;:.]+(?:\.[^@\s<>\"'?&,;:.]+)+")
_HOST = re.compile(r"[^\s.<>\"'@\\/]+(?:\.[^\s.<>\"'@\\/]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,4})?")
_HIDDEN = frozenset({"Cc", "Cs", "Co"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows: a name could be made to look like another."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field.

    Attributes:
        where: ``("name",)``, ``("provider", "website")``, ``("offers", 0, "phone")``.
        message: what to do about it, in words for the person who typed it.
    """

    where: tuple[str | int, ...]
    message: str

    @property
    def path(self) -> str:
        """The place of the field, with dots."""
        return ".".join(str(part) for part in self.where)


def faults(listing: Listing, before: Listing | None = None) -> list[Fault]:
    """Return what is wrong with a listing; nothing that it held before the edit.

    Args:
        listing: as a person handed it in.
        before: as it was; None for a new one.
    """
    known = {offer.id: offer for offer in before.offers} if before is not None else {}
    found = list(_texts(listing, before, ()))
    if listing.provider is not None:
        found += _texts(listing.provider, before and before.provider, ("provider",))
    if len(listing.offers) > max(MOST_OFFERS, len(known)):
        found.append(Fault(("offers",), f"Enter at most {MOST_OFFERS} services"))
    for at, offer in enumerate(listing.offers):
        found += _offer(offer, known.get(offer.id), ("offers", at))
    return found


def is_web_address(text: str) -> bool:
    """Whether a text is the address of a website, with or without https:// before it."""
    if re.search(r"\s", text) or any(unicodedata.category(sign) in _HIDDEN for sign in text):
        return False
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    fits = parts.scheme.lower() in ("http", "https") and bool(_HOST.fullmatch(host))
    return fits and "@" not in parts.netloc and (port is None or port > 0)


def web_link(text: str) -> str:
    """Return the address that a link may lead to; empty where a text is none."""
    bare = text.strip()
    if not bare or not is_web_address(bare):
        return ""
    return bare if "://" in bare else f"https://{bare}"


def is_email(text: str) -> bool:
    """Whether a text has the form of an email address."""
    return bool(_EMAIL.fullmatch(text)) and text.isprintable()


def hidden_signs(text: str, *, lines: bool) -> bool:
    """Whether a text holds characters that nobody sees: controls, or such as turn its direction."""
    allowed = "\n\t" if lines else ""
    return any(
        sign in _TURNING or (unicodedata.category(sign) in _HIDDEN and sign not in allowed)
        for sign in text
    )


def _texts(part: Part, before: Part | None, where: tuple[str | int, ...]) -> Iterator[Fault]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if not isinstance(value, str) or name not in LONGEST:
            continue
        if before is not None and getattr(before, name) == value:
            continue
        message = text_fault(name, value)
        if message:
            yield Fault((*where, name), message)


def text_fault(name: str, value: str) -> str:
    """Return what is wrong with the text of a field; empty where nothing is."""
    if len(value) > LONGEST[name]:
        return f"Use {LONGEST[name]:,} characters or fewer: it has {len(value):,}"
    if hidden_signs(value, lines=name in _LINES):
        return "Remove characters that cannot be seen: type it in again"
    if not value:
        return ""
    if name in ("url", "website") and not is_web_address(value):
        return "Enter a website's address, such as https://www.example.org"
    if name == "email" and not is_email(value):
        return "Enter an email address in the correct format, like name@example.org"
    if name == "phone" and sum(sign.isdecimal() for sign in value) < 3:
        return "Enter a phone number, like 01632 960 001"
    return ""


def _offer(offer: Offer, before: Offer | None, where: tuple[str | int, ...]) -> Iterator[Fault]:
    yield from _texts(offer, before, where)
    if before is None or offer.costs != before.costs:
        for at, line in enumerate(offer.costs):
            yield from _texts(line, None, (*where, "costs", at))
        if len(offer.costs) > MOST_COSTS:
            yield Fault((*where, "costs"), f"Enter at most {MOST_COSTS} prices")
    if before is None or offer.languages != before.languages:
        yield from _languages(offer, where)
    if before is None or offer.schedule != before.schedule:
        yield from _hours(offer.schedule, where)
    low, high = offer.minimum_age, offer.maximum_age
    if low is not None and high is not None and low > high:
        yield Fault((*where, "maximum_age"), "The highest age must not be below the lowest")


def _languages(offer: Offer, where: tuple[str | int, ...]) -> Iterator[Fault]:
    wrong = [code for code in offer.languages if not _LANGUAGE.fullmatch(code)]
    if wrong:
        message = f"Enter languages as ISO 639 codes, such as pl: found {wrong[0][:20]!r}"
        yield Fault((*where, "languages"), message)
    if len(offer.languages) > MOST_LANGUAGES or len(set(offer.languages)) < len(offer.languages):
        yield Fault((*where, "languages"), f"Enter at most {MOST_LANGUAGES}, each language once")


def _hours(schedule: Schedule | None, where: tuple[str | int, ...]) -> Iterator[Fault]:
    for day, spans in (schedule or {}).items():
        text = ",".join("-".join(span) for span in spans)
        try:
            fits = not spans or parse_day(text) == spans
        except ValueError:
            fits = False
        if not fits:
            message = f"{DAY_NAMES[day]}: give each span as opening and closing time, in order"
            yield Fault((*where, "schedule", day), message)


def with_known_ids(listing: Listing, before: Listing | None) -> Listing:
    """Return a listing that names only services it had, and no organisation but by its name.

    An id of somebody else's service would change that one too; an organisation that is named anew
    is another one, and must not rename the first wherever it is listed.
    """
    known = {offer.id for offer in before.offers} if before is not None else set()
    offers = tuple(
        offer if offer.id in known else offer.model_copy(update={"id": new_id()})
        for offer in listing.offers
    )
    provider = listing.provider
    was = before.provider if before is not None else None
    if provider is not None and not _same(provider, was):
        provider = provider.model_copy(update={"id": ""})
    elif provider is not None and was is not None:
        provider = provider.model_copy(update={"id": was.id})
    return listing.model_copy(update={"offers": offers, "provider": provider})


def _same(provider: Provider, was: Provider | None) -> bool:
    return was is not None and provider.name.casefold() == was.name.casefold()
