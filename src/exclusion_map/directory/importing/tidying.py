"""Make a listing fit what the directory holds, and tell what did not."""

from dataclasses import replace

from exclusion_map.directory.importing.problems import Problem
from exclusion_map.directory.importing.vocabulary import languages_in
from exclusion_map.directory.listing import Listing, Offer

PHONE, POSTCODE, AS_OF = 60, 20, 30
"""How many letters the directory keeps of each."""


def fit(listing: Listing, row: int) -> tuple[Listing, list[Problem]]:
    """Return a listing whose texts have room, and what was cut or left out."""
    told: list[Problem] = []
    offers = tuple(_offer(offer, row, told) for offer in listing.offers)
    changed: dict[str, object] = {"offers": offers}
    for field, most in (("postcode", POSTCODE), ("as_of", AS_OF)):
        text = getattr(listing, field)
        if len(text) > most:
            told.append(Problem(row, field, repr(text), f"at most {most} letters", "It was cut."))
            changed[field] = text[:most]
    named = [replace(problem, name=problem.name or listing.name) for problem in told]
    return listing.model_copy(update=changed), named


def _offer(offer: Offer, row: int, told: list[Problem]) -> Offer:
    changed: dict[str, object] = {}
    if len(offer.phone) > PHONE:
        expected = f"one number of at most {PHONE} letters"
        told.append(Problem(row, "phone", repr(offer.phone), expected, "It was cut."))
        changed["phone"] = offer.phone[:PHONE]
    codes: list[str] = []
    for text in offer.languages:
        known, others = languages_in(text)
        codes += known
        if others:
            expected = "names of languages, or ISO 639 codes"
            found = repr(", ".join(others))
            told.append(Problem(row, "languages", found, expected, "Left out."))
    changed["languages"] = tuple(dict.fromkeys(codes))
    return offer.model_copy(update=changed)
