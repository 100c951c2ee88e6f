"""Logs: one line an event, plain for people or JSON for programs, with the id of the request.

Words of errors are left out unless a setting lets them in: they may repeat what somebody asked.
Of a traceback files, lines and functions are told, never values.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TextIO

from exclusion_map.settings import OperationsSettings

REQUEST: Final[ContextVar[str]] = ContextVar("request", default="")
"""Id of the request that is being answered; empty outside of one."""
LOUD: Final = ("api", "exclusion_map", "pipelines")
"""Loggers of our own: these tell more than warnings."""
DEEPEST: Final = 8
"""Errors behind an error that are told."""
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, default=str).encode
_LEVELS: Final = {name: name.lower() for name in ("INFO", "WARNING", "ERROR")}
_NOTHING: Final = MappingProxyType[str, object]({})


def told(logger: logging.Logger, level: int, message: str, **fields: object) -> None:
    """Log an event with fields of its own.

    Args:
        logger: of the module.
        level: of ``logging``.
        message: the same words for every event of a kind.
        fields: plain values without anything about people.
    """
    if logger.isEnabledFor(level):
        # Made here, not by the logger: that would look through the stack for file and line, which
        # no line of ours tells, and this is done for every request.
        record = logging.LogRecord(logger.name, level, "", 0, message, None, None)
        record.__dict__["fields"] = fields
        logger.handle(record)


def frames_of(error: BaseException, *, words: bool = False) -> list[dict[str, Any]]:
    """Return an error and those behind it, the outermost first: type and where it passed.

    Args:
        error: that happened.
        words: whether to tell its words too.
    """
    found: list[dict[str, Any]] = []
    one: BaseException | None = error
    while one is not None and len(found) < DEEPEST:
        frames = traceback.extract_tb(one.__traceback__)
        entry: dict[str, Any] = {
            "type": f"{type(one).__module__}.{type(one).__qualname__}",
            "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if words:
            entry["words"] = str(one)[:500]
        found.append(entry)
        hidden = one.__suppress_context__
        one = one.__cause__ or (None if hidden else one.__context__)
    return found


class Lines(logging.Formatter):
    """What both forms have in common.

    Args:
        words: whether the words of errors are told.
    """

    def __init__(self, *, words: bool = False) -> None:
        super().__init__()
        self._words = words

    def errors(self, record: logging.LogRecord) -> list[dict[str, Any]]:
        """Return the error of an event and those behind it; none where there is none."""
        error = record.exc_info[1] if record.exc_info else None
        return frames_of(error, words=self._words) if error is not None else []


class JsonLines(Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an event."""
        line: dict[str, object] = {
            "time": _when(record),
            "level": _LEVELS.get(record.levelname) or record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST.get():
            line["request_id"] = request
        line |= getattr(record, "fields", _NOTHING)
        if errors := self.errors(record):
            line["errors"] = errors
        return _ENCODE(line)


class PlainLines(Lines):
    """Time, level, words, fields; frames of an error below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of an event."""
        fields = getattr(record, "fields", _NOTHING)
        request = REQUEST.get()
        parts = [
            f"{_when(record)[11:19]} {record.levelname:7} {record.getMessage()}",
            *(f"{name}={value}" for name, value in fields.items()),
            *([f"request={request[:8]}"] if request else []),
        ]
        lines = ["  ".join(parts)]
        for error in self.errors(record):
            lines.append(f"  {error['type']}: {error.get('words', '')}".rstrip(": "))
            lines += [f"    {frame}" for frame in error["at"]]
        return "\n".join(lines)


def _when(record: logging.LogRecord) -> str:
    """Return the moment of an event, to the millisecond, in UTC."""
    whole, part = divmod(int(record.created * 1000), 1000)
    return f"{_second(whole)}.{part:03d}+00:00"


@lru_cache(maxsize=4)
def _second(whole: int) -> str:
    """Return a second of the clock as text; the lines of one second share it."""
    return datetime.fromtimestamp(whole, UTC).isoformat()[:19]


def install(settings: OperationsSettings, stream: TextIO | None = None) -> None:
    """Let everything that is logged in this process go to one stream, in one form.

    Args:
        settings: which form.
        stream: standard error if None.
    """
    stream = stream or sys.stderr
    plain = settings.log_format == "plain" or (settings.log_format == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter((PlainLines if plain else JsonLines)(words=settings.log_error_words))
    # No line tells thread or process; the names of both are else looked up for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.INFO)
