"""The figures of small areas that a sample can be designed with: counts, values and classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas, IndicatorValues, Level
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.gaps import Risk
from exclusion_map.terms import LARGER_KINDS, AreaKind

Floats = npt.NDArray[np.float64]
OWN = "own"
"""Name of the column that somebody brings along."""
SUMS: Mapping[str, tuple[str, ...]] = {"aged_65_plus": ("aged_65_74", "aged_75_plus")}
"""Counts that are the sum of the numerators of indicators."""
_PLACES = tuple(kind.value for kind in LARGER_KINDS if kind is not AreaKind.WARD)
NO_CLASS = "not known"
_TENTHS = ("highest-risk tenth", *(f"tenth {one}" for one in range(2, 10)), "lowest-risk tenth")
_FIFTHS = ("highest-risk fifth", "fifth 2", "fifth 3", "fifth 4", "lowest-risk fifth")


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of n small areas.

    Attributes:
        atlas: the read model.
        risk: of the same areas.
        own: (n,) a column somebody brought along: text, empty where it says nothing.
        labels: what indicators are called, by id.
    """

    atlas: Atlas
    risk: Risk
    own: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def small(self) -> Level:
        """The small areas."""
        return self.atlas.level(AreaKind.SMALL_AREA)

    @property
    def _held(self) -> IndicatorValues:
        return self.atlas.indicators[AreaKind.SMALL_AREA]

    @property
    def counts(self) -> tuple[str, ...]:
        """Names of what can be counted: a measure of size, or a figure to balance."""
        held = self._held
        counted = [
            name for at, name in enumerate(held.ids) if np.isfinite(held.numerator[:, at]).any()
        ]
        sums = [name for name, parts in SUMS.items() if set(parts) <= set(counted)]
        modelled = ["at_risk"] if self.risk.estimates is not None else []
        return ("population", "households", *modelled, *sums, *counted)

    @property
    def divisions(self) -> tuple[str, ...]:
        """Names of what areas can be divided by."""
        small = self.small
        places = [name for name in _PLACES if AreaKind(name) in small.parents]
        rural = ["rural", "rural_urban"] if any(small.rural_urban) else []
        own = [OWN] if self.own else []
        known = [
            name
            for at, name in enumerate(self._held.ids)
            if np.isfinite(self._held.value[:, at]).any()
        ]
        return (*own, "decile", "fifth", *rural, *places, "score", *known)

    def count(self, name: str) -> Floats:
        """Return (n,) a count of people or households, or 1 each for ``equal``; NaN missing.

        Raises:
            InvalidRequestError: there is no such count.
        """
        small = self.small
        if name == "equal":
            return np.ones(len(small))
        if name == "population":
            return small.population
        if name == "households":
            return small.households
        if name == "at_risk" and self.risk.estimates is not None:
            return self.risk.estimates.people
        if name not in self.counts:
            raise _unknown("size", name, ("equal", *self.counts))
        held = self._held
        parts = SUMS.get(name, (name,))
        total: Floats = np.sum([held.numerator[:, held.column(part)] for part in parts], axis=0)
        return total

    def base(self, name: str) -> Floats:
        """Return (n,) the people or households that a count is a part of; NaN missing."""
        held = self._held
        return held.denominator[:, held.column(name)] if name in held.ids else self.small.population

    def value(self, name: str) -> Floats:
        """Return (n,) a figure to sort or compare by; NaN missing.

        Raises:
            InvalidRequestError: there is no such figure.
        """
        small = self.small
        if name == "score":
            return self.risk.score
        if name == "latitude":
            return small.latitude
        if name == "longitude":
            return small.longitude
        if name in ("decile", "fifth"):
            decile = self.risk.decile.astype(np.float64)
            return np.where(decile > 0, decile if name == "decile" else np.ceil(decile / 2), np.nan)
        if name in self._held.ids:
            return self._held.value[:, self._held.column(name)]
        if name in _PLACES and AreaKind(name) in small.parents:
            return self._place_order(AreaKind(name))
        raise _unknown("figure", name, ("score", "latitude", "longitude", *self.divisions))

    def classes(self, name: str, rows: npt.NDArray[np.int64], classes: int) -> list[str]:
        """Return (k,) the class of some areas by what they are divided by, in words.

        A figure is cut into classes of about as many areas each, among the areas asked about.

        Raises:
            InvalidRequestError: nothing is divided by that.
        """
        if name in ("decile", "fifth"):
            words = _TENTHS if name == "decile" else _FIFTHS
            told = np.nan_to_num(self.value(name)[rows]).astype(int).tolist()
            return [words[number - 1] if number else NO_CLASS for number in told]
        if name in ("rural", "rural_urban") and self.small.rural_urban:
            named = [self.small.rural_urban[row] for row in rows.tolist()]
            return [_rural(one) if name == "rural" else one or NO_CLASS for one in named]
        if name in _PLACES and AreaKind(name) in self.small.parents:
            return self._place_names(AreaKind(name), rows)
        if name == OWN and self.own:
            return own_classes([self.own[row] for row in rows.tolist()], classes)
        if name not in self.divisions:
            raise _unknown("strata", name, self.divisions)
        return cut(self.value(name)[rows], classes, self.words(name))

    def words(self, name: str) -> str:
        """Return what a figure is called."""
        return self.labels.get(name) or _WORDS.get(name) or name.replace("_", " ")

    def _place_names(self, kind: AreaKind, rows: npt.NDArray[np.int64]) -> list[str]:
        """Return (k,) the larger area of each: its nation where that has none of the kind.

        Wales has neither regions nor integrated care boards: an area there is in Wales, and no
        area whose place nobody knows.
        """
        parent: list[int] = self.small.parents[kind].tolist()
        nations = self.small.nations
        divided = {nation for at, nation in zip(parent, nations, strict=True) if at != OUTSIDE}
        labels = self.atlas.level(kind).labels

        def named(row: int) -> str:
            if parent[row] != OUTSIDE:
                return labels[parent[row]]
            return NO_CLASS if nations[row] in divided else nations[row] or NO_CLASS

        return [named(row) for row in rows.tolist()]

    def _place_order(self, kind: AreaKind) -> Floats:
        """Return (n,) areas of a kind numbered from west to east: neighbours come one by one."""
        level, parent = self.atlas.level(kind), self.small.parents[kind]
        order = np.empty(len(level))
        order[np.argsort(level.longitude, kind="stable")] = np.arange(len(level))
        return np.where(parent != OUTSIDE, order[parent], np.nan)


_WORDS = {
    "equal": "areas, each the same",
    "population": "people",
    "households": "households",
    "at_risk": "people at risk (modelled)",
    "aged_65_plus": "people aged 65 and over",
    "decile": "tenth of risk",
    "fifth": "fifth of risk",
    "rural": "urban or rural",
    "rural_urban": "rural-urban class",
    "icb": "integrated care board",
    "sub_icb": "sub-ICB location",
    "score": "score",
    OWN: "the column of one’s own",
}


def cut(values: Floats, classes: int, words: str) -> list[str]:
    """Return (k,) the class of each value, of about as many each, ties together; 1 is lowest."""
    known = values[np.isfinite(values)]
    if not len(known):
        return [NO_CLASS] * len(values)
    edges = np.unique(np.quantile(known, np.arange(1, classes) / classes))
    number = np.searchsorted(edges, np.nan_to_num(values), side="left") + 1
    most = len(edges) + 1
    told = np.where(np.isfinite(values), number, 0).tolist()
    return [f"{words}: class {one} of {most}" if one else NO_CLASS for one in told]


def own_classes(texts: Sequence[str], classes: int) -> list[str]:
    """Return the classes of a column: its texts, or classes of its numbers where it has many."""
    named = {text for text in texts if text}
    try:
        numbers = [float(text) if text else np.nan for text in texts]
    except ValueError:
        numbers = []
    if not numbers or len(named) <= classes:
        return [text or NO_CLASS for text in texts]
    return cut(np.array(numbers), classes, "own")


def _rural(name: str) -> str:
    if not name:
        return NO_CLASS
    return "rural" if "rural" in name.lower() else "urban"


def _unknown(thing: str, name: str, known: Sequence[str]) -> InvalidRequestError:
    return InvalidRequestError(
        thing, found=repr(name), expected=f"one of {', '.join(dict.fromkeys(known))}"
    )
