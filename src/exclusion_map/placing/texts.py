"""Tables of text as programs write them: what separates cells, in which encoding, packed or not.

Parts of a file are read by their place in it, which works in UTF-8 only. Any other file is copied
as UTF-8 once, in pieces, before it is cut.
"""

import codecs
import csv
import gzip
import hashlib
import io
import os
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final, cast

from exclusion_map.errors import InvalidRequestError

DELIMITERS: Final = (",", ";", "\t", "|")
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8_MARK: Final = codecs.BOM_UTF8
_HEAD: Final = 1 << 20
"""Bytes, and characters, within which the names of the columns end."""
_PIECE: Final = 8 << 20


@dataclass(frozen=True, kw_only=True)
class Text:
    """A table of text, and how to read it."""

    file: Path
    names: tuple[str, ...]
    delimiter: str
    start: int
    """Where the rows begin, in bytes of the plain file or of its copy."""
    encoding: str
    packed: bool

    @property
    def plain(self) -> bool:
        """Whether its bytes can be read as they are."""
        return self.encoding == "utf-8" and not self.packed


def look(file: Path) -> Text:
    """Return how to read a table of text: by its mark, as UTF-8, or else as Windows text (cp1252).

    Raises:
        InvalidRequestError: it is damaged, or its names are not those of columns.
        OSError: it cannot be read.
    """
    packed = file.suffix.lower() == ".gz"
    try:
        with _opened(file, packed) as stream:
            head = stream.read(_HEAD)
        encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "")
        encoding = encoding or ("utf-8" if _is_utf8(file, packed) else "cp1252")
        with io.TextIOWrapper(_opened(file, packed), _read_as(encoding), newline="") as text:
            line = text.readline(_HEAD)
    except UnicodeDecodeError as error:
        raise _no_text(file, error) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _refused(file, f"a damaged gzip file ({error})", "a whole file") from None
    bare = line.rstrip("\r\n")
    if bare.count('"') % 2:
        raise _refused(file, "a column's name over two lines", "names in the first line")
    delimiter = max(DELIMITERS, key=lambda mark: len(_cells(bare, mark)))
    # A copy has no mark.
    mark = _UTF8_MARK if head.startswith(_UTF8_MARK) and not packed else b""
    return Text(
        file=file,
        names=tuple(cell.strip() for cell in _cells(bare, delimiter)),
        delimiter=delimiter,
        start=len(mark) + len(line.encode()),
        encoding=encoding,
        packed=packed,
    )


def plain_copy(text: Text, folder: Path) -> Text:
    """Return a table of text as plain UTF-8, copied to a folder unless it is that already.

    The name of the copy says which file it was made from: a later run finds it again.

    Raises:
        InvalidRequestError: it is damaged, or cannot be written.
    """
    if text.plain:
        return text
    about = text.file.stat()
    told = repr((str(text.file.resolve()), about.st_size, about.st_mtime_ns))
    copy = folder / f"{hashlib.sha256(told.encode()).hexdigest()[:16]}.csv"
    if not copy.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = copy.with_name(f".{copy.name}.{os.getpid()}")
        try:
            _write(text, draft)
            draft.replace(copy)
        finally:
            draft.unlink(missing_ok=True)
    return replace(text, file=copy, encoding="utf-8", packed=False)


def _write(text: Text, draft: Path) -> None:
    try:
        with (
            io.TextIOWrapper(
                _opened(text.file, text.packed), _read_as(text.encoding), newline=""
            ) as source,
            draft.open("wb") as target,
        ):
            while piece := source.read(_PIECE):
                target.write(piece.encode())
    except UnicodeDecodeError as error:
        raise _no_text(text.file, error) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _refused(text.file, f"a damaged gzip file ({error})", "a whole file") from None


def _opened(file: Path, packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file, "rb")) if packed else file.open("rb")


def _is_utf8(file: Path, packed: bool) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with _opened(file, packed) as stream:
            while piece := stream.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_as(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a first line; none if it is empty."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a cell longer than any name
        return []


def _no_text(file: Path, error: UnicodeDecodeError) -> InvalidRequestError:
    # Windows text goes by a name of Python's own.
    name = "cp1252" if error.encoding == "charmap" else error.encoding
    found = f"bytes that are not {name} ({error.reason})"
    return _refused(file, found, "text in UTF-8, UTF-16 with a mark, or cp1252")


def _refused(file: Path, found: str, expected: str) -> InvalidRequestError:
    return InvalidRequestError(f"input {file.name}", found=found, expected=expected)
