"""The page that adds up any list: its form read, and what it shows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
from fastapi import Request

from api.pages import words
from api.pages.areas import area_rows
from api.pages.lens import Lens
from api.pages.spread import tenth_rows
from api.places_in_address import has_postcode
from api.rollup import MOST_LISTS, RollUpBody, RollUps, roll_up
from api.routes.rollup import RollUpPart
from api.uploads import Sent, received
from api.work import Wanted, in_thread
from exclusion_map.areas.rollup_answer import RolledUp
from exclusion_map.areas.rollup_places import MOST_PLACES
from exclusion_map.areas.rollup_reading import entries_of, read_geojson, read_lists
from exclusion_map.errors import InvalidRequestError, TooLargeError
from exclusion_map.settings import UploadSettings, read
from exclusion_map.terms import AreaKind, SupportKind
from exclusion_map.uploads import is_boundary, read_boundary, read_rows

LONGEST_ADDRESS: Final = 1_500
"""Lists as short as this stand in the address, so that a link brings others to the result."""
SHOWN: Final = 50
_FIELDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpForm:
    """What a reader sent: a list as text, or a file's content."""

    where: str = ""
    lists: str = ""
    """The text of a CSV file."""
    polygon: str = ""
    """The text of a GeoJSON file."""
    file: str = ""
    """The name of the file."""
    notes: Sequence[str] = ()
    """What was assumed to read the file, as sentences."""
    download: RollUpPart | None = None
    lens: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing was sent."""
        return not (self.where.strip() or self.lists or self.polygon)

    @property
    def address(self) -> str:
        """Return an address that says the same; empty where it would be too long.

        Empty too where the list has a postcode, which may be somebody's home.
        """
        if self.lists or self.polygon or len(self.where) > LONGEST_ADDRESS:
            return ""
        if has_postcode(self.where):
            return ""
        return rollup_address(",".join(map(_quoted, entries_of(self.where))), self.lens)

    def body(self) -> RollUpBody:
        """Return what is to be added up.

        Raises:
            InvalidRequestError: a file cannot be read, or text and file were both sent.
        """
        if self.where.strip() and (self.lists or self.polygon):
            raise InvalidRequestError(
                "list and file", found="both", expected="one of them: clear the box or the file"
            )
        if self.polygon:
            return RollUpBody(polygon=dict(read_geojson(self.polygon, self.file or "sent")))
        if self.lists:
            lists = read_lists(self.lists, self.file or "sent")
            _check_length(lists)
            return RollUpBody(where=lists[""]) if set(lists) == {""} else RollUpBody(lists=lists)
        entries = entries_of(self.where)
        _check_length({"": entries})
        return RollUpBody(where=entries)


def _check_length(lists: Mapping[str, Sequence[str]]) -> None:
    longest = max(map(len, lists.values()), default=0)
    if longest > MOST_PLACES or len(lists) > MOST_LISTS:
        raise TooLargeError(
            "list of places",
            found=f"{longest:,} entries" if longest > MOST_PLACES else f"{len(lists):,} lists",
            expected=f"at most {MOST_LISTS:,} lists of {MOST_PLACES:,} entries",
            mend="Split it.",
        )


def address_of(form: RollUpForm, found: RollUps) -> str:
    """Return an address that says the same; empty where the list may tell of persons.

    That is where it has a postcode, or an entry that nobody understood: it may be anything.
    """
    strange = any(one.members.unmatched for one in found.found.values())
    return "" if strange else form.address


def rollup_address(where: str, lens: Mapping[str, str]) -> str:
    """Return the address of the page for a short list."""
    return f"/rollup?{urlencode({'where': where, **lens}, safe=',:')}"


def _quoted(entry: str) -> str:
    return f'"{entry}"' if "," in entry else entry


async def read_form(request: Request, limit: int) -> RollUpForm:
    """Return the form of a request; a file in it stays in memory, for it may list postcodes.

    Raises:
        TooLargeError: it is larger than ``limit`` bytes.
        InvalidRequestError: a file is neither a list nor a boundary.
    """
    async with received(request, most_bytes=limit, most_fields=_FIELDS) as sent:
        texts = sent.texts
        lists, polygon = texts.get("lists", ""), texts.get("polygon", "")
        notes: tuple[str, ...] = ()
        if sent.size:
            lists, polygon, notes = await in_thread(request, lambda wanted: _read(sent, wanted))
    wanted = texts.get("download", "")
    return RollUpForm(
        where=texts.get("where", ""),
        lists=lists,
        polygon=polygon,
        file=sent.name or texts.get("named", "")[:100],
        notes=notes,
        download=RollUpPart(wanted) if wanted in set(RollUpPart) else None,
        lens={name: texts[name] for name in ("index", "weights") if texts.get(name)},
    )


def _read(sent: Sent, wanted: Wanted) -> tuple[str, str, tuple[str, ...]]:
    """Return the text of lists or that of an outline in a file, and what was assumed."""
    content = sent.content()
    if is_boundary(content):
        found = read_boundary(content, sent.name, wanted=wanted)
        return "", json.dumps(found.geojson), found.notes
    table = read_rows(content, sent.name, wanted=wanted)
    return table.csv(), "", table.notes


def answer(lens: Lens, form: RollUpForm) -> RollUps | None:
    """Return what a form asks for; None for an empty one.

    Raises:
        InvalidRequestError: it cannot be read.
        NotFoundError: nothing of it can be understood.
    """
    return None if form.empty else roll_up(lens, form.body())


def context(lens: Lens, form: RollUpForm, found: RollUps | None) -> dict[str, Any]:
    """Return everything the page shows."""
    shown: dict[str, Any] = {"lens": lens, "form": form, "example": _example(lens), "one": None}
    shown["most_mb"] = f"{read(UploadSettings).upload_max_bytes / 1e6:g}"
    if found is None:
        return shown | {"many": ()}
    shown["place"] = lens.engine.service.edition.manifest.title
    shown["here"] = address_of(form, found)
    shown["api"] = f"/api/v1{shown['here']}" if shown["here"] else ""
    if len(found.found) == 1:
        name, only = next(iter(found.found.items()))
        return shown | {"many": (), "one": _one(lens, found, name, only)}
    order = sorted(found.found.items(), key=lambda pair: -np.nan_to_num(pair[1].spread.score))
    return shown | {"many": [_line(name, one) for name, one in order]}


def _line(name: str, found: RolledUp) -> dict[str, Any]:
    """Return a list as words and figures; shares 0 to 100."""
    spread, estimate = found.spread, found.estimate
    return {
        "name": name,
        "spread": spread,
        "worst_tenth": 100 * spread.worst_tenth,
        "worst_fifth": 100 * spread.worst_fifth,
        "extent": 100 * spread.extent,
        "members": found.members,
        "estimate": estimate,
        "households": _range(estimate.households.low, estimate.households.high) if estimate else "",
        "people": _range(estimate.people.low, estimate.people.high) if estimate else "",
    }


def _one(lens: Lens, found: RollUps, name: str, only: RolledUp) -> dict[str, Any]:
    atlas = lens.engine.service.edition.atlas
    level = atlas.level(AreaKind.SMALL_AREA)
    rows = only.members.rows
    rank = found.scores.rank[rows]
    order = rows[np.argsort(np.where(rank > 0, rank, np.iinfo(np.int32).max), kind="stable")]
    matched = [
        words.plural(count, way.label, _PLURALS.get(way.label))
        for way, count in only.members.matched.items()
    ]
    whole = only.everywhere
    return _line(name, only) | {
        "higher_than": only.higher_than if words.known(only.higher_than) else None,
        "everywhere": whole,
        "everywhere_extent": 100 * whole.extent,
        "tenths": tenth_rows(only.spread.tenths),
        "matched": words.listed(matched),
        "areas": area_rows(atlas, level, found.scores, order[:SHOWN].tolist()),
        "ranked": found.scores.ranked,
    }


_PLURALS: Final = {"name of an area": "names of areas"}


def _range(low: float, high: float) -> str:
    """Return two ends as round figures: "1,600 to 1,900"."""
    ends = [words.about(end).removeprefix("about ") for end in (low, high)]
    return " to ".join(dict.fromkeys(ends))


def _example(lens: Lens) -> str:
    """Return the address of an example that this edition understands."""
    edition = lens.engine.service.edition
    atlas = edition.atlas
    wide = atlas.levels.get(AreaKind.NEIGHBOURHOOD) or atlas.level(AreaKind.SMALL_AREA)
    entries = list(wide.codes[:2])
    small = atlas.level(AreaKind.SMALL_AREA)
    support = edition.support
    near = support.nearest(
        float(small.longitude[0]), float(small.latitude[0]), SupportKind.GP_PRACTICE
    )
    if near and near[0].place.id.startswith(f"{SupportKind.GP_PRACTICE.value}:"):
        entries.append(near[0].place.id.partition(":")[2])
    # No postcode: addresses with one are refused, as it may be somebody's home.
    return rollup_address(",".join(entries), lens.query)


def hidden(form: RollUpForm) -> dict[str, str]:
    """Return the fields that bring the same list or outline once more, for a download."""
    fields = {
        "where": form.where,
        "lists": form.lists,
        "polygon": _compact(form.polygon),
        "named": form.file,
        **form.lens,
    }
    return {name: value for name, value in fields.items() if value}


def _compact(polygon: str) -> str:
    return json.dumps(json.loads(polygon), separators=(",", ":")) if polygon else ""
