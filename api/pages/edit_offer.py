"""From the fields of one service to an offer. A field that was not touched keeps what was held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.edit_form import (
    OFFER_NUMBERS,
    OFFER_TEXTS,
    PRICE_TEXTS,
    field,
    number,
    offer_fields,
    prices,
)
from api.pages.edit_hours import parse_day_words
from api.pages.edit_typed import Typed
from exclusion_map.directory.checking import MOST_COSTS, text_fault
from exclusion_map.directory.importing.hours import read_hours
from exclusion_map.directory.listing import CostLine, Offer
from exclusion_map.directory.terms import SUPPORT, stable_id, taxonomy
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS, Schedule

MOST_NAME = 300
UNNAMED = "?"
"""Stands for a name that is missing, so that everything else can be looked at all the same."""
_WHOLE = {"minimum_age": (0, 120), "maximum_age": (0, 120), "computers": (0, 10_000)}
_STATUSES = ("active", "temporarily closed", "inactive", "defunct")


@dataclass
class OfferReader:
    """Reads one service; errors are kept by field.

    Attributes:
        typed: the whole form.
        index: of the service in it.
        before: the service as it is held; None for a new one.
        form: id of the place, or of the form of a new one: ids of new services are made of it.
        errors: messages by the names of fields; this adds its own.
    """

    typed: Typed
    index: str
    before: Offer | None
    form: str
    errors: dict[str, str]

    def read(self) -> Offer:
        """Return the service; where a field is wrong, what was held before stands for it."""
        values: dict[str, Any] = {name: self.text(name) for name in OFFER_TEXTS}
        values["name"], told = name_of(values["name"], "Enter what the service is called")
        if told:
            self.wrong("name", told)
        values |= {name: self.number(name) for name in OFFER_NUMBERS}
        return Offer(
            id=self.identity(),
            status=self.chosen("status", _STATUSES, "active"),
            cost=self.chosen("cost", ("free", "charge", "unknown"), "unknown"),
            support=self.support(),
            costs=self.costs(),
            languages=self.languages(),
            schedule=self.schedule(),
            **values,
        )

    def name(self, part: str) -> str:
        """Return the name of a field."""
        return f"s{self.index}-{field(part)}"

    def wrong(self, part: str, message: str) -> None:
        """Note that a field has to be mended."""
        self.errors.setdefault(self.name(part), message)

    def identity(self) -> str:
        """Return the id of the service; that of a new one is always the same for the same form."""
        if self.before is not None:
            return self.before.id
        return stable_id("service", "form", self.form, self.typed.one(self.name("key")))

    def text(self, part: str) -> str:
        """Return a text, as it was held where only the browser's handling of lines differs."""
        held = getattr(self.before, part) if self.before else None
        return text_of(self.typed.one(self.name(part)), held)

    def chosen(self, part: str, known: Sequence[str], otherwise: str) -> Any:
        """Return one of several values."""
        said = self.typed.one(self.name(part))
        return said if said in known else otherwise

    def number(self, part: str) -> float | None:
        """Return a number, None where the field is empty."""
        said = self.typed.one(self.name(part)).strip()
        held: float | None = getattr(self.before, part) if self.before else None
        if said == number(held):
            return held
        try:
            return number_of(said, *_WHOLE.get(part, (0, 168)), whole=part in _WHOLE)
        except ValueError as error:
            self.wrong(part, str(error))
            return held

    def support(self) -> Mapping[str, str]:
        """Return the terms of support with how each is known."""
        stated = self.typed.all(self.name("support"))
        told = {}
        for key in taxonomy(SUPPORT).term_keys:
            how = self.typed.one(f"s{self.index}-usual-{key}")
            if key in stated or how == "stated":
                told[key] = "stated"
            elif how == "usual":
                told[key] = "usual"
        return told

    def costs(self) -> tuple[CostLine, ...]:
        """Return the prices; rows that are empty count for nothing."""
        if self.before is not None and self.untouched(dict(prices(self.before)), "price"):
            return self.before.costs
        lines = []
        for at in range(MOST_COSTS + 1):
            option, amount, told = (
                self.typed.one(self.name(f"price{at}-{name}")).strip() for name in PRICE_TEXTS
            )
            if not (option or amount or told):
                continue
            try:
                pounds = number_of(amount.lstrip("£ "), 0, 100_000)
            except ValueError as error:
                self.wrong(f"price{at}-amount", str(error))
                pounds = None
            lines.append(CostLine(option=option, amount=pounds, amount_description=told))
        return tuple(lines)

    def languages(self) -> tuple[str, ...]:
        """Return the codes of languages, those that were held in their order first."""
        other = self.typed.one(self.name("other-languages")).replace(";", ",").split(",")
        said = [
            *self.typed.all(self.name("language")),
            *(code.strip().lower() for code in other if code.strip()),
        ]
        held = self.before.languages if self.before is not None else ()
        lower = {code.lower(): code for code in held}
        told = dict.fromkeys(lower.get(code, code) for code in said)
        return (*(code for code in held if code in told), *(c for c in told if c not in held))

    def schedule(self) -> Schedule | None:
        """Return the week; None where every day is empty."""
        if self.typed.one(self.name("week")).strip():
            return self.week()
        if self.before is not None and self.untouched(dict(offer_fields(self.before)), *DAYS):
            return self.before.schedule
        week: Schedule = {}
        for day in DAYS:
            try:
                spans = parse_day_words(self.typed.one(self.name(day)))
            except ValueError:
                told = "Enter opening and closing times, like 9am to 5pm, or closed"
                self.wrong(day, f"{DAY_NAMES[day]}: {told[0].lower()}{told[1:]}")
                continue
            if spans is not None:
                week[day] = spans
        return week or None

    def week(self) -> Schedule | None:
        """Return the week that was typed as one text."""
        read = read_hours(self.typed.one(self.name("week")))
        if read.schedule is None or read.problems:
            self.wrong("week", "Enter hours like Monday to Friday 9am to 5pm, or Mo-Fr 09:00-17:00")
        return read.schedule

    def untouched(self, held: Mapping[str, Sequence[str]], *begin: str) -> bool:
        """Whether the fields that begin so say what the held service would show."""
        mine = {name: texts for name, texts in held.items() if name.startswith(begin)}
        prefix = f"s{self.index}-"
        sent = {
            name.removeprefix(prefix): tuple(text.strip() for text in texts)
            for name, texts in self.typed.values.items()
            if name.startswith(tuple(f"{prefix}{each}" for each in begin))
        }
        said = {name: texts for name, texts in sent.items() if any(texts)}
        return said == {name: tuple(texts) for name, texts in mine.items() if any(texts)}


def name_of(said: str, missing: str) -> tuple[str, str]:
    """Return a name that a listing can hold, and what is wrong with the one that was typed."""
    if not said:
        return UNNAMED, missing
    if len(said) > MOST_NAME:
        return said[:MOST_NAME], text_fault("name", said)
    return said, ""


def text_of(said: str, held: str | None) -> str:
    """Return a text without space around it; as it was held where only breaks of lines differ."""
    bare = said.strip()
    if held is not None and "".join(bare.split()) == "".join(held.split()) and _lines(held):
        return held
    return bare


def _lines(held: str) -> bool:
    """Whether a browser changes a text by showing it: it drops breaks of lines, or makes them."""
    return "\n" in held or "\r" in held


def number_of(text: str, low: float, high: float, *, whole: bool = False) -> float | None:
    """Return a number that was typed; None for an empty text.

    Raises:
        ValueError: it is none, or out of bounds; the message is for the person.
    """
    bare = text.strip().replace(",", "")
    if not bare:
        return None
    wanted = f"a {'whole ' if whole else ''}number from {low:,.0f} to {high:,.0f}"
    try:
        value = int(bare) if whole else float(bare)
    except ValueError:
        raise ValueError(f"Enter {wanted}, or leave it empty") from None
    if not low <= value <= high:
        raise ValueError(f"Enter {wanted}")
    return value
