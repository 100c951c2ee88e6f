"""A folder of reports: its list, so that a batch can be resumed, and its index page."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

from exclusion_map.editions.reports.page import count, decimal, span, style
from exclusion_map.errors import InvalidRequestError

LIST: Final = "reports.jsonl"
"""File with a first line that identifies the batch, then one line per finished report."""
PAGE: Final = "index.html"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A finished report.

    Attributes:
        asked: its places, as requested.
        title: its title.
        kind: kind of its first place, in words.
        score: score of its first place, with the ends of the range.
        population: population of its first place.
        files: file names by format.
    """

    asked: tuple[str, ...]
    title: str
    kind: str
    score: float | None
    score_low: float | None
    score_high: float | None
    population: float | None
    files: Mapping[str, str]

    @staticmethod
    def key_of(asked: Sequence[str]) -> str:
        """Return what tells a report from others."""
        return hashlib.sha256("\n".join(asked).encode()).hexdigest()


@dataclass(eq=False)
class Folder:
    """A folder of reports for one edition, index and version of the program."""

    path: Path
    of: Mapping[str, str]
    title: str
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, of: Mapping[str, str], *, title: str) -> "Folder":
        """Open a folder, creating it if needed.

        Raises:
            InvalidRequestError: it holds reports of another batch, or cannot be written to.
        """
        folder = cls(path, of, title)
        try:
            path.mkdir(parents=True, exist_ok=True)
            lines = (path / LIST).read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            folder._replace(LIST, _line({"of": dict(of)}))
            return folder
        except (OSError, ValueError) as error:
            raise InvalidRequestError(
                f"folder {path}", found=str(error), expected="a writable folder for reports"
            ) from None
        # An incomplete last line comes from a run stopped while writing: its report is not done.
        whole = [line for line in lines if line.endswith("\n")]
        if not whole or json.loads(whole[0]).get("of") != dict(of):
            raise InvalidRequestError(
                f"folder {path}",
                found="reports of another edition, index or version",
                expected="an empty folder, or one with reports of the same",
                mend="Choose another folder with --out, or empty this one.",
            )
        if len(whole) < len(lines):
            folder._replace(LIST, "".join(whole))
        for line in whole[1:]:
            held = json.loads(line)
            entry = Entry(**{**held, "asked": tuple(held["asked"])})
            folder.entries[Entry.key_of(entry.asked)] = entry
        return folder

    def has(self, asked: Sequence[str], forms: Sequence[str]) -> bool:
        """Return whether a report exists in all the given formats."""
        entry = self.entries.get(Entry.key_of(asked))
        if entry is None:
            return False
        return all(
            form in entry.files and (self.path / entry.files[form]).is_file() for form in forms
        )

    def add(self, entry: Entry) -> None:
        """Record a finished report; files of other formats made before are kept."""
        key = Entry.key_of(entry.asked)
        before = self.entries.get(key)
        files = {**(before.files if before else {}), **entry.files}
        self.entries[key] = Entry(**{**asdict(entry), "files": files})
        with (self.path / LIST).open("a", encoding="utf-8") as file:
            file.write(_line(asdict(self.entries[key])))

    def write_page(self) -> None:
        """Write the page that lists the reports, highest risk first."""
        rows = sorted(self.entries.values(), key=lambda one: (-(one.score or -1.0), one.title))
        self._replace(PAGE, _page(self.title, self.of["edition"], rows))

    def _replace(self, name: str, text: str) -> None:
        part = self.path / f".{name}.{os.getpid()}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(self.path / name)


def _line(held: Mapping[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False) + "\n"


def _page(place: str, edition: str, rows: Sequence[Entry]) -> str:
    title = f"Reports on the risk of digital exclusion: {place}"
    lines = "".join(_row(one) for one in rows)
    heads = '<th scope="col">Report</th><th scope="col">Kind</th>' + "".join(
        f'<th scope="col" class="em-rep__num">{head}</th>' for head in ("People", "Score", "Range")
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<style>{style()}</style>\n</head>\n<body class="em-rep-page"><main class="em-rep">\n'
        f"<h1>{escape(title)}</h1>\n<p>{len(rows):,} reports, those with most risk first. "
        f"Edition {escape(edition)}. Risk, not reality: areas, not persons.</p>\n"
        '<div class="em-rep__scroll" role="region" aria-label="Reports" tabindex="0">'
        '<table class="em-rep__table"><caption>Reports</caption>'
        f'<thead><tr>{heads}<th scope="col">Files</th></tr></thead>\n<tbody>\n{lines}</tbody>'
        "</table></div>\n</main></body>\n</html>\n"
    )


def _row(one: Entry) -> str:
    name = one.title.partition(": ")[2] or one.title
    links = ", ".join(
        f'<a href="{escape(file)}" aria-label="{escape(name)} as {form.upper()}">{form.upper()}</a>'
        for form, file in one.files.items()
    )
    cells: list[Any] = [
        count(one.population),
        decimal(one.score),
        span(one.score_low, one.score_high),
    ]
    figures = "".join(f'<td class="em-rep__num">{cell}</td>' for cell in cells)
    return (
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(one.kind)}</td>{figures}'
        f"<td>{links}</td></tr>\n"
    )
