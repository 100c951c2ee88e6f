"""Forms with files, taken in as they arrive: counted, timed, and gone afterwards.

A length over the limit is refused before anything is read. Without a length, or with a false one,
bytes are counted while they come. A file that says nothing of people may go to a temporary file,
which has no name and is gone with the request, whatever happens; lists of people stay in memory.
"""

import io
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import anyio
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.work import GONE
from exclusion_map.errors import InvalidRequestError, TooLargeError
from exclusion_map.settings import UploadSettings, read

MULTIPART: Final = "multipart/form-data"
_ENCODED: Final = "application/x-www-form-urlencoded"
_LONGEST_NAME: Final = 100
_ON_DISK_FROM: Final = 1_000_000
_DRAINED_S: Final = 5.0
_DRAINED_BYTES: Final = 64_000_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class SentFile:
    """A file of a form.

    Attributes:
        name: that the sender gives it; for messages, never for a path.
        file: open, at its beginning.
        size: in bytes.
    """

    name: str
    file: BinaryIO
    size: int

    def content(self) -> bytes:
        """Return all of it."""
        self.file.seek(0)
        return self.file.read()


@dataclass(frozen=True, eq=False, slots=True)
class Sent:
    """What a form sent; its files are closed with the block of `received`.

    Attributes:
        texts: its fields.
        files: its files that are not empty, by the name of their field.
    """

    texts: Mapping[str, str]
    files: Mapping[str, SentFile] = field(default_factory=dict)

    @property
    def file(self) -> BinaryIO | None:
        """The file of the field "file"; None without one."""
        held = self.files.get("file")
        return held.file if held else None

    @property
    def name(self) -> str:
        """Its name; empty without one."""
        held = self.files.get("file")
        return held.name if held else ""

    @property
    def size(self) -> int:
        """Its size in bytes; 0 without one."""
        held = self.files.get("file")
        return held.size if held else 0

    def content(self) -> bytes:
        """Return all of it; empty without one."""
        held = self.files.get("file")
        return held.content() if held else b""


@asynccontextmanager
async def received(
    request: Request,
    *,
    most_bytes: int = 0,
    most_fields: int = 50,
    most_files: int = 1,
    in_memory: bool = True,
) -> AsyncIterator[Sent]:
    """Take in a form, with or without files; they are gone after the block.

    Args:
        request: whose body is the form.
        most_bytes: of the whole form; the settings' for uploads if 0.
        most_fields: that are no files.
        most_files: how many files.
        in_memory: whether nothing may touch the disk, as of lists of people.

    Raises:
        TooLargeError: it is larger; the limit is told.
        InvalidRequestError: it is no form, or a broken one.
        HTTPException: 408 where it takes too long to arrive, 499 where it never does.
    """
    settings = read(UploadSettings)
    most = most_bytes or settings.upload_max_bytes
    form = await _form(request, most, most_fields, most_files, settings, in_memory=in_memory)
    try:
        yield _sent(form)
    finally:
        await form.close()


def too_large(most: int, found: str) -> TooLargeError:
    """Return the error of a request that is larger than is taken."""
    return TooLargeError(
        "what you sent",
        found=found,
        expected=f"at most {most:,} bytes ({most / 1e6:g} MB)",
        mend="Send a shorter list or only the part you need, or simplify the boundary.",
    )


async def whole_body(request: Request, most: int = 0) -> bytes:
    """Return the body of a request, kept in memory.

    Args:
        request: whose body is no form.
        most: bytes of it; the settings' for uploads if 0.

    Raises:
        TooLargeError: it is larger; the limit is told.
        HTTPException: 408 where it takes too long to arrive, 499 where it never does.
    """
    settings = read(UploadSettings)
    most = most or settings.upload_max_bytes
    await refuse_by_length(request, most)
    try:
        return b"".join([part async for part in _counted(request, most, settings)])
    except TooLargeError:
        await _drain(request)
        raise
    except ClientDisconnect:
        raise HTTPException(GONE, "The client went away.") from None


async def refuse_by_length(request: Request, most: int, *, must_say: bool = False) -> None:
    """Refuse a request that says it is larger than ``most`` bytes, before it is read.

    Args:
        request: whose headers are looked at.
        most: bytes of its body.
        must_say: whether one that does not say its length is refused, for bytes are not counted.

    Raises:
        TooLargeError: it is larger; the limit is told.
        InvalidRequestError: it does not say, and must.
    """
    length = request.headers.get("content-length", "")
    if must_say and not length.isdigit():
        raise InvalidRequestError(
            "what you sent", found="no valid Content-Length", expected=f"at most {most:,} bytes"
        )
    if length.isdigit() and int(length) > most:
        await _drain(request)
        raise too_large(most, f"{int(length):,} bytes")


async def _form(
    request: Request,
    most: int,
    most_fields: int,
    most_files: int,
    settings: UploadSettings,
    *,
    in_memory: bool,
) -> FormData:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    await refuse_by_length(request, most)
    stream = _counted(request, most, settings)
    try:
        if kind == _ENCODED:
            return await FormParser(
                request.headers, stream, max_fields=most_fields, max_part_size=most
            ).parse()
        if kind != MULTIPART:
            raise InvalidRequestError(
                "what you sent", found=kind[:60] or "no media type", expected=MULTIPART
            )
        parser = MultiPartParser(
            request.headers,
            stream,
            max_files=most_files,
            max_fields=most_fields,
            max_part_size=most,
        )
        # Beyond what may come, it is never reached: what stays in memory stays there.
        parser.spool_max_size = most + 1 if in_memory else _ON_DISK_FROM
        return await parser.parse()
    except MultiPartException as error:
        raise InvalidRequestError(
            "what you sent", found=f"a broken form ({error.message})", expected="a complete form"
        ) from None
    except TooLargeError:
        await _drain(request)
        raise
    except ClientDisconnect:
        raise HTTPException(GONE, "The client went away.") from None


async def _counted(
    request: Request, most: int, settings: UploadSettings
) -> AsyncGenerator[bytes, None]:
    """Yield a body in parts, until it is too much or takes too long."""
    size = 0
    until = anyio.current_time() + settings.upload_receive_seconds
    parts = request.stream().__aiter__()
    while True:
        wait = min(settings.upload_idle_seconds, until - anyio.current_time())
        part = b""
        with anyio.move_on_after(wait) as waiting:
            try:
                part = await anext(parts)
            except StopAsyncIteration:
                return
        if waiting.cancelled_caught or wait <= 0:
            raise HTTPException(
                408,
                "The upload took too long to arrive. Try again on a faster connection, or send a "
                "smaller file.",
                {"Connection": "close"},
            )
        size += len(part)
        if size > most:
            raise too_large(most, f"more than {most:,} bytes")
        yield part


async def _drain(request: Request) -> None:
    """Read on for a while and forget it: a browser that still sends does not see the answer.

    One that asked first (Expect: 100-continue) is answered at once.
    """
    if request.headers.get("expect", "").lower() == "100-continue":
        return
    size = 0
    with anyio.move_on_after(_DRAINED_S):
        while size < _DRAINED_BYTES:
            message = await request.receive()
            size += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                return


def _sent(form: FormData) -> Sent:
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    files = {
        name: SentFile((value.filename or "file")[:_LONGEST_NAME], _open(value), value.size)
        for name, value in form.items()
        if isinstance(value, UploadFile) and value.size
    }
    return Sent(texts, files)


def _open(sent: UploadFile) -> BinaryIO:
    sent.file.seek(0, io.SEEK_SET)
    return sent.file
