"""Write what was measured into docs/benchmarks.md, and leave alone what people wrote there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.figures import Section, Table

BEGIN = "<!-- measured: written by make bench; changes between these lines are lost -->"
END = "<!-- measured: end -->"


def render(
    sections: Sequence[Section], facts: Sequence[tuple[str, str]], edition: str, command: str
) -> str:
    """Return the measured part as Markdown."""
    now = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    about = [
        ("measured", now),
        ("command", f"`{command}`"),
        ("edition", edition),
        *facts,
    ]
    verdicts = [verdict for section in sections for verdict in section.verdicts]
    rows = [
        [one.what, one.target, one.measured, "pass" if one.met else "**miss**"] for one in verdicts
    ]
    parts = ["## Measured", _table(Table(("", ""), [list(fact) for fact in about]))]
    if rows:
        parts += ["### Targets", _table(Table(("", "at most", "measured", ""), rows))]
    for section in sections:
        parts.append(f"### {section.title}")
        parts += [_table(table) for table in section.tables]
        parts += section.notes
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    lines = [_row(table.columns), _row(["---"] * len(table.columns))]
    lines += [_row(row) for row in table.rows]
    text = "\n".join(lines)
    return f"{text}\n\n{table.note}" if table.note else text


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def write(path: Path, measured: str) -> None:
    """Put the measured part between its markers; a file without them gets it at its end.

    Raises:
        ValueError: one marker stands there without the other.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    path.write_text(place(text, measured), encoding="utf-8")


def place(text: str, measured: str) -> str:
    """Return a text with the part between the markers replaced."""
    block = f"{BEGIN}\n\n{measured}\n\n{END}"
    if BEGIN not in text and END not in text:
        return f"{text.rstrip()}\n\n{block}\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("one marker of the measured part is gone: put it back, or remove both")
    return before + block + after


def draw(folder: Path, sections: Sequence[Section]) -> None:
    """Write the pictures of the sections into a folder."""
    for section in sections:
        for name, picture in section.pictures.items():
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(picture, encoding="utf-8")
