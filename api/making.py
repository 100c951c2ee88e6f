"""Files that take a while to make: in a process of their own, one at a time, and never left behind.

GDAL and workbooks take hundreds of megabytes and hold the interpreter; in a process of their own
both are given back when it ends, and tiles stay quick meanwhile. The process is ended when whoever
asked goes away. The file is opened and unlinked before its first byte is sent: whatever happens
then, nothing stays on the disk.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, Final

import anyio
import anyio.to_thread
from fastapi import Request
from starlette.datastructures import State
from starlette.responses import Response, StreamingResponse

from api.middleware import AS_HEAD
from api.work import Pool, gone, pool_of, turn
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.process import Job, work

MOST_SECONDS: Final = 300
_LOOK_EVERY_S: Final = 0.05
_PART: Final = 256 * 1024
_SPAWN: Final = multiprocessing.get_context("spawn")


def bench_of(state: State) -> Pool:
    """Return where the files of an app are made: one at a time, for each takes much memory."""
    return pool_of(state, "files", at_once=1)


async def file_response(
    request: Request, job: Job, headers: dict[str, str], media: str
) -> StreamingResponse:
    """Return a file that another process makes; for HEAD its headers alone, and nothing is made.

    How long the file would be is then not known, and the length is not told.

    Args:
        request: whose client is looked after.
        job: makes the file.
        headers: of the answer.
        media: the media type of the file.

    Raises:
        ExclusionMapError: what the job refuses.
        BusyError: too many wait already.
        HTTPException: 499, the client went away.
    """
    if only_head(request):
        return StreamingResponse(iter(()), headers=headers, media_type=media)
    return send_file(await make_file(request, job), headers, media)


def parts_response(
    request: Request, parts: Iterator[str], headers: dict[str, str], media: str
) -> Response:
    """Return text while it is written; for HEAD its headers alone, and nothing is written."""
    wanted = iter(()) if only_head(request) else parts
    return StreamingResponse(wanted, headers=headers, media_type=media)


def only_head(request: Request) -> bool:
    """Return whether a request was HEAD: nobody waits for a body."""
    return bool(request.scope.get(AS_HEAD))


async def make_file(request: Request, job: Job) -> BinaryIO:
    """Return an open file without a name, made by another process.

    Args:
        request: whose client is looked after: when it goes away, so does the work.
        job: makes the file.

    Raises:
        ExclusionMapError: what the job refuses.
        BusyError: too many wait already.
        HTTPException: 499, the client went away.
    """
    async with turn(request, bench_of(request.app.state)):
        with tempfile.TemporaryDirectory(prefix="exclusion-map-") as folder:
            path = Path(folder) / f"made.{job.ending}"
            await _run(request, job, path)
            return path.open("rb")


async def _run(request: Request, job: Job, path: Path) -> None:
    ours, theirs = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=work, args=(theirs, job, path), daemon=True)
    try:
        await anyio.to_thread.run_sync(process.start)
        theirs.close()
        await _wait(request, process)
        _told(ours, process.exitcode)
    finally:
        if process.is_alive():
            process.kill()
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(process.join)
        ours.close()


async def _wait(request: Request, process: Any) -> None:
    """Wait until a process ends; end it when the client goes away, or it takes too long."""
    with anyio.move_on_after(MOST_SECONDS):
        while process.is_alive():
            if await request.is_disconnected():
                raise gone()
            await anyio.sleep(_LOOK_EVERY_S)
        return
    raise InvalidRequestError(
        "file",
        found=f"more than {MOST_SECONDS} seconds of work",
        expected="a smaller file",
        mend="Choose fewer areas or columns, or use the command: exclusion-map export.",
    )


def _told(ours: Connection, code: int | None) -> None:
    """Raise what the process refused to do."""
    try:
        refused = ours.recv()
    except EOFError:  # It ended without a word, as it should.
        refused = None
    if isinstance(refused, tuple):
        kind, thing, found, expected, mend = refused
        raise kind(thing, found=found, expected=expected, mend=mend)
    if code != 0:
        raise RuntimeError(f"the process that makes files ended with {code}: {refused}")


def send_file(file: BinaryIO, headers: dict[str, str], media: str) -> StreamingResponse:
    """Return an open file as a response that closes it, however it ends."""
    size = os.fstat(file.fileno()).st_size
    return StreamingResponse(
        _parts(file), headers={**headers, "Content-Length": str(size)}, media_type=media
    )


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part
