"""The commands ``sample`` and ``precision``: survey sites, fieldwork packs, survey precision."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from exclusion_map.editions import current_path
from exclusion_map.editions.fieldwork import PackMaker
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.sample import sample_paper
from exclusion_map.editions.papers.survey import survey_lead, survey_paper
from exclusion_map.editions.reaching import listed_places, risk_of, sites_of_places
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.sampling import Sampled, figures_of, sample_dataset, sample_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.exports.writing import write
from exclusion_map.outputs import write_file, written_aside
from exclusion_map.targeting.sampling.calculator import (
    SurveyPlan,
    SurveyTold,
    calculate,
    other_plans,
)
from exclusion_map.targeting.sampling.design import SampleDesign
from exclusion_map.targeting.sampling.drawing import Drawn, joint_probabilities
from exclusion_map.targeting.sampling.record import check_record, design_of
from exclusion_map.targeting.sampling.tables import sample_columns
from exclusion_map.targeting.sampling.uploading import OwnColumn, read_column
from exclusion_map.targeting.sampling.venues import KINDS
from exclusion_map.terms import AreaKind
from exclusion_map.uploads.text import text_of_file, with_commas
from pipelines.papers import write_report

_WORKBOOK = ".xlsx"


@dataclass(frozen=True, kw_only=True)
class SampleOrder:
    """Options of the command.

    Attributes:
        design: design of the sample; the design in a record takes precedence.
        own: CSV file with the user's own column for strata.
        column: heading of that column.
        record: record of a sample to draw again.
        out: output file of areas.
        record_out: output file of the record.
        joint: output file of joint inclusion probabilities.
        packs: folder for fieldwork packs, one per area.
        kinds: kinds of place that are venues.
        near_m: maximum distance of a venue in metres.
        report: output file of a report.
    """

    design: SampleDesign
    own: Path | None = None
    column: str = ""
    record: Path | None = None
    out: Path | None = None
    record_out: Path | None = None
    joint: Path | None = None
    packs: Path | None = None
    kinds: tuple[str, ...] = ()
    near_m: float = 3_000.0
    report: PaperFile | None = None


def quotas_of(told: Sequence[str]) -> dict[str, int]:
    """Return numbers by stratum from texts like ``NAME=NUMBER``.

    Raises:
        InvalidRequestError: a text is not of that form.
    """
    found = {}
    for one in told:
        name, _, number = one.rpartition("=")
        if not name.strip() or not number.strip().isdecimal():
            raise InvalidRequestError("quota", found=repr(one), expected="NAME=NUMBER")
        found[name.strip()] = int(number)
    return found


def sample(processed_dir: Path, order: SampleOrder, console: Console) -> Sampled:
    """Draw a sample, describe it, and write the requested files.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if order.report is not None:
        order.report.check()
    if order.out is not None and order.out.suffix.lower() != _WORKBOOK:
        check_format(order.out)
    edition = open_edition(current_path(processed_dir))
    record = text_of_file(order.record, order.record.name) if order.record else ""
    design = design_of(record) if record else order.design
    design = design.model_copy(update={"index": design.index or edition.manifest.default_index})
    own = _own(edition, order)
    found = sample_of(edition, risk_of(edition, design.index), design, own)
    if record:
        told = json.loads(record)
        check_record(told if "design" in told else {}, found.drawn, edition.id)
    for topic, words in found.how.items():
        console.print(f"{topic}: {words}", markup=False, highlight=False)
    for note in found.notes:
        console.print(f"  {note}", markup=False, highlight=False)
    _write(edition, order, found)
    write_report(order.report, partial(sample_paper, edition, found), console)
    if order.packs is not None:
        _packs(edition, order, found, order.packs, console)
    return found


def survey_plan(*, percent: Mapping[str, float], **told: Any) -> SurveyPlan:
    """Return a survey plan from shares in per cent.

    Raises:
        InvalidRequestError: a share is not between 0 and 100.
    """
    for name, value in percent.items():
        if not 0 < value < 100:
            raise InvalidRequestError(
                name.replace("_", "-"), found=f"{value:g}", expected="per cent, between 0 and 100"
            )
    shares: dict[str, Any] = {name: value / 100 for name, value in percent.items()}
    return SurveyPlan(**told, **shares)


def precision(
    plan: SurveyPlan, out: Path | None, report: PaperFile | None, console: Console
) -> SurveyTold:
    """Print the precision of a survey; write other plans or a report if requested.

    Raises:
        ExclusionMapError: the plan or a file is invalid.
    """
    if report is not None:
        report.check()
    if out is not None:
        check_format(out)
    told = calculate(plan)
    least = told.least_difference
    for line in (
        survey_lead(plan, told),
        f"  design effect {told.design_effect:.2f}: {told.clustering_effect:.2f} from areas, "
        f"{told.weighting_effect:.2f} from weights; says as much as {told.effective:,.0f} drawn "
        "singly",
        f"  {told.areas_needed:,} areas needed for {100 * plan.half_width:g} points",
        f"  {100 * told.power:.0f}% to tell {100 * plan.share:g}% from {100 * plan.other:g}% "
        "between two halves of the areas",
        "  smallest rise found: " + ("none" if least is None else f"{100 * least:.1f} points"),
    ):
        console.print(line, markup=False, highlight=False)
    if out is not None:
        write_table(out, other_plans(plan), {})
    write_report(report, partial(survey_paper, plan, told), console)
    return told


def _own(edition: Edition, order: SampleOrder) -> OwnColumn | None:
    if order.own is None:
        return None
    position = edition.atlas.level(AreaKind.SMALL_AREA).position
    return read_column(with_commas(text_of_file(order.own, order.own.name)), position, order.column)


def _write(edition: Edition, order: SampleOrder, found: Sampled) -> None:
    if order.out is not None and order.out.suffix.lower() == _WORKBOOK:
        write(sample_dataset(edition, found), FileFormat.XLSX, order.out)
    elif order.out is not None:
        told = {"edition": found.edition, **found.how, "record": found.record}
        write_table(order.out, sample_columns(found.drawn), told)
    if order.record_out is not None:
        write_file(order.record_out, found.record)
    if order.joint is not None:
        _joint(order.joint, found.drawn)


def _joint(path: Path, drawn: Drawn) -> None:
    joint = joint_probabilities(drawn)
    if joint is None:
        raise InvalidRequestError(
            "joint probabilities",
            found=f"the method {drawn.design.method.value}, for which they are not known",
            expected="random without a distance, or systematic",
        )
    small = drawn.frame.figures.small
    codes = [small.codes[row] for row in drawn.frame.rows[drawn.main].tolist()]
    with written_aside(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["area_code", *codes])
        writer.writerows([code, *row] for code, row in zip(codes, joint.tolist(), strict=True))


def _packs(
    edition: Edition, order: SampleOrder, found: Sampled, folder: Path, console: Console
) -> None:
    places = listed_places(edition)
    risk = found.drawn.frame.figures.risk
    maker = PackMaker(
        edition=edition,
        sites=sites_of_places(edition, places),
        places=places,
        risk=risk,
        figures=figures_of(edition, risk),
        kinds=order.kinds or KINDS,
        near_m=order.near_m,
    )
    folder.mkdir(parents=True, exist_ok=True)
    codes = edition.atlas.level(AreaKind.SMALL_AREA).codes
    drawn = found.drawn
    rows = drawn.frame.rows[np.concatenate([drawn.main, drawn.reserves])].tolist()
    for row in track(rows, description="Packs", console=console):
        write_file(folder / f"{codes[row]}.html", maker.page(row))
