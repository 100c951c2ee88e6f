"""An index of a reader's own: any figures of the catalogue and one they bring, without code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request

from api.engine import Engine
from api.pages.areas import AreaRow, area_rows
from api.pages.formula import Formula, formulae
from api.pages.lens import BASE_OPTIONS, MOST, Lens, codes_of
from api.uploads import received
from api.work import Wanted, in_thread
from exclusion_map.areas.bases import BaseName, parse_base
from exclusion_map.areas.scoring import Question
from exclusion_map.areas.upload_files import parse_upload
from exclusion_map.areas.uploads import Upload
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Definition
from exclusion_map.index.aggregate import Aggregation
from exclusion_map.index.normalise import Normalisation
from exclusion_map.terms import AreaKind, Direction
from exclusion_map.uploads import read_rows

FIGURE: Final = "i-"
"""What the name of a figure's weight starts with in the form; the rest is the indicator's id."""
SHOWN: Final = 20
_FIELDS: Final = 120
NORMALISATIONS: Final = (
    (Normalisation.PERCENTILE_RANK.value, "by rank: the share of areas it is riskier than"),
    (Normalisation.MIN_MAX.value, "from the lowest to the highest value (min-max)"),
    (Normalisation.Z_SCORE.value, "in standard deviations from the average (z-scores)"),
)
AGGREGATIONS: Final = (
    (Aggregation.ARITHMETIC.value, "an average: low values make up for high ones"),
    (Aggregation.GEOMETRIC.value, "a geometric mean: low values pull harder"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnForm:
    """What a reader chose."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """Of figures of the catalogue, those above 0."""
    normalise: str = Normalisation.PERCENTILE_RANK
    aggregate: str = Aggregation.ARITHMETIC
    base: str = ""
    where: str = ""
    upload: Upload | None = None
    upload_weight: float = 1.0
    wanted: str = ""
    """``csv`` for all small areas, ``json`` for the definition; empty for the page."""

    @property
    def empty(self) -> bool:
        """Whether no figure was chosen."""
        return not self.weights and self.upload is None

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it; a file cannot stand in an address."""
        said = {
            "normalise": "" if self.normalise == NORMALISATIONS[0][0] else self.normalise,
            "aggregate": "" if self.aggregate == AGGREGATIONS[0][0] else self.aggregate,
            "base": "" if self.base == BaseName.ALL else self.base,
            "where": self.where if self.base == BaseName.SELECTION else "",
        }
        weights = {f"{FIGURE}{name}": f"{weight:g}" for name, weight in self.weights.items()}
        return weights | {name: value for name, value in said.items() if value}

    @property
    def address(self) -> str:
        """The address of the page with its answer."""
        return f"/own?{urlencode(self.query, safe=',:')}"

    @property
    def data(self) -> dict[str, Any]:
        """The index as a definition in JSON says it."""
        children = [{"indicator": name, "weight": weight} for name, weight in self.weights.items()]
        more: dict[str, Any] = {}
        if self.upload is not None:
            brought = {"indicator": self.upload.id, "title": self.upload.title}
            children.append({**brought, "weight": self.upload_weight})
            more["supplied"] = [_supplied(self.upload)]
        return {
            "id": "own",
            "title": "An index of your own",
            "normalise": {"method": self.normalise},
            "aggregate": {"method": self.aggregate},
            **more,
            "children": children,
        }

    def definition(self) -> Definition:
        """Return the index as a definition, which the API and the command line take too.

        Raises:
            DefinitionError: a method or an indicator is unknown.
        """
        return Definition.parse(self.data)


def _supplied(upload: Upload) -> dict[str, str]:
    direction = upload.direction or Direction.HIGHER_IS_RISKIER
    return {"id": upload.id, "title": upload.title or upload.id, "direction": direction.value}


@dataclass(frozen=True, kw_only=True)
class OwnLens(Lens):
    """A view of the areas by an index of the reader's own, with what they brought."""

    upload: Upload | None = None

    def words(self) -> str:
        """Return what a reader chose besides the figures, in words."""
        among = Lens(
            engine=self.engine,
            definition=self.engine.definition(None),
            base=self.base,
            where=self.where,
        )
        return among.words()

    @property
    def question(self) -> Question:
        """The same as the engine takes it."""
        asked = super().question
        return Question(
            definition=asked.definition,
            base=asked.base,
            selection=asked.selection,
            uploads=() if self.upload is None else (self.upload,),
        )


def form_of(texts: Mapping[str, str], upload: Upload | None = None) -> OwnForm:
    """Return what a form or an address says.

    Raises:
        InvalidRequestError: a weight is no number from 0 to 10.
    """
    weights = {
        name.removeprefix(FIGURE): _weight(name, text)
        for name, text in texts.items()
        if name.startswith(FIGURE) and text.strip()
    }
    return OwnForm(
        weights={name: weight for name, weight in weights.items() if weight > 0},
        normalise=texts.get("normalise") or NORMALISATIONS[0][0],
        aggregate=texts.get("aggregate") or AGGREGATIONS[0][0],
        base=texts.get("base", ""),
        where=texts.get("where", "").strip(),
        upload=upload,
        upload_weight=_weight("the weight of your figure", texts.get("own-weight") or "1"),
        wanted=texts.get("as", ""),
    )


def _weight(name: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= MOST:
        raise InvalidRequestError(
            name.removeprefix(FIGURE), found=repr(text[:20]), expected=f"a number from 0 to {MOST}"
        )
    return weight


async def read_form(request: Request, limit: int) -> OwnForm:
    """Return a form that may bring a file.

    Raises:
        TooLargeError: it is larger than ``limit`` bytes.
        InvalidRequestError: the file cannot be used.
    """
    async with received(request, most_bytes=limit, most_fields=_FIELDS) as sent:
        if not sent.size:
            return form_of(sent.texts)
        lower = sent.texts.get("direction") == Direction.LOWER_IS_RISKIER
        direction = Direction.LOWER_IS_RISKIER if lower else None

        def brought(wanted: Wanted) -> Upload:
            text = read_rows(sent.content(), sent.name, wanted=wanted).csv()
            return parse_upload(text, sent.name, direction=direction)

        return form_of(sent.texts, await in_thread(request, brought))


def lens_of_form(engine: Engine, form: OwnForm) -> OwnLens:
    """Return the view that a form asks for.

    Raises:
        DefinitionError: an indicator or a method is unknown, or the two do not go together.
        InvalidRequestError: no such base, or no place is named for it.
        NotFoundError: nothing is called as a place.
    """
    base = parse_base(form.base) if form.base else BaseName.ALL
    where = codes_of(engine, form.where) if base is BaseName.SELECTION else ()
    if base is BaseName.SELECTION and not where:
        raise InvalidRequestError(
            "places to compare",
            found="none named",
            expected="names or codes of places, separated by commas",
        )
    made = OwnLens(
        engine=engine, definition=form.definition(), base=base, where=where, upload=form.upload
    )
    made.answer()
    return made


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that can be chosen."""

    id: str
    label: str
    group: str
    weight: float


def context(engine: Engine, form: OwnForm) -> dict[str, Any]:
    """Return everything the page shows; without an answer where no figure was chosen."""
    shown: dict[str, Any] = {
        "form": form,
        "figures": _figures(engine, form.weights),
        "normalisations": NORMALISATIONS,
        "aggregations": AGGREGATIONS,
        "bases": [(name.value, words) for name, words in BASE_OPTIONS],
        "most": MOST,
        "answer": None,
    }
    if form.empty:
        return shown
    lens = lens_of_form(engine, form)
    return shown | {"answer": _answer(lens), "lens": lens}


def _figures(engine: Engine, weights: Mapping[str, float]) -> list[Figure]:
    held = dict(zip(engine.table.indicators, engine.table.gaps.tolist(), strict=True))
    return [
        Figure(
            str(one.id),
            one.label,
            one.nhs_group.label if one.nhs_group else "Other figures",
            weights.get(str(one.id), 0),
        )
        for one in engine.service.edition.manifest.indicators
        if held.get(str(one.id), len(engine.table)) < len(engine.table)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAnswer:
    """The index worked out."""

    rows: Sequence[AreaRow]
    scored: int
    stayed: int
    """Areas of its highest-risk tenth that are in the published score's, too."""
    worst: int
    notes: Sequence[str]
    unknown: Sequence[str]
    formulae: Sequence[Formula]


def _answer(lens: OwnLens) -> OwnAnswer:
    found = lens.answer()
    scored = lens.engine.at_level(found, AreaKind.SMALL_AREA)
    scores, level = scored.scores, scored.level
    atlas = lens.engine.service.edition.atlas
    published = atlas.score_set(lens.engine.service.default_index, AreaKind.SMALL_AREA)
    order = (-scores.score).argsort(kind="stable")[:SHOWN].tolist()
    worst = scores.decile == 1
    return OwnAnswer(
        rows=area_rows(atlas, level, scores, [row for row in order if scores.rank[row]]),
        scored=int((scores.rank > 0).sum()),
        stayed=int((worst & (published.decile == 1)).sum()),
        worst=int(worst.sum()),
        notes=found.notes,
        unknown=found.unknown[:SHOWN],
        formulae=formulae(lens.definition),
    )
