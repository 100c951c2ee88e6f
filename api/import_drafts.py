"""Uploads that wait to be loaded: files in a private folder, for a day, seen by who sent them.

They are files, not memory, so that every process of the service sees them and a large one costs
nothing while it waits.
"""

import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from api.accounts.guard import Person
from exclusion_map.accounts import Role
from exclusion_map.errors import InvalidRequestError, NotFoundError

KEPT_S: Final = 24 * 3600.0
MOST_OF_ONE: Final = 10
"""Uploads of one person that wait."""
MOST_BYTES: Final = 500_000_000
"""Of all uploads together."""
LONGEST_WORK_S: Final = 1800.0
DATA, FEED, FACTS, COLUMNS, MAPPING, REPORT, REJECTED = (
    "data",
    "feed.json",
    "draft.json",
    "columns.json",
    "mapping.json",
    "report.json",
    "rejected.csv",
)
_RUN: Final = secrets.token_hex(8)
"""Of this process: a later one may have the same number."""
_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,40}")


class Stage(StrEnum):
    """How far an upload is."""

    COLUMNS = "columns"
    WORKING = "working"
    CHECKED = "checked"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Draft:
    """An upload.

    Attributes:
        id: part of addresses; nobody can guess it.
        owner: id of the account that sent it.
        owner_name: of the person.
        name: of the file, or the address of the feed.
        source: id of the list in the directory.
        table: whether its columns can be mapped; else it is Open Referral UK.
        made: when, in seconds since 1970.
        stage: how far it is.
        words: what is being done, or why it failed.
        share: of the work, 0 to 1.
        worker: number of the process that works on it.
        run: which one of that number it is.
        since: when the work began.
        complete: whether everything that the list has was read.
    """

    id: str
    owner: str
    owner_name: str
    name: str
    source: str
    table: bool
    made: float
    stage: Stage = Stage.COLUMNS
    words: str = ""
    share: float = 0.0
    worker: int = 0
    run: str = ""
    since: float = 0.0
    complete: bool = True

    def begun(self, words: str) -> "Draft":
        """Return the same, being worked on by this process from now."""
        return replace(
            self,
            stage=Stage.WORKING,
            words=words,
            share=0.0,
            worker=os.getpid(),
            run=_RUN,
            since=time.time(),
        )

    @property
    def at_work(self) -> bool:
        """Whether something is being done with it."""
        return self.stage is Stage.WORKING


class Drafts:
    """The uploads of a service.

    Args:
        folder: where they are; a private one in the system's temporary folder if left out.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (
            folder or Path(tempfile.gettempdir()) / f"exclusion-map-imports-{os.getuid()}"
        )

    def make(self, person: Person, name: str, source: str, *, table: bool, size: int) -> Draft:
        """Return a new upload of a person, with an empty folder.

        Raises:
            InvalidRequestError: too many or too large ones wait already.
        """
        self.sweep()
        waiting = [one for one in self._all() if one.owner == person.id]
        if len(waiting) >= MOST_OF_ONE:
            raise _full(f"{len(waiting)} uploads of yours that wait", f"at most {MOST_OF_ONE}")
        if self._size() + size > MOST_BYTES:
            raise _full("no room for more uploads", f"at most {MOST_BYTES:,} bytes of all")
        draft = Draft(
            id=secrets.token_urlsafe(18),
            owner=person.id,
            owner_name=person.name,
            name=name[:200],
            source=source,
            table=table,
            made=time.time(),
        )
        (self._open() / draft.id).mkdir(mode=0o700)
        self.save(draft)
        return draft

    def of(self, person: Person) -> list[Draft]:
        """Return the uploads that a person may see, the newest first: their own, admins all."""
        found = [one for one in self._all() if _may_see(person, one)]
        return sorted(found, key=lambda one: -one.made)

    def get(self, identity: str, person: Person) -> Draft:
        """Return an upload.

        Raises:
            NotFoundError: there is none of that id that the person may see.
        """
        draft = self._read(identity) if _ID.fullmatch(identity) else None
        if draft is None or not _may_see(person, draft) or time.time() - draft.made > KEPT_S:
            raise NotFoundError(
                "upload",
                found="no upload of yours at this address",
                expected="one that you sent within the last day",
                mend="Uploads are kept for a day. Start again at /import.",
            )
        return draft

    def save(self, draft: Draft) -> None:
        """Keep how far an upload is."""
        self.write(draft, FACTS, asdict(draft))

    def write(self, draft: Draft, name: str, content: Mapping[str, Any] | bytes | str) -> None:
        """Keep a file of an upload; others see all of it or what was there before."""
        path = self.path(draft, name)
        if isinstance(content, Mapping):
            content = json.dumps(content, ensure_ascii=False)
        data = content.encode("utf-8") if isinstance(content, str) else content
        part = path.with_name(f"{name}.{secrets.token_hex(4)}.part")
        try:
            part.write_bytes(data)
            part.replace(path)
        except FileNotFoundError:
            # It was dropped meanwhile.
            return

    def read(self, draft: Draft, name: str) -> Any:
        """Return a JSON file of an upload; None where it has none."""
        try:
            return json.loads(self.path(draft, name).read_bytes())
        except FileNotFoundError:
            return None

    def path(self, draft: Draft, name: str) -> Path:
        """Return where a file of an upload is."""
        return self._folder / draft.id / name

    def drop(self, draft: Draft) -> None:
        """Forget an upload."""
        shutil.rmtree(self._folder / draft.id, ignore_errors=True)

    def sweep(self) -> None:
        """Forget the uploads of yesterday."""
        for draft in self._all():
            if time.time() - draft.made > KEPT_S:
                self.drop(draft)

    def _open(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = self._folder.lstat()
        if self._folder.is_symlink() or held.st_uid != os.getuid() or held.st_mode & 0o077:
            raise InvalidRequestError(
                "uploads",
                found=f"a folder {self._folder} that others can reach",
                expected="one that only this service can access",
                mend="Set EXCLUSION_MAP_IMPORT_DIR to a private folder.",
            )
        return self._folder

    def _all(self) -> list[Draft]:
        if not self._folder.is_dir():
            return []
        found = (self._read(path.name) for path in self._folder.iterdir() if path.is_dir())
        return [draft for draft in found if draft is not None]

    def _read(self, identity: str) -> Draft | None:
        try:
            plain = json.loads((self._folder / identity / FACTS).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        return _if_alive(Draft(**{**plain, "stage": Stage(plain["stage"])}))

    def _size(self) -> int:
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())


def _may_see(person: Person, draft: Draft) -> bool:
    return draft.owner == person.id or person.role.allows(Role.ADMIN)


def _if_alive(draft: Draft) -> Draft:
    """Return a draft; one whose work broke off is told as such."""
    if not draft.at_work:
        return draft
    alive = draft.run == _RUN if draft.worker == os.getpid() else _runs(draft.worker)
    if alive and time.time() - draft.since < LONGEST_WORK_S:
        return draft
    words = "The service was restarted while it worked on this. Nothing was half loaded: try again."
    return replace(draft, stage=Stage.FAILED, words=words)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _full(found: str, expected: str) -> InvalidRequestError:
    return InvalidRequestError(
        "uploads",
        found=found,
        expected=expected,
        mend="Import or discard the uploads at /import first.",
    )
