"""Read a feed of Open Referral UK: every page, and each service that pages show in brief."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx2

from exclusion_map.directory.feeds.bounded import BoundedWeb, Missing, web_address
from exclusion_map.directory.feeds.pages import Json, Page, is_whole, page_of
from exclusion_map.errors import FetchError
from exclusion_map.settings import FeedSettings, read

PER_PAGE = 100
AT_ONCE = 4
"""Requests at one time: quick enough, and no burden on a small publisher."""
LABEL = "the feed"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Feed:
    """What a feed said.

    Attributes:
        address: of its services.
        services: whole, in the order of its pages; each id once.
        pages: how many there were.
        bytes: of all answers.
        complete: whether it gave as many services as it says it has. Of one that did not, nothing
            can be called gone.
        notes: what was left out and why, in sentences.
    """

    address: str
    services: tuple[Json, ...]
    pages: int
    bytes: int
    complete: bool
    notes: tuple[str, ...]


@dataclass
class _Listed:
    """Services as pages list them, by id."""

    by_id: dict[str, Json] = field(default_factory=dict)
    pages: int = 0
    repeated: int = 0
    told: int | None = None


def read_feed(
    address: str, *, settings: FeedSettings | None = None, progress: Progress | None = None
) -> Feed:
    """Return everything a feed has, or raise: a feed is never read by half.

    Args:
        address: of the API, with or without ``/services``; what follows a ``?`` goes along.
        settings: the bounds; the environment's if left out.
        progress: told how many of how many services were read.

    Raises:
        FetchError: it cannot be reached, may not be asked, breaks the standard or the bounds.
    """
    settings = settings or read(FeedSettings)
    services = services_address(address)
    web = BoundedWeb(settings)
    try:
        listed = _pages(web, services, settings)
        whole, gone = _whole(web, services, list(listed.by_id.values()), progress)
        return Feed(
            address=str(services),
            services=tuple(whole),
            pages=listed.pages,
            bytes=web.bytes,
            complete=not gone and (listed.told is None or len(listed.by_id) >= listed.told),
            notes=tuple(_notes(listed, gone)),
        )
    finally:
        web.close()


def services_address(address: str) -> httpx2.URL:
    """Return the address of the services of an API.

    Raises:
        FetchError: it is no web address.
    """
    url = web_address(address)
    path = url.path.rstrip("/")
    return url if path.endswith("/services") else url.copy_with(path=f"{path}/services")


def _pages(web: BoundedWeb, services: httpx2.URL, settings: FeedSettings) -> _Listed:
    listed = _Listed()
    for number in range(1, settings.feeds_max_pages + 1):
        address = services.copy_merge_params({"page": str(number), "per_page": str(PER_PAGE)})
        label = f"{LABEL}, page {number}"
        try:
            page = page_of(web.json(str(address), label), label)
        except Missing as error:
            if number > 1 and listed.told is None:
                return listed  # Some answer so where pages end.
            raise FetchError(
                label, found=str(error), expected="a page of services", mend="Check the address."
            ) from None
        listed.pages = number
        if _take(listed, page, settings) or number == page.total_pages:
            return listed
    raise FetchError(
        LABEL,
        found=f"more than {settings.feeds_max_pages:,} pages",
        expected="fewer",
        mend="Nothing was loaded. Raise EXCLUSION_MAP_FEEDS_MAX_PAGES if it is so large.",
    )


def _take(listed: _Listed, page: Page, settings: FeedSettings) -> bool:
    """Take the services of a page; tell whether it was the last."""
    new = [one for one in page.services if one["id"] not in listed.by_id]
    listed.repeated += len(page.services) - len(new)
    listed.by_id |= {one["id"]: one for one in new}
    listed.told = page.total_items if page.total_items is not None else listed.told
    if len(listed.by_id) > settings.feeds_max_services:
        raise FetchError(
            LABEL,
            found=f"more than {settings.feeds_max_services:,} services",
            expected="fewer",
            mend="Nothing was loaded. Raise EXCLUSION_MAP_FEEDS_MAX_SERVICES, or ask for a part.",
        )
    if page.services and not new and not page.last and (page.total_pages or 0) != listed.pages:
        raise FetchError(
            f"{LABEL}, page {listed.pages}",
            found="the services of pages before it",
            expected="other services, or the end",
            mend="The publisher's paging does not work: nothing was loaded. Tell them.",
        )
    return page.last or not page.services


def _whole(
    web: BoundedWeb, services: httpx2.URL, listed: Sequence[Json], progress: Progress | None
) -> tuple[list[Json], int]:
    """Return the services whole, and how many were gone when they were asked for."""
    brief = [service for service in listed if not is_whole(service)]
    found = {service["id"]: service for service in listed if is_whole(service)}
    answers = _ask(web, services, [one["id"] for one in brief])
    for asked, service in enumerate(answers, 1):
        if service is not None:
            found[service["id"]] = service
        if progress is not None:
            progress(len(listed) - len(brief) + asked, len(listed))
    whole = [found[one["id"]] for one in listed if one["id"] in found]
    gone = len(listed) - len(whole)
    if listed and not whole:
        raise FetchError(
            LABEL,
            found="no service at /services/{id}",
            expected="each service that the pages list",
            mend="The publisher's API lacks something that the standard requires. Tell the "
            "publisher.",
        )
    return whole, gone


def _ask(web: BoundedWeb, services: httpx2.URL, ids: Sequence[str]) -> Iterator[Json | None]:
    def ask(identity: str) -> Json | None:
        path = f"{services.path.rstrip('/')}/{quote(identity, safe='')}"
        label = f"{LABEL}, service {identity[:60]}"
        try:
            service = web.json(str(services.copy_with(raw_path=_raw(path, services))), label)
        except Missing:
            return None
        if not isinstance(service, dict) or service.get("id") != identity:
            found = "another service, or none"
            raise FetchError(label, found=found, expected="the service that was asked for")
        return service

    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feed")
    try:
        yield from pool.map(ask, ids)
    finally:
        # A fault ends all: what waits is not asked any more.
        pool.shutdown(wait=True, cancel_futures=True)


def _raw(path: str, services: httpx2.URL) -> bytes:
    query = services.query
    return path.encode("ascii") + (b"?" + query if query else b"")


def _notes(listed: _Listed, gone: int) -> Iterable[str]:
    if listed.repeated:
        yield f"{listed.repeated:,} services stood on more than one page; each was taken once."
    if gone:
        yield f"{gone:,} services that pages list could not be found and were left out."
    if listed.told is not None and len(listed.by_id) < listed.told:
        yield f"The feed says it has {listed.told:,} services and gave {len(listed.by_id):,}."
