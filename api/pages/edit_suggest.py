"""The form by which anybody suggests a correction or a place, without an account."""

from dataclasses import dataclass
from typing import Any, Final

from api.editing import Desk
from api.pages.edit_parsing import parse
from api.pages.edit_typed import Typed
from api.pages.edit_view import FormView, choices
from exclusion_map.directory.checking import hidden_signs, is_email
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.suggestions import LONGEST_MESSAGE, About, Suggested

TRAP: Final = "website-address"
"""A field that people do not see: only programs fill it in."""
LONGEST_NAME: Final = 100
ABOUT: Final = (
    ("correction", "Something about it is wrong or missing"),
    ("closed", "It has closed or moved away"),
)


@dataclass(frozen=True, eq=False)
class SuggestForm:
    """What somebody suggests about a place, or a place that is missing.

    Attributes:
        desk: where it is sent.
        typed: what was typed.
        held: the place; None for one that is missing.
    """

    desk: Desk
    typed: Typed
    held: Held | None = None

    @property
    def trapped(self) -> bool:
        """Whether a program filled in what people do not see."""
        return bool(self.typed.one(TRAP).strip())

    def read(self) -> tuple[Suggested | None, dict[str, str]]:
        """Return what is suggested, and what has to be mended; None where anything has."""
        errors = self._person() | self._words()
        proposed = None
        if self.held is None:
            proposed, wrong = self._place()
            errors |= wrong
        if errors:
            return None, errors
        closed = self.typed.one("about") == About.CLOSED
        about = About.CLOSED if closed else About.CORRECTION
        return (
            Suggested(
                about=about if self.held else About.ADDITION,
                listing_id=self.held.id if self.held else None,
                base_version=self.held.version if self.held else None,
                message=self.typed.one("message"),
                proposed=proposed,
                name=self.typed.one("your-name").strip(),
                email=self.typed.one("your-email").strip(),
            ),
            {},
        )

    def context(self, errors: dict[str, str]) -> dict[str, Any]:
        """Return what the template needs."""
        settings = self.desk.settings
        return {
            **choices(),
            "form": FormView(self.typed, errors),
            "held": self.held,
            "abouts": ABOUT,
            "trap": TRAP,
            "keep_days": settings.suggestion_keep_days,
            "wait_days": settings.suggestion_wait_days,
            "longest_message": LONGEST_MESSAGE,
            "action": f"/support/{self.held.id}/suggest" if self.held else "/support/suggest",
        }

    def _person(self) -> dict[str, str]:
        name, email = (self.typed.one(f"your-{part}").strip() for part in ("name", "email"))
        errors = {}
        if len(name) > LONGEST_NAME or hidden_signs(name, lines=False):
            errors["your-name"] = f"Enter a name of at most {LONGEST_NAME} letters"
        if email and not (is_email(email) and len(email) <= 254):
            told = "Enter an email address in the correct format, like name@example.org"
            errors["your-email"] = told
        return errors

    def _words(self) -> dict[str, str]:
        message = self.typed.one("message").strip()
        errors = {}
        about = self.typed.one("about")
        if self.held is not None and about not in (About.CORRECTION, About.CLOSED):
            errors["about"] = "Select what is wrong"
        if not message and self.held is not None and about != About.CLOSED:
            errors["message"] = "Say what is wrong, and what is right"
        elif len(message) > LONGEST_MESSAGE or hidden_signs(message, lines=True):
            told = f"Use {LONGEST_MESSAGE:,} characters or fewer: it has {len(message):,}"
            errors["message"] = told
        return errors

    def _place(self) -> tuple[Listing, dict[str, str]]:
        """Return the place that is missing, with one service if anything is said of it."""
        says = any(
            any(text.strip() for text in self.typed.all(f"s0-{name}"))
            for name in ("support", "phone", "url", "mon", "week")
        )
        fields: dict[str, Any] = {"place-by": ("postcode",), "service": ("0",) if says else ()}
        if not self.typed.one("postcode").strip():
            fields["place-by"] = ("none",)
        if says:
            fields |= {"s0-name": ("Digital support",), "s0-key": ("new-0",)}
        typed = self.typed.merged(fields)
        parsed = parse(typed, self.desk.placing, before=None, form="suggested")
        return parsed.listing, parsed.errors
