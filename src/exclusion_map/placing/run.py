"""Put points in areas, from an order to its output: cut, place, go on after a stop, join."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pyarrow as pa
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

import exclusion_map
from exclusion_map.editions.credits import RISK
from exclusion_map.editions.manifest import Manifest, read_manifest
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.placing import memory
from exclusion_map.placing.columns import check_text, kept_columns, spot_of
from exclusion_map.placing.finish import finish
from exclusion_map.placing.folders import WORK
from exclusion_map.placing.geometry import geometry_of, geometry_told
from exclusion_map.placing.inputs import (
    PART_ROWS,
    Input,
    cut,
    form_of,
    input_files,
    input_schema,
    readable,
)
from exclusion_map.placing.ledger import Ledger, opened_ledger
from exclusion_map.placing.order import Part, PartDone, Task
from exclusion_map.placing.work import output_schema, place_part
from exclusion_map.terms import AreaKind


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """What the command was asked for, as given; empty means: find out."""

    input: Path
    output: Path
    x: str = ""
    y: str = ""
    postcode: str = ""
    crs: str = ""
    index: str = ""
    kinds: tuple[AreaKind, ...] = ()
    keep: tuple[str, ...] | None = None
    prefix: str = ""
    coast_m: float = 200.0
    memory: int = 1_000_000_000
    workers: int = 0
    cluster: str = ""
    part_rows: int = PART_ROWS
    grid_dir: Path | None = None
    overwrite: bool = False
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What came of an order."""

    rows: int
    outcomes: Mapping[str, int]
    parts: int
    resumed: int
    """Parts that an earlier run had done."""


def place(edition: Path, order: PlaceOrder, console: Console) -> Summary:
    """Put the points of files in the small areas of an edition and write them with their scores.

    Args:
        edition: the edition's folder.
        order: what to do.
        console: progress and notes are told there.

    Raises:
        ExclusionMapError: naming what is wrong with the order, the input or the edition.
    """
    manifest = read_manifest(edition)
    files = input_files(order.input)
    given = input_schema(files)
    form = _output_form(order)
    points = _geometry(files)
    spot = spot_of(given, order.x, order.y, order.postcode, order.crs, points)
    keep = kept_columns(given, order.keep, order.prefix, order.kinds)
    if form == "csv":
        check_text(given, keep)
    index = _index(manifest, order.index)
    workers = 1 if order.cluster else order.workers or len(os.sched_getaffinity(0))
    needed = pa.schema([given.field(name) for name in dict.fromkeys((*keep, *spot.columns))])
    task = Task(
        edition=edition.resolve(),
        grid=None if spot.postcode else _grid(edition, order, console),
        spot=spot,
        index=index,
        kinds=order.kinds,
        keep=keep,
        prefix=order.prefix,
        coast_m=float(order.coast_m),
        form=form,
        parts=_work_folder(order.output).resolve() / "parts",
        batch_rows=memory.batch_rows(order.memory, needed, workers),
    )
    with console.status("Looking at the input"):
        ready = readable(files, _work_folder(order.output).resolve() / "input")
        parts = cut(ready, order.part_rows)
    asked = _fingerprint(task, parts, files, manifest)
    with opened_ledger(_work_folder(order.output), asked, len(parts), fresh=order.fresh) as ledger:
        resumed = len(ledger.done)
        if resumed:
            console.print(f"{resumed:,} of {len(parts):,} parts are done already", highlight=False)
        left = [part for part in parts if part.number not in ledger.done]
        with _progress(console, parts, ledger) as on_rows:
            _run(order, task, left, ledger, on_rows, workers)
        schema = output_schema(given, keep, order.prefix, order.kinds)
        about = _about(manifest, index, task)
        about |= {} if files[0].text else geometry_told(files[0].file, keep)
        finish(ledger, order.output, schema.with_metadata(about), form, task.batch_rows)
        return _summary(ledger.done.values(), len(parts), resumed)


def _run(
    order: PlaceOrder,
    task: Task,
    parts: Sequence[Part],
    ledger: Ledger,
    on_rows: Callable[[int], None],
    workers: int,
) -> None:
    if order.cluster and parts:
        from exclusion_map.placing.cluster import run_on_cluster

        run_on_cluster(order.cluster, task, parts, ledger.add, on_rows)
    elif parts:
        _run_here(task, parts, ledger.add, on_rows, workers)


def _run_here(
    task: Task,
    parts: Sequence[Part],
    done: Callable[[PartDone], None],
    on_rows: Callable[[int], None],
    workers: int,
) -> None:
    """Place parts in threads: compiled code, reading and writing let one another run."""
    waiting = iter(parts)
    with ThreadPoolExecutor(workers, thread_name_prefix="place") as pool:
        running = {
            pool.submit(place_part, task, part, on_rows) for part in islice(waiting, workers)
        }
        try:
            while running:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    done(future.result())
                    running |= {
                        pool.submit(place_part, task, part, on_rows) for part in islice(waiting, 1)
                    }
        finally:
            for future in running:
                future.cancel()


@contextmanager
def _progress(
    console: Console, parts: Sequence[Part], ledger: Ledger
) -> Iterator[Callable[[int], None]]:
    """Show how far it is, in rows; how many there are is known of Parquet files only."""
    total = sum(part.rows for part in parts) if all(part.rows for part in parts) else None
    before = sum(one.rows for one in ledger.done.values())
    columns = (
        TextColumn("Placing"),
        BarColumn(),
        TextColumn("{task.completed:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        bar = shown.add_task("", total=total, completed=before)

        def on_rows(rows: int) -> None:
            shown.advance(bar, rows)

        yield on_rows


def _output_form(order: PlaceOrder) -> str:
    """Return the form of the output; a folder of parts is Parquet.

    Raises:
        InvalidRequestError: it is there already, or has another ending.
    """
    output = order.output
    if output.name == "-":
        raise InvalidRequestError(
            "output -",
            found="standard output",
            expected="the name of a file or folder",
            mend="Parts are written there one by one, so that a stopped run can go on.",
        )
    if not output.parent.is_dir():
        raise InvalidRequestError(
            f"output {output}",
            found=f"no folder {output.parent}",
            expected="an existing folder",
        )
    if output.exists() and (output.is_dir() or not order.overwrite):
        raise InvalidRequestError(
            f"output {output}",
            found="an existing file or folder",
            expected="a new name",
            mend="Choose another, or overwrite it with --overwrite.",
        )
    form = form_of(output, "output") if output.suffix else "parquet"
    if output.suffix.lower() not in ("", ".parquet", ".pq", ".csv"):
        raise InvalidRequestError(
            f"output {output}",
            found=f"the ending {output.suffix!r}",
            expected="a .parquet or .csv file, or a folder of Parquet files: a name without an "
            "ending",
        )
    return form


def _work_folder(output: Path) -> Path:
    return output.with_name(f"{output.name}{WORK}")


def _geometry(files: Sequence[Input]) -> tuple[str, str] | None:
    """Return the column of points of all files and its reference system; None without one.

    Raises:
        InvalidRequestError: files say otherwise than the first.
    """
    if files[0].text:
        return None
    first = geometry_of(files[0].file)
    for one in files[1:]:
        found = geometry_of(one.file)
        if found != first:
            raise InvalidRequestError(
                f"geometry of {one.file.name}",
                found=" in ".join(found or ("none",)),
                expected=f"as in {files[0].file.name}: {' in '.join(first or ('none',))}",
            )
    return first


def _grid(edition: Path, order: PlaceOrder, console: Console) -> Path | None:
    if find_spec("numba") is None:
        console.print(
            "Without numba this takes several times as long: pip install 'exclusion-map\\[scale]'"
        )
        return None
    from exclusion_map.placing.store import kept_grid

    with console.status("Looking for the grid of this edition, or building it"):
        return kept_grid(edition, order.grid_dir or edition.parent.parent / "placing").resolve()


def _index(manifest: Manifest, asked: str) -> str:
    held = [index.id for index in manifest.indices]
    if asked and asked not in held:
        raise NotFoundError(
            f"index {asked!r}", found="no such index in this edition", expected=", ".join(held)
        )
    return asked or manifest.default_index


def _fingerprint(
    task: Task, parts: Sequence[Part], files: Sequence[Input], manifest: Manifest
) -> str:
    """Return what tells one order from another: equal ones write equal parts."""
    about = [(one.file.resolve(), one.file.stat()) for one in files]
    told = [(path, found.st_size, found.st_mtime_ns) for path, found in about]
    same = replace(task, batch_rows=0)
    text = repr((exclusion_map.__version__, manifest.edition, same, told, parts))
    return hashlib.sha256(text.encode()).hexdigest()


def _about(manifest: Manifest, index: str, task: Task) -> dict[str, str]:
    """Return what a Parquet file says of itself."""
    about = {
        "edition": manifest.edition,
        "title": manifest.title,
        "index": index,
        "outlines": "as the edition holds them; a shared border belongs to the first area by code",
        "coast_m": task.coast_m,
        "columns": task.spot.columns,
        "crs": task.spot.crs,
        "warnings": RISK,
        "sources": [one.attribution for one in manifest.sources],
        "made_with": f"exclusion-map {exclusion_map.__version__}",
    }
    return {"exclusion_map": json.dumps(about, ensure_ascii=False)}


def _summary(done: Iterable[PartDone], parts: int, resumed: int) -> Summary:
    outcomes: Counter[str] = Counter()
    rows = 0
    for part in done:
        outcomes.update(part.outcomes)
        rows += part.rows
    return Summary(rows=rows, outcomes=dict(outcomes), parts=parts, resumed=resumed)
