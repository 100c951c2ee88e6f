"""The process that reads what somebody sent: little memory, little time, no files, no network.

``python -I -m exclusion_map.uploads.child TASK`` takes the content on standard input and answers on
standard output: a line of JSON, then bytes. It is told nothing of the service's environment, and
what it answers is data, never code.
"""

import json
import math
import sys
import traceback
from typing import Any, Final

from exclusion_map.errors import ExclusionMapError, TooLargeError
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import too_large

_OPEN_FILES: Final = 64


def main() -> None:
    """Read one upload and answer."""
    task = json.loads(sys.argv[1])
    limits = Limits(**task["limits"])
    _confine(limits)
    data = sys.stdin.buffer.read(limits.max_bytes + 1)
    name = str(task["name"])
    try:
        head, body = _READERS[task["what"]](data, name, limits, task)
    except ExclusionMapError as error:
        head, body = {"refused": _plain(error)}, b""
    except MemoryError:
        head, body = {"refused": _plain(much(name))}, b""
    except Exception as error:
        # Where, not what: the text of an error may hold a part of the file.
        last = traceback.extract_tb(error.__traceback__)[-1]
        head, body = {"fault": f"{type(error).__name__} at {last.filename}:{last.lineno}"}, b""
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode() + b"\n" + body)
    out.flush()


def much(name: str) -> TooLargeError:
    """Return the error of a file that takes more memory than it may."""
    return too_large(
        name,
        "content that takes too much memory to read",
        "a plain file of usual size",
        "Simplify the layer, or send only the part you need.",
    )


def _plain(error: ExclusionMapError) -> list[object]:
    large = isinstance(error, TooLargeError)
    return [large, error.thing, error.found, error.expected, error.mend]


def _confine(limits: Limits) -> None:
    """Set what this process may take of the machine; it can never take it back."""
    try:
        import resource
    except ImportError:  # Windows; there only the wall clock ends it.
        return
    memory, seconds = limits.memory_mb * 1_000_000, math.ceil(limits.seconds)
    for what, most, more in (
        (resource.RLIMIT_AS, memory, 0),
        # A second more before it is killed: by the first signal the service knows why it ended.
        (resource.RLIMIT_CPU, seconds, 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, 0),
    ):
        hard = resource.getrlimit(what)[1]
        high = most + more if hard == resource.RLIM_INFINITY else min(most + more, hard)
        resource.setrlimit(what, (min(most, high), high))


def _boundary(
    data: bytes, name: str, limits: Limits, task: dict[str, Any]
) -> tuple[dict[str, Any], bytes]:
    import shapely

    from exclusion_map.uploads.reading import read_layers

    found = read_layers(data, name, limits, crs=task["crs"], layer=task["layer"])
    head = {"crs": found.crs, "notes": found.notes}
    return head, bytes(shapely.to_wkb(found.outline, output_dimension=2))


def _workbook(
    data: bytes, name: str, limits: Limits, task: dict[str, Any]
) -> tuple[dict[str, Any], bytes]:
    from exclusion_map.uploads.workbooks import read_workbook

    records, notes = read_workbook(data, name, limits, task["sheet"])
    return {"notes": notes}, json.dumps(records).encode()


_READERS: Final = {"boundary": _boundary, "workbook": _workbook}

if __name__ == "__main__":
    main()
