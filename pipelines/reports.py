"""The command ``reports``: many reports in parallel processes; can be resumed."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from exclusion_map import __version__
from exclusion_map.areas.atlas import Atlas
from exclusion_map.areas.selection import read_codes
from exclusion_map.editions import current_path
from exclusion_map.editions.manifest import Manifest
from exclusion_map.editions.reader import open_edition
from exclusion_map.editions.reports.change import ChangeTeller
from exclusion_map.editions.reports.earlier import changes_since, edition_before
from exclusion_map.editions.reports.files import PICTURED, ReportForm, stem, written
from exclusion_map.editions.reports.maker import ReportMaker
from exclusion_map.editions.reports.model import Report
from exclusion_map.editions.reports.opening import report_maker
from exclusion_map.editions.reports.own import is_published, weights_text
from exclusion_map.editions.reports.page import pictures
from exclusion_map.errors import ExclusionMapError, InvalidRequestError
from exclusion_map.exports.pdf import write_pdf
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind
from pipelines.report_index import Entry, Folder
from pipelines.score import definition_of

FEW = 4
"""Up to this number, reports are made in this process: starting others would take longer."""
MOST_WORKERS = 8


@dataclass(frozen=True, kw_only=True)
class ReportsOrder:
    """Options of the command, as given.

    Attributes:
        places: codes, clusters or lists, one report each.
        beside: whether to put all places side by side into one report instead.
        each: kind of area, with one report for each area.
        within: code of the area that contains those of ``each``; everywhere if empty.
        codes: CSV file of codes, one report each.
        index: id or definition file; the default index if empty.
        weights: weights by id that replace those of the index.
        forms: formats to write.
        out: output folder.
        workers: number of processes; 0 for one per core.
        again: whether to write existing reports again.
    """

    places: tuple[str, ...] = ()
    beside: bool = False
    each: AreaKind | None = None
    within: str = ""
    codes: Path | None = None
    index: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    forms: tuple[ReportForm, ...] = (ReportForm.HTML,)
    out: Path
    workers: int = 0
    again: bool = False


@dataclass(frozen=True)
class Work:
    """Data that a worker process needs to make reports."""

    folder: Path
    processed_dir: Path
    definition: Definition
    weights: Mapping[str, float]
    forms: tuple[ReportForm, ...]
    out: Path


@dataclass(frozen=True, eq=False)
class Desk:
    """An open edition with its report maker."""

    work: Work
    maker: ReportMaker
    changes: ChangeTeller | None

    def make(self, asked: tuple[str, ...]) -> Entry:
        """Make one report; its files get their names only when complete."""
        subjects = [self.maker.subject(one) for one in asked]
        report = self.maker.report(subjects, self.changes)
        forms = self.work.forms
        maps = pictures(self.maker.edition, report.index, subjects) if PICTURED & set(forms) else []
        name = stem(report)
        if not report.places[0].code:
            name = f"{name}-{Entry.key_of(asked)[:6]}"
        files = {form: self._write(report, form, maps, f"{name}.{form.value}") for form in forms}
        first = report.places[0]
        return Entry(
            asked=asked,
            title=report.title,
            kind=first.kind_label,
            score=first.score.score,
            score_low=first.score.score_low,
            score_high=first.score.score_high,
            population=first.people.population,
            files={form.value: file for form, file in files.items()},
        )

    def _write(self, report: Report, form: ReportForm, maps: list[str], name: str) -> str:
        path = self.work.out / name
        part = path.with_name(f".{name}.{os.getpid()}.part")
        try:
            part.write_bytes(written(report, form, maps))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return name


def reports(processed_dir: Path, order: ReportsOrder, console: Console) -> int:
    """Make reports; return the number that failed.

    Raises:
        ExclusionMapError: an option, the folder or the edition cannot be used.
    """
    if ReportForm.PDF in order.forms:
        write_pdf("<p>.</p>", title="Test")  # Fail now rather than after an hour.
    folder = current_path(processed_dir)
    edition = open_edition(folder)
    wanted = jobs_of(edition.atlas, order)
    definition = definition_of(edition.manifest, order.index or edition.manifest.default_index, [])
    held = Folder.open(
        order.out,
        {
            "edition": edition.id,
            "before": edition_before(processed_dir, edition) or "",
            "index": _named(edition.manifest, definition, order.weights),
            "version": __version__,
        },
        title=edition.manifest.title,
    )
    forms = [form.value for form in order.forms]
    left = wanted if order.again else [one for one in wanted if not held.has(one, forms)]
    if len(left) < len(wanted):
        console.print(f"{len(wanted) - len(left):,} of {len(wanted):,} are there already.")
    work = Work(folder, processed_dir, definition, order.weights, order.forms, order.out)
    failed = _run(work, left, held, order, console)
    held.write_page()
    console.print(
        f"{len(left) - failed:,} reports written to {order.out}; its page is index.html.",
        markup=False,
        highlight=False,
    )
    return failed


def _named(manifest: Manifest, definition: Definition, weights: Mapping[str, float]) -> str:
    """Return a name that identifies the index and weights of reports."""
    name = str(definition.id)
    if not is_published(manifest, definition):
        name += f" {sha256(definition.model_dump_json().encode()).hexdigest()[:12]}"
    return f"{name} {weights_text(weights)}".strip()


def jobs_of(atlas: Atlas, order: ReportsOrder) -> list[tuple[str, ...]]:
    """Return the places of each report.

    Raises:
        NotFoundError: the edition has no such area or kind.
        InvalidRequestError: no places were given.
    """
    asked = [*order.places, *(read_codes(order.codes) if order.codes else ())]
    if order.each is not None:
        asked += _each(atlas, order.each, order.within)
    elif order.within:
        asked.append(order.within)
    unique = list(dict.fromkeys(one.strip() for one in asked if one.strip()))
    if not unique:
        raise InvalidRequestError(
            "reports",
            found="nothing to report on",
            expected="places, --each with a kind of area, --wards-of, or --codes with a file",
        )
    for one in unique:
        # Unknown codes are refused now; lists and clusters are read later.
        if one.isalnum() and len(one) == 9:
            atlas.find(one)
    return [tuple(unique)] if order.beside else [(one,) for one in unique]


def _each(atlas: Atlas, kind: AreaKind, within: str) -> list[str]:
    level = atlas.level(kind)
    if not within:
        return list(level.codes)
    return [level.codes[int(row)] for row in atlas.within(kind, *atlas.find(within))]


def _run(
    work: Work, left: Sequence[tuple[str, ...]], held: Folder, order: ReportsOrder, console: Console
) -> int:
    failed, total = 0, len(left)
    with Progress(console=console) as progress:
        task = progress.add_task("Reports", total=total)
        for done, (asked, entry, error) in enumerate(_made(work, left, order.workers), start=1):
            if entry is not None:
                held.add(entry)
            else:
                failed += 1
                console.print(f"{', '.join(asked)[:80]}: {error}", markup=False, highlight=False)
            progress.advance(task)
            if not console.is_terminal and (done % 10 == 0 or done == total):
                console.print(f"{done:,} of {total:,}")
    return failed


def _made(
    work: Work, left: Sequence[tuple[str, ...]], workers: int
) -> Iterator[tuple[tuple[str, ...], Entry | None, str]]:
    """Yield each report when finished: its places, and its entry or the error."""
    count = min(workers or os.cpu_count() or 1, MOST_WORKERS, len(left))
    if count <= 1 or (len(left) <= FEW and not workers):
        if left:
            _open(work)
        for asked in left:
            yield (asked, *_try(asked))
        _held.clear()
        return
    # Spawned, not forked, because a forked process with threads may hang.
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_open, initargs=(work,)
    )
    with pool:
        futures: dict[Future[tuple[Entry | None, str]], tuple[str, ...]] = {
            pool.submit(_try, asked): asked for asked in left
        }
        try:
            for future in as_completed(futures):
                yield (futures[future], *future.result())
        finally:
            for future in futures:
                future.cancel()


_held: dict[str, Desk] = {}
"""The edition opened by this worker process."""


def _open(work: Work) -> None:
    edition = open_edition(work.folder)
    maker = report_maker(edition, work.definition, work.weights)
    changes = (
        None if maker.own else changes_since(work.processed_dir, edition, maker.profiler.index)
    )
    _held["desk"] = Desk(work, maker, changes)


def _try(asked: tuple[str, ...]) -> tuple[Entry | None, str]:
    try:
        return _held["desk"].make(asked), ""
    except (ExclusionMapError, OSError) as error:
        return None, str(error)
