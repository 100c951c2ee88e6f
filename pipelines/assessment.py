"""The command ``assessment``: evidence from the current edition, in words and as files."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rich.console import Console

from exclusion_map.areas.phrases import listed
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.directory.remote import listed_help
from exclusion_map.editions import current_path
from exclusion_map.editions.assessment import Assessment, assess, grounds_of
from exclusion_map.editions.assessment_document import assessment_document
from exclusion_map.editions.assessment_groups import summary_table
from exclusion_map.editions.assessment_table import assessment_columns, assessment_rows
from exclusion_map.editions.assessment_words import gaps, lead
from exclusion_map.editions.footprint import comparator_named, ground_of
from exclusion_map.editions.gazetteer import gazetteer_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.document_html import document_page
from exclusion_map.exports.docx import write_docx
from exclusion_map.exports.pdf import write_pdf
from exclusion_map.exports.score_tables import csv_text
from exclusion_map.outputs import write_file
from exclusion_map.settings import DisclosureSettings, UploadSettings, read
from exclusion_map.targeting.footprint import Served
from exclusion_map.targeting.footprint.listing import Listing, read_listing
from exclusion_map.targeting.footprint.serving import serve, serve_outline
from exclusion_map.targeting.footprint.withholding import DisclosureRule


@dataclass(frozen=True, kw_only=True)
class AssessmentOrder:
    """Options of the command, as given."""

    where: str = ""
    where_file: Path | None = None
    polygon: Path | None = None
    name: str = ""
    compare: str = ""
    index: str = ""
    out: tuple[Path, ...] = ()


def assessment(processed_dir: Path, order: AssessmentOrder, console: Console) -> None:
    """Gather the evidence, print it, and write it to the output files.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    for path in order.out:
        _writer(path)
    edition = open_edition(current_path(processed_dir))
    index = order.index or edition.manifest.default_index
    with console.status("Gathering the evidence"):
        served = _served(edition, order)
        found = assess(
            edition,
            grounds_of(edition, index, today=datetime.now(UTC).date(), rule=_rule()),
            served,
            index=index,
            compare=comparator_named(edition, order.compare, served),
            help_entries=listed_help(),
        )
    for line in _lines(found):
        console.print(line, markup=False, highlight=False)
    for path in order.out:
        with console.status(f"Writing {path.name}"):
            write_file(path, _writer(path)(found))


def _served(edition: Edition, order: AssessmentOrder) -> Served:
    given = [one for one in (order.where.strip(), order.where_file, order.polygon) if one]
    if len(given) != 1:
        raise InvalidRequestError(
            "assessment",
            found=f"{len(given)} of --where, --where-file and --polygon",
            expected="one of them",
        )
    ground = ground_of(edition, gazetteer_of(edition))
    if order.polygon is not None:
        from exclusion_map.uploads import read_boundary  # Not needed to start.

        boundary = read_boundary(_bytes(order.polygon), order.polygon.name)
        name = order.name or order.polygon.stem
        return serve_outline(ground, boundary.geojson, name=name, notes=boundary.notes)
    if order.where_file is not None:
        limits = read(UploadSettings)
        listing = read_listing(_bytes(order.where_file), order.where_file.name, limits)
        return serve(ground, listing, name=order.name or order.where_file.stem)
    entries = entries_of(order.where)
    name = order.name or listed([_label(edition, entry) for entry in entries[:4]])
    return serve(ground, Listing.of_entries(entries), name=name)


def _rule() -> DisclosureRule:
    settings = read(DisclosureSettings)
    return DisclosureRule(
        threshold=settings.small_count_threshold, base=settings.small_count_rounding
    )


def _label(edition: Edition, entry: str) -> str:
    if not edition.atlas.has(entry):
        return entry
    level, row = edition.atlas.find(entry)
    return level.labels[row]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidRequestError(
            f"file {path.name}", found=str(error), expected="a file that can be read"
        ) from None


def _lines(found: Assessment) -> list[str]:
    """Return an assessment as lines of text."""
    lines = [found.title, lead(found)]
    lines.extend(f"  {row[0]}: {row[1]}. {row[2]}" for row in summary_table(found).rows)
    lines.extend(f"  Gap: {gap}" for gap in gaps(found))
    return lines


def _docx(found: Assessment) -> bytes:
    return write_docx(assessment_document(found))


def _pdf(found: Assessment) -> bytes:
    document = assessment_document(found)
    return write_pdf(document_page(document), title=document.title, lang=document.lang)


def _html(found: Assessment) -> bytes:
    return document_page(assessment_document(found)).encode()


def _csv(found: Assessment) -> bytes:
    return ("\ufeff" + "".join(csv_text(assessment_columns(found)))).encode()


def _json(found: Assessment) -> bytes:
    told = {"edition": found.edition.id, "title": found.title, "groups": assessment_rows(found)}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


_WRITERS: Final[Mapping[str, Callable[[Assessment], bytes]]] = MappingProxyType(
    {".docx": _docx, ".pdf": _pdf, ".html": _html, ".csv": _csv, ".json": _json}
)


def _writer(path: Path) -> Callable[[Assessment], bytes]:
    made = _WRITERS.get(path.suffix.lower())
    if made is None:
        raise InvalidRequestError(
            f"file {path.name}",
            found=path.suffix or "no extension",
            expected=f"one of {', '.join(_WRITERS)}",
        )
    return made
