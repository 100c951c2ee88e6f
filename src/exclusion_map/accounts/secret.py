"""Secrets that go out once and are kept as digests.

They are 256 random bits, so that one round of SHA-256 is enough: nobody can try them all. Only
passwords, which people choose, need a slow hash.
"""

import hashlib
import secrets

BYTES = 32
TOKEN_PREFIX = "emt_"  # noqa: S105 - what tokens begin with, so that scanners of code find them


def new_secret(prefix: str = "") -> str:
    """Return a secret nobody can guess, safe in a cookie, a header and an address."""
    return prefix + secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
