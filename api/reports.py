"""Reports in the service: what an address asks for, and what is kept between questions."""

from dataclasses import dataclass, field

from fastapi import Request
from pydantic import Field
from starlette.datastructures import State

from api.comparisons import comparisons_of
from api.dependencies import Params
from api.engine import Engine, engines_of
from api.pages.lens import Lens, lens_of
from api.picking import area_codes
from api.remember import Memory
from api.service import Service
from api.targets import WAY, Base, base_of
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.editions.profiling import profiler_of_answer
from exclusion_map.editions.reaching import risk_of
from exclusion_map.editions.reports.change import ChangeTeller
from exclusion_map.editions.reports.help_near import HelpTeller
from exclusion_map.editions.reports.maker import ReportMaker
from exclusion_map.editions.reports.model import MOST, Report
from exclusion_map.editions.reports.own import own_words, weights_text, with_scores
from exclusion_map.editions.reports.ranges import Ranges, ranges_of
from exclusion_map.editions.reports.subjects import (
    CLUSTER,
    Subject,
    check_count,
    codes_of_address,
)
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.footprint.places import is_postcode
from exclusion_map.terms import AreaKind

_LONGEST = 12_000
_MAKERS, _REPORTS, _RANGES, _CHANGES = 3, 24, 3, 2


class ReportParams(Params):
    """Subject of a report."""

    codes: str = Field(
        default="",
        max_length=_LONGEST,
        description="Codes or names of areas of any kind, separated by commas; `cluster:` and "
        "the code of a small area for the high-risk cluster that contains it; or the "
        "address of a saved selection.",
        examples=["E08000015,E08000012"],
    )
    together: list[str] = Field(
        default=[],
        max_length=MOST,
        description="A list treated as one place, `Name: E05000954, E05000955`: area codes, GP "
        "practice codes and exact names. May be repeated. Postcodes are refused in "
        "an address, because addresses are logged on their way: send them with POST.",
    )
    index: str | None = Field(
        default=None, max_length=60, description="Id of an index; the default index if omitted."
    )
    weights: str = Field(
        default="",
        max_length=2_000,
        description="Your own weights by id, `age:2,disability:1`. Scores, ranks, ranges, maps "
        "and gaps follow them; the change since the previous edition is then not "
        "available.",
    )

    @property
    def asks(self) -> bool:
        """Whether it names any place."""
        return bool(self.codes.strip() or any(one.strip() for one in self.together))

    @property
    def private(self) -> bool:
        """Whether a list holds postcodes, which stand in no address, log or memory."""
        named = (one.partition(":")[2] or one for one in self.together)
        return any(is_postcode(entry) for text in named for entry in entries_of(text))


@dataclass(eq=False)
class Reports:
    """What reports of an app are made from, and those made last."""

    makers: Memory[ReportMaker] = field(default_factory=lambda: Memory(_MAKERS))
    ranges: Memory[Ranges | None] = field(default_factory=lambda: Memory(_RANGES, heavy=True))
    changes: Memory[ChangeTeller] = field(default_factory=lambda: Memory(_CHANGES))
    reports: Memory[Report] = field(default_factory=lambda: Memory(_REPORTS))

    def maker(self, request: Request, service: Service, params: ReportParams) -> ReportMaker:
        """Return what makes reports of the open edition and the places as they are now.

        Raises:
            NotFoundError: there is no such index.
            InvalidRequestError: a weight cannot be read, or all are 0.
            DefinitionError: a weight is of nothing in the index.
        """
        base, engine = base_of(request, service), engines_of(request.app.state).of(service)
        lens = lens_of(engine, params.index or "", params.weights)
        key = (service.edition.folder, base.places.tag, lens.index, weights_text(lens.weights))
        return self.makers.get(key, lambda: self._maker(lens, base))

    def _maker(self, lens: Lens, base: Base) -> ReportMaker:
        service, index, answer = lens.engine.service, lens.index, lens.answer()
        published = lens.published and index in service.profilers
        edition = service.edition if published else with_scores(service.edition, answer)
        profiler = service.profilers[index] if published else profiler_of_answer(edition, answer)
        scores = edition.atlas.score_set(index, AreaKind.SMALL_AREA)
        weights = weights_text(lens.weights)
        return ReportMaker(
            edition=edition,
            profiler=profiler,
            answer=answer,
            gazetteer=service.gazetteer,
            estimates=service.estimates,
            drawn=lambda: self.ranges.get(
                (edition.folder, index, weights), lambda: ranges_of(edition.atlas, answer, scores)
            ),
            help=HelpTeller(
                edition=edition,
                places=base.places,
                sites=base.sites,
                homes=base.homes,
                risk=base.risk(index) if published else risk_of(edition, index),
                cost=WAY,
            ),
            weights=weights,
            own=() if published else own_words(lens.definition, lens.weights, profiler.indicators),
        )

    def changed(self, request: Request, maker: ReportMaker) -> ChangeTeller | None:
        """Return what tells of the edition before; None where the folder holds only one."""
        comparisons, index = comparisons_of(request.app.state), maker.profiler.index
        pair = comparisons.pair("", maker.edition.id)
        if (
            maker.own
            or pair is None
            or pair[0].built > pair[1].built
            or index not in pair[0].indices
        ):
            return None
        key = (pair[0].id, pair[1].id, index)
        return self.changes.get(
            key, lambda: ChangeTeller(maker.edition.atlas, comparisons.compare(pair, index).found)
        )

    def report(self, request: Request, service: Service, params: ReportParams) -> Report:
        """Return a report, remembered for a while.

        Raises:
            NotFoundError: a place or the index is not known.
            InvalidRequestError: no place is named, or too many.
        """
        maker, subjects = self.asked(request, service, params)
        changes = self.changed(request, maker)
        if params.private:
            # Neither remembered nor linked to: its list may tell of persons.
            made = maker.report(subjects, changes)
            return made.model_copy(update={"address": "/reports"})
        before = changes.compared.old if changes else ""
        asked = tuple(one.asked for one in subjects)
        key = (
            *(service.edition.folder, maker.help.places.tag, maker.profiler.index),
            *(maker.weights, before, asked),
        )
        return self.reports.get(key, lambda: maker.report(subjects, changes))

    def asked(
        self, request: Request, service: Service, params: ReportParams
    ) -> tuple[ReportMaker, tuple[Subject, ...]]:
        """Return the maker of a report and what it is about."""
        maker = self.maker(request, service, params)
        engine = engines_of(request.app.state).of(service)
        return maker, subjects_of(maker, engine, params)


def subjects_of(maker: ReportMaker, engine: Engine, params: ReportParams) -> tuple[Subject, ...]:
    """Return what an address asks a report of: areas first, then clusters, then lists.

    Raises:
        NotFoundError: a place is not known.
        InvalidRequestError: none is named, or more than fit side by side.
    """
    text = codes_of_address(params.codes)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    clusters = [part for part in parts if part.lower().startswith(CLUSTER)]
    rest = ",".join(part for part in parts if part not in clusters)
    codes = area_codes(engine, rest) if rest else ()
    lists = [one for one in params.together if one.strip()]
    if not (codes or clusters or lists):
        raise InvalidRequestError(
            "places of a report", found="none", expected="a code or name of an area, or a list"
        )
    check_count(len(codes) + len(clusters) + len(lists))
    return tuple(maker.subject(one) for one in (*codes, *clusters, *lists))


def check_address(params: ReportParams) -> None:
    """Refuse postcodes in an address: it is logged on its way, and they may be of persons.

    Raises:
        InvalidRequestError: a list has one.
    """
    if params.private:
        raise InvalidRequestError(
            "list in the address",
            found="a postcode",
            expected="codes or names of areas, or codes of GP practices",
            mend="Addresses are logged on their way. Send postcodes with POST, or with the form.",
        )


def reports_of(state: State) -> Reports:
    """Return the reports of an app; made with the first question."""
    if not hasattr(state, "reports"):
        state.reports = Reports()
    reports: Reports = state.reports
    return reports
