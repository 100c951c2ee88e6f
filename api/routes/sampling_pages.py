"""HTML pages of survey sites: the sample, its map, the calculator, and a pack for each site."""

from base64 import b64encode
from functools import partial
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field, ValidationError
from starlette.responses import Response

from api.answers import tagged
from api.dependencies import OpenService, Settings
from api.fault_words import expected_of
from api.forms import Sent, read_sent
from api.pages import sampling
from api.pages.templating import render
from api.papers import paper_file, wanted_form
from api.routes.sample_precision import PrecisionParams
from api.routes.sampling import (
    ApiSampleParams,
    SampleFormat,
    SamplePart,
    VenueParams,
    respond,
    small_row,
)
from api.sampling_query import SampleBody, SampleParams, sample_for
from api.sent_files import HTML, attachment
from api.service import Service
from api.targets import Base, base_of
from api.work import briefly, in_thread
from exclusion_map.editions.fieldwork import PackMaker, style
from exclusion_map.editions.papers.paper import Again
from exclusion_map.editions.papers.sample import lead, sample_map, sample_paper
from exclusion_map.editions.papers.survey import plan_rows, survey_lead
from exclusion_map.editions.sampling import figures_of
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.targeting.sampling.calculator import calculate
from exclusion_map.targeting.sampling.figures import OWN

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
SVG = "image/svg+xml"
FIELDS = 60
_LISTS = ("strata", "sort", "balance", "kind")


class SamplePageParams(SampleParams):
    """What the form of the page sends."""

    go: bool = False

    @property
    def asked(self) -> SampleParams:
        """The question alone."""
        return SampleParams.model_validate(self.model_dump(exclude={"go"}))


class PrecisionPageParams(PrecisionParams):
    """What the form of the calculator sends: shares in per cent."""

    share: float = Field(default=50, gt=0, lt=100)
    other: float = Field(default=60, gt=0, lt=100)
    confidence: float = Field(default=95, ge=50, lt=100)
    half_width: float = Field(default=5, gt=0, lt=100)
    power: float = Field(default=80, ge=50, lt=100)

    @property
    def plain(self) -> PrecisionParams:
        """The same with shares from 0 to 1."""
        told = self.model_dump()
        for name in ("share", "other", "confidence", "half_width", "power"):
            told[name] = told[name] / 100
        return PrecisionParams.model_validate(told)


@router.get("/tools/sample")
async def sample_page(
    request: Request, service: OpenService, params: Annotated[SamplePageParams, Query()]
) -> HTMLResponse:
    """Where do we go to hear from people at risk?"""
    if not params.go:
        return await anyio.to_thread.run_sync(_page, request, service, params.asked, None, False)
    return await in_thread(request, lambda _: _page(request, service, params.asked, None, True))


@router.post("/tools/sample")
async def sample_form(request: Request, service: OpenService, settings: Settings) -> Response:
    """Draw a sample with a column of a file: show it, or send it as a file."""
    try:
        sent = await read_sent(request, settings.upload_limit, FIELDS)
        params, body = _asked(sent), _body(sent)
    except (InvalidRequestError, ValidationError) as error:
        base = await briefly(request, base_of, request, service)
        return await briefly(request, _refused, request, base, SampleParams(), error)
    download = sent.texts.get("download", "")
    report = wanted_form(download)
    if report:
        sampled = await in_thread(request, lambda _: sample_for(request, service, params, body))
        write = partial(sample_paper, service.edition, sampled, Again(listed=True))
        return await paper_file(request, service, report, "sample", write)
    if download in ("csv", "xlsx", "record"):
        form = SampleFormat.XLSX if download == "xlsx" else SampleFormat.CSV
        part = SamplePart.RECORD if download == "record" else SamplePart.AREAS
        asked = ApiSampleParams.model_validate(
            {**params.model_dump(), "format": form, "part": part}
        )
        return await respond(request, service, asked, body)
    return await in_thread(request, lambda _: _page(request, service, params, body, True))


def _asked(sent: Sent) -> SampleParams:
    known: dict[str, Any] = {
        name: value for name, value in sent.texts.items() if name in SampleParams.model_fields
    }
    for name in _LISTS:
        # A form sends one value under a name, or several under numbered ones.
        known[name] = [
            value for key, value in sent.texts.items() if key == name or key.startswith(f"{name}.")
        ]
    return SampleParams.model_validate(known)


def _body(sent: Sent) -> SampleBody:
    text = sent.content or sent.texts.get("csv", "")
    if not text:
        raise InvalidRequestError(
            "file", found="none", expected="a CSV file with area_code and a column"
        )
    return SampleBody(csv=text, column=sent.texts.get("column", ""))


def _page(
    request: Request, service: Service, params: SampleParams, body: SampleBody | None, go: bool
) -> HTMLResponse:
    base = base_of(request, service)
    try:
        code, _ = base.rows(params.within)
        context = sampling.form(base, params, code)
        if not go:
            return render(request, "pages/sample.html", context)
        sampled = sample_for(request, service, params, body)
    except (InvalidRequestError, NotFoundError) as error:
        return _refused(request, base, params, error)
    query = sampling.query_of(params, code)
    more: dict[str, Any] = {"query": query, "api_query": query, "own": _own(params, body)}
    answer = sampling.answer(params, sampled)
    return render(request, "pages/sample.html", context | answer | more)


def _own(params: SampleParams, body: SampleBody | None) -> dict[str, Any] | None:
    """Return hidden fields that let a file be drawn from again; None without a file."""
    if body is None:
        return None
    fields: list[tuple[str, str]] = []
    for name, value in params.model_dump(mode="json", exclude_defaults=True).items():
        if name in _LISTS:
            fields += [(f"{name}.{number}", one) for number, one in enumerate(value)]
        else:
            fields.append((name, str(value)))
    return {"fields": fields, "csv": body.csv, "column": body.column}


def _refused(request: Request, base: Base, params: SampleParams, error: Exception) -> HTMLResponse:
    told = error if isinstance(error, (InvalidRequestError, NotFoundError)) else _plain(error)
    kept = params.model_copy(
        update={"within": "", "strata": [s for s in params.strata if s != OWN]}
    )
    try:
        context = sampling.form(base, kept, "")
    except (InvalidRequestError, NotFoundError):
        context = sampling.form(base, SampleParams(), "")
    more = {"fault": told, "within_name": params.within}
    status = 404 if isinstance(error, NotFoundError) else 422
    return render(request, "pages/sample.html", context | more, status=status)


def _plain(error: Exception) -> InvalidRequestError:
    """Return a wrong field of a form as an error that says which one."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return InvalidRequestError(
            ".".join(str(part) for part in first["loc"]),
            found=repr(first.get("input"))[:80],
            expected=expected_of(first),
        )
    return InvalidRequestError("form", found=str(error), expected="what the form asks for")


@router.get("/tools/sample.svg", response_class=Response)
async def sample_picture(
    request: Request, service: OpenService, params: Annotated[SampleParams, Query()]
) -> Response:
    """Return the map of the sample."""
    return await in_thread(request, lambda _: _picture(request, service, params))


def _picture(request: Request, service: Service, params: SampleParams) -> Response:
    sampled = sample_for(request, service, params)
    drawn = sample_map(service.edition, sampled).svg(lead(sampled), inside=False)
    return tagged(request, drawn.encode(), SVG)


@router.get("/tools/sample/precision")
async def precision_page(
    request: Request, params: Annotated[PrecisionPageParams, Query()]
) -> HTMLResponse:
    """How many people, in how many areas?"""
    context: dict[str, Any] = {"asked": params, "found": None, "fault": None}
    try:
        plan = params.plain.plan
        told = calculate(plan)
        query = urlencode(params.model_dump(exclude_none=True))
        plain = urlencode(params.plain.model_dump(exclude_none=True))
        context |= {"found": told, "plans": plan_rows(plan), "query": query, "plain": plain}
        context["lead"] = survey_lead(plan, told)
    except InvalidRequestError as error:
        context["fault"] = error
    status = 422 if context["fault"] else 200
    return render(request, "pages/sample_precision.html", context, status=status)


class SiteParams(VenueParams):
    """Which venues the pack of a site tells of."""

    index: str = Field(default="", max_length=60)
    download: bool = False


@router.get("/tools/sample/site/{code}")
async def site_pack(
    request: Request,
    service: OpenService,
    code: Annotated[str, Path(max_length=20)],
    params: Annotated[SiteParams, Query()],
) -> Response:
    """What to know and where to go in one area: a page that needs nothing else."""
    return await briefly(request, _pack, request, service, code, params)


def _pack(request: Request, service: Service, code: str, params: SiteParams) -> Response:
    base, row = base_of(request, service), small_row(service, code)
    risk = base.risk(params.index or None)
    maker = PackMaker(
        edition=service.edition,
        sites=base.sites,
        places=base.places,
        risk=risk,
        figures=figures_of(service.edition, risk),
        kinds=params.kinds,
        near_m=params.near_m,
    )
    if params.download:
        page = maker.page(row)
        name = f"exclusion-map-{service.edition.id}-site-{code.upper()}.html"
        return tagged(request, page.encode(), HTML, attachment(name) | _PACK_HEADERS)
    asked = params.model_dump(mode="json", include={"kind", "near_m"}, exclude_defaults=True)
    query = urlencode(asked, doseq=True)
    index = {"index": params.index} if params.index else {}
    page = maker.page(
        row,
        here=f"?{urlencode({**asked, **index, 'download': 'true'}, doseq=True)}",
        venues_csv=f"/api/v1/sample/venues/{code.upper()}?format=csv{'&' if query else ''}{query}",
    )
    return tagged(request, page.encode(), HTML, _PACK_HEADERS)


_STYLE = b64encode(sha256(style().encode()).digest()).decode()
_PACK_HEADERS = {
    # A pack works as one file, so its style stands inside: that one is allowed, and nothing else.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
