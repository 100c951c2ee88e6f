"""How a reader looks at the areas: which index, which weights, compared with whom.

The address holds all of it, so that a link brings another person to exactly the same view.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from api.engine import Engine
from api.pages.words import listed
from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.bases import BaseName, parse_base
from exclusion_map.areas.meant import code_meant
from exclusion_map.areas.scoring import Answer, LevelScores, Question, parse_weights
from exclusion_map.areas.search import LONGEST
from exclusion_map.areas.selection import choose
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind

MOST: Final = 10
"""Sliders run from 0 to this; only how they stand to one another counts."""
SLIDER: Final = "w-"
"""What the name of a slider starts with in a form; the rest is the id of the part."""

BASE_OPTIONS: Final = (
    (BaseName.ALL, "all areas"),
    (BaseName.NATION, "areas of its own nation"),
    (BaseName.REGION, "areas of its own region"),
    (BaseName.ICB, "areas of its own integrated care board"),
    (BaseName.LOCAL_AUTHORITY, "areas of its own local authority"),
    (BaseName.RURAL_URBAN, "areas as rural or urban as it is"),
    (BaseName.SELECTION, "only the places named below"),
)
MOST_PLACES: Final = 200
"""Places a reader can name in an address; longer lists go to the API."""
_NAMED: Final = 3
_KINDS: Final = {
    BaseName.NATION: AreaKind.NATION,
    BaseName.REGION: AreaKind.REGION,
    BaseName.ICB: AreaKind.ICB,
    BaseName.LOCAL_AUTHORITY: AreaKind.LOCAL_AUTHORITY,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an index with its slider."""

    id: str
    title: str
    weight: int
    published: int
    share: float
    """Of the whole, 0 to 100, as the sliders stand."""


@dataclass(frozen=True, slots=True)
class Preset:
    """An index a reader can choose."""

    id: str
    title: str
    chosen: bool
    lacking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Lens:
    """An index with any weights within any base, over the areas of an open edition."""

    engine: Engine
    definition: Definition
    weights: Mapping[str, float] = field(default_factory=dict)
    """Those that replace the published ones; empty for the index as published."""
    base: BaseName = BaseName.ALL
    where: tuple[str, ...] = ()
    """With the base ``selection``: codes of the places compared with each other."""

    @property
    def index(self) -> str:
        """The id of the index."""
        return str(self.definition.id)

    @property
    def plain(self) -> bool:
        """Whether it is what is shown unless something else is asked for."""
        return self.index == self.engine.service.default_index and self.published

    @property
    def published(self) -> bool:
        """Whether the index is just as published, among all areas."""
        return not self.weights and self.base is BaseName.ALL

    @property
    def query(self) -> dict[str, str]:
        """What an address needs to say of it; nothing for the plain one."""
        state = {
            "index": "" if self.index == self.engine.service.default_index else self.index,
            "weights": ",".join(f"{name}:{value:g}" for name, value in self.weights.items()),
            "base": "" if self.base is BaseName.ALL else self.base.value,
            "where": ",".join(self.where),
        }
        return {name: value for name, value in state.items() if value}

    @property
    def suffix(self) -> str:
        """The same as it stands in an address after others: ``&index=skills``, or empty."""
        return f"&{urlencode(self.query, safe=',:')}" if self.query else ""

    @property
    def question(self) -> Question:
        """The same as the engine takes it."""
        atlas = self.engine.service.edition.atlas
        return Question(
            definition=self.definition,
            weights=self.weights,
            base=self.base,
            selection=choose(atlas, self.where) if self.where else None,
        )

    def answer(self) -> Answer:
        """Return the index worked out for small areas.

        Raises:
            DefinitionError: a weight or an indicator cannot be used.
            NotFoundError: the edition has no areas of the base's kind.
        """
        return self.engine.answer(self.question)

    def at(self, kind: AreaKind) -> LevelScores:
        """Return the scores of a level, worked out now."""
        return self.engine.at_level(self.answer(), kind)

    def scores(self, kind: AreaKind) -> ScoreSet:
        """Return the scores of a level: those of the edition where it has them.

        Raises:
            NotFoundError: the edition has no such level.
        """
        atlas = self.engine.service.edition.atlas
        if self.published and (self.index, kind) in atlas.scores:
            return atlas.scores[self.index, kind]
        return self.at(kind).scores

    def words(self) -> str:
        """Return what a reader chose, in words; empty for the plain view."""
        said = []
        if self.index != self.engine.service.default_index:
            said.append(f"by “{self.definition.title}”")
        if self.weights:
            said.append("with changed weights")
        if self.where:
            said.append(f"compared only within {listed(self.places())}")
        elif self.base is not BaseName.ALL:
            said.append(f"compared with {dict(BASE_OPTIONS)[self.base]}")
        return ", ".join(said)

    def places(self) -> list[str]:
        """Return the names of the places compared with each other, a few of many."""
        atlas = self.engine.service.edition.atlas
        found = [atlas.find(code) for code in self.where[:_NAMED]]
        names = [level.labels[row] for level, row in found]
        more = len(self.where) - len(names)
        return [*names, f"{more} more"] if more else names

    def parts(self) -> list[Part]:
        """Return the sliders: one for each top-level part."""
        published = slider_weights(self.definition)
        weights = {
            name: round(min(max(self.weights.get(name, weight), 0), MOST))
            for name, weight in published.items()
        }
        total = sum(weights.values()) or 1
        return [
            Part(
                id=child.id,
                title=child.title or self._label(child.id),
                weight=weights[child.id],
                published=published[child.id],
                share=100 * weights[child.id] / total,
            )
            for child in self.definition.children
        ]

    def presets(self) -> list[Preset]:
        """Return the indices a reader can choose, those that the data can fill at all."""
        return list(self._presets())

    def _presets(self) -> Iterator[Preset]:
        for identity, definition in self.engine.definitions.items():
            lacking = self.engine.missing(definition)
            if len(lacking) < len(definition.leaves()):
                yield Preset(identity, definition.title, identity == self.index, lacking)

    def bases(self) -> list[tuple[str, str]]:
        """Return the bases the edition can offer, as choices of a form."""
        atlas = self.engine.service.edition.atlas
        small = atlas.level(AreaKind.SMALL_AREA)
        return [
            (name.value, words)
            for name, words in BASE_OPTIONS
            if (
                (kind := _KINDS.get(name)) is None
                and (name is not BaseName.RURAL_URBAN or small.rural_urban)
            )
            or kind in atlas.levels
        ]

    def notes(self) -> list[str]:
        """Return what has to be said about the data behind the index."""
        lacking = self.engine.missing(self.definition)
        if not lacking:
            return []
        return [
            f"This edition has no data for {len(lacking)} of the "
            f"{len(self.definition.leaves())} figures of this index; the others carry their weight."
        ]

    def _label(self, identity: str) -> str:
        indicators = self.engine.service.edition.manifest.indicators
        labels = {str(one.id): one.short_label for one in indicators}
        return labels.get(identity, identity.replace("_", " "))


def slider_weights(definition: Definition) -> dict[str, int]:
    """Return the published weights of the top-level parts as whole numbers from 0 to 10.

    Small whole numbers stay as they are; others are scaled so that the largest is 10.
    """
    weights = {child.id: child.weight for child in definition.children}
    most = max(weights.values())
    whole = all(weight == round(weight) for weight in weights.values()) and most <= MOST
    scale = 1.0 if whole else MOST / most
    return {name: round(weight * scale) for name, weight in weights.items()}


def lens_of(
    engine: Engine, index: str = "", weights: str = "", base: str = "", where: str = ""
) -> Lens:
    """Return what an address asks for.

    Args:
        engine: of the open edition.
        index: id; empty for the default one.
        weights: as `parse_weights` reads them.
        base: its name; empty for all areas.
        where: names or codes of places; looked at with the base ``selection`` alone.

    Raises:
        NotFoundError: there is no such index, or nothing is called as a place in ``where``.
        InvalidRequestError: a weight or the base cannot be read, every weight is 0, or the base is
            ``selection`` and no place is named.
    """
    definition = engine.definition(index or None)
    given = parse_weights(weights)
    parts = [child.id for child in definition.children]
    if given and all(given.get(name, 1.0) == 0 for name in parts):
        raise no_weight()
    name = parse_base(base) if base else BaseName.ALL
    places = codes_of(engine, where) if name is BaseName.SELECTION else ()
    if name is BaseName.SELECTION and not places:
        raise InvalidRequestError(
            "places to compare",
            found="none named",
            expected="names or codes of places, separated by commas",
            mend="Name at least one place, or compare with all areas.",
        )
    published = slider_weights(definition)
    same = all(given.get(part, published[part]) == published[part] for part in parts)
    if same and _exact(definition) and set(given) <= set(parts):
        given = {}
    made = Lens(engine=engine, definition=definition, weights=given, base=name, where=places)
    made.answer()
    return made


def plain_lens(engine: Engine) -> Lens:
    """Return the view of the default index as published."""
    return Lens(engine=engine, definition=engine.definition(None))


def codes_of(engine: Engine, text: str) -> tuple[str, ...]:
    """Return the codes of places named by name or code, with commas, semicolons or line breaks.

    A name that has a comma itself ("Bristol, City of") is understood where it stands alone or
    between semicolons.

    Raises:
        NotFoundError: nothing is called that.
        InvalidRequestError: there are too many.
    """
    whole = text.strip()
    parts = re.split(r"[;\n]", whole) if re.search(r"[;\n]", whole) else [whole]
    if len(parts) == 1 and not _called(engine, whole):
        parts = whole.split(",")
    named = [part.strip() for part in parts if part.strip()]
    if len(named) > MOST_PLACES:
        raise InvalidRequestError(
            "places to compare",
            found=f"{len(named)}",
            expected=f"at most {MOST_PLACES}",
            mend="Send longer lists to /api/v1/scores.",
        )
    return tuple(dict.fromkeys(_code(engine, one) for one in named))


def _called(engine: Engine, text: str) -> bool:
    """Return whether a place is called just so."""
    told = "," in text and len(text) <= LONGEST
    found = engine.service.search(text, 1).results if told else ()
    return any(one.name.casefold() == text.casefold() for one in found)


def _code(engine: Engine, text: str) -> str:
    atlas = engine.service.edition.atlas
    if atlas.has(text):
        level, row = atlas.find(text)
        return level.codes[row]
    return code_meant(engine.service.search, text)


def no_weight() -> InvalidRequestError:
    """Return the error for sliders that all stand at 0."""
    return InvalidRequestError(
        "weights",
        found="0 for every part",
        expected="at least one part that counts",
        mend="Give at least one part a weight above 0.",
    )


def from_sliders(engine: Engine, index: str, sliders: Mapping[str, str]) -> str:
    """Return the weights of a form as an address says them; empty where they are the published.

    Sliders of parts that the index does not have are left out: they belong to the index that was
    shown when another was chosen.

    Raises:
        NotFoundError: there is no such index.
        InvalidRequestError: a slider is no number, or all are 0.
    """
    definition = engine.definition(index or None)
    published = slider_weights(definition)
    text = ",".join(f"{name}:{sliders[name]}" for name in published if name in sliders)
    given = parse_weights(text)
    if len(given) < len(published) or given == published:
        return ""
    if not any(given.values()):
        raise no_weight()
    return text


def _exact(definition: Definition) -> bool:
    """Return whether the sliders at their published places give the index as published."""
    return all(
        child.weight == whole
        for child, whole in zip(
            definition.children, slider_weights(definition).values(), strict=True
        )
    )
