"""The provenance lock: origin, time, licence and SHA-256 of every fetched file."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exclusion_map.errors import SourceError

LOCK_NAME = "provenance.lock.json"
_CHUNK = 1 << 20


class Record(BaseModel):
    """Record of one fetched file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    fetched: str = Field(description="Time in UTC, ISO 8601, to the second.")
    licence: str
    etag: str = ""
    last_modified: str = ""


class Lock(BaseModel):
    """The whole lock; files are named ``<source id>/<path>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    files: dict[str, Record] = {}

    def with_record(self, name: str, record: Record) -> "Lock":
        """Return a copy of the lock with a record added or replaced."""
        return Lock(files={**self.files, name: record})


def read_lock(raw_dir: Path) -> Lock:
    """Return the lock of a raw folder, or an empty one if there is none.

    Raises:
        SourceError: the lock is damaged.
    """
    path = raw_dir / LOCK_NAME
    try:
        return Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Lock()
    except (ValidationError, UnicodeDecodeError, OSError) as error:
        raise SourceError(
            str(path),
            found=f"a damaged lock ({str(error).splitlines()[0]})",
            expected="a provenance lock of format 1",
            mend="Restore it, or delete it: files are then downloaded again.",
        ) from None


def write_lock(raw_dir: Path, lock: Lock) -> None:
    """Write the lock atomically and in a stable order, so that diffs stay small."""
    text = json.dumps(lock.model_dump(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_atomically(raw_dir / LOCK_NAME, text.encode())


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file atomically: readers see the old content or the new, never a part."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False
    ) as handle:
        temporary = Path(handle.name)
        try:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while data := handle.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()
