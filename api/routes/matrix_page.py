"""The page of risk matrices, its map and its picture."""

from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.answers import tagged
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.forms import answered, check_lengths, read_sent
from api.matrix_query import MatrixBody, MatrixParams, matrix_for, with_draws
from api.pages import matrix as pages
from api.pages import matrix_picture
from api.pages.matrix_form import MatrixPageParams, form
from api.pages.sharing import inline
from api.pages.templating import render
from api.papers import paper_file, wanted_form
from api.routes.matrix import MatrixFormat, MatrixPart, send
from api.routes.targeting_pages import SVG
from api.service import Service
from api.work import briefly
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.editions.papers.matrix import matrix_paper, spans
from exclusion_map.editions.papers.paper import Again
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.matrix_figures import read_figures

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_FIELDS = 60
_PAGE = "pages/matrix.html"


@router.get("/tools/matrix")
async def matrix_page(
    request: Request, service: OpenService, typed: Annotated[MatrixPageParams, Query()]
) -> HTMLResponse:
    """Where is risk high and how many would it hit?"""
    return await _answered(request, service, typed)


@router.get("/tools/matrix.svg", response_class=Response)
async def matrix_map(
    request: Request, service: OpenService, typed: Annotated[MatrixPageParams, Query()]
) -> Response:
    """Return the map of a matrix."""
    return await briefly(request, _picture, request, service, typed, True)


@router.get("/tools/matrix-grid.svg", response_class=Response)
async def matrix_grid(
    request: Request, service: OpenService, typed: Annotated[MatrixPageParams, Query()]
) -> Response:
    """Return the matrix as a picture."""
    return await briefly(request, _picture, request, service, typed, False)


def _picture(request: Request, service: Service, typed: MatrixPageParams, mapped: bool) -> Response:
    engine = engines_of(request.app.state).of(service)
    found = matrix_for(engine, typed.asked(), _body(typed))
    return tagged(request, _drawn(service, typed, found, mapped).encode(), SVG)


def _drawn(service: Service, typed: MatrixPageParams, found: Matrixed, mapped: bool) -> str:
    if mapped:
        return matrix_picture.map_svg(service.edition, found, typed.drawn)
    return matrix_picture.matrix_svg(found, typed.drawn)


@router.post("/tools/matrix")
async def matrix_form(request: Request, service: OpenService, settings: Settings) -> Response:
    """Make a matrix of what a form brings; figures are used for this answer and not kept."""
    sent = await read_sent(request, settings.upload_limit, _FIELDS)
    texts = {n: t for n, t in sent.texts.items() if n in MatrixPageParams.model_fields}
    picked = [name.removeprefix("cell-") for name in sent.texts if name.startswith("cell-")]
    if picked:
        texts["cells"] = ",".join(sorted(picked, reverse=True))
    texts["go"] = "yes"
    if sent.content:
        texts["figures"] = sent.content
        texts["label"] = texts.get("label", "").strip() or sent.file.rpartition(".")[0]
    typed = _typed(texts)
    wanted = sent.texts.get("download", "")
    if wanted:
        engine = engines_of(request.app.state).of(service)
        _, found = await _found(request, engine, typed)
        report = wanted_form(wanted)
        if report:
            again = Again(listed=typed.own)
            write = partial(matrix_paper, service.edition, found, again, typed.drawn)
            return await paper_file(request, service, report, "matrix", write)
        form_wanted, _, part = wanted.partition(":")
        return await send(
            request, service, found, _one(MatrixFormat, form_wanted), MatrixPart(part or "chosen")
        )
    if not typed.own:
        return RedirectResponse(typed.address(), status_code=303)
    return await _answered(request, service, typed)


def _one(forms: type[MatrixFormat], wanted: str) -> MatrixFormat:
    try:
        return forms(wanted)
    except ValueError:
        raise InvalidRequestError(
            "download", found=repr(wanted[:20]), expected=", ".join(forms)
        ) from None


def _typed(texts: dict[str, str]) -> MatrixPageParams:
    """Return the fields of a form; those that are too long are refused in words."""
    check_lengths(MatrixPageParams, texts)
    return MatrixPageParams(**texts)


def _body(typed: MatrixPageParams) -> MatrixBody | None:
    """Return figures that were brought along; None where there are none."""
    figures = {one.place: one.number for one in read_figures(typed.figures)}
    if not figures:
        return None
    return MatrixBody(label=typed.label, figures=figures, others_none=typed.others == "none")


async def _found(
    request: Request, engine: Engine, typed: MatrixPageParams
) -> tuple[MatrixParams, Matrixed]:
    asked = typed.asked()
    body = await briefly(request, _body, typed)
    found = await briefly(request, matrix_for, engine, asked, body)
    return asked, await with_draws(request, engine, asked, found)


async def _answered(request: Request, service: Service, typed: MatrixPageParams) -> HTMLResponse:
    """Return the page; what cannot be used is told above the form, which keeps what was typed."""
    engine = engines_of(request.app.state).of(service)
    context = await anyio.to_thread.run_sync(form, engine, typed)
    if not typed.go:
        return render(request, _PAGE, context)

    async def told() -> dict[str, Any]:
        asked, found = await _found(request, engine, typed)
        return await briefly(request, _told, service, typed, asked, found)

    return await answered(request, _PAGE, context, told)


def _told(
    service: Service,
    typed: MatrixPageParams,
    asked: MatrixParams,
    found: Matrixed,
) -> dict[str, Any]:
    # A map of figures that were brought along has no address: it is in the page itself.
    inside = _drawn(service, typed, found, True) if typed.own else ""
    return {
        **pages.answer(typed, asked, found),
        "spans": spans(found),
        "picture": inline(inside) if inside else "",
        "picture_address": typed.address("/tools/matrix.svg", go="", cells=""),
        "matrix_picture": inline(_drawn(service, typed, found, False)),
    }
