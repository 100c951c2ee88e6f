"""Which row holds the headings, and what to call columns that have none or share one."""

import re
from collections import Counter
from collections.abc import Sequence

from exclusion_map.directory.importing.fields import known_heading

LOOK = 30
"""Rows at the top of a sheet among which the headings are looked for."""
_FIGURE = re.compile(r"[£\d.,:/%+\-\s]+")


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which row holds the headings; None where there is no row with two cells.

    Titles and notes above a table fill one or two cells; a heading is short text, and many are
    headings that such lists usually have.
    """
    top = rows[:LOOK]
    widths = [sum(bool(cell.strip()) for cell in row) for row in top]
    if not widths or max(widths) < 1:
        return None
    wide = max(2, round(0.5 * max(widths))) if max(widths) > 1 else 1
    best, best_score = None, 0.0
    for at, row in enumerate(top):
        if widths[at] < wide:
            continue
        score = _score(row)
        if score > best_score:
            best, best_score = at, score
    return best


def how_tabular(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return how much a sheet looks like a list: known headings, then width; none of it is 0, 0."""
    at = find_header(rows)
    if at is None or not any(any(row) for row in rows[at + 1 :]):
        return 0, 0
    heads = [cell for cell in rows[at] if cell.strip()]
    return sum(map(known_heading, heads)), len(heads)


def _score(row: Sequence[str]) -> float:
    cells = [cell.strip() for cell in row if cell.strip()]
    if any(_FIGURE.fullmatch(cell) for cell in cells):
        return 0.0
    short = sum(len(cell) <= 60 for cell in cells) / len(cells)
    unique = len({cell.casefold() for cell in cells}) / len(cells)
    return sum(known_heading(cell) for cell in cells) + 0.4 * short + 0.4 * unique


def name_columns(
    header: Sequence[str], above: Sequence[str] = (), used: Sequence[bool] = ()
) -> tuple[list[str], list[str]]:
    """Return a name for each column, each once, and what was decided.

    Args:
        header: the row of headings.
        above: the row over it, from which a heading that is missing is taken.
        used: whether each column has anything below; one that has nothing needs no heading.
    """
    width = max([len(header), *(at + 1 for at, flag in enumerate(used) if flag)], default=0)
    names: list[str] = []
    notes: list[str] = []
    for at in range(width):
        name = _cell(header, at) or _cell(above, at)
        if not name:
            name = f"column {letter(at)}"
            if at < len(used) and used[at]:
                notes.append(f"Column {letter(at)} has no heading; it is called {name!r} here.")
        names.append(name)
    counts: Counter[str] = Counter()
    for at, name in enumerate(names):
        counts[name.casefold()] += 1
        if (number := counts[name.casefold()]) > 1:
            names[at] = f"{name} ({number})"
            notes.append(f"Two columns are headed {name!r}; the later one is called {names[at]!r}.")
    return names, notes


def _cell(row: Sequence[str], at: int) -> str:
    return " ".join(row[at].split()) if at < len(row) else ""


def letter(at: int) -> str:
    """Return the letters a spreadsheet gives a column, from 0."""
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(65 + rest) + text
    return text
