"""A report as tables: one a section for a workbook, and all figures one below the other for CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exclusion_map.editions.reports.model import DriverPart, PlaceReport, Report
from exclusion_map.editions.reports.page import side_by_side

Cell = str | float | int | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one section, over all places.

    Attributes:
        name: of the sheet.
        note: what it holds, in a sentence.
        head: headings; the first three name place, code and what a row is about.
        rows: cells; None = nobody knows.
    """

    name: str
    note: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


_FIRST: Final = ("Place", "Code")


def sections(report: Report) -> tuple[Table, ...]:
    """Return the tables of a report, those without a row left out."""
    made = (
        _summary(report),
        _score(report),
        _drivers(report),
        _people(report),
        _tenths(report),
        _inside(report),
        _help(report),
        _gaps(report),
        _change(report),
        _similar(report),
    )
    return tuple(one for one in made if one.rows)


def compared(report: Report) -> Table | None:
    """Return places side by side, in words; None for one place."""
    if len(report.places) < 2:
        return None
    rows = [(label, *cells) for label, cells in side_by_side(report.places)]
    return Table(
        "Side by side",
        " ".join(report.comparison),
        ("Figure", *(one.name for one in report.places)),
        tuple(rows),
    )


def figures(
    report: Report,
) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]] | list[str]"]:
    """Return every figure as a row: place, code, section, item, figure, value, text."""
    rows = list(_melted(report))
    names = ("place", "code", "section", "item", "figure")
    columns: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]] | list[str]] = {
        name: [str(row[at]) for row in rows] for at, name in enumerate(names)
    }
    columns["value"] = np.array(
        [float("nan") if isinstance(row[5], str) or row[5] is None else row[5] for row in rows],
        dtype=np.float64,
    )
    columns["text"] = [row[5] if isinstance(row[5], str) else "" for row in rows]
    return columns


def _melted(report: Report) -> Iterator[Row]:
    for table in sections(report):
        for row in table.rows:
            place, code, item = row[:3]
            for heading, cell in zip(table.head[3:], row[3:], strict=True):
                yield place, code, table.name, item, heading, cell


def _table(
    name: str,
    note: str,
    head: tuple[str, ...],
    rows: Sequence[tuple[PlaceReport, Row]],
) -> Table:
    return Table(
        name, note, (*_FIRST, *head), tuple((one.name, one.code, *row) for one, row in rows)
    )


def _summary(report: Report) -> Table:
    rows = [
        (one, (str(number), text))
        for one in report.places
        for number, text in enumerate(one.summary, start=1)
    ]
    return _table("Summary", "What matters most, in words.", ("Number", "Text"), rows)


def _score(report: Report) -> Table:
    rows: list[tuple[PlaceReport, Row]] = []
    for one in report.places:
        score = one.score
        rows += [
            (one, ("Score, 0 to 100", score.score, score.score_low, score.score_high, score.draws)),
            (
                one,
                (
                    f"Rank of {score.ranked}",
                    score.rank,
                    score.rank_low,
                    score.rank_high,
                    score.draws,
                ),
            ),
            (one, ("Tenth, 1 = most risk", score.decile, None, None, None)),
        ]
    note = "Higher score = more risk; rank 1 = most risk. Ranges hold 90% of draws."
    return _table("Score", note, ("Measure", "Figure", "Low", "High", "Draws"), rows)


def _drivers(report: Report) -> Table:
    def row(found: DriverPart, inside: str) -> Row:
        points = found.points if inside == "yes" else None
        return (
            *(found.label, found.value, found.usual, points, inside),
            *(found.people, found.quality, found.source, found.vintage),
        )

    rows = [(one, row(found, "yes")) for one in report.places for found in one.drivers]
    rows += [(one, row(found, "no")) for one in report.places for found in one.other_figures]
    note = "Points: what a figure adds to the score, from the middle of all small areas."
    head = ("Figure", "Here", "Usual in its nation", "Points", "In the index")
    return _table("Drivers", note, (*head, "In people", "Quality", "Source", "Vintage"), rows)


def _people(report: Report) -> Table:
    rows: list[tuple[PlaceReport, Row]] = []
    for one in report.places:
        people, found = one.people, one.people.estimate
        rows += [
            (one, ("People", people.population, None, None)),
            (one, ("Homes", people.households, None, None)),
            (one, ("Small areas", people.small_areas, None, None)),
            (one, ("Share of people in the highest-risk tenth", people.worst_tenth, None, None)),
            (one, ("Share of people in the highest-risk fifth", people.worst_fifth, None, None)),
        ]
        if found:
            share = (found.share, found.share_low, found.share_high)
            homes = (found.households, found.households_low, found.households_high)
            persons = (found.people, found.people_low, found.people_high)
            rows += [
                (one, ("Homes that may not cope online, per cent (model)", *share)),
                (one, ("Homes that may not cope online (model)", *homes)),
                (one, ("People in them (model)", *persons)),
            ]
    note = "Census 2021; ranges of the model hold the truth in 80 of 100 cases."
    return _table("People", note, ("Measure", "Figure", "Low", "High"), rows)


def _tenths(report: Report) -> Table:
    rows = [
        (one, (f"Tenth {found.tenth}", found.people, found.share))
        for one in report.places
        for found in one.people.tenths
    ]
    note = "People in small areas of each tenth of risk; 1 = most risk."
    return _table("People by tenth", note, ("Tenth", "People", "Share"), rows)


def _inside(report: Report) -> Table:
    rows = [
        (
            one,
            (
                found.name,
                found.code,
                found.where,
                found.score,
                found.rank,
                found.decile,
                found.population,
            ),
        )
        for one in report.places
        if one.inside
        for found in one.inside.rows
    ]
    note = "The areas inside with most risk."
    head = ("Area", "Area code", "In", "Score", "Rank", "Tenth", "People")
    return _table("Inside", note, head, rows)


def _help(report: Report) -> Table:
    rows = [
        (
            one,
            (found.label, found.inside, found.share, found.mean_m, found.nearest, found.nearest_m),
        )
        for one in report.places
        for found in one.support.kinds
    ]
    first = report.places[0].support
    note = f"Share of people within {first.threshold_m:,.0f} m. {first.way}."
    head = ("Kind", "In the area", "Share in reach", "Average distance, m", "Nearest", "Nearest, m")
    return _table("Help", note, head, rows)


def _gaps(report: Report) -> Table:
    rows = [
        (one, (found.name, found.small_areas, found.people))
        for one in report.places
        for found in one.support.gaps
    ]
    note = "Small areas that touch, in the highest-risk fifth, most of whose people are too far."
    return _table("Gaps", note, ("Where", "Small areas", "People too far away"), rows)


def _change(report: Report) -> Table:
    rows: list[tuple[PlaceReport, Row]] = []
    for one in report.places:
        rows += [(one, (text, None)) for text in one.change_words]
        if one.change:
            found = one.change
            rows += [
                (one, (f"Score in {found.old}", found.score_old)),
                (one, (f"Score in {found.new}", found.score_new)),
                (one, ("Made by new data", found.by_data)),
                (one, ("Made by a changed definition", found.by_method)),
                (one, ("Small areas into the highest-risk tenth", found.into_worst_tenth)),
                (one, ("Small areas out of it", found.out_of_worst_tenth)),
            ]
            rows += [(one, (f"Changed: {text}", None)) for text in found.method_changes]
    return _table("Change", "Since the edition before.", ("What", "Figure"), rows)


def _similar(report: Report) -> Table:
    rows = [
        (one, (found.name, found.code, found.score, found.decile, found.differs))
        for one in report.places
        for found in one.similar
    ]
    note = "Places of the same kind with much the same figures."
    head = ("Place like it", "Its code", "Score", "Tenth", "How it differs")
    return _table("Similar", note, head, rows)
