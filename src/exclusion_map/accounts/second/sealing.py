"""Keep the keys of apps so that who reads the database alone cannot use them.

A key must be there to compare with, so it cannot be a digest. With a secret in the settings it is
encrypted (JSON Web Encryption: ``dir``, A256GCM) for one account: what is moved to another account
does not open.
"""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from typing import Final

PLAIN: Final = "plain:"
_WAY: Final = {"alg": "dir", "enc": "A256GCM"}
logger = logging.getLogger(__name__)


class Sealing:
    """Encrypts by the first of some secrets, and opens what any of them closed."""

    def __init__(self, secrets: str = "") -> None:
        given = (part.strip() for part in secrets.split(","))
        # The setting may be any long text; the cipher needs 32 bytes.
        self._keys: Sequence[bytes] = tuple(
            hmac.digest(part.encode(), b"exclusion map second factor", hashlib.sha256)
            for part in given
            if part
        )

    @property
    def closes(self) -> bool:
        """Whether there is a secret to encrypt by."""
        return bool(self._keys)

    def seal(self, key: str, account_id: str) -> str:
        """Return a key as it is kept for an account."""
        if not self._keys:
            return PLAIN + key
        from joserfc import jwe
        from joserfc.jwk import OctKey

        secret = OctKey.import_key(self._keys[0])
        head = {**_WAY, "kid": account_id}
        return jwe.encrypt_compact(head, key.encode(), secret, algorithms=list(_WAY.values()))

    def open(self, kept: str, account_id: str) -> str:
        """Return the key of an account; empty, and logged, where none of the secrets opens it."""
        if kept.startswith(PLAIN):
            return kept.removeprefix(PLAIN)
        from joserfc import jwe
        from joserfc.errors import JoseError
        from joserfc.jwk import OctKey

        for secret in self._keys:
            try:
                way = list(_WAY.values())
                found = jwe.decrypt_compact(kept, OctKey.import_key(secret), algorithms=way)
            except (JoseError, ValueError):
                continue
            if found.headers().get("kid") == account_id and found.plaintext is not None:
                return found.plaintext.decode()
        logger.error(
            "a second factor cannot be read: EXCLUSION_MAP_SECRET_KEYS, or the key file, lacks the "
            "secret that it was encrypted by, or the row is of another account; recovery codes "
            "still work"
        )
        return ""
