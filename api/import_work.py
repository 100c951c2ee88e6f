"""What is done with an upload, step by step, apart from the request: read, check, load."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from api.import_drafts import COLUMNS, DATA, FEED, MAPPING, REJECTED, REPORT, Draft, Drafts, Stage
from exclusion_map.directory import Directory
from exclusion_map.directory.importing import (
    Built,
    Geocoder,
    ImportReport,
    Table,
    build,
    build_services,
    guess,
    load,
    read_services,
    read_table,
)
from exclusion_map.directory.importing import Mapping as Columns
from exclusion_map.directory.reviews import Reviews
from exclusion_map.errors import ExclusionMapError

SHOWN_PLACES: Final = 20
MOST_KINDS: Final = 40
"""What a list calls its kinds of place, so many are asked about."""
_TELL_S: Final = 0.5
_TELL_SHARE: Final = 0.05
"""So much more done is told at once: what follows may take long and have nothing to tell."""
logger = logging.getLogger(__name__)

CHECKING: Final = "Checking every row"
_READ: Final = 0.4
"""Share of the work that is done when every row is read."""
_NEARLY: Final = 0.95
_FETCHED: Final = 0.6
"""Share of the work that is done when a feed is read whole."""

Tell = Callable[[str, float], None]


class Desk:
    """Works on uploads, one after another in this process."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self._turn = threading.Semaphore(1)

    def start(self, draft: Draft, words: str, work: Callable[[Draft, Tell], Draft]) -> None:
        """Begin to work on an upload; its stage and words tell how far that is.

        Args:
            draft: the upload.
            words: what is being done.
            work: does it and returns the upload at its new stage; an error of the domain is told.
        """
        begun = draft.begun(words)
        self.drafts.save(begun)
        threading.Thread(target=self._run, args=(begun, work), daemon=True).start()

    def _run(self, draft: Draft, work: Callable[[Draft, Tell], Draft]) -> None:
        told = said = 0.0

        def tell(words: str, share: float) -> None:
            nonlocal told, said
            if share - said >= _TELL_SHARE or time.monotonic() - told > _TELL_S:
                told, said = time.monotonic(), share
                self.drafts.save(replace(draft, words=words, share=share))

        with self._turn:
            try:
                done = work(draft, tell)
            except ExclusionMapError as error:
                done = replace(draft, stage=Stage.FAILED, words=error.message)
            except Exception:
                logger.exception("an import failed")
                words = "Something went wrong on our side. Nothing was loaded."
                done = replace(draft, stage=Stage.FAILED, words=words)
        self.drafts.save(done)


def note_columns(drafts: Drafts, draft: Draft, *, sheet: str = "") -> None:
    """Read the table of an upload and keep its columns, with what each was taken for.

    Raises:
        InvalidRequestError: it holds no table.
    """
    table = read_table(drafts.path(draft, DATA), draft.name, sheet=sheet)
    mapping = guess(table)
    drafts.write(draft, MAPPING, mapping.model_dump(mode="json"))
    drafts.write(draft, COLUMNS, _columns(table, mapping))


def _columns(table: Table, mapping: Columns) -> dict[str, Any]:
    sure = {
        column: told.confidence for told in mapping.evidence.values() for column in told.columns
    }
    return {
        "rows": len(table),
        "sheet": table.sheet,
        "sheets": list(table.sheets),
        "notes": list(table.notes),
        "columns": [
            {
                "heading": column,
                "examples": list(dict.fromkeys(table.values(column, 40)))[:3],
                "filled": len(table.values(column)),
                "said": list(dict.fromkeys(table.values(column)))[:MOST_KINDS],
                "sure": sure.get(column),
            }
            for column in table.columns
        ],
    }


def kinds_named(drafts: Drafts, draft: Draft, mapping: Columns) -> list[str]:
    """Return what a list calls its kinds of place, the first so many."""
    column = next(iter(mapping.columns.get("kind", ())), None)
    told = drafts.read(draft, COLUMNS)
    return next((one["said"] for one in told["columns"] if one["heading"] == column), [])


def read_mapping(drafts: Drafts, draft: Draft) -> Columns:
    """Return which columns of an upload fill which fields."""
    return Columns.model_validate(drafts.read(draft, MAPPING) or {})


def fetch(drafts: Drafts, draft: Draft, tell: Tell) -> Draft:
    """Read a feed whole and keep it as the upload."""
    from exclusion_map.directory.feeds import read_feed  # Not needed to start.

    def told(done: int, total: int) -> None:
        tell(
            f"Reading {draft.name}: {done:,} of {total:,} services", _FETCHED * done / max(total, 1)
        )

    feed = read_feed(draft.name, progress=told)
    drafts.write(draft, DATA, json.dumps({"contents": list(feed.services)}))
    drafts.write(draft, FEED, {"notes": list(feed.notes), "pages": feed.pages})
    return replace(draft, complete=feed.complete, share=_FETCHED)


def check(
    drafts: Drafts, draft: Draft, directory: Directory, geocoder: Geocoder, tell: Tell
) -> Draft:
    """Find out what loading an upload would do, and keep that."""
    read = draft.share + (1 - draft.share) * _READ

    def told(done: int, total: int) -> None:
        tell(CHECKING, read + (_NEARLY - read) * done / max(total, 1))

    tell(CHECKING, draft.share)
    built = _built(drafts, draft, geocoder)
    tell(CHECKING, read)
    report = load(directory, built, draft.source, by=draft.owner_name, dry_run=True, progress=told)
    _keep(drafts, draft, report, {})
    return replace(draft, stage=Stage.CHECKED, words="", share=1.0)


def load_checked(
    drafts: Drafts,
    draft: Draft,
    directory: Directory,
    geocoder: Geocoder,
    tell: Tell,
    *,
    strict: bool,
    remove_gone: bool,
) -> Draft:
    """Load an upload, and put what may be there twice on the review list."""

    def told(done: int, total: int) -> None:
        tell(f"Loading: {done:,} of {total:,} places", _READ + 0.3 * done / max(total, 1))

    tell("Reading the rows", 0.0)
    built = _built(drafts, draft, geocoder)
    told(0, len(built.listings))
    report = load(
        directory,
        built,
        draft.source,
        by=draft.owner_name,
        strict=strict,
        # Of a feed that gave less than it says it has, nothing can be called gone.
        remove_gone=remove_gone and draft.complete,
        progress=told,
    )
    if not report.loaded:
        _keep(drafts, draft, report, {})
        return replace(draft, stage=Stage.CHECKED, words="", share=1.0)
    tell("Looking for places that are there twice", 0.8)
    found = Reviews(directory.database).find(source=draft.source)
    _keep(drafts, draft, report, {"suspects": found.new, "waiting": found.waiting})
    drafts.path(draft, DATA).unlink(missing_ok=True)
    return replace(draft, stage=Stage.LOADED, words="", share=1.0)


def _built(drafts: Drafts, draft: Draft, geocoder: Geocoder) -> Built:
    path = drafts.path(draft, DATA)
    if draft.table:
        mapping = read_mapping(drafts, draft)
        return build(read_table(path, draft.name, sheet=mapping.sheet), mapping, geocoder)
    return build_services(read_services(path, draft.name), geocoder, draft.name)


def _keep(drafts: Drafts, draft: Draft, report: ImportReport, more: Mapping[str, Any]) -> None:
    listings = list(report.built.listings.items())[:SHOWN_PLACES]
    places = [
        {
            "name": listing.name,
            "kind": listing.kind,
            "address": ", ".join(filter(None, (listing.address, listing.city))),
            "postcode": listing.postcode,
            "placed_by": listing.placed_by,
            "services": [offer.name for offer in listing.offers],
            "support": sorted({key for offer in listing.offers for key in offer.support}),
            "hours": any(offer.schedule is not None for offer in listing.offers),
            "rows": list(report.built.rows_of.get(key, ())),
        }
        for key, listing in listings
    ]
    notes = (drafts.read(draft, FEED) or {}).get("notes", [])
    plain = {**report.plain(), "places": places, "feed_notes": notes, **more}
    drafts.write(draft, REPORT, plain)
    if report.built.rejected:
        drafts.write(draft, REJECTED, report.rejected_csv())
