"""What the pages of an import show: the form, the columns, what was found, what was done."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select

from api.import_drafts import COLUMNS, REJECTED, REPORT, Draft, Drafts, Stage
from api.import_work import kinds_named, read_mapping
from api.pages import words
from exclusion_map.directory import PLACES, SUPPORT, Directory, taxonomy
from exclusion_map.directory.importing import FIELDS
from exclusion_map.directory.importing import Mapping as Columns
from exclusion_map.directory.importing.vocabulary import kind_of
from exclusion_map.directory.tables import Location
from exclusion_map.errors import InvalidRequestError

SHOWN_PROBLEMS: Final = 50
LEAVE_OUT: Final = ""
_DAYS: Final = (
    ("unknown", "nobody knows: the list does not say"),
    ("closed", "the place is closed then"),
)
Typed = Mapping[str, Sequence[str]]


def start_context(directory: Directory, drafts: Sequence[Draft], most_bytes: int) -> dict[str, Any]:
    """Return what the first page needs."""
    with directory.database.reading() as session:
        query = (
            select(Location.source, func.count())
            .where(Location.source_key.is_not(None), Location.deleted_at.is_(None))
            .group_by(Location.source)
            .order_by(Location.source)
        )
        sources = [(source, int(count)) for source, count in session.execute(query)]
    return {"waiting": drafts, "sources": sources, "most_mb": most_bytes // 1_000_000}


def columns_context(drafts: Drafts, draft: Draft, mapping: Columns) -> dict[str, Any]:
    """Return what the page of columns needs."""
    told = drafts.read(draft, COLUMNS)
    field_of = {name: key for key, names in mapping.columns.items() for name in names}
    columns = [
        {
            **column,
            "name": f"c{number}",
            "field": field_of.get(column["heading"], LEAVE_OUT),
            "doubtful": column["heading"] in field_of and (column["sure"] or 1.0) < 0.5,
        }
        for number, column in enumerate(told["columns"])
    ]
    return {
        "draft": draft,
        "told": told,
        "sheets": [(name, name) for name in told["sheets"]],
        "columns": columns,
        "groups": list(_groups()),
        "kinds": [(term.key, term.name) for term in taxonomy(PLACES).terms],
        "fixed_kind": mapping.fixed.get("kind", ""),
        "named_kinds": [
            {"name": f"k{number}", "said": said, "kind": kind_of(said, mapping.kinds) or "other"}
            for number, said in enumerate(kinds_named(drafts, draft, mapping))
        ],
        "days": _DAYS,
        "other_days": mapping.other_days,
    }


def _groups() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for field in FIELDS.values():
        groups.setdefault(field.group, []).append((field.key, field.title))
    yield from groups.items()


def mapping_typed(drafts: Drafts, draft: Draft, typed: Typed) -> Columns:
    """Return the mapping that somebody chose.

    Raises:
        InvalidRequestError: two columns for what takes one, or none that gives a name.
    """
    told = drafts.read(draft, COLUMNS)
    columns: dict[str, list[str]] = {}
    for number, column in enumerate(told["columns"]):
        key = _one(typed, f"c{number}")
        if key:
            columns.setdefault(key, []).append(column["heading"])
    _check(columns)
    before = read_mapping(drafts, draft)
    kinds = {
        said: kind
        for number, said in enumerate(kinds_named(drafts, draft, before))
        if (kind := _one(typed, f"k{number}"))
    }
    fixed = {"kind": _one(typed, "fixed-kind")} if _one(typed, "fixed-kind") else {}
    plain = {
        "columns": columns,
        "fixed": fixed,
        "kinds": kinds,
        "terms": before.terms,
        "other_days": _one(typed, "other-days") or "unknown",
        "sheet": told["sheet"],
    }
    try:
        return Columns.model_validate(plain)
    except ValueError as error:
        raise InvalidRequestError(
            "columns", found=str(error).splitlines()[0], expected="what the lists offer"
        ) from None


def _check(columns: Mapping[str, Sequence[str]]) -> None:
    if not {"name", "organisation"} & set(columns):
        raise InvalidRequestError(
            "columns",
            found="none that gives the name of the place",
            expected="one",
            mend="Choose “Name of the place” for the column with the name that people use.",
        )
    for key, headings in columns.items():
        if key in FIELDS and len(headings) > 1 and not FIELDS[key].many:
            raise InvalidRequestError(
                f"columns {words.listed([f'“{one}”' for one in headings])}",
                found=f"that both are “{FIELDS[key].title}”",
                expected="one column for it",
                mend="Leave one of them out, or map it to something else.",
            )


def result_context(drafts: Drafts, draft: Draft) -> dict[str, Any]:
    """Return what the pages of a check and of a report need."""
    report = drafts.read(draft, REPORT) or {}
    names = {term.key: term.name for name in (SUPPORT, PLACES) for term in taxonomy(name).terms}
    return {
        "draft": draft,
        "report": report,
        "counts": report.get("counts", {}),
        "lists": list(_lists(report)),
        "term_names": names,
        "has_rejected": drafts.path(draft, REJECTED).is_file(),
        "shown_problems": SHOWN_PROBLEMS,
        "loaded": draft.stage is Stage.LOADED,
    }


def _lists(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the lists of problems that are not empty."""
    for key, title, told in (
        ("rejected", "Rows that are left out", "They cannot be loaded as they are."),
        ("not_on_the_map", "Places that are not on the map", "They are loaded and listed."),
        ("warnings", "To look at", "These rows are loaded, without what is named here."),
    ):
        found = report.get(key, [])
        if found:
            yield {"key": key, "title": title, "told": told, "found": found}


def _one(typed: Typed, name: str) -> str:
    return next(iter(typed.get(name, ())), "").strip()
