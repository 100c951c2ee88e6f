"""Metadata included in every file: edition, method, credits and warnings."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A dataset used in a file, with its licence and attribution."""

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
    """Metadata of a file.

    Attributes:
        title: title of the file.
        edition: id of the edition it comes from.
        place: place that the edition covers.
        synthetic: whether the data are invented.
        built: when the edition was built, ISO 8601.
        code_version: version of the program that built it.
        selection: description of the areas or places in the file.
        how: method of the figures by topic, such as index, weights and base.
        definition: complete definition of the index; empty for places of support.
        notes: gaps and substitutes.
        warnings: how not to use the file.
        credits: credits of all sources.
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
        """Return the metadata, without sources, as pairs of topic and text."""
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
        told.append(
            (
                "Missing figures",
                "An empty cell (null) means that the figure is missing; it is not 0",
            )
        )
        told.extend(("Note", text) for text in self.notes)
        return told

    def plain(self) -> dict[str, Any]:
        """Return the metadata as values for JSON."""
        return {**asdict(self), "how": dict(self.how), "definition": dict(self.definition)}

    def readme(self) -> str:
        """Return the metadata as text."""
        lines = [f"{topic}: {text}" for topic, text in self.lines()]
        lines += ["", "Sources"]
        for credit in self.credits:
            lines.append(f"- {credit.title} ({credit.publisher}, {credit.vintage}).")
            lines.append(f"  {credit.attribution}")
            lines.append(f"  Licence: {credit.licence} {credit.licence_url}".rstrip())
        return "\n".join(lines) + "\n"
