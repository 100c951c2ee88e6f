"""The steps of the form of a place: fill in, look at what changes, settle a conflict, save."""

import re
from dataclasses import dataclass, replace
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.editing import Desk, new_form
from api.pages.edit_form import blank, typed_of, with_service, without_service
from api.pages.edit_parsing import Parsed, parse
from api.pages.edit_typed import Typed
from api.pages.edit_view import FormView, choices
from api.pages.place_picture import place_svg
from api.pages.support import place_view
from api.pages.templating import render
from api.support_query import found_near, places_in
from exclusion_map.directory.differences import Difference, changed_by, combine, differences
from exclusion_map.directory.editing import Edit, listing_at
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.selecting import Choice
from exclusion_map.directory.tables import Suggestion
from exclusion_map.errors import ConflictError

LOOK_AROUND_M = 150.0
MOST_NEAR = 5
_NONCE = re.compile(r"[0-9a-f]{32}")
_REMOVE = "remove-service-"
_EMPTY = Listing(name="?")


@dataclass(frozen=True, slots=True)
class Choosing:
    """A difference between what is saved now and what was typed, and which one is offered."""

    key: str
    label: str
    service: str
    before: str
    after: str
    mine: bool
    both: bool


@dataclass(frozen=True, eq=False)
class Flow:
    """The form of one place, held or new.

    Attributes:
        desk: where it is edited.
        typed: what was typed.
        held: the place as it is now; None for a new one.
        suggestion: the suggestion that it answers.
    """

    desk: Desk
    typed: Typed
    held: Held | None = None
    suggestion: Suggestion | None = None

    @property
    def action(self) -> str:
        """The address the form is sent to."""
        return f"/support/{self.held.id}/edit" if self.held else "/support/add"

    @property
    def form(self) -> str:
        """Id of the place, or of the form of a new one."""
        if self.held is not None:
            return self.held.id
        said = self.typed.one("form")
        return said if _NONCE.fullmatch(said) else new_form()

    @property
    def version(self) -> int:
        """The version of the place that was opened."""
        said = self.typed.one("version")
        return int(said) if said.isdecimal() and len(said) < 9 else 0

    def opened(self) -> Listing | None:
        """Return the place as it was when the form was opened; None for a new one.

        Raises:
            NotFoundError: it never was at the version that the form names.
        """
        if self.held is None or self.version == self.held.version:
            return self.held.listing if self.held else None
        return listing_at(self.desk.directory.database, self.held.id, self.version)

    def step(self) -> Response:
        """Do what the button that was pressed says."""
        do = self.typed.one("do")
        if do == "add-service":
            return self.page(with_service(self.typed, new_form()))
        if do.startswith(_REMOVE):
            return self.page(without_service(self.typed, do.removeprefix(_REMOVE)))
        if do == "edit":
            return self.page(self.typed)
        opened = self.opened()
        parsed = parse(self.typed, self.desk.placing, before=opened, form=self.form)
        if parsed.errors:
            return self.page(self.typed, parsed, status=422)
        if self.held is not None and self.version != self.held.version:
            if opened != self.held.listing:
                return self.conflict(parsed.listing, opened or self.held.listing)
            # Somebody only confirmed it meanwhile: that is no conflict.
            typed = self.typed.merged({"version": (str(self.held.version),)})
            return replace(self, typed=typed).step()
        return self.save(parsed.listing) if do == "save" else self.preview(parsed.listing)

    def page(self, typed: Typed, parsed: Parsed | None = None, *, status: int = 200) -> Response:
        """Return the form."""
        listing = parsed.listing if parsed else self.held.listing if self.held else None
        typed = typed.merged({"form": (self.form,)})
        form = FormView(typed, parsed.errors if parsed else {})
        context = {
            **self._context(form),
            **choices(),
            "heading": f"Edit {self.held.listing.name}" if self.held else "Add a place",
            "back": f"/support/{self.held.id}" if self.held else "",
            "back_text": self.held.listing.name if self.held else "",
            "picture": self._picture(listing),
            "suggested": self.suggestion,
            "next_service": max((int(index) for index in form.services), default=-1) + 1,
        }
        return render(self.desk.request, "pages/edit.html", context, status=status)

    def preview(self, listing: Listing) -> HTMLResponse:
        """Return what changes, before it is saved."""
        before = self.held.listing if self.held else _EMPTY
        after = with_ids(listing, self.held.id) if self.held else listing
        found = [one for one in differences(before, after) if one.before or one.after]
        context = {
            **self._context(FormView(self.typed.merged({"form": (self.form,)}))),
            "name": listing.name,
            "known": self.held is not None,
            "found": found,
            "near": () if self.held else self._near(listing),
            "picture": self._picture(listing),
            "placed": listing.latitude is not None,
        }
        return render(self.desk.request, "pages/edit_preview.html", context)

    def _picture(self, listing: Listing | None) -> str | None:
        return place_svg(self.desk.service, listing) if listing else None

    def conflict(self, mine: Listing, opened: Listing) -> Response:
        """Return what was saved meanwhile beside what was typed; or go on as it was settled."""
        assert self.held is not None  # noqa: S101
        theirs = self.held.listing
        mine = with_ids(mine, self.held.id)
        settled = self.typed.one("against") == str(self.held.version)
        if self.typed.one("do") == "resolve" and settled:
            taken = {one.key: self._takes(one.key) for one in differences(theirs, mine)}
            return self._settled(combine(theirs, mine, taken))
        by_me, by_them = changed_by(opened, mine), changed_by(opened, theirs)
        found = [_choosing(one, by_me, by_them) for one in differences(theirs, mine)]
        if not found:
            return self._settled(theirs)
        context = {
            **self._context(FormView(self._without_choices())),
            "identity": self.held.id,
            "name": theirs.name,
            "against": self.held.version,
            "by": self._changed_by(),
            "found": found,
        }
        page = "pages/edit_conflict.html"
        return render(self.desk.request, page, context, status=409)

    def save(self, listing: Listing) -> Response:
        """Save what was typed, and go to the place."""
        edit = Edit(
            listing=listing,
            by=self.desk.by,
            note=self.typed.one("note").strip()[:200],
            # Who adds a place has just made sure of it.
            checked=self.held is None or self.typed.one("checked") == "yes",
            suggestion=self.suggestion.id if self.suggestion and self.desk.moderates else "",
        )
        try:
            if self.held is None:
                done = self.desk.add(self.form, edit)
            else:
                done = self.desk.change(self.held.id, self.version, edit)
        except ConflictError:
            if self.held is None or self.suggestion is not None:
                raise
            fresh = replace(self, held=self.desk.directory.get(self.held.id))
            return fresh.conflict(listing, self.held.listing)
        if isinstance(done, str):
            return RedirectResponse(f"/support/suggested?id={done}", 303)
        said = "added" if self.held is None else "changed"
        return RedirectResponse(f"/support/{done.id}?said={said}", 303)

    def _settled(self, listing: Listing) -> Response:
        """Return what comes of a conflict, ready to be looked at and saved."""
        assert self.held is not None  # noqa: S101
        kept = {name: self.typed.all(name) for name in ("form", "suggestion", "note", "checked")}
        typed = typed_of(listing).merged({**kept, "version": (str(self.held.version),)})
        return replace(self, typed=typed).preview(listing)

    def _takes(self, key: str) -> bool:
        return self.typed.one(f"take-{key}") == "mine"

    def _without_choices(self) -> Typed:
        return self.typed.without("take-").without("against")

    def _changed_by(self) -> str:
        assert self.held is not None  # noqa: S101
        newest = self.desk.directory.history(self.held.id)
        return newest[0].by if newest else ""

    def _near(self, listing: Listing) -> list[Any]:
        """Return places that are listed already and are near: perhaps it is one of them."""
        if listing.latitude is None or listing.longitude is None:
            return []
        places = places_in(self.desk.request, self.desk.service)
        at = (listing.latitude, listing.longitude)
        found = found_near(places, Choice(), *at, LOOK_AROUND_M)
        ids, away = found.ids(0, MOST_NEAR), found.metres(0, MOST_NEAR)
        metres = dict(zip(ids, away, strict=True))
        return [
            place_view(self.desk.service, held, metres[held.id]) for held in found.places.held(ids)
        ]

    def _context(self, form: FormView) -> dict[str, Any]:
        return {"form": form, "action": self.action, "waits": self.desk.waits}


def opened_flow(desk: Desk, held: Held, suggestion: Suggestion | None = None) -> Flow:
    """Return the form of a place as it is opened; with what a suggestion proposes in it."""
    listing = held.listing
    version = held.version
    if suggestion is not None and suggestion.proposed is not None:
        listing = Listing.model_validate(suggestion.proposed)
        version = suggestion.base_version or version
    typed = typed_of(with_ids(listing, held.id)).merged({"version": (str(version),)})
    return Flow(desk, _answering(typed, suggestion), held, suggestion)


def blank_flow(desk: Desk, suggestion: Suggestion | None = None) -> Flow:
    """Return the form of a new place; with what a suggestion proposes in it."""
    typed = blank()
    if suggestion is not None and suggestion.proposed is not None:
        shown = typed_of(Listing.model_validate(suggestion.proposed))
        typed = _new_services(shown)
    return Flow(desk, _answering(typed, suggestion), None, suggestion)


def _answering(typed: Typed, suggestion: Suggestion | None) -> Typed:
    return typed.merged({"suggestion": (suggestion.id,)}) if suggestion else typed


def _new_services(typed: Typed) -> Typed:
    keys = {f"s{index}-key": (f"new-{index}",) for index in typed.all("service")}
    return typed.merged(keys)


def _choosing(one: Difference, by_me: set[str], by_them: set[str]) -> Choosing:
    mine, theirs = one.key in by_me, one.key in by_them
    return Choosing(
        one.key, one.label, one.service, one.before, one.after, mine=mine, both=mine and theirs
    )
