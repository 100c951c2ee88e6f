"""What routes that edit the directory share: where it is, its settings, and that changes show."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from starlette.datastructures import State

from api.accounts.guard import Person, accounts_of
from api.directory_service import directory_of
from api.service import Service
from exclusion_map.accounts import Role
from exclusion_map.accounts.telling import tell_of_ends
from exclusion_map.directory import Directory
from exclusion_map.directory.editing import Edit, save_change, save_new
from exclusion_map.directory.importing.placing import Geocoder
from exclusion_map.directory.listing import Held
from exclusion_map.directory.suggestions import About, Suggested, Suggestions
from exclusion_map.directory.terms import stable_id
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import EditingSettings, read


def editing_settings(state: State) -> EditingSettings:
    """Return how the directory of an app is edited; from the environment, read once."""
    if not hasattr(state, "editing_settings"):
        state.editing_settings = read(EditingSettings)
    settings: EditingSettings = state.editing_settings
    return settings


def lowest_keeper(state: State) -> Role:
    """Return who may change what has no queue: moderators alone where contributions wait."""
    waits = editing_settings(state).contributions == "wait"
    return Role.MODERATOR if waits else Role.CONTRIBUTOR


def forget_people(state: State) -> None:
    """Delete what people told about themselves with a suggestion, when its time is over."""
    directory: Directory | None = state.directory
    if directory is None:
        return
    settings = editing_settings(state)
    Suggestions(directory.database).forget(
        decided=timedelta(days=settings.suggestion_keep_days),
        waiting=timedelta(days=settings.suggestion_wait_days),
    )
    tell_of_ends(directory.database)
    accounts = accounts_of(state)
    if accounts is not None:
        accounts.second.close_readable()


@dataclass(frozen=True, eq=False)
class Desk:
    """Where one person edits the directory.

    Attributes:
        request: that brought them here.
        service: the open edition.
        directory: what they edit.
        person: who they are; None for the public.
    """

    request: Request
    service: Service
    directory: Directory
    person: Person | None = None

    @classmethod
    def of(cls, request: Request, service: Service, person: Person | None = None) -> "Desk":
        """Return the desk of a request.

        Raises:
            DatabaseError: the service runs read-only.
        """
        return cls(request, service, directory_of(request.app.state).require(), person)

    @property
    def settings(self) -> EditingSettings:
        """How the directory is edited."""
        return editing_settings(self.request.app.state)

    @property
    def suggestions(self) -> Suggestions:
        """The suggestions."""
        return Suggestions(self.directory.database)

    @property
    def placing(self) -> Geocoder:
        """What places are put on the map with."""
        return geocoder_of(self.service.edition)

    @property
    def by(self) -> str:
        """What histories call the person."""
        return self.person.name if self.person else ""

    @property
    def moderates(self) -> bool:
        """Whether the person decides on suggestions."""
        return self.person is not None and self.person.role.allows(Role.MODERATOR)

    @property
    def waits(self) -> bool:
        """Whether what the person sends waits for a moderator."""
        return self.settings.contributions == "wait" and not self.moderates

    def shown(self) -> None:
        """Make a change show to everybody, first of all to the one who made it."""
        directory_of(self.request.app.state).refresh()

    def add(self, form: str, edit: Edit) -> Held | str:
        """Add a place, or put it before a moderator; return it, or the id of the suggestion."""
        if self.waits:
            return self._suggest(About.ADDITION, edit, None, None)
        held = save_new(self.directory.database, new_listing_id(form), edit)
        self.shown()
        return held

    def change(self, identity: str, version: int, edit: Edit) -> Held | str:
        """Change a place, or put the change before a moderator.

        Raises:
            ConflictError: it is no longer at that version.
        """
        if self.waits:
            return self._suggest(About.CORRECTION, edit, identity, version)
        held = save_change(self.directory.database, identity, version, edit)
        self.shown()
        return held

    def take_out(self, identity: str, version: int, reason: str) -> str:
        """Take a place out, or ask a moderator to: then return the id of the suggestion.

        Raises:
            ConflictError: it is no longer at that version.
        """
        if self.waits:
            closed = Suggested(
                about=About.CLOSED,
                listing_id=identity,
                base_version=version,
                message=reason,
                account=self.by,
            )
            return self.suggestions.put(closed)
        self.directory.remove(identity, version=version, by=self.by, note=reason)
        self.shown()
        return ""

    def decide(self, identity: str, decision: str, reason: str) -> None:
        """Decide on a suggestion: ``accept``, ``decline``, ``spam`` or ``reopen``.

        Raises:
            ConflictError: somebody else did, or the place changed since.
            InvalidRequestError: that is no decision, or there is nothing to accept but words.
        """
        if decision == "accept":
            self.suggestions.accept(identity, by=self.by, reason=reason)
            self.shown()
        elif decision in ("decline", "spam"):
            spam = decision == "spam"
            self.suggestions.decline(identity, by=self.by, reason=reason, spam=spam)
        elif decision == "reopen":
            self.suggestions.reopen(identity, by=self.by, reason=reason)
        else:
            raise InvalidRequestError(
                "decision",
                found=repr(decision[:20]),
                expected="accept, decline, spam or reopen",
            )

    def _suggest(self, about: About, edit: Edit, identity: str | None, version: int | None) -> str:
        return self.suggestions.put(
            Suggested(
                about=about,
                listing_id=identity,
                base_version=version,
                message=edit.note,
                proposed=edit.listing,
                account=self.by,
            )
        )


def new_form() -> str:
    """Return the id of a form for a new place."""
    return uuid.uuid4().hex


def new_listing_id(form: str) -> str:
    """Return the id of the place that a form adds: the same however often it is sent."""
    return stable_id("location", "form", form)
