"""How strong a password is, in words, while somebody chooses it (OWASP ASVS 2.1.8).

It judges by the rules of ``passwords.check_password`` itself, so that it never praises what is then
refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from exclusion_map.accounts.passwords import LONGEST, SHORTEST, check_password, score_of
from exclusion_map.errors import InvalidRequestError

MOST: Final = 4
"""The highest level."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a password is.

    Attributes:
        level: 0 (too short or too long), 1 (weak: it is refused), 3 (good) or 4 (strong).
        words: the same for people, with what would help.
    """

    level: int
    words: str

    @property
    def accepted(self) -> bool:
        """Whether the password can be taken."""
        return self.level > 1


def strength_of(password: str, words: Iterable[str] = (), breached: str = "") -> Strength:
    """Return how strong a password is; nothing of it is kept.

    Args:
        password: as typed.
        words: what an attacker knows of the person: name, email address.
        breached: path of a file of digests of breached passwords; empty without one.
    """
    known = tuple(words)
    try:
        check_password(password, known, breached)
    except InvalidRequestError as error:
        if SHORTEST <= len(password) <= LONGEST:
            return Strength(1, f"Weak: {error.found}. {error.mend}")
        ending = "long" if len(password) > LONGEST else "short"
        return Strength(0, f"Too {ending}: {error.found}; {SHORTEST} to {LONGEST} are needed.")
    if score_of(password, known) < MOST:
        return Strength(3, "Good. Another unrelated word would make it strong.")
    return Strength(4, "Strong.")
