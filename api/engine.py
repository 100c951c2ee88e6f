"""The index engine as the service holds it: one for an open edition, with what it remembers.

Normalised columns are remembered by definition and base, whole answers by their weights too, and
results of draws; all in small caches that drop what was used longest ago. Uploaded values are never
remembered.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from hashlib import blake2b

import numpy as np
from starlette.datastructures import State

from api.memory import give_back
from api.remember import Memory
from api.service import Service
from exclusion_map.areas.bases import BaseName, base_of
from exclusion_map.areas.live import LiveIndex
from exclusion_map.areas.scoring import Answer, LevelScores, Question, answer, at_level
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.index import (
    Base,
    Definition,
    Prepared,
    ValueTable,
    check_indicators,
    library,
    prepare,
)
from exclusion_map.index.aggregate import Aggregation
from exclusion_map.index.audit import Audit, audit
from exclusion_map.index.reweigh import weighted_mean_only
from exclusion_map.index.sensitivity import Sensitivity, sensitivity
from exclusion_map.index.uncertainty import Uncertainty, uncertainty
from exclusion_map.settings import ServiceSettings
from exclusion_map.stopping import check_wanted
from exclusion_map.terms import AreaKind

ANSWERS_KEPT = 3
DRAWS_KEPT = 3
ENCODED_KEPT = 8
MOST_COMPARED = 5_000
"""Most areas in one group of a base under Copeland, whose cost grows with their square."""
MOST_LEAVES = 60
SAMPLES = 64
"""Samples of Saltelli's scheme behind the effects that the service tells."""


class Engine:
    """Answers questions about the indices of one edition."""

    def __init__(self, service: Service, settings: ServiceSettings) -> None:
        self.service = service
        self.settings = settings
        self._prepared: Memory[Prepared] = Memory(settings.prepared_kept)
        self._answers: Memory[Answer] = Memory(ANSWERS_KEPT)
        self._live: Memory[LiveIndex] = Memory(settings.prepared_kept)
        self._draws: Memory[Uncertainty] = Memory(DRAWS_KEPT, heavy=True)
        self._effects: Memory[Sensitivity] = Memory(4 * DRAWS_KEPT, heavy=True)
        self.encoded: Memory[bytes] = Memory(ENCODED_KEPT)
        """Values of all areas as bytes, of which a map of very many areas takes tile by tile."""
        self._audits: Memory[Audit | None] = Memory(2 * len(library()), heavy=True)

    @cached_property
    def table(self) -> ValueTable:
        """Values of all small areas."""
        return self.service.edition.values

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """Every definition there is, those of the edition first, as the edition has them."""
        published = {
            index.id: Definition.parse(index.definition, index.id)
            for index in self.service.edition.manifest.indices
        }
        return {**published, **{k: v for k, v in library().items() if k not in published}}

    def definition(self, identity: str | None) -> Definition:
        """Return a definition by id; the edition's default one for None.

        Raises:
            NotFoundError: there is none of that id.
        """
        wanted = identity or self.service.default_index
        if wanted not in self.definitions:
            raise NotFoundError(
                f"index {wanted!r}",
                found="no such index",
                expected=f"one of: {', '.join(self.definitions)}",
            )
        return self.definitions[wanted]

    def answer(self, question: Question) -> Answer:
        """Return a question worked out for small areas.

        Raises:
            DefinitionError: an id or a weight cannot be used.
            InvalidRequestError: a base, an upload or a definition cannot be used.
        """
        self._check(question)
        atlas = self.service.edition.atlas
        if question.uploads:
            return answer(atlas, self.table, question)
        key = question_key(question)
        return self._answers.get(
            key, lambda: answer(atlas, self.table, question, self._remembering(question))
        )

    def remembers(self, question: Question) -> bool:
        """Return whether the answer to a question is there already."""
        return not question.uploads and self._answers.has(question_key(question))

    def at_level(self, found: Answer, kind: AreaKind) -> LevelScores:
        """Return an answer at a level."""
        return at_level(self.service.edition.atlas, found, kind)

    def quick(self, index: str) -> bool:
        """Return whether new weights of an index are worked out in a moment, once it is live."""
        definition = self.definitions.get(index)
        return definition is not None and weighted_mean_only(definition)

    def live(self, index: str, base: BaseName) -> LiveIndex:
        """Return an index within a base, ready for any weights; remembered.

        Raises:
            NotFoundError: there is no such index or base.
            DefinitionError: an indicator has no data.
        """

        def make() -> LiveIndex:
            question = Question(definition=self.definition(index), base=base)
            self._check(question)
            check_indicators(question.definition, self.table.indicators)
            atlas = self.service.edition.atlas
            prepared = self._remembering(question)(
                question.definition, self.table, base_of(atlas, base)
            )
            return LiveIndex(atlas, prepared)

        return self._live.get((index, base), make)

    def live_at_hand(self, index: str, base: BaseName) -> LiveIndex | None:
        """Return a live index where it is there already."""
        return self._live.peek((index, base))

    def _remembering(
        self, question: Question
    ) -> Callable[[Definition, ValueTable, Base], Prepared]:
        """Return a way to prepare columns that looks whether they are there already."""
        base = _base_key(question)

        def make(definition: Definition, table: ValueTable, within: Base) -> Prepared:
            published = self.service.edition.prepared
            if within.groups is None and published.holds(definition):
                return published[definition.id]  # Profiles are made from the same columns.
            key = (definition.model_dump_json(), base)
            return self._prepared.get(key, lambda: prepare(definition, table, within))

        return make

    def _check(self, question: Question) -> None:
        definition = question.definition
        leaves = len(definition.leaves()) + len(question.uploads)
        if leaves > MOST_LEAVES:
            raise InvalidRequestError(
                f"definition {definition.id}",
                found=f"{leaves} indicators",
                expected=f"at most {MOST_LEAVES}",
            )
        ways = [definition.aggregate, *(group.aggregate for group in definition.components())]
        if any(way is not None and way.method is Aggregation.COPELAND for way in ways):
            self._check_size(question)

    def _check_size(self, question: Question) -> None:
        atlas = self.service.edition.atlas
        groups = base_of(atlas, question.base, question.selection).groups
        most = (
            len(self.table)
            if groups is None
            else int(np.bincount(groups[groups >= 0], minlength=1).max())
        )
        if most > MOST_COMPARED:
            raise InvalidRequestError(
                "Copeland aggregation",
                found=f"{most:,} areas compared with each other",
                expected=f"at most {MOST_COMPARED:,}",
                mend="Choose a smaller base, or use the command: exclusion-map score.",
            )

    def check_draws(self, draws: int) -> None:
        """Raise InvalidRequestError where more draws are asked for than the service makes."""
        if draws > self.settings.draws_limit:
            raise InvalidRequestError(
                "draws",
                found=f"{draws:,}",
                expected=f"at most {self.settings.draws_limit:,}",
                mend="For more, use the command: exclusion-map score --uncertainty.",
            )

    def uncertainty(
        self, question: Question, draws: int, seed: int, also_in: tuple[BaseName, ...] = ()
    ) -> Uncertainty:
        """Return intervals of small areas over seeded draws; computed once, then remembered.

        Raises:
            InvalidRequestError: too many draws.
            DefinitionError: the definition is not one weighted mean.
        """
        self.check_draws(draws)
        found = self.answer(question)

        def make() -> Uncertainty:
            self._make_room()
            return uncertainty(
                found.composite.definition,
                found.table,
                found.composite.base,
                draws=draws,
                seed=seed,
                also_in=self._bases(also_in),
                on_progress=lambda _done, _all: check_wanted(),
            )

        return self._draws.get((question_key(question), draws, seed, also_in), make)

    def has_draws(
        self, question: Question, draws: int, seed: int, also_in: tuple[BaseName, ...] = ()
    ) -> bool:
        """Return whether the intervals of a question are there already."""
        return self._draws.has((question_key(question), draws, seed, also_in))

    def has_effects(
        self,
        question: Question,
        seed: int,
        area: str | None = None,
        also_in: tuple[BaseName, ...] = (),
    ) -> bool:
        """Return whether the effects of a question are there already."""
        return self._effects.has((question_key(question), seed, area, also_in))

    def effects(
        self,
        question: Question,
        seed: int,
        area: str | None = None,
        also_in: tuple[BaseName, ...] = (),
    ) -> Sensitivity:
        """Return what drives the ranks of all small areas, or of one; remembered.

        Raises:
            InvalidRequestError: the area has no score.
        """
        found = self.answer(question)

        def make() -> Sensitivity:
            self._make_room()
            return sensitivity(
                found.composite.definition,
                found.table,
                found.composite.base,
                samples=SAMPLES,
                seed=seed,
                also_in=self._bases(also_in),
                area=area,
            )

        return self._effects.get((question_key(question), seed, area, also_in), make)

    def _make_room(self) -> None:
        """Forget what is quickly made again: draws need the room."""
        self._prepared.forget()
        self._answers.forget()
        self._live.forget()
        give_back()

    def audit(self, definition: Definition) -> Audit | None:
        """Return effective weights of a definition over all areas; None where no data fills it."""

        def make() -> Audit | None:
            lacking = set(self.missing(definition))
            if all(leaf.node.indicator in lacking for leaf in definition.leaves()):
                return None
            found = audit(prepare(definition, self.table).compose())
            return found if np.isfinite(found.correlations).any() else None

        return self._audits.get(definition.model_dump_json(), make)

    @property
    def audited(self) -> bool:
        """Whether the effective weights of every definition are there already."""
        return all(self._audits.has(one.model_dump_json()) for one in self.definitions.values())

    def missing(self, definition: Definition) -> tuple[str, ...]:
        """Return a definition's indicators with neither data in the edition nor a stand-in."""
        have = {
            name
            for name, gaps in zip(self.table.indicators, self.table.gaps.tolist(), strict=True)
            if gaps < len(self.table)
        }
        return tuple(
            leaf.node.indicator
            for leaf in definition.leaves()
            if not have.intersection(leaf.node.choices) or not have.issuperset(leaf.node.plus)
        )

    def _bases(self, names: tuple[BaseName, ...]) -> tuple[Base, ...]:
        return tuple(base_of(self.service.edition.atlas, name) for name in names)


def question_key(question: Question) -> str:
    """Return a digest of all that decides the answer to a question without uploads."""
    selection = b"" if question.selection is None else question.selection.rows.tobytes()
    parts = (
        question.definition.model_dump_json().encode(),
        repr(sorted(question.weights.items())).encode(),
        question.base.value.encode(),
        selection,
    )
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def _base_key(question: Question) -> Hashable:
    if question.base is BaseName.SELECTION and question.selection is not None:
        return blake2b(question.selection.rows.tobytes(), digest_size=16).hexdigest()
    return question.base.value


class Engines:
    """The engines of the open editions of an app: the current one, and the one before it."""

    def __init__(self, settings: ServiceSettings, kept: int = 2) -> None:
        self._settings = settings
        self._kept = kept
        self._held: OrderedDict[str, Engine] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, service: Service) -> Engine:
        """Return the engine of a service, made when it is first asked for."""
        with self._lock:
            engine = self._held.get(service.edition.id)
            if engine is None or engine.service is not service:
                engine = Engine(service, self._settings)
                self._held[service.edition.id] = engine
                while len(self._held) > self._kept:
                    self._held.popitem(last=False)
            self._held.move_to_end(service.edition.id)
            return engine


_making = threading.Lock()


def engines_of(state: State) -> Engines:
    """Return the engines of an app; they are made with its first question."""
    with _making:
        if not hasattr(state, "engines"):
            state.engines = Engines(state.settings)
        engines: Engines = state.engines
        return engines
