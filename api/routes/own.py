"""The page on which a reader makes an index of their own; nothing that is sent is kept."""

import json

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.pages import own
from api.pages.templating import render
from api.routes.scores import answer_facts, told
from api.tables import NO_STORE, TableFormat, table_response
from exclusion_map.exports.score_tables import score_columns, taken
from exclusion_map.terms import AreaKind

CSV, JSON = "csv", "json"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/own")
def own_page(request: Request, service: OpenService) -> Response:
    """What would an index of my own say?"""
    engine = engines_of(request.app.state).of(service)
    return _answer(request, engine, own.form_of(request.query_params))


@router.post("/own")
async def own_form(request: Request, service: OpenService, settings: Settings) -> Response:
    """Work out a form; without a file its answer has an address of its own."""
    form = await own.read_form(request, settings.upload_limit)
    if form.upload is None and not form.wanted:
        return RedirectResponse(form.address, status_code=303)
    engine = engines_of(request.app.state).of(service)
    return await anyio.to_thread.run_sync(_answer, request, engine, form)


def _answer(request: Request, engine: Engine, form: own.OwnForm) -> Response:
    if form.empty or form.wanted not in (CSV, JSON):
        return render(request, "pages/own.html", own.context(engine, form))
    if form.wanted == JSON:
        form.definition()  # tells what is wrong with it
        text = json.dumps(form.data, indent=2)
        headers = {"Content-Disposition": 'attachment; filename="own.json"'}
        return Response(text, media_type="application/json", headers=headers)
    lens = own.lens_of_form(engine, form)
    found = lens.answer()
    scored = engine.at_level(found, AreaKind.SMALL_AREA)
    facts = answer_facts(engine, found, AreaKind.SMALL_AREA)
    columns = taken(score_columns(scored), scored.rows)
    name = f"exclusion-map-{facts.edition}-own-index"
    return table_response(request, columns, TableFormat.CSV, told(facts), name, NO_STORE)
