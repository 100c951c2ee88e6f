"""The secret that this service keeps outside its database: without it, a stolen database is mute.

Passwords pass through it before they are hashed, and keys of authenticator apps are encrypted by
it. It comes from the settings, or from a file beside the SQLite database, which is made once.
"""

import hashlib
import hmac
import logging
import os
import secrets
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import select

from exclusion_map.accounts.tables import Account, SecondFactor
from exclusion_map.database import Database
from exclusion_map.errors import DatabaseError
from exclusion_map.settings import AccountSettings
from exclusion_map.settings_accounts import SHORTEST_KEY

ID_LENGTH: Final = 8
PEPPERED: Final = "k:"
"""What hashes of passwords begin with that a secret was used for; the id of the secret follows."""
CLOSED: Final = "ey"
"""What encrypted keys begin with: the head of a JSON Web Encryption, in base64."""
_BYTES: Final = 48
logger = logging.getLogger(__name__)


class Keys:
    """Some secrets, the newest first; none, where nothing is to be closed."""

    def __init__(self, given: Sequence[str] = ()) -> None:
        self._given = tuple(given)
        self._peppers = {_id(one): _derived(one, b"pepper of passwords") for one in given}

    @property
    def text(self) -> str:
        """The secrets with commas."""
        return ",".join(self._given)

    @property
    def newest(self) -> str:
        """The id of the newest secret; empty without one."""
        return next(iter(self._peppers), "")

    def pepper(self, key_id: str) -> bytes | None:
        """Return what passwords are keyed with by a secret; None where it is not held."""
        return self._peppers.get(key_id)


NO_KEYS: Final = Keys()


def keys_of(database: Database, settings: AccountSettings) -> Keys:
    """Return the secrets of a service: of the settings, or of its key file.

    Raises:
        DatabaseError: there are none, and none can be kept.
    """
    named = (settings.secret_keys, settings.second_factor_keys)
    given = [part.strip() for one in named for part in one.get_secret_value().split(",")]
    if any(given):
        return Keys([*filter(None, given)])
    path = _path(database, settings.secret_key_file)
    return Keys([secrets.token_urlsafe(_BYTES) if path is None else _kept(database, path)])


def key_file_of(database: Database, named: str = "") -> Path | None:
    """Return where the secret of a database is kept by default; None where nowhere can be."""
    if named:
        return Path(named)
    file = database.engine.url.database
    if database.kind != "sqlite" or not file or file == ":memory:":
        return None
    return Path(f"{file}.key")


def _path(database: Database, named: str) -> Path | None:
    path = key_file_of(database, named)
    if path is None and database.kind != "sqlite":
        raise _error(
            "neither EXCLUSION_MAP_SECRET_KEYS nor EXCLUSION_MAP_SECRET_KEY_FILE",
            "a secret outside the database, the same for every process and machine",
            "Make one with: openssl rand -base64 48. Keep it as you keep passwords.",
        )
    return path


def _kept(database: Database, path: Path) -> str:
    try:
        return _read(path)
    except FileNotFoundError:
        if _is_needed(database):
            raise _error(
                f"no file {path.name}, though passwords in the database need it",
                "the key file that belongs to this database",
                "Put it back from where you keep it. If it is lost for good, make a new one there "
                "with: openssl rand -base64 48. People then need new links: "
                "exclusion-map account reset EMAIL.",
            ) from None
    except OSError as error:
        raise _unusable(path, error) from None
    try:
        _make(path)
        return _read(path)
    except OSError as error:
        raise _unusable(path, error) from None


def _read(path: Path) -> str:
    """Return the secret in a file.

    Raises:
        DatabaseError: others may write it, or it is too short.
        OSError: it cannot be read.
    """
    mode = path.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise _error(f"{path.name}, which others may write", "a file of its owner alone")
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        logger.warning("%s can be read by others on this machine: chmod 600 it", path)
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(text) < SHORTEST_KEY:
        raise _error(f"{len(text)} characters in {path.name}", f"at least {SHORTEST_KEY}")
    return text


def _make(path: Path) -> None:
    """Make a key file for its owner alone; of several processes at once, one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link never replaces a file that is there, and is never seen half written.
        os.link(name, path)
        logger.warning("made %s: keep a copy of it, apart from backups of the database", path)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()


def _is_needed(database: Database) -> bool:
    """Whether something in the database was closed by a secret already."""
    with database.reading() as session:
        peppered = select(Account.id).where(Account.password_hash.startswith(PEPPERED))
        closed = select(SecondFactor.account_id).where(SecondFactor.secret.startswith(CLOSED))
        found = (session.scalar(query.limit(1)) for query in (peppered, closed))
        return any(one is not None for one in found)


def _id(secret: str) -> str:
    return _derived(secret, b"name of the secret").hex()[:ID_LENGTH]


def _derived(secret: str, use: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"exclusion map " + use, hashlib.sha256)


def _unusable(path: Path, error: OSError) -> DatabaseError:
    return _error(
        f"{path.name}, which cannot be made or read ({error.strerror})",
        "a file that the service can keep",
        "Set EXCLUSION_MAP_SECRET_KEYS, or EXCLUSION_MAP_SECRET_KEY_FILE to a folder that lasts.",
    )


def _error(found: str, expected: str, mend: str = "") -> DatabaseError:
    return DatabaseError("secret of the service", found=found, expected=expected, mend=mend)
