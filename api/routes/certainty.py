"""How sure a rank is by a reader's own settings: worked out when somebody asks for it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from api.pages import certainty
from api.pages.layers import draws_of
from api.pages.templating import render
from api.routes.pages import ChosenLens
from api.routes.uncertainty import small_area
from api.work import briefly, in_turn

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/areas/{code}/sure")
async def how_sure(
    request: Request,
    lens: ChosenLens,
    code: Annotated[str, Path(max_length=12)],
    effects: bool = False,
) -> HTMLResponse:
    """How sure is the rank of this place by my settings?"""
    engine = lens.engine
    known = small_area(engine, code)
    draws, seed = draws_of(lens)
    found = await in_turn(
        request,
        engine.has_draws(lens.question, draws, seed),
        lambda: engine.uncertainty(lens.question, draws, seed),
    )
    drives = None
    if effects:
        drives = await in_turn(
            request,
            engine.has_effects(lens.question, seed, known),
            lambda: engine.effects(lens.question, seed, known),
        )
    context = await briefly(request, certainty.context, lens, known, found, drives)
    return render(request, "pages/sure.html", context)
