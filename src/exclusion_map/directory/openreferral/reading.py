"""From the JSON of Open Referral UK to listings; what cannot be taken over is told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exclusion_map.directory.listing import ACCESSIBILITY, CostLine, Listing, Offer, Provider
from exclusion_map.directory.openreferral.writing import UNNAMED
from exclusion_map.directory.rows import BYDAY
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.support.opening_hours import DAYS, Schedule

Json = Mapping[str, Any]
_DAYS = {short: day for day, short in BYDAY.items()}
_STATUSES = ("active", "inactive", "defunct", "temporarily closed")
_FEATURES = {text.casefold(): key for key, text in ACCESSIBILITY.items()}


def listings_of(service: Json) -> Iterator[tuple[str, Listing]]:
    """Yield a listing, with its key, for each location of a service.

    Args:
        service: as ``/services/{id}`` of a feed gives it.

    A service without a location is yielded once, with no position: help that has no place.
    """
    places = service.get("service_at_locations") or [{}]
    for here in places:
        location = here.get("location") or {}
        key = ":".join(part for part in (service.get("id", ""), location.get("id", "")) if part)
        yield key, _listing(service, here, location)


def _listing(service: Json, here: Json, location: Json) -> Listing:
    address = _first(location.get("addresses"))
    features = [_feature(item) for item in location.get("accessibility") or ()]
    notes = [str(item.get("details") or "") for item in location.get("accessibility") or ()]
    return Listing(
        name=location.get("name") or service.get("name") or "",
        kind=next(_terms(PLACES, location), ("other", ""))[0],
        description=location.get("description") or "",
        provider=_provider(service.get("organization") or {}),
        address=_said(address.get("address_1")),
        city=_said(address.get("city")),
        postcode=_said(address.get("postal_code")),
        latitude=location.get("latitude"),
        longitude=location.get("longitude"),
        accessibility=tuple(dict.fromkeys(feature for feature in features if feature)),
        access_note=" ".join(dict.fromkeys(note for note in notes if note)),
        offers=(_offer(service, here),),
        as_of=str(service.get("last_modified") or "")[:10],
    )


def _offer(service: Json, here: Json) -> Offer:
    contact = _first(service.get("contacts"))
    phone = _first(contact.get("phones") or service.get("phones"))
    schedules = [*(here.get("schedules") or ()), *(service.get("schedules") or ())]
    fees = service.get("fees") or ""
    status = service.get("status")
    return Offer(
        name=service.get("name") or "",
        description=service.get("description") or "",
        support={key: _how(text) for key, text in _terms(SUPPORT, service)},
        status=status if status in _STATUSES else "active",
        cost="free" if fees.strip().casefold() in ("free", "none", "no charge") else "unknown",
        fees=fees,
        costs=tuple(_cost(line) for line in service.get("cost_options") or ()),
        languages=tuple(dict.fromkeys(_languages(service))),
        minimum_age=_whole(service.get("minimum_age")),
        maximum_age=_whole(service.get("maximum_age")),
        url=service.get("url") or "",
        email=service.get("email") or "",
        phone=phone.get("number") or "",
        contact=contact.get("name") or "",
        alert=service.get("alert") or "",
        schedule=_week(schedules),
        hours_note=" ".join(
            dict.fromkeys(
                text
                for item in schedules
                for text in (item.get("notes") or item.get("description") or "",)
                if text
            )
        ),
    )


def _languages(service: Json) -> Iterator[str]:
    for item in service.get("languages") or ():
        code = item.get("code") or item.get("name") or item.get("language")
        if code:
            yield str(code)


def _first(items: Sequence[Json] | None) -> Json:
    return items[0] if items else {}


def _provider(organization: Json) -> Provider | None:
    if not organization.get("name"):
        return None
    return Provider(
        id=organization.get("id") or "",
        name=organization["name"],
        description=_said(organization.get("description")),
        email=organization.get("email") or "",
        website=organization.get("website") or "",
    )


def _said(text: str | None) -> str:
    return "" if text in (None, UNNAMED) else str(text)


def _terms(taxonomy_key: str, item: Json) -> Iterator[tuple[str, str]]:
    """Yield terms of our taxonomy among attributes, by id or by name, and how each is known."""
    held = taxonomy(taxonomy_key)
    by_id = {held.term_id(term.key): term.key for term in held.terms}
    by_name = {name.casefold(): term.key for term in held.terms for name in (term.name, term.key)}
    for attribute in item.get("attributes") or ():
        term = attribute.get("taxonomy_term") or {}
        names = (term.get("term"), term.get("name"), term.get("code"))
        key = by_id.get(term.get("id") or attribute.get("taxonomy_term_id") or "")
        key = key or next(
            (by_name[n.casefold()] for n in names if n and n.casefold() in by_name), None
        )
        if key is not None:
            yield key, attribute.get("link_type") or ""


def _how(link_type: str) -> Any:
    return "usual" if link_type == "usual" else "stated"


def _feature(item: Json) -> str | None:
    texts = (item.get("description"), item.get("accessibility"))
    return next((_FEATURES[t.casefold()] for t in texts if t and t.casefold() in _FEATURES), None)


def _cost(line: Json) -> CostLine:
    return CostLine(
        option=line.get("option") or "",
        amount=line.get("amount"),
        amount_description=line.get("amount_description") or "",
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _week(schedules: list[Json]) -> Schedule | None:
    """Return weekly hours; other rhythms stay in the notes, since a week cannot hold them."""
    week: Schedule = {}
    for item in schedules:
        opens, closes = (str(item.get(end) or "")[:5] for end in ("opens_at", "closes_at"))
        weekly = item.get("freq") in (None, "WEEKLY") and (item.get("interval") or 1) == 1
        if not (weekly and opens and closes and item.get("byday")):
            continue
        for short in str(item["byday"]).split(","):
            day = _DAYS.get(short.strip().upper()[-2:])
            if day and [opens, closes] not in week.setdefault(day, []):
                week[day].append([opens, closes])
    return {day: sorted(week[day]) for day in DAYS if day in week} or None
