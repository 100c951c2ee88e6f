"""The work folder of a run: what it was asked for, which parts are done, and who is at it.

Killed at any moment it leaves whole parts, drafts that nobody takes for parts, and a list of parts
done; the same order given again goes on from there.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exclusion_map.editions.workshop import locked, sync_folder
from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.order import PartDone

DONE: Final = "done.json"
PARTS: Final = "parts"


class _Done(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = Field(ge=0)
    outcomes: dict[str, int]


class _Ledger(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    asked: str
    parts: int = Field(ge=0)
    done: dict[int, _Done] = Field(default_factory=dict)


class Ledger:
    """The work folder, held by this process."""

    def __init__(self, folder: Path, asked: str, parts: int) -> None:
        self.folder = folder
        self._asked, self._parts = asked, parts
        self._done: dict[int, _Done] = {}

    @property
    def parts(self) -> Path:
        """The folder of parts."""
        return self.folder / PARTS

    @property
    def done(self) -> Mapping[int, PartDone]:
        """Parts that are done, by number."""
        return {
            number: PartDone(number=number, rows=one.rows, outcomes=one.outcomes)
            for number, one in sorted(self._done.items())
        }

    def add(self, part: PartDone) -> None:
        """Note that a part is done; on the disk when this returns."""
        self._done[part.number] = _Done(rows=part.rows, outcomes=dict(part.outcomes))
        model = _Ledger(asked=self._asked, parts=self._parts, done=self._done)
        write_whole(self.folder / DONE, model.model_dump_json(indent=1))

    def recall(self) -> None:
        """Take over what an earlier run of the same order has done.

        Raises:
            InvalidRequestError: the earlier run was of another order.
        """
        path = self.folder / DONE
        if not path.exists():
            return
        try:
            held = _Ledger.model_validate_json(path.read_bytes())
        except ValidationError:
            raise self._other("a damaged list of parts") from None
        if (held.asked, held.parts) != (self._asked, self._parts):
            raise self._other("parts of another order, edition or input")
        there = {path.name.partition(".")[0] for path in self.parts.glob("part-*")}
        self._done = {n: one for n, one in held.done.items() if f"part-{n:06d}" in there}

    def _other(self, found: str) -> InvalidRequestError:
        return InvalidRequestError(
            f"work folder {self.folder}",
            found=found,
            expected="parts of this run, or nothing",
            mend="Run it with the original options, or start again with --fresh.",
        )


@contextmanager
def opened_ledger(folder: Path, asked: str, parts: int, *, fresh: bool) -> Iterator[Ledger]:
    """Yield the work folder of an order while no other process is at it.

    Raises:
        InvalidRequestError: another process is at it, it holds parts of another order, or it
            cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, wait=False) as ours:
            if not ours:
                raise InvalidRequestError(
                    f"work folder {folder}",
                    found="another process working in it",
                    expected="one run at a time per output",
                    mend="Wait for it, or choose another output.",
                )
            if fresh:
                (folder / DONE).unlink(missing_ok=True)
                shutil.rmtree(folder / PARTS, ignore_errors=True)
            ledger = Ledger(folder, asked, parts)
            ledger.recall()
            ledger.parts.mkdir(exist_ok=True)
            for draft in ledger.parts.glob(".*"):
                draft.unlink(missing_ok=True)
            yield ledger
    except OSError as error:
        raise InvalidRequestError(
            f"work folder {folder}",
            found=error.strerror or str(error),
            expected="a writable folder",
        ) from None


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there wholly or as it was before."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
