"""The page where a reader chooses a file: which areas, which figures, in which form, how large."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from api.pages import words
from api.pages.areas import code_of
from api.pages.lens import Lens
from exclusion_map.areas.scoring import Question
from exclusion_map.areas.selection import choose
from exclusion_map.editions.downloads import (
    AreaOrder,
    area_dataset,
    outlines_of,
    rows_of,
    scores_at,
)
from exclusion_map.editions.jobs import MOST_DRAWN
from exclusion_map.exports.area_columns import USUAL, ColumnGroup
from exclusion_map.exports.dataset import Field
from exclusion_map.exports.formats import FileFormat, guess
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind

MAP: Final = "html"
"""The form of a map in one file, beside the forms of tables."""
PLACES: Final = "support"
FIRST: Final = FileFormat.XLSX
_SLOW_S: Final = 4.0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a reader chose; the address holds all of it."""

    place: str = ""
    """Code of an area; empty for everywhere."""
    kind: AreaKind = AreaKind.SMALL_AREA
    decile: int | None = None
    groups: tuple[ColumnGroup, ...] = field(default=USUAL)
    form: str = FIRST.value

    def address(self, lens: Lens) -> str:
        """Return where the file is."""
        asked: dict[str, str] = {"kind": self.kind.value, **lens.query}
        if self.place:
            asked["within"] = self.place
        if self.decile is not None:
            asked["decile"] = str(self.decile)
        if self.form == MAP:
            return f"/api/v1/download/map.html?{urlencode(asked, safe=',:')}"
        asked["columns"] = ",".join(self.groups)
        return f"/api/v1/download/areas.{self.form}?{urlencode(asked, safe=',:')}"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A file as it would be."""

    address: str
    count: int
    what: str
    columns: Sequence[Field]
    size: str
    wait: str
    fault: str = ""


def offer_of(lens: Lens, choice: Choice) -> Offer:
    """Return the file that a choice asks for: its address, its size and its columns.

    Raises:
        NotFoundError: the edition has no such area or level.
        InvalidRequestError: no area is left.
    """
    edition = lens.engine.service.edition
    asked = lens.question
    if choice.place:
        selection = choose(edition.atlas, [choice.place])
        asked = Question(
            definition=asked.definition, weights=asked.weights, base=asked.base, selection=selection
        )
    answer = lens.engine.answer(asked)
    order = AreaOrder(kind=choice.kind, groups=_without_draws(choice, lens), decile=choice.decile)
    rows = rows_of(scores_at(edition, answer, choice.kind), choice.decile)
    fields = area_dataset(edition, answer, order, part=slice(0, 1)).fields
    outlines = outlines_of(edition, choice.kind, rows).stored_bytes()
    what = choice.kind.label if len(rows) == 1 else choice.kind.label_plural
    if choice.form == MAP:
        size, seconds, fields = min(outlines * 2, 2_500_000) + 400 * len(rows) + 300_000, 4.0, ()
    else:
        found = guess(FileFormat(choice.form), len(rows), len(fields), outlines)
        size, seconds = found.bytes, found.seconds
    too_many = choice.form == MAP and len(rows) > MOST_DRAWN
    return Offer(
        address=choice.address(lens),
        count=len(rows),
        what=what,
        columns=fields,
        size=size_words(size),
        wait=f"It takes about {round(seconds)} seconds to make." if seconds > _SLOW_S else "",
        fault=f"A map can show at most {MOST_DRAWN:,} areas. Choose a smaller place or a wider "
        "kind of area."
        if too_many
        else "",
    )


def _without_draws(choice: Choice, lens: Lens) -> tuple[ColumnGroup, ...]:
    """Return the groups whose columns can be told at once: intervals may need draws."""
    if lens.published:
        return choice.groups
    return tuple(group for group in choice.groups if group is not ColumnGroup.INTERVALS)


def size_words(size: int) -> str:
    """Return a size as people say it."""
    if size < 95_000:
        return f"about {max(round(size / 1e4) * 10, 10)} KB"
    return f"about {size / 1e6:.1f} MB" if size < 9.5e6 else f"about {round(size / 1e6)} MB"


def context(lens: Lens, choice: Choice, offer: Offer | None) -> Mapping[str, object]:
    """Return everything the page shows."""
    atlas = lens.engine.service.edition.atlas
    level, row = atlas.find(choice.place) if choice.place else (None, 0)
    return {
        "lens": lens,
        "choice": choice,
        "offer": offer,
        "place_name": level.labels[row] if level else "",
        "support_query": f"?area={choice.place}" if choice.place else "",
        "kind_options": [
            (kind.value, words.upper_first(kind.label_plural))
            for kind in AreaKind
            if kind in atlas.levels
        ],
        "index_options": [(preset.id, preset.title) for preset in lens.presets()],
        "decile_options": [
            ("", "All of them"),
            *((str(d), f"{d}: {palette.decile_words(d)}") for d in range(1, 11)),
        ],
        "column_options": [(group.value, group.label) for group in ColumnGroup],
        "form_options": [
            *((form.value, form.facts.title, form.facts.use) for form in FileFormat),
            (MAP, "Map in one file (HTML)", "Opens in any browser, without a network."),
        ],
        "support_forms": [(form.value, form.facts.title) for form in FileFormat],
    }


def parse_place(lens: Lens, text: str) -> str:
    """Return the code of the place a reader means; empty for everywhere.

    Raises:
        NotFoundError: nothing is called that.
    """
    return code_of(lens.engine.service, text)
