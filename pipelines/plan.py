"""The build steps of an edition, in order. They call the package and do no arithmetic."""

import geopandas as gpd
import pandas as pd

from exclusion_map import index, indicators, support
from exclusion_map.areas.levels import larger_area_table, small_area_table
from exclusion_map.areas.rollup import score_table
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.geography.postcodes import PostcodeIndex, place, read_postcodes, write_postcodes
from exclusion_map.index import compose
from exclusion_map.indicators.population import everywhere, population
from exclusion_map.indicators.rollup import roll_up
from exclusion_map.terms import LARGER_KINDS
from pipelines import evidence, groundwork, tiling
from pipelines.steps import Step, Workplace, write_json
from pipelines.validation import validation

CENSUS = "nomis-census2021"
DEPRIVATION = "mhclg-iod2025"
COVERAGE = "ofcom-connected-nations-2025"
OUTCOME = ("ons-dpi-census2021", "ons-lsoa11-lsoa21-lookup", "gmca-deri", DEPRIVATION)
PLACES = (
    "ace-libraries",
    "nhs-ods-gp-practices",
    "nhs-ods-pharmacies",
    "nhs-pharmacies",
    "dwp-jobcentres",
)
POSTCODES = "ons-nspl-postcodes"

PATTERNS = (
    "geography/contiguity.py",
    *(f"areas/{part}.py" for part in ("hotspots", "hotspot_table", "permutations")),
)


def areas(place: Workplace) -> None:
    """The tables of areas with the people who live there."""
    small = gpd.read_parquet(place.made["geography"] / "small.parquet")
    larger = gpd.read_parquet(place.made["geography"] / "larger.parquet")
    people = everywhere(population(place.raw_dir, small["code"].to_numpy()))
    table = small_area_table(small, people)
    # Small row groups, sorted by code, so that the service reads one area's outline quickly.
    table.to_parquet(place.folder / "areas.parquet", row_group_size=1000)
    larger_area_table(larger, table).to_parquet(
        place.folder / "larger_areas.parquet", row_group_size=250
    )


def indicator_tables(place: Workplace) -> None:
    """The tidy table of indicators, for small areas and for every larger area."""
    small = gpd.read_parquet(place.made["areas"] / "areas.parquet").drop(columns="geometry")
    output_areas = pd.read_parquet(place.made["geography"] / "output_areas.parquet")
    tidy = indicators.build(
        place.raw_dir, small["code"].to_numpy(), output_areas, on_step=place.note
    )
    tidy.to_parquet(place.folder / "indicators.parquet", index=False)
    write_json(place.folder / "notes.json", list(tidy.attrs.get("notes", ())))
    people = small.set_index("code")["population"]
    parts = []
    for kind in LARGER_KINDS:
        place.note(kind.label_plural)
        parent = small.set_index("code")[PARENT_COLUMNS[kind][0]]
        parts.append(roll_up(tidy, parent, people).assign(kind=kind.value))
    larger = pd.concat(parts, ignore_index=True)
    larger = larger[["kind", *tidy.columns]]
    larger.to_parquet(place.folder / "larger_indicators.parquet", index=False)


def scores(place: Workplace) -> None:
    """Scores of every shipped index that has data, at every level, and their validation."""
    small = evidence.areas_of(place)
    table = evidence.values_of(place, small)
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    composites: dict[str, index.Composite] = {}
    for identity, definition in evidence.fillable(table).items():
        place.note(identity)
        composite = compose(definition, table)
        composites[identity] = composite
        parts.append(score_table(identity, composite, small))
        notes.extend(f"{identity}: {note}" for note in composite.notes)
    pd.concat(parts, ignore_index=True).to_parquet(place.folder / "scores.parquet", index=False)
    place.note("comparing with behaviour")
    write_json(
        place.folder / "validation.json", validation(place.raw_dir, small, table, composites)
    )
    write_json(place.folder / "indices.json", list(composites))
    write_json(place.folder / "notes.json", notes)


def postcodes(step: Workplace) -> None:
    """Every postcode with the small area it lies in."""
    small = gpd.read_parquet(step.made["geography"] / "small.parquet")
    frame = read_postcodes(step.raw_dir)
    write_postcodes(frame, place(frame, small), step.folder / "postcodes.arrow")


def support_places(step: Workplace) -> None:
    """Geocoded support locations, and a report of those that could not be placed."""
    small = gpd.read_parquet(step.made["geography"] / "small.parquet")
    placed = PostcodeIndex.open(step.made["postcodes"] / "postcodes.arrow")
    table, report = support.build(step.raw_dir, placed, small)
    table.to_parquet(step.folder / "support.parquet", index=False)
    write_json(step.folder / "report.json", report.to_dict())
    write_json(step.folder / "notes.json", report.sentences())


STEPS = (
    Step(
        "geography",
        "Small areas, names and boundaries",
        groundwork.geography,
        sources=groundwork.LOOKUPS,
        code=groundwork.CODE,
        pipeline=("groundwork",),
    ),
    # The longest step. It needs only outlines, so it runs in parallel with all others.
    Step(
        "area_tiles",
        "Map tiles",
        tiling.area_tiles,
        needs=("geography",),
        code=tiling.CODE,
        pipeline=("tiling",),
    ),
    Step(
        "areas",
        "People and the table of areas",
        areas,
        needs=("geography",),
        sources=(CENSUS,),
        code=("areas/levels.py", "indicators", "sources"),
    ),
    Step(
        "indicators",
        "Indicators",
        indicator_tables,
        needs=("geography", "areas"),
        sources=(CENSUS, DEPRIVATION, COVERAGE),
        code=("indicators", "catalogue", "sources"),
    ),
    Step(
        "scores",
        "Scores, and comparison with behaviour",
        scores,
        needs=("areas", "indicators"),
        sources=OUTCOME,
        code=("index", "areas/rollup.py", "areas/rolling.py", "catalogue"),
        pipeline=("plan", "validation"),
    ),
    Step(
        "postcodes",
        "Placing postcodes in small areas",
        postcodes,
        needs=("geography",),
        sources=(POSTCODES,),
        code=("geography",),
    ),
    Step(
        "support",
        "Support locations",
        support_places,
        needs=("geography", "postcodes"),
        sources=PLACES,
        code=("support", "geography", "sources"),
    ),
    Step(
        "intervals",
        "Uncertainty of ranks",
        evidence.intervals,
        needs=("areas", "indicators"),
        code=("index", "areas/spread.py", "areas/spread_table.py", "catalogue/indices"),
    ),
    Step(
        "patterns",
        "Clusters of high and low risk",
        evidence.patterns,
        needs=("geography", "areas", "indicators"),
        code=("index", *PATTERNS, "catalogue/indices"),
    ),
    Step(
        "practices",
        "Comparison with use of online GP services",
        evidence.practices,
        needs=("areas", "indicators", "postcodes"),
        sources=("nhs-pomi-2020", *OUTCOME),
        code=("index", "areas/practices.py", "areas/practice_patients.py", "catalogue/indices"),
    ),
    Step(
        "estimate",
        "Modelled households unlikely to be online",
        evidence.modelled,
        needs=("areas", "indicators"),
        sources=(CENSUS, "cdrc-iuc2018", "ons-dpi-census2021", "ons-lsoa11-lsoa21-lookup"),
        code=("estimate", "index", "sources/readers"),
    ),
    Step(
        "support_tiles",
        "Map tiles of support",
        tiling.support_tiles,
        needs=("geography", "support"),
        code=tiling.CODE,
        pipeline=("tiling",),
    ),
)
