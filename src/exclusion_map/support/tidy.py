"""Tidy names, addresses and contact details from registers that use capitals throughout."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_SMALL = frozenset(
    """
    and at by cum de for in in-the la le near nr of on the to under upon with y yn yr
    """.split()  # noqa: SIM905 - a list of words reads better as text
)
# Always in capitals.
_CAPITALS = frozenset(
    """
    APMS BMA CIC DN GMS GP HMP HQ ICB II III IT IV LLP NHS PCN PCT PMS RAF UCAN UCL UK
    UTC WIC YMCA YWCA
    """.split()  # noqa: SIM905 - a list of words reads better as text
)
# Words without a vowel that are not initials.
_WORDS = frozenset(
    """
    BLDG BLK BLVD BR CRT CT CTR CWM DR DRS FLR FT GDN GDNS GRN GRP HSE HTH HWB LN LTD
    MR MRS MS MT PK PL PLC PRT PT RD SQ SRG ST STH STN STR TCE TR TWP
    """.split()  # noqa: SIM905 - a list of words reads better as text
)
# Unambiguous abbreviations that registers use to fit a field.
_SHORT = (
    (re.compile(r"\bH/(?:C|Ctr|Centre)\b"), "Health Centre"),
    (re.compile(r"\bM(?:ed)?/(?:C|Ctr|Centre)\b"), "Medical Centre"),
    (re.compile(r"\bM(?:ed)?/(?:P|Prac|Pract|Practice)\b"), "Medical Practice"),
    (re.compile(r"\bMed(?=\.? ?(?:Ctr|Cent|Cnt|Prac|Group|Grp)\b)\.?"), "Medical"),
    (re.compile(r"\bMed(?= Centre\b| Practice\b)"), "Medical"),
    (re.compile(r"\bHth(?= )"), "Health"),
    (re.compile(r"\b(?:Ctre?|Cntr)\b\.?"), "Centre"),
    (re.compile(r"\bPract?\b\.?(?=$|[ ,])"), "Practice"),
    (re.compile(r"\bHse\b\.?"), "House"),
)
_ORDINAL = re.compile(r"(\d+)(ST|ND|RD|TH)")
_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W_]*)*")
_LEADING_LETTER = re.compile(r"[A-Z]['’`][A-Z]{3,}")


def squeeze(text: str) -> str:
    """Return the text with single spaces, without stray punctuation or invalid characters."""
    clean = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    clean = clean.replace("ï¿½", "").replace("�", "").replace("Â£", "£")
    clean = re.sub(r"\s+([,.;])", r"\1", " ".join(clean.split()))
    return re.sub(r",(?=[^\W\d])", ", ", clean).strip(" ,;")


@lru_cache(maxsize=20_000)
def name(text: str) -> str:
    """Return a name for display: names in capitals are converted to title case.

    ``"ST MARY'S SURGERY"`` gives ``"St Mary's Surgery"``; ``"DR MCKAY & O'HARA"`` gives
    ``"Dr McKay & O'Hara"``.
    """
    clean = squeeze(text)
    if any(c.islower() for c in clean):
        return clean
    titled = _TOKEN.sub(lambda match: _word(match.group(), clean[: match.start()]), clean)
    for short, full in _SHORT:
        titled = short.sub(full, titled)
    return titled


def _word(token: str, before: str) -> str:
    """Return a word in capitals as normally written, given the text before it."""
    small = token.lower() in _SMALL and not _begins(before)
    if token in _CAPITALS or (len(token) == 1 and not (small and before.endswith("-"))):
        return token
    if ordinal := _ORDINAL.fullmatch(token):
        return ordinal[1] + ordinal[2].lower()
    if any(c.isdigit() for c in token):
        return token
    if small:
        return token.lower()
    if _initials(token):
        return token
    if _LEADING_LETTER.fullmatch(token):
        return token[:2] + token[2:].capitalize()
    if token.startswith("MC") and len(token) > 4:
        return "Mc" + token[2:].capitalize()
    return token.capitalize()


def _begins(before: str) -> bool:
    """Return whether the next word starts a name: at the start, in brackets, after a number."""
    last = before.rstrip()
    return not last or last[-1] in "(,:" or (last != before and last[-1].isdigit())


def _initials(token: str) -> bool:
    return len(token) <= 3 and token not in _WORDS and not set(token) & set("AEIOUYÂÊÎÔÛŴŶ'’`")


def address(parts: Iterable[str], *, without: Iterable[str] = ()) -> str:
    """Join the distinct parts of an address into one line, leaving out those in ``without``."""
    seen = {_key(text) for text in without}
    lines: list[str] = []
    for part in parts:
        line = name(part)
        if line and _key(line) not in seen:
            seen.add(_key(line))
            lines.append(line)
    return ", ".join(lines)


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def slug(text: str) -> str:
    """Return a text as a URL slug: lower-case letters and digits joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", ""))
    plain = plain.encode("ascii", "ignore").decode().lower().replace("&", " and ")
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def phone(text: str) -> str:
    """Return a telephone number with single spaces, restoring a lost leading 0."""
    clean = squeeze(text)
    digits = re.sub(r"\D", "", clean)
    if len(digits) < 9:
        return ""
    lost_zero = len(digits) in (9, 10) and digits[0] in "123789" and clean[0] != "+"
    return f"0{clean}" if lost_zero else clean


def email(text: str) -> str:
    """Return an email address, or an empty text if it is not valid."""
    clean = squeeze(text)
    return clean if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", clean) else ""


def web(text: str) -> str:
    """Return a web address starting with http, or an empty text if it is not valid."""
    clean = squeeze(text)
    if clean.lower().startswith("www."):
        clean = f"https://{clean}"
    return clean if re.fullmatch(r"https?://[^\s\"'<>]+\.[^\s\"'<>]+", clean, re.IGNORECASE) else ""
