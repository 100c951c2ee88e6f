"""Read an upload in a process of its own, which is ended when it takes too long or is not wanted.

A file made to break its reader breaks a process that has nothing to lose: it has limits of memory,
time and files, sees none of the service's environment, and answers with data alone.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final

from exclusion_map.errors import InvalidRequestError, TooLargeError
from exclusion_map.uploads.child import much
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import refused, too_large

Source = bytes | Path | BinaryIO
_LOOK_EVERY_S: Final = 0.1
_STARTING_S: Final = 10.0
"""Beside the seconds of work: a busy machine starts processes slowly."""
_KEPT: Final = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TZ")

logger = logging.getLogger(__name__)


def always() -> bool:
    """Return that an answer is still wanted."""
    return True


def content_of(source: Source, name: str, limits: Limits) -> bytes:
    """Return what somebody sent.

    Raises:
        InvalidRequestError: it cannot be read.
        TooLargeError: it is larger than ``limits.max_bytes``.
    """
    most = limits.max_bytes
    if isinstance(source, bytes):
        data = source[: most + 1]
    else:
        try:
            if isinstance(source, Path):
                with source.open("rb") as file:
                    data = file.read(most + 1)
            else:
                source.seek(0)
                data = source.read(most + 1)
        except OSError as error:
            told = error.strerror or str(error)
            raise refused(name, told, "a file that can be read") from None
    if len(data) > most:
        raise too_large(
            name,
            f"more than {most:,} bytes",
            f"at most {most:,} bytes ({most / 1e6:g} MB)",
            "Send only the part you need, or simplify the layer.",
        )
    return data


def run(
    task: dict[str, Any], data: bytes, name: str, limits: Limits, wanted: Callable[[], bool]
) -> tuple[dict[str, Any], bytes]:
    """Return what the process answers: facts, and bytes.

    Args:
        task: what to do, beside name and limits.
        data: the content of the file.
        name: of the file.
        limits: of the process.
        wanted: asked now and then; the work is ended when it says no.

    Raises:
        InvalidRequestError: what the process refuses, or nobody wants the answer any more.
        TooLargeError: it took too long or too much memory.
    """
    told = json.dumps({**task, "name": name, "limits": asdict(limits)})
    process = subprocess.Popen(  # noqa: S603 - our own program, told what to do by us
        [sys.executable, "-I", "-B", "-m", "exclusion_map.uploads.child", told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd=Path(sys.executable).anchor,
    )
    with process:
        answer = _answer(process, data, name, limits, wanted)
    head, _, body = answer.partition(b"\n")
    if not head:
        raise _ended(process.returncode, name)
    return _told(json.loads(head), name), body


def _environment() -> dict[str, str]:
    """Return the environment of the process: no secrets, one thread, nothing fetched."""
    kept = {one: os.environ[one] for one in _KEPT if one in os.environ}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PROJ_NETWORK": "OFF"}


def _answer(
    process: subprocess.Popen[bytes],
    data: bytes,
    name: str,
    limits: Limits,
    wanted: Callable[[], bool],
) -> bytes:
    until = time.monotonic() + limits.seconds + _STARTING_S
    answered: list[bytes] = []
    # A thread of its own: what is given and what is answered may each fill a pipe.
    talk = threading.Thread(target=lambda: answered.append(process.communicate(data)[0]))
    talk.start()
    try:
        while talk.is_alive():
            talk.join(_LOOK_EVERY_S)
            if time.monotonic() > until:
                raise _slow(name)
            if not wanted():
                raise refused(name, "nobody who waits for it", "somebody who does")
    finally:
        if process.poll() is None:
            process.kill()
        talk.join()
    return answered[0] if answered else b""


def _told(head: dict[str, Any], name: str) -> dict[str, Any]:
    if "refused" in head:
        large, thing, found, expected, mend = head["refused"]
        kind = TooLargeError if large else InvalidRequestError
        raise kind(thing, found=found, expected=expected, mend=mend)
    if "fault" in head:
        logger.error("an upload could not be read: %s", head["fault"])
        raise refused(
            name, "something that cannot be read", mend="Save it again, for example as GeoJSON."
        )
    return head


def _ended(code: int, name: str) -> Exception:
    """Return why a process ended without a word: by a signal of the system, mostly."""
    import signal

    if -code in (getattr(signal, "SIGXCPU", 0), signal.SIGTERM):
        return _slow(name)
    logger.error("the process that reads uploads ended with %s", code)
    return much(name)


def _slow(name: str) -> TooLargeError:
    return too_large(
        name,
        "content that takes too long to read",
        "a plain file of usual size",
        "Simplify the layer, or send only the part you need.",
    )
