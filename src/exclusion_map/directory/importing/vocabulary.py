"""The words of lists: yes and no, kinds of support, features, languages, kinds of place."""

import re
from collections.abc import Container, Mapping
from functools import cache
from typing import Final

from exclusion_map.directory.importing.fields import FEATURE, FIELDS, TERM, words_of
from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy

YES: Final = frozenset("yes y true t 1 x ✓ ✔ ☑ tick available oes ie".split())  # noqa: SIM905
NO: Final = frozenset("no n false f 0 - – ✗ ✘ ☐ none na".split()) | {"n/a", "not available"}  # noqa: SIM905
UNKNOWN: Final = frozenset(
    {
        "?",
        "unknown",
        "not known",
        "not sure",
        "tbc",
        "tba",
        "don't know",
        "not stated",
        "to be confirmed",
    }
)
"""What people write where they do not know: the same as nothing."""
_BETWEEN: Final = re.compile(r"[;,\n|•]+")
_WITHIN: Final = re.compile(r"/| and | & |\+")
"""What sets parts apart, unless it stands inside the name of one."""

_MORE_TERMS: Final[Mapping[str, str]] = {
    "computer": "public_computers",
    "computers": "public_computers",
    "pcs": "public_computers",
    "internet": "public_computers",
    "printing": "",
    "wi fi access": "free_wifi",
    "wifi access": "free_wifi",
    "device": "devices",
    "free device": "devices",
    "free devices": "devices",
    "laptops": "devices",
    "laptop": "devices",
    "tablet": "devices",
    "tablets": "devices",
    "phones": "devices",
    "recycled devices": "devices",
    "refurbished devices": "devices",
    "sim cards": "data",
    "free sim card": "data",
    "connectivity": "data",
    "learn my way": "skills_courses",
    "workshops": "skills_courses",
    "computer courses": "skills_courses",
    "basic digital skills": "skills_courses",
    "essential digital skills": "skills_courses",
    "it classes": "skills_courses",
    "help": "drop_in_help",
    "volunteer help": "drop_in_help",
    "tech help": "drop_in_help",
    "it help": "drop_in_help",
    "digital support": "drop_in_help",
    "digital drop in session": "drop_in_help",
    "digital cafe": "drop_in_help",
    "nhs login": "digital_health_help",
    "gp online": "digital_health_help",
    "online forms": "assisted_digital",
    "benefit claims": "assisted_digital",
    "interpreters": "language_support",
    "languages": "language_support",
    "step free": "accessible_building",
}
_MORE_FEATURES: Final[Mapping[str, str]] = {
    "wheelchair": "step_free",
    "wheelchair access": "step_free",
    "wheelchair accessible": "step_free",
    "ramped": "step_free",
    "step free": "step_free",
    "toilet": "accessible_toilet",
    "loop": "hearing_loop",
    "induction loop": "hearing_loop",
    "blue badge": "parking",
}
_MORE_KINDS: Final[Mapping[str, str]] = {
    "public library": "library",
    "local authority run library": "library",
    "community library": "library",
    "surgery": "gp_practice",
    "gp": "gp_practice",
    "gp surgery": "gp_practice",
    "doctors": "gp_practice",
    "medical centre": "gp_practice",
    "chemist": "pharmacy",
    "community pharmacy": "pharmacy",
    "jobcentre plus": "jobcentre",
    "job centre": "jobcentre",
    "foodbank": "food_bank",
    "food pantry": "food_bank",
    "pantry": "food_bank",
    "post office branch": "post_office",
    "community centre": "community_venue",
    "community center": "community_venue",
    "community hub": "community_venue",
    "village hall": "community_venue",
    "hub": "community_venue",
    "church": "community_venue",
    "church hall": "community_venue",
    "mosque": "community_venue",
    "place of worship": "community_venue",
    "leisure centre": "community_venue",
    "family hub": "community_venue",
    "children s centre": "community_venue",
    "venue": "community_venue",
    "college": "education",
    "school": "education",
    "university": "education",
    "adult learning": "education",
    "adult learning centre": "education",
    "learning centre": "education",
    "online centre": "education",
    "uk online centre": "education",
    "charity": "charity",
    "voluntary organisation": "charity",
    "advice": "charity",
    "advice centre": "charity",
    "citizens advice": "charity",
    "age uk": "charity",
    "vcse": "charity",
    "vcs": "charity",
    "charity shop": "charity",
}
_LANGUAGES: Final[Mapping[str, str]] = {
    **{name.casefold(): code for code, name in LANGUAGES.items()},
    "cymraeg": "cy", "gaelic": "gd", "panjabi": "pa", "bangla": "bn", "sylheti": "syl",
    "mandarin": "cmn", "cantonese": "yue", "german": "de", "farsi": "fa", "dari": "prs",
    "pashto": "ps", "sorani": "ckb", "tigrinya": "ti", "amharic": "am", "bulgarian": "bg",
    "hungarian": "hu", "slovak": "sk", "czech": "cs", "latvian": "lv", "albanian": "sq",
    "greek": "el", "swahili": "sw", "yoruba": "yo", "igbo": "ig", "hausa": "ha",
    "malayalam": "ml", "nepali": "ne", "thai": "th", "filipino": "fil", "tagalog": "tl",
    "korean": "ko", "japanese": "ja", "yiddish": "yi", "hebrew": "he", "dutch": "nl",
    "bsl": "bfi", "shona": "sn", "twi": "tw", "lingala": "ln", "oromo": "om", "sinhala": "si",
    "sinhalese": "si", "telugu": "te",
}  # fmt: skip
_CODE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,4})?")


def yes_or_no(text: str) -> bool | None:
    """Return what a tick says; None where it says neither.

    Raises:
        ValueError: it is no tick.
    """
    bare = text.strip().casefold().rstrip(".!")
    if not bare or bare in UNKNOWN:
        return None
    if bare in YES:
        return True
    if bare in NO:
        return False
    # "Yes, six of them" and "2 laptops" say yes, and more than a tick can hold.
    first = re.split(r"[\s,.;:(–-]+", bare, maxsplit=1)[0]
    if first in ("yes", "y", "available"):
        return True
    if first in ("no", "not"):
        return False
    if first.isdecimal():
        return int(first) > 0
    raise ValueError(text)


def parts_of(text: str, known: Container[str]) -> list[str]:
    """Return what a cell lists, each once; what is known is not taken apart further."""
    parts: list[str] = []
    for part in _BETWEEN.split(text):
        whole = words_of(part) in known
        parts += [part] if whole else _WITHIN.split(part)
    bare = (part.strip(" .\t") for part in parts)
    return list(dict.fromkeys(part for part in bare if part))


@cache
def _terms() -> dict[str, str]:
    return {**_from_fields(TERM), **_named(SUPPORT), **_MORE_TERMS}


@cache
def _features() -> dict[str, str]:
    names = {words_of(title): key for key, title in ACCESSIBILITY.items()}
    return {**_from_fields(FEATURE), **names, **_MORE_FEATURES}


@cache
def _kinds() -> dict[str, str]:
    return {**_MORE_KINDS, **_named(PLACES)}


def _from_fields(prefix: str) -> dict[str, str]:
    return {
        heading: key.removeprefix(prefix)
        for key, field in FIELDS.items()
        if key.startswith(prefix)
        for heading in (*field.headings, words_of(key.removeprefix(prefix)))
    }


def _named(taxonomy_key: str) -> dict[str, str]:
    terms = taxonomy(taxonomy_key).terms
    names = {words_of(term.plural): term.key for term in terms if term.plural}
    return names | {words_of(name): term.key for term in terms for name in (term.name, term.key)}


def terms_in(text: str, own: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the terms of support that a cell lists, and the parts that are none.

    Args:
        text: such as ``"Computers; wifi, SIM cards"``.
        own: what the mapping says of parts; an empty key leaves a part out.
    """
    return _listed(text, own, _terms())


def features_in(text: str) -> tuple[list[str], list[str]]:
    """Return the features of access that a cell lists, and the parts that are none."""
    return _listed(text, {}, _features())


def _listed(
    text: str, own: Mapping[str, str], known: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    mine = {words_of(part): key for part, key in own.items()}
    whole = words_of(text)
    if whole in mine or whole in known:
        key = mine.get(whole, known.get(whole, ""))
        return ([key] if key else []), []
    found: dict[str, None] = {}
    others: list[str] = []
    for part in parts_of(text, {**known, **mine}):
        words = words_of(part)
        term = mine[words] if words in mine else _singly(words, known)
        if term:
            found[term] = None
        elif term is None and words not in UNKNOWN and words not in NO:
            others.append(part)
    return list(found), others


def _singly(words: str, known: Mapping[str, str]) -> str | None:
    """Return what words mean, whether there is one of it or several."""
    return next(
        (known[one] for one in (words, words.removesuffix("s"), f"{words}s") if one in known), None
    )


def kind_of(text: str, own: Mapping[str, str]) -> str | None:
    """Return the kind of place that a cell names; None where it names none that is known."""
    words = words_of(text)
    mine = {words_of(part): key for part, key in own.items()}
    return mine.get(words) or _kinds().get(words) or _kinds().get(words.removesuffix("s"))


def languages_in(text: str) -> tuple[list[str], list[str]]:
    """Return the codes of the languages that a cell lists, and the parts that are none."""
    found: dict[str, None] = {}
    others = []
    for part in parts_of(text, _LANGUAGES):
        code = _LANGUAGES.get(words_of(part))
        if code is None and _CODE.fullmatch(part) and len(part) <= 8:
            code = part
        if code is not None:
            found[code] = None
        elif words_of(part) not in UNKNOWN and words_of(part) not in NO:
            others.append(part)
    return list(found), others
