"""What a file says of itself: its edition, how it was made, its credits, how not to use it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A dataset that went into a file, with its licence and credit line."""

    id: str
    title: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str
    vintage: str
    page: str = ""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a file says of itself.

    Attributes:
        title: of the file.
        edition: id of the edition it comes from.
        place: what the edition covers.
        synthetic: whether the place is made up.
        built: when the edition was built, ISO 8601.
        code_version: of the program that built it.
        selection: which areas or places it holds, in words.
        how: how its figures were made, by name: index, weights, base and the like.
        definition: the whole definition of the index; empty for support places.
        notes: gaps and stand-ins.
        warnings: how not to use it.
        credits: of every source.
    """

    title: str
    edition: str
    place: str
    synthetic: bool
    built: str
    code_version: str
    selection: str
    how: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()

    def lines(self) -> list[tuple[str, str]]:
        """Return the same as pairs of a topic and a text, for people; sources apart."""
        told = [("Title", self.title), ("Holds", self.selection), ("Edition", self.edition)]
        told.append(("Covers", self.place))
        if self.synthetic:
            told.append(("Warning", f"{self.place} is invented: nothing in this file is real."))
        told.extend(("Warning", text) for text in self.warnings)
        told.extend(self.how.items())
        told.append(("Edition built", self.built))
        told.append(("Made with", f"Exclusion Map {self.code_version}"))
        if self.definition:
            told.append(("Definition", json.dumps(self.definition, ensure_ascii=False)))
        told.append(("Missing figures", "An empty cell (null) is a figure nobody has; it is not 0"))
        told.extend(("Note", text) for text in self.notes)
        return told

    def plain(self) -> dict[str, Any]:
        """Return the same as values for JSON."""
        return {**asdict(self), "how": dict(self.how), "definition": dict(self.definition)}

    def readme(self) -> str:
        """Return the same as a text."""
        lines = [f"{topic}: {text}" for topic, text in self.lines()]
        lines += ["", "Sources"]
        for credit in self.credits:
            lines.append(f"- {credit.title} ({credit.publisher}, {credit.vintage}).")
            lines.append(f"  {credit.attribution}")
            lines.append(f"  Licence: {credit.licence} {credit.licence_url}".rstrip())
        return "\n".join(lines) + "\n"
