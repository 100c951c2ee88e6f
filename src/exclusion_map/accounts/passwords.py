"""Passwords: long and not common rather than full of signs; kept as Argon2id hashes.

Rules are those of OWASP ASVS 4.0 section 2.1 and NIST SP 800-63B: at least twelve characters, no
rules of composition, any characters, paste allowed, a check against what attackers try first.
"""

import base64
import hashlib
import hmac
import logging
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from exclusion_map.accounts.breached import is_breached
from exclusion_map.accounts.keys import NO_KEYS, PEPPERED, Keys
from exclusion_map.errors import InvalidRequestError, TooManyRequestsError

SHORTEST, LONGEST = 12, 128
LONGEST_TYPED = 256
"""Passwords of earlier versions could be as long as this, and still sign people in."""
HASHES_AT_ONCE = 4
"""More would let sign-ins take all the memory: 19 MiB each."""
CONTEXT = ("exclusionmap", "digitalexclusion", "exclusion", "digital", "inclusion")
MOST_WAITING = 12
"""More would take all the threads that answer requests: a flood of sign-ins stops at sign-in."""
FEW_DIFFERENT = 5
FEW_WORDS = 2
WAIT_S = 5.0
LEFT_OVER = 3
SAFE_SCORE = 3
"""Of zxcvbn: beyond 10^8 guesses, by its count of what guessers try first."""
LONGEST_JUDGED = 72
FEW_SIGNS, LONGEST_OF_SIGNS = 6, 16
"""zxcvbn tries every way to read signs as letters: of twenty signs, 72 characters take seconds."""
_SIGNS = frozenset("4@8({[<3691!|70$5+%2")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LEET = str.maketrans("013457@$!", "oleastasi")

# OWASP Password Storage Cheat Sheet (2024): Argon2id, 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turns = threading.BoundedSemaphore(HASHES_AT_ONCE)
_queue = threading.BoundedSemaphore(HASHES_AT_ONCE + MOST_WAITING)
logger = logging.getLogger(__name__)


def hashed(password: str, keys: Keys = NO_KEYS) -> str:
    """Return the hash of a password; about 30 ms.

    With a secret, the password passes through HMAC-SHA-256 by it first: whoever has the database
    alone cannot try passwords. The id of the secret stands before the hash.

    Raises:
        TooManyRequestsError: too many wait for theirs already.
    """
    key_id = keys.newest
    with _turn():
        kept = _hasher.hash(_peppered(password, keys.pepper(key_id)))
    return f"{PEPPERED}{key_id}:{kept}" if key_id else kept


def verified(kept: str, password: str, keys: Keys = NO_KEYS) -> bool:
    """Whether a password is the one whose hash is kept; an empty hash takes as long and is not.

    Raises:
        TooManyRequestsError: too many wait for theirs already.
    """
    key_id, plain = _parted(kept)
    pepper = keys.pepper(key_id)
    if key_id and pepper is None:
        logger.error(
            "a password cannot be compared: EXCLUSION_MAP_SECRET_KEYS, or the key file, lacks the "
            "secret %s that it was hashed with",
            key_id,
        )
        plain = ""
    with _turn():
        try:
            _hasher.verify(plain or _nobodys(), _peppered(password, pepper))
        except (VerificationError, InvalidHashError):
            return False
    return bool(plain)


def outdated(kept: str, keys: Keys = NO_KEYS) -> bool:
    """Whether a hash was made with other costs, or another secret, than are asked for today."""
    key_id, plain = _parted(kept)
    return key_id != keys.newest or _hasher.check_needs_rehash(plain)


def _parted(kept: str) -> tuple[str, str]:
    """Return the id of the secret a hash was made with, empty without one, and the hash."""
    if not kept.startswith(PEPPERED):
        return "", kept
    key_id, _, plain = kept.removeprefix(PEPPERED).partition(":")
    return key_id, plain


def _peppered(password: str, pepper: bytes | None) -> str:
    one_form = _one_form(password)
    if pepper is None:
        return one_form
    return base64.b64encode(hmac.digest(pepper, one_form.encode(), hashlib.sha256)).decode()


@contextmanager
def _turn() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise TooManyRequestsError(
            "signing in",
            found="too many people signing in at this moment",
            expected="fewer",
            mend="Try again in a few seconds.",
            wait_s=WAIT_S,
        )
    try:
        with _turns:
            yield
    finally:
        _queue.release()


def check_password(password: str, words: Iterable[str] = (), breached: str = "") -> None:
    """Refuse a password that is short or among the first an attacker tries.

    Args:
        password: as the person chose it.
        words: what an attacker knows of the person: name, email address.
        breached: path of a file of digests of breached passwords; empty without one.

    Raises:
        InvalidRequestError: it is one of these; the reason is said, the password is not.
    """
    plain = _one_form(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise _refused(
            f"{len(plain)} characters", f"{SHORTEST} to {LONGEST} characters, spaces count"
        )
    known = {*CONTEXT, *_parts(words)}
    if _guessable(plain.lower(), known) or _judged(plain, known) < SAFE_SCORE:
        raise _refused(
            "a password that attackers try early",
            "one that is not a common word, a row of keys, or made of your name or this service's",
        )
    if breached and is_breached(plain, Path(breached)):
        raise _refused(
            "a password that is on a list of breached ones", "one that nobody has used before"
        )


def _guessable(plain: str, known: set[str]) -> bool:
    if len(set(plain)) < FEW_DIFFERENT or _repeats(plain) or _in_a_row(plain):
        return True
    # What stands around the letters is most often a year or an exclamation mark.
    inner = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    forms = (plain, inner.translate(_LEET), plain.translate(_LEET))
    return any(_of_few_words(re.sub(r"[^a-z]", "", form), known) for form in forms)


def score_of(password: str, words: Iterable[str] = ()) -> int:
    """Return how hard a password is to guess, from 0 to 4, by the lists and rules of zxcvbn."""
    return _judged(_one_form(password), {*CONTEXT, *_parts(words)})


def _judged(plain: str, known: set[str]) -> int:
    """Return the score of zxcvbn.

    It holds the 30,000 passwords that are most common in breaches, names, words, patterns of keys
    and dates (Wheeler, USENIX Security 2016). Its time grows with the length: the first 72
    characters are judged, as its authors advise.
    """
    # Imported here: its lists take a while, and only new passwords are judged.
    from zxcvbn import zxcvbn

    longest = LONGEST_JUDGED if len(_SIGNS & set(plain)) <= FEW_SIGNS else LONGEST_OF_SIGNS
    return int(zxcvbn(plain[:longest], user_inputs=sorted(known))["score"])


def _of_few_words(letters: str, known: set[str]) -> bool:
    """Whether nearly all letters are of one or two common words, or words known of the person.

    Three common words or more are a passphrase, and welcome.
    """
    used = 0
    for word in sorted(common() | known, key=len, reverse=True):
        if word in letters:
            letters = letters.replace(word, "")
            used += word not in known
            if len(letters) <= LEFT_OVER:
                return used <= FEW_WORDS
    return False


def _repeats(plain: str) -> bool:
    """Whether it is one short piece again and again."""
    return any(plain == (plain[:n] * len(plain))[: len(plain)] for n in range(1, 6))


def _in_a_row(plain: str) -> bool:
    """Whether most of it runs along the alphabet, the digits or a row of keys."""
    pairs = {row[n : n + 2] for row in _ROWS for n in range(len(row) - 1)}
    pairs |= {pair[::-1] for pair in pairs}
    running = sum(plain[n : n + 2] in pairs for n in range(len(plain) - 1))
    return running >= 0.75 * (len(plain) - 1)


@cache
def common() -> frozenset[str]:
    """Return words that common passwords are made of, in lower case."""
    lines = (Path(__file__).parent / "common_words.txt").read_text(encoding="utf-8").split()
    return frozenset(lines)


def _parts(words: Iterable[str]) -> set[str]:
    found = {part for word in words for part in re.split(r"[^a-z]+", word.lower())}
    return {part for part in found if len(part) >= 4}


def _one_form(password: str) -> str:
    """The same password typed on another keyboard may come in another form of Unicode."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")


def _refused(found: str, expected: str) -> InvalidRequestError:
    return InvalidRequestError(
        "password",
        found=found,
        expected=expected,
        mend="Three or four unrelated words make a good password.",
    )
