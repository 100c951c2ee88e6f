"""What an import did, or would do: for people, for programs, and rows to mend in a spreadsheet."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from exclusion_map.directory.importing.problems import Built, Problem
from exclusion_map.directory.syncing import SyncReport

SHOWN = 12
"""Lines of a kind in the text; the rest is in the JSON."""
EXAMPLES = 3
REASON = "why it was left out"


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes:
        source: id of the source.
        built: what was made of the file.
        sync: what loading did; None where nothing was loaded.
        dry_run: whether it was only tried: ``sync`` tells what loading would do.
        refused: why nothing was loaded, in words; empty where it was.
    """

    source: str
    built: Built
    sync: SyncReport | None = None
    dry_run: bool = False
    refused: str = ""

    @property
    def loaded(self) -> bool:
        """Whether anything was written."""
        return self.sync is not None and not self.dry_run

    def counts(self) -> dict[str, int]:
        """Return how many of each: rows, places, added, changed, unchanged, gone and so on."""
        sync, built = self.sync, self.built
        told = {
            "rows": built.rows,
            "rejected_rows": built.rejected_rows,
            "places": len(built.listings),
            "warnings": len(built.warnings),
            "not_on_the_map": len(built.not_placed),
        }
        if sync is not None:
            told |= {
                "added": len(sync.added),
                "changed": len(sync.changed),
                "unchanged": sync.unchanged,
                "gone": len(sync.gone),
                "removed": len(sync.gone) if sync.removed else 0,
                "edits_kept": sum(len(fields) for fields in sync.kept.values()),
                "kept_out": len(sync.kept_out),
            }
        return told

    def lines(self) -> list[str]:
        """Return it for people, the most important first."""
        built, sync = self.built, self.sync
        lines = [
            f"{built.name}: {several(built.rows, 'row')}, "
            f"{several(len(built.listings), 'place')}, "
            f"{several(built.rejected_rows, 'row')} left out."
        ]
        if self.refused:
            lines.append(f"Nothing was loaded: {self.refused}")
        if sync is not None:
            lines += self._loaded_lines(sync)
        lines += _some("Left out", built.rejected)
        lines += _some("Not on the map", built.not_placed)
        lines += _some("To look at", built.warnings)
        return [*lines, *built.notes]

    def _loaded_lines(self, sync: SyncReport) -> list[str]:
        begin = "Nothing was written; loading would do this. " if self.dry_run else ""
        gone = "taken out" if sync.removed else "in the directory still"
        lines = [
            f"{begin}Source {self.source}: {len(sync.added):,} added, {len(sync.changed):,} "
            f"changed, {sync.unchanged:,} unchanged, {len(sync.gone):,} gone ({gone})."
        ]
        lines += _names("Changed", sync.changed)
        lines += _names("No longer in the list", sync.gone)
        lines += _names("Taken out by people here, and left out", sync.kept_out)
        kept = [f"{name} ({', '.join(fields)})" for name, fields in sync.kept.items()]
        return [*lines, *_names("Edits made here that were kept", kept)]

    def text(self) -> str:
        """Return it as plain text."""
        return "\n".join(self.lines())

    def plain(self) -> dict[str, object]:
        """Return all of it as JSON's own types."""
        sync, built = self.sync, self.built
        told: dict[str, object] = {
            "file": built.name,
            "source": self.source,
            "loaded": self.loaded,
            "dry_run": self.dry_run,
            "refused": self.refused,
            "counts": self.counts(),
            "notes": list(built.notes),
            "rejected": [problem.plain() for problem in built.rejected],
            "warnings": [problem.plain() for problem in built.warnings],
            "not_on_the_map": [problem.plain() for problem in built.not_placed],
        }
        if sync is not None:
            told |= {
                "added": list(sync.added),
                "changed": list(sync.changed),
                "gone": list(sync.gone),
                "kept_out": list(sync.kept_out),
                "edits_kept": {name: list(fields) for name, fields in sync.kept.items()},
            }
        return told

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(self.plain(), ensure_ascii=False, indent=1)

    def rejected_csv(self) -> str:
        """Return the rows that were left out as they stood, with a column that says why.

        Mended, the file can be imported as it is. It begins with a byte order mark, for Excel.
        """
        reasons: dict[int, list[str]] = {}
        for problem in self.built.rejected:
            column = f"{problem.column}: " if problem.column else ""
            words = f"{column}found {problem.found}; expected {problem.expected}. {problem.mend}"
            reasons.setdefault(problem.row, []).append(words.strip())
        out = io.StringIO()
        writer = csv.writer(out)
        table = self.built.table
        if table is None:
            writer.writerow(("row", REASON))
            writer.writerows((row, " ".join(why)) for row, why in reasons.items())
        else:
            writer.writerow((*table.columns, REASON))
            for row in table.rows:
                if row.number in reasons:
                    cells = (*row.cells, " ".join(reasons[row.number]))
                    writer.writerow([_plain_cell(cell) for cell in cells])
        return "\ufeff" + out.getvalue()


def several(count: int, word: str) -> str:
    """Return a count with its word: ``1 row``, ``2,000 rows``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _plain_cell(text: str) -> str:
    # A cell that begins like this would be run by a spreadsheet.
    risky = text.startswith(("=", "@", "\t")) or (
        text.startswith(("+", "-")) and any(letter.isalpha() for letter in text)
    )
    return f"'{text}" if risky else text


def _some(title: str, problems: Sequence[Problem]) -> list[str]:
    """Return a few problems one by one, or many by what they have in common."""
    if not problems:
        return []
    head = f"{title} ({len(problems):,}):"
    if len(problems) <= SHOWN:
        return [head, *(f"  {problem.message}" for problem in problems)]
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.column, problem.expected, problem.mend), []).append(problem)
    groups = sorted(alike.values(), key=len, reverse=True)
    rest = [f"  and {len(groups) - SHOWN:,} more kinds."] if len(groups) > SHOWN else []
    return [head, *(f"  {_group(group)}" for group in groups[:SHOWN]), *rest]


def _group(group: Sequence[Problem]) -> str:
    if len(group) == 1:
        return group[0].message
    first = group[0]
    column = f"column {first.column!r}, " if first.column else ""
    found = list(dict.fromkeys(problem.found for problem in group))
    rows = ", ".join(str(problem.row) for problem in group[:EXAMPLES])
    shown = ", ".join(found[:EXAMPLES])
    more = ", ..." if len(found) > EXAMPLES else ""
    text = (
        f"{several(len(group), 'time')}, {column}as in rows {rows}: found {shown}{more}; "
        f"expected {first.expected}."
    )
    return f"{text} {first.mend}" if first.mend else text


def _names(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return [f"{title}: {', '.join(names[:SHOWN])}{more}."]
