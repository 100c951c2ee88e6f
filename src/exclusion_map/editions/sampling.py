"""Samples of an edition's small areas: figures to design with, and the sample as a file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exclusion_map.areas.atlas import Atlas
from exclusion_map.areas.phrases import distance, listed
from exclusion_map.editions.credits import about_tool
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.dataset import Column, Dataset, Field, FieldType
from exclusion_map.exports.dataset_job import NoShapes
from exclusion_map.targeting.gaps import Risk
from exclusion_map.targeting.sampling.composition import Part, composition
from exclusion_map.targeting.sampling.design import Allocation, Method, SampleDesign
from exclusion_map.targeting.sampling.drawing import Drawn, draw_sample
from exclusion_map.targeting.sampling.figures import OWN, Figures
from exclusion_map.targeting.sampling.frame import make_frame
from exclusion_map.targeting.sampling.precision import kish_effect
from exclusion_map.targeting.sampling.probabilities import Floats, Rows
from exclusion_map.targeting.sampling.record import record_of, record_text
from exclusion_map.targeting.sampling.tables import DESCRIPTIONS, sample_columns
from exclusion_map.targeting.sampling.uploading import OwnColumn
from exclusion_map.terms import AreaKind

CANNOT = (
    "A sample of areas stands for people who live in homes in these areas. People experiencing "
    "homelessness, seeking asylum or in contact with the justice system do not show in the "
    "figures it is drawn by: reach them through those who work with them.",
    "People met at a pharmacy, library or jobcentre are no probability sample of residents: they "
    "use that place, are out of the house, and some live elsewhere. Say so beside every figure, "
    "and do not give margins of error for them as if they were.",
    "Weights undo unequal chances of areas, not who answers and who does not.",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sampled:
    """A sample with the edition it was drawn from.

    Attributes:
        edition: id.
        place: what it is of, in words.
        drawn: the sample.
        own: what somebody brought along; None for nothing.
    """

    edition: str
    place: str
    drawn: Drawn
    own: OwnColumn | None = None

    @cached_property
    def parts(self) -> list[Part]:
        """Who lives there, beside who would be met."""
        return composition(self.drawn)

    @property
    def record(self) -> str:
        """The record as JSON."""
        return record_text(record_of(self.drawn, self.edition, self.own.name if self.own else ""))

    @property
    def weighting(self) -> float:
        """Design effect of unequal weights of people met, expected of such samples."""
        frame = self.drawn.frame
        people = np.nan_to_num(frame.figures.count("population")[frame.rows])
        chance = self.drawn.probability
        held = chance > 0
        return kish_effect(people[held] / chance[held], chance[held])

    @property
    def people(self) -> float:
        """People who live in the areas of the frame."""
        frame = self.drawn.frame
        return float(np.nansum(frame.figures.count("population")[frame.rows]))

    @property
    def how(self) -> dict[str, str]:
        """The design in words, by topic."""
        return design_words(self.drawn)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of the sample."""
        return (*_notes(self), *CANNOT)


def figures_of(edition: Edition, risk: Risk, own: OwnColumn | None = None) -> Figures:
    """Return the figures that a sample of an edition can be designed with."""
    labels = {str(one.id): one.short_label for one in edition.manifest.indicators}
    if own is not None:
        labels[OWN] = own.name
    return Figures(edition.atlas, risk, own.texts if own else (), labels)


def sample_of(
    edition: Edition, risk: Risk, design: SampleDesign, own: OwnColumn | None = None
) -> Sampled:
    """Return the sample that a design draws from an edition.

    Raises:
        InvalidRequestError: the design does not fit.
        NotFoundError: there is no area of the code it names.
    """
    rows, place = rows_within(edition.atlas, design.within, edition.manifest.title)
    drawn = draw_sample(make_frame(figures_of(edition, risk, own), design, rows), design)
    return Sampled(edition=edition.id, place=place, drawn=drawn, own=own)


def rows_within(atlas: Atlas, code: str, everywhere: str) -> tuple[Rows, str]:
    """Return the small areas of an area and its name; all of them for an empty code.

    Raises:
        NotFoundError: there is no such area.
    """
    if not code:
        return np.arange(len(atlas.level(AreaKind.SMALL_AREA))), everywhere
    level, row = atlas.find(code)
    return np.sort(atlas.members(level, row)).astype(np.int64), level.labels[row]


def design_words(drawn: Drawn) -> dict[str, str]:
    """Return a design in words, by topic."""
    design, figures = drawn.design, drawn.frame.figures
    reserves = f"and {len(drawn.reserves):,} reserves"
    told = {
        "Areas": f"{len(drawn.main):,} of {len(drawn.frame):,}, {reserves}",
        "Drawn": f"{design.method.label}: {design.method.told}",
        "Chances": _chances(design, figures),
        "Divided by": listed([figures.words(name) for name in design.strata]) or "nothing",
    }
    if design.strata:
        told["Each part gets"] = design.allocation.label
        if design.allocation is Allocation.NEYMAN:
            told["Each part gets"] += f", by {figures.words(design.vary)}"
    if design.method is Method.SYSTEMATIC:
        told["Order of the list"] = listed([figures.words(name) for name in design.sort])
    if design.method is Method.BALANCED:
        told["Balanced on"] = listed([figures.words(name) for name in design.balance])
    if design.distance_m:
        told["Apart"] = f"at least {distance(design.distance_m)}"
    told["Seed"] = f"{design.seed} (PCG64)"
    return told


def _chances(design: SampleDesign, figures: Figures) -> str:
    if design.size == "equal":
        return "the same for every area of a stratum"
    return f"in proportion to {figures.words(design.size)}"


def _notes(sampled: Sampled) -> tuple[str, ...]:
    drawn, own = sampled.drawn, sampled.own
    notes = []
    if drawn.frame.without_size:
        words = drawn.frame.figures.words(drawn.design.size)
        notes.append(f"{drawn.frame.without_size:,} areas without {words} cannot be drawn.")
    if int(drawn.certain[drawn.main].sum()):
        count = int(drawn.certain[drawn.main].sum())
        notes.append(f"{count:,} areas are so large that every such sample holds them.")
    if drawn.reserve_short:
        notes.append(f"{drawn.reserve_short:,} reserves could not be had: too few areas are left.")
    if drawn.spaced is not None:
        notes.append(
            "Areas were kept apart, so that inclusion probabilities are not exact: they are "
            f"estimated from {drawn.spaced.samples:,} simulated samples (largest relative standard "
            f"error of the correction {100 * drawn.spaced.error:.1f}%)."
        )
    if drawn.design.method is Method.SYSTEMATIC:
        notes.append(
            "Some pairs of areas can never be drawn together in equal steps: variances cannot be "
            "estimated without bias; treat the sample as if it were drawn at random in strata "
            "along the list."
        )
    if own is not None:
        notes.append(f"Column {own.name!r}: {own.matched:,} rows matched, {own.missed:,} did not.")
    if drawn.reserves.size:
        notes.append(
            "Use reserves of the same stratum in their order, only where an area cannot be "
            "visited, and write down why: each use changes chances a little."
        )
    return tuple(notes)


def file_name(sampled: Sampled, part: str = "") -> str:
    """Return the name of a file without its ending."""
    place = re.sub(r"[^a-z0-9]+", "-", sampled.place.lower()).strip("-")[:40]
    tail = f"-{part}" if part else ""
    design = sampled.drawn.design
    return f"exclusion-map-{sampled.edition}-sample-{place}-seed-{design.seed}{tail}"


def sample_dataset(edition: Edition, sampled: Sampled) -> Dataset:
    """Return a sample as a table to be written, with design, notes and sources."""
    columns = sample_columns(sampled.drawn)
    return Dataset(
        name="sample",
        file_name=file_name(sampled),
        key="code",
        columns=tuple(_column(name, values) for name, values in columns.items()),
        about=about_tool(
            edition,
            title=f"Survey sites: a sample of small areas of {sampled.place}",
            selection=f"{len(sampled.drawn.main):,} areas drawn, then reserves",
            how={**sampled.how, "Record": sampled.record},
            notes=sampled.notes,
        ),
        shapes=NoShapes(),
    )


_PLAIN: Mapping[str, str] = {
    "code": "Code",
    "name": "Name",
    "local_authority": "Local authority",
    "population": "People",
    "households": "Households",
    "score": "Score",
    "rural_urban": "Rural or urban",
    "longitude": "Longitude",
    "latitude": "Latitude",
}


def _column(name: str, values: np.ndarray | Sequence[str]) -> Column:
    title, told = DESCRIPTIONS.get(name, (_PLAIN.get(name, name), ""))
    kind = FieldType.NUMBER if isinstance(values, np.ndarray) else FieldType.TEXT
    held: Floats | Sequence[str] = values
    if isinstance(values, np.ndarray):
        held = values.astype(np.float64)
        if name == "decile":
            held = np.where(held > 0, held, np.nan)
    return Column(Field(name=name, title=title, description=told, type=kind), held)
