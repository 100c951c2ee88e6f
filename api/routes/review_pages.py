"""The pages of likely duplicates: each pair is decided by a person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Moderator, at_least
from api.dependencies import OpenService
from api.directory_service import DirectoryService, directory_of
from api.pages.edit_typed import Typed, read_typed
from api.pages.imports_picture import pair_svg
from api.pages.imports_reviews import list_context, pair_context, picks_typed
from api.pages.templating import render
from exclusion_map.accounts import Role
from exclusion_map.directory.reviews import Review, Reviews, State
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

router = APIRouter(
    prefix="/reviews",
    include_in_schema=False,
    dependencies=[Depends(at_least(Role.MODERATOR))],
    default_response_class=HTMLResponse,
)

Sent = Annotated[Typed, Depends(read_typed)]
LONGEST_NOTE = 300
DECISIONS = {"different": State.DIFFERENT, "later": State.LATER, "open": State.OPEN}


@router.get("")
def pairs(
    request: Request,
    state: State = State.OPEN,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Which places may be there twice?"""
    context = list_context(_reviews(request), state, page)
    return render(request, "pages/reviews.html", context)


@router.post("/look")
def look_again(request: Request) -> Response:
    """Look through the whole directory for places that are there twice."""
    _reviews(request).find()
    return RedirectResponse("/reviews", 303)


@router.get("/{identity}")
def pair(request: Request, identity: str) -> HTMLResponse:
    """Are these two one place?"""
    return _page(request, _reviews(request).get(identity))


@router.get("/{identity}/map.svg")
def pair_map(request: Request, service: OpenService, identity: str) -> Response:
    """Return a map with both places."""
    drawn = pair_svg(service, _reviews(request).get(identity))
    if drawn is None:
        raise NotFoundError(
            "map of the pair",
            found="a place that is not on the map",
            expected="two that are",
        )
    return Response(drawn, media_type="image/svg+xml")


@router.post("/{identity}")
def decide(request: Request, person: Moderator, identity: str, typed: Sent) -> Response:
    """Merge the two, call them different, or leave them for later."""
    reviews = _reviews(request)
    review = reviews.get(identity)
    note = typed.one("note").strip()
    if len(note) > LONGEST_NOTE:
        return _page(request, review, f"Say it in at most {LONGEST_NOTE} characters", 422)
    try:
        _decide(reviews, review, typed, by=person.name, note=note)
    except ConflictError as error:
        return _page(request, reviews.get(identity), error.message, 409)
    _directory(request).refresh()
    return RedirectResponse("/reviews", 303)


def _decide(reviews: Reviews, review: Review, typed: Typed, *, by: str, note: str) -> None:
    do, version = typed.one("do"), _version(typed)
    if do == "merge":
        keep = typed.one("keep")
        if keep not in ("a", "b"):
            raise _unknown("entry that stays", keep)
        chosen = {name: texts[0] for name, texts in typed.pairs_by_name() if texts}
        reviews.merge(
            review.id,
            keep=review.a.id if keep == "a" else review.b.id,
            picks=picks_typed(review, keep, chosen),
            version=version,
            by=by,
            note=note,
        )
    elif do == "undo":
        reviews.undo(review.id, version=version, by=by, note=note)
    elif do in DECISIONS:
        reviews.decide(review.id, DECISIONS[do], version=version, by=by, note=note)
    else:
        raise _unknown("decision", do)


def _page(request: Request, review: Review, fault: str = "", status: int = 200) -> HTMLResponse:
    faults = {"note": fault} if fault else {}
    context = {**pair_context(review), "faults": faults}
    return render(request, "pages/review.html", context, status=status)


def _version(typed: Typed) -> int:
    said = typed.one("version")
    if not said.isdecimal() or len(said) > 9:
        raise _unknown("version", said)
    return int(said)


def _unknown(thing: str, found: str) -> InvalidRequestError:
    return InvalidRequestError(
        thing,
        found=repr(found[:40]),
        expected="one that the page offers",
        mend="Go back and send the form again.",
    )


def _directory(request: Request) -> DirectoryService:
    return directory_of(request.app.state)


def _reviews(request: Request) -> Reviews:
    return Reviews(_directory(request).require().database)
