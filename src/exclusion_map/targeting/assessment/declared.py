"""What is declared of the groups of an impact assessment: figures, words, prompts; frozen models.

``groups.toml`` says which figures bear on which group and what they cannot say; ``prompts.toml``
holds the questions for lessening harm. No figure stands in either.
"""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator

from exclusion_map.catalogue.load import read_toml, validate
from exclusion_map.catalogue.models import Declared, Text

FOLDER: Final = Path(__file__).parent
RURAL: Final = "rural"
"""The figure that comes from classes of areas, not from an indicator."""
ALWAYS, UNSEEN, FAR, WORST_TENTH = "always", "unseen", "far", "worst_tenth"
FINDINGS: Final = (ALWAYS, UNSEEN, FAR, WORST_TENTH)
"""What may bring a prompt up, besides figures and groups of the index."""


class Part(StrEnum):
    """Parts of an assessment in which groups stand."""

    PROTECTED = "protected"
    INCLUSION = "inclusion"
    PLACE = "place"


class Role(StrEnum):
    """What a figure is to a group."""

    DIRECT = "direct"
    RELATED = "related"

    @property
    def label(self) -> str:
        """The words people see."""
        return "counts the group" if self is Role.DIRECT else "related; does not count the group"


class FigureOf(Declared):
    """A figure that bears on a group."""

    indicator: Text
    role: Role
    note: str = Field("", description="What it does not mean; needed for what is only related.")

    @model_validator(mode="after")
    def _related_is_explained(self) -> Self:
        if self.role is Role.RELATED and not self.note:
            raise ValueError(f"figure {self.indicator}: say what a related figure does not mean")
        return self


class Group(Declared):
    """A group that an assessment looks at."""

    key: Text
    part: Part
    name: Text
    basis: Text = Field(description="The law or programme that names it.")
    cannot: Text = Field(description="What figures of areas cannot say of it.")
    elsewhere: Text = Field(description="What is published elsewhere.")
    ask: Text = Field(description="Who to ask.")
    figures: tuple[FigureOf, ...] = ()


class PartTold(Declared):
    """A part in words."""

    title: Text
    told: Text


class Groups(Declared):
    """Everything declared of groups."""

    parts: dict[Part, PartTold]
    groups: tuple[Group, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        keys = [group.key for group in self.groups]
        if len(keys) != len(set(keys)) or set(self.parts) != set(Part):
            raise ValueError("each group once, and every part told")
        return self

    def of(self, part: Part) -> tuple[Group, ...]:
        """Return the groups of a part, in their order."""
        return tuple(group for group in self.groups if group.part is part)


class Prompt(Declared):
    """A question about reducing harm."""

    domain: Text
    when: tuple[str, ...] = Field(
        min_length=1, description="Figures, groups of the index or findings that bring it up."
    )
    text: Text


class Uses(Declared):
    """How not to use an assessment."""

    not_for: tuple[Text, ...]


class Prompts(Declared):
    """Everything declared of prompts."""

    domains: dict[str, Text]
    prompts: tuple[Prompt, ...]
    uses: Uses

    @model_validator(mode="after")
    def _known_domains(self) -> Self:
        named = {prompt.domain for prompt in self.prompts}
        if named != set(self.domains):
            raise ValueError(f"prompts of {sorted(named)}, domains {sorted(self.domains)}")
        return self


@cache
def groups() -> Groups:
    """Return what is declared of groups."""
    return validate(Groups, read_toml(FOLDER / "groups.toml"), "groups of an assessment")


@cache
def prompts() -> Prompts:
    """Return what is declared of prompts."""
    return validate(Prompts, read_toml(FOLDER / "prompts.toml"), "prompts of an assessment")


def figures_used() -> tuple[str, ...]:
    """Return every figure that some group uses, each once."""
    named = [figure.indicator for group in groups().groups for figure in group.figures]
    return tuple(dict.fromkeys(named))
