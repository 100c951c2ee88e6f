"""Publishers' lists of places, made up for the tests of their importers."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from exclusion_map.support.record import Imported, RawPlace


def table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def put(raw: Path, source: str, name: str, text: str) -> None:
    (raw / source).mkdir(exist_ok=True)
    (raw / source / name).write_text(text, encoding="utf-8")


def by_key(imported: Imported) -> dict[str, RawPlace]:
    return {place.key: place for place in imported.places}


def adds_up(imported: Imported) -> bool:
    return imported.read == len(imported.places) + sum(imported.left_out.values())
