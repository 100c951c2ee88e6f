"""The form of the page of fair shares: what was typed, and what may be chosen."""

from typing import Any, Final
from urllib.parse import urlencode

from pydantic import Field, ValidationError

from api.dependencies import Params
from api.engine import Engine
from api.fault_words import expected_of
from api.pages import words
from api.sharing_query import ShareParams
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sharing_method import Method
from exclusion_map.targeting.sharing_rules import Rule
from exclusion_map.targeting.sharing_units import Overlap
from exclusion_map.terms import AreaKind

LONGEST_ADDRESS: Final = 3_000
"""Lists as short as this stand in the address, so that a link brings others to the result."""
STEPS: Final = (
    ("1", "whole ones"),
    ("0.5", "halves"),
    ("0.01", "pounds and pence"),
    ("10", "tens"),
    ("100", "hundreds"),
)
_KINDS: Final = (
    AreaKind.WARD,
    AreaKind.NEIGHBOURHOOD,
    AreaKind.SMALL_AREA,
    AreaKind.LOCAL_AUTHORITY,
    AreaKind.SUB_ICB,
    AreaKind.ICB,
    AreaKind.REGION,
)
_FIELD_WORDS: Final = {"total": "how much to share", "line": "line of the score"}


class SharePageParams(Params):
    """The form of the page: everything may be empty."""

    total: str = Field(default="", max_length=20)
    what: str = Field(default="", max_length=40)
    step: str = Field(default="", max_length=10)
    within: str = Field(default="", max_length=2_000)
    level: str = Field(default="", max_length=20)
    listed: str = Field(default="", max_length=2_000_000)
    rule: str = Field(default="", max_length=20)
    line: str = Field(default="", max_length=10)
    method: str = Field(default="", max_length=20)
    minimum: str = Field(default="", max_length=20)
    maximum: str = Field(default="", max_length=20)
    overlap: str = Field(default="", max_length=10)
    index: str = Field(default="", max_length=60)
    weights: str = Field(default="", max_length=2_000)
    draws: str = Field(default="", max_length=6)
    seed: str = Field(default="", max_length=10)

    @property
    def filled(self) -> dict[str, str]:
        """What was typed, without what was left empty."""
        typed = self.model_dump()
        return {name: text.strip() for name, text in typed.items() if text.strip()}

    @property
    def address(self) -> str:
        """An address that says the same; empty where it would be too long."""
        if len(self.listed) > LONGEST_ADDRESS:
            return ""
        return f"/tools/share?{urlencode(self.filled, safe=',:')}"

    def asked(self) -> ShareParams:
        """Return the same as the tool takes it.

        Raises:
            InvalidRequestError: a field cannot be read.
        """
        fields = {name: text for name, text in self.filled.items() if name != "listed"}
        for name in ("total", "minimum", "maximum"):
            if name in fields:
                fields[name] = fields[name].replace(",", "").replace("£", "")
        try:
            return ShareParams.model_validate(fields)
        except ValidationError as error:
            fault = error.errors()[0]
            name = str(fault["loc"][0]) if fault["loc"] else "form"
            raise InvalidRequestError(
                _FIELD_WORDS.get(name, name),
                found=repr(fields.get(name, "nothing")),
                expected=words.lower_first(expected_of(fault)),
            ) from None


def form(engine: Engine, typed: SharePageParams) -> dict[str, Any]:
    """Return what the form of the page needs."""
    atlas = engine.service.edition.atlas
    estimates = engine.service.estimates is not None
    usual = Rule.AT_RISK if estimates else Rule.WORST_FIFTH
    rules = [one for one in Rule if estimates or one not in (Rule.AT_RISK, Rule.HOUSEHOLDS)]
    return {
        "typed": typed,
        "levels": [(kind.value, kind.label_plural) for kind in _KINDS if kind in atlas.levels],
        "level": typed.level or _usual_level(engine).value,
        "rules": [(one.value, one.label) for one in rules],
        "rule": typed.rule or usual.value,
        "methods": [(one.value, one.label) for one in Method],
        "method": typed.method or Method.WEBSTER.value,
        "steps": _steps(typed.step),
        "step": typed.step or "1",
        "overlaps": [(one.value, one.label) for one in Overlap],
        "overlap": typed.overlap or Overlap.SPLIT.value,
        "indices": [(one.id, one.title) for one in engine.service.edition.manifest.indices],
        "index": typed.index or engine.service.default_index,
        "example": _example(engine),
        "shared": None,
        "fault": None,
    }


def _steps(step: str) -> list[tuple[str, str]]:
    known = list(STEPS)
    return known if not step or step in dict(known) else [*known, (step, f"steps of {step}")]


def _usual_level(engine: Engine) -> AreaKind:
    levels = engine.service.edition.atlas.levels
    return AreaKind.WARD if AreaKind.WARD in levels else AreaKind.SMALL_AREA


def _example(engine: Engine) -> str:
    """Return the address of an example of this edition."""
    atlas = engine.service.edition.atlas
    council = atlas.levels.get(AreaKind.LOCAL_AUTHORITY)
    inside = council.codes[0] if council else ""
    asked = {"total": "150", "what": "computers", "within": inside}
    return f"/tools/share?{urlencode(asked | {'level': _usual_level(engine).value})}"
