"""Where editions are kept away from this machine: a web server, a folder, or object storage.

An address is that of a folder of editions as this program writes them: ``current`` holds the id of
the edition to serve, ``editions/ID/`` its files.
"""

from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote, urlsplit, urlunsplit

from exclusion_map.errors import FetchError
from exclusion_map.settings import FetchSettings
from exclusion_map.sources.download import Report, Request, download
from exclusion_map.sources.web import Web

_CHUNK = 1 << 20
_FRESH = {"Cache-Control": "no-cache"}


class Remote(Protocol):
    """A folder of editions somewhere else."""

    def __enter__(self) -> Self:
        """Return it, ready."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what was opened."""

    def read(self, name: str, most: int) -> bytes:
        """Return a small file as it is now.

        Raises:
            FetchError: it cannot be had, or has more than ``most`` bytes.
        """

    def fetch(self, name: str, to: Path, size: int, report: Report) -> None:
        """Write a file of ``size`` bytes to a path.

        Raises:
            FetchError: it cannot be had, or has another size.
        """


def remote_of(address: str, settings: FetchSettings) -> Remote:
    """Return the folder at an address: http, https, file, a path, s3, gs or abfs.

    Raises:
        FetchError: the address is of no known kind, or its storage cannot be reached.
    """
    scheme = urlsplit(address).scheme
    if scheme in {"http", "https"}:
        return WebFolder(address, settings)
    return StoredFolder(address)


class WebFolder:
    """A folder that a web server serves."""

    def __init__(self, address: str, settings: FetchSettings) -> None:
        parts = urlsplit(address)
        self._parts = parts._replace(path=parts.path.rstrip("/"), fragment="")
        self._web = Web(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._web.close()

    def read(self, name: str, most: int) -> bytes:
        """Return a small file, past any cache on the way."""

        def once() -> bytes:
            found = b""
            with self._web.stream(name, self._address(name), headers=_FRESH) as response:
                for chunk in response.iter_bytes():
                    found += chunk
                    if len(found) > most:
                        raise _too_large(name, most)
            return found

        return self._web.retrying(name, once)

    def fetch(self, name: str, to: Path, size: int, report: Report) -> None:
        """Write a file to a path, going on where the line broke."""
        download(self._web, Request(name, self._address(name), to, size, size), report)

    def _address(self, name: str) -> str:
        return urlunsplit(self._parts._replace(path=f"{self._parts.path}/{quote(name)}"))


class StoredFolder:
    """A folder in object storage, or of this machine, through Arrow's file systems."""

    def __init__(self, address: str) -> None:
        import pyarrow as pa
        from pyarrow import fs

        plain = "://" not in address
        try:
            if plain:
                self._system, self._root = fs.LocalFileSystem(), str(Path(address).absolute())
            else:
                self._system, self._root = fs.FileSystem.from_uri(address)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FetchError(
                f"address {address!r}",
                found=_first_line(error),
                expected="https://, file:// or a path, s3://, gs://, abfs://",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is open."""

    def read(self, name: str, most: int) -> bytes:
        """Return a small file."""
        with self._open(name) as file:
            found: bytes = file.read(most + 1)
        if len(found) > most:
            raise _too_large(name, most)
        return found

    def fetch(self, name: str, to: Path, size: int, report: Report) -> None:
        """Write a file to a path."""
        have = 0
        with self._open(name) as file, to.open("wb") as part:
            while chunk := file.read(_CHUNK):
                have += len(chunk)
                if have > size:
                    break
                part.write(chunk)
                report(have, size)
        if have != size:
            found = f"{have:,} bytes" + (" or more" if have > size else "")
            raise FetchError(name, found=found, expected=f"{size:,} bytes")

    def _open(self, name: str) -> "_Reader":
        return _Reader(self._system, name, str(PurePosixPath(self._root) / name))


class _Reader:
    """A stream of a stored file, whose faults speak of the file's name."""

    def __init__(self, system: Any, name: str, path: str) -> None:
        self._name = name
        self._stream = self._told(lambda: system.open_input_stream(path, compression=None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, count: int) -> bytes:
        found: bytes = self._told(lambda: self._stream.read(count))
        return found

    def _told(self, action: Any) -> Any:
        try:
            return action()
        except OSError as error:
            # Each storage has words of its own for this, some of them ten lines long.
            gone = isinstance(error, FileNotFoundError)
            raise FetchError(
                self._name,
                found="no such file" if gone else _first_line(error),
                expected="a file that can be read",
            ) from None


def _too_large(name: str, most: int) -> FetchError:
    return FetchError(name, found=f"more than {most:,} bytes", expected=f"at most {most:,} bytes")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
