"""The pages of support: what help there is, one place, its history, and the list beside the map."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from api.dependencies import OpenService
from api.directory_service import directory_of
from api.pages.support import PlaceView, place_view
from api.pages.support_history import history_view
from api.pages.support_lists import missing_lists
from api.pages.support_search import SupportQuestion, beside_map, page_context
from api.pages.support_way import way_to
from api.pages.templating import render
from api.routes.features import parse_bounds
from api.routes.support import no_place, own_id
from api.service import Service
from api.support_query import SupportFilter, places_in

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class InView(SupportFilter):
    """What the list beside the map asks."""

    bbox: str = Field(max_length=120)


@router.get("/support")
def support_list(
    request: Request, service: OpenService, asked: Annotated[SupportQuestion, Query()]
) -> Response:
    """What help is there, and where?"""
    trimmed = asked.model_copy(update={"q": asked.q.strip(), "area": asked.area.strip()})
    places = places_in(request, service)
    context = page_context(service, places, trimmed)
    context["no_lists"] = missing_lists(service.edition.manifest)
    context["directory"] = directory_of(request.app.state)
    return render(request, "pages/support.html", context)


@router.get("/support-in-view")
def in_view(
    request: Request, service: OpenService, asked: Annotated[InView, Query()]
) -> HTMLResponse:
    """Return the list of the places that the map shows, as a fragment."""
    context = beside_map(
        service, places_in(request, service), asked.choice, parse_bounds(asked.bbox)
    )
    return render(request, "parts/support_in_view.html", context)


@router.get("/support/{identity}")
def support_place(
    request: Request,
    service: OpenService,
    identity: str,
    origin: Annotated[str, Query(alias="from", max_length=20)] = "",
) -> Response:
    """What does this place offer, and when is it open?"""
    own = own_id(places_in(request, service), identity)
    if own != identity:
        return RedirectResponse(f"/support/{own}", status_code=301)
    directory = directory_of(request.app.state)
    place = find_place(request, service, own)
    context = {
        "place": place,
        "way": way_to(service, origin, place.longitude, place.latitude),
        "editable": not directory.fault,
        "said": request.query_params.get("said", ""),
    }
    return render(request, "pages/support_place.html", context)


@router.get("/support/{identity}/history")
def support_history(request: Request, service: OpenService, identity: str) -> HTMLResponse:
    """Who changed what about this place, and when?"""
    directory = directory_of(request.app.state).require()
    held = directory.get(own_or_gone(request, service, identity), deleted=True)
    context = {
        "place": place_view(service, held),
        "removed": held.deleted_at,
        "changes": history_view(directory.history(held.id)),
    }
    return render(request, "pages/support_history.html", context)


def own_or_gone(request: Request, service: Service, identity: str) -> str:
    """Return the id of a place, which may have been taken out."""
    snapshot = places_in(request, service).snapshot
    row = snapshot.keys.get(identity)
    return identity if row is None else snapshot.ids[row]


def find_place(request: Request, service: Service, identity: str) -> PlaceView:
    """Return one place as pages show it.

    Raises:
        NotFoundError: there is none of that id.
    """
    places = places_in(request, service)
    found = places.held([own_id(places, identity)])
    if not found:
        raise no_place(identity)
    return place_view(service, found[0])
