"""What a person typed into a form: kept as it is, so that nothing is lost on an error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData

from exclusion_map.errors import InvalidRequestError

MOST_FIELDS: Final = 3_000
MOST_BYTES: Final = 500_000
UNSENT: Final = frozenset({"csrf", "do"})
"""Fields that belong to one sending of the form, not to what was typed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The texts of a form by the names of its fields; a field may come several times."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the text of a field; empty where it was not sent."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> Sequence[str]:
        """Return every text of a field."""
        return self.values.get(name, ())

    def pairs_by_name(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield each field with its texts."""
        yield from self.values.items()

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield names and texts, to send them once more."""
        for name, texts in self.values.items():
            if name not in UNSENT:
                yield from ((name, text) for text in texts)

    def changed(self, **updates: Sequence[str] | str | None) -> "Typed":
        """Return the same with other texts; None takes a field out, ``_`` stands for ``-``."""
        made = dict(self.values)
        for name, texts in updates.items():
            key = name.replace("_", "-")
            made.pop(key, None)
            if texts is not None:
                made[key] = (texts,) if isinstance(texts, str) else tuple(texts)
        return Typed(made)

    def without(self, prefix: str) -> "Typed":
        """Return the same without the fields whose names begin so."""
        kept = {name: texts for name, texts in self.values.items() if not name.startswith(prefix)}
        return Typed(kept)

    def merged(self, more: Mapping[str, Sequence[str]]) -> "Typed":
        """Return the same with more fields, which count before what is there."""
        return Typed({**self.values, **more})


async def read_typed(request: Request) -> Typed:
    """Return what a form sent.

    Raises:
        InvalidRequestError: it is larger than any that people fill in by hand.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise InvalidRequestError(
            "form",
            found="more than a person would type",
            expected=f"at most {MOST_BYTES:,} bytes",
            mend="Shorten the texts, or take services out.",
        )
    form = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES)
    return typed_of_form(form)


async def read_kept(request: Request) -> Typed:
    """Return what a form sent, and keep it at hand for a page that asks to send it once more."""
    request.state.typed = await read_typed(request)
    typed: Typed = request.state.typed
    return typed


def typed_of_form(form: FormData) -> Typed:
    """Return the texts of a form; files are left out."""
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\r", "\n"))
    return Typed(values)
