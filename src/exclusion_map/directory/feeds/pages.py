"""Pages of a feed as publishers write them: Open Referral UK 3.0, and forms met in the wild."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exclusion_map.errors import FetchError

Json = Mapping[str, Any]
_CONTENTS = ("contents", "content", "items", "services", "data", "results")
_PAGES = ("total_pages", "totalPages")
_ITEMS = ("total_items", "totalElements", "total")
_LAST = ("last_page", "last")


@dataclass(frozen=True)
class Page:
    """A page of services.

    Attributes:
        services: as the page lists them.
        total_pages: how many there are; None where the feed does not say.
        total_items: how many services there are; None where the feed does not say.
        last: whether it says that it is the last one.
    """

    services: tuple[Json, ...]
    total_pages: int | None
    total_items: int | None
    last: bool


def page_of(document: object, label: str) -> Page:
    """Return what a page holds.

    Raises:
        FetchError: it is no page of services.
    """
    if isinstance(document, list):
        return Page(_services(document, label), None, None, last=False)
    if isinstance(document, dict):
        for key in _CONTENTS:
            if isinstance(document.get(key), list):
                return Page(
                    _services(document[key], label),
                    _whole(document, _PAGES),
                    _whole(document, _ITEMS),
                    last=any(document.get(key) is True for key in _LAST),
                )
    found = f"a {type(document).__name__}"
    if isinstance(document, dict):
        found = f"an object with {', '.join(map(str, list(document)[:6])) or 'nothing in it'}"
    raise FetchError(
        label,
        found=found[:200],
        expected="a page of services: contents, total_pages",
        mend="Give the address of an Open Referral UK API, up to /services.",
    )


def is_whole(service: Json) -> bool:
    """Tell whether a listed service has its places in it, so that it need not be asked for."""
    places = service.get("service_at_locations")
    return isinstance(places, list) and all(
        isinstance(place, dict) and isinstance(place.get("location"), dict) for place in places
    )


def _services(items: list[Any], label: str) -> tuple[Json, ...]:
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item["id"]:
            raise FetchError(
                label,
                found=f"an entry without an id: {str(item)[:80]!r}",
                expected="services, each an object with an id",
                mend="Tell the publisher: the standard's validator names what is wrong.",
            )
    return tuple(items)


def _whole(document: Json, keys: tuple[str, ...]) -> int | None:
    for key in keys:
        value = document.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
