"""What the templates of the forms need: what was typed, what is wrong, what can be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from api.pages.edit_form import BLANK_PRICES, services_of
from api.pages.edit_hours import HINT
from api.pages.edit_typed import Typed
from exclusion_map.directory.checking import LONGEST, MOST_COSTS, MOST_OFFERS
from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.terms import PLACES, SUPPORT, Term, taxonomy
from exclusion_map.support.opening_hours import DAY_NAMES

STATUSES: Final = (
    ("active", "Running"),
    ("temporarily closed", "Closed for a while"),
    ("inactive", "Not running at the moment"),
    ("defunct", "Ended for good"),
)
COSTS: Final = (("free", "Free"), ("charge", "There is a charge"), ("unknown", "Not known"))


@dataclass(frozen=True, slots=True)
class FormView:
    """What was typed, with the message for each field that has to be mended."""

    typed: Typed
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return the text of a field."""
        return self.typed.one(name)

    def values(self, name: str) -> Sequence[str]:
        """Return every text of a field."""
        return self.typed.all(name)

    def error(self, name: str) -> dict[str, str] | None:
        """Return the message of a field as the macros take it; None where it is well."""
        return {"text": self.errors[name]} if name in self.errors else None

    def any_error(self, *begin: str) -> bool:
        """Whether any field whose name begins so has to be mended."""
        return any(name.startswith(begin) for name in self.errors)

    def any_value(self, *begin: str) -> bool:
        """Whether anything is typed in fields whose names begin so."""
        typed = self.typed.values.items()
        return any(name.startswith(begin) and any(texts) for name, texts in typed)

    @property
    def services(self) -> list[str]:
        """The indexes of the services."""
        return services_of(self.typed)

    def usual(self, index: str) -> list[Term]:
        """Return the terms that are usual for the kind of place, not confirmed for this one."""
        terms = taxonomy(SUPPORT).terms
        return [term for term in terms if self.value(f"s{index}-usual-{term.key}")]

    def price_rows(self, index: str) -> range:
        """Return the numbers of the rows of prices: those that are typed, and blank ones."""
        start = f"s{index}-price"
        used = [
            int(name.removeprefix(start).split("-")[0])
            for name, texts in self.typed.values.items()
            if name.startswith(start) and any(texts)
        ]
        return range(min(max(used, default=-1) + 1 + BLANK_PRICES, MOST_COSTS + 1))

    @property
    def summary(self) -> dict[str, str]:
        """The messages by field, as the summary at the top of the page takes them."""
        return dict(self.errors)


def choices() -> dict[str, Any]:
    """Return what the fields of the form offer."""
    support = taxonomy(SUPPORT)
    groups: dict[str, list[Term]] = {}
    for term in support.terms:
        groups.setdefault(support.domains[term.domains[0]], []).append(term)
    return {
        "place_kinds": taxonomy(PLACES).terms,
        "support_groups": list(groups.items()),
        "features": list(ACCESSIBILITY.items()),
        "languages": sorted(LANGUAGES.items(), key=lambda item: item[1]),
        "days": list(DAY_NAMES.items()),
        "hours_hint": HINT,
        "statuses": STATUSES,
        "costs": COSTS,
        "longest": LONGEST,
        "most_services": MOST_OFFERS,
    }
