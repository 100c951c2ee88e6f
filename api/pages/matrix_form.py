"""The form of the page of risk matrices: what was typed, and what may be chosen."""

from typing import Any, Final
from urllib.parse import urlencode

from pydantic import Field, ValidationError

from api.dependencies import Params
from api.engine import Engine
from api.fault_words import expected_of
from api.matrix_query import MatrixParams
from api.pages import words
from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.matrix_svg import Style
from exclusion_map.targeting.matrix import Compared, Measure
from exclusion_map.targeting.matrix_cuts import CutRule
from exclusion_map.targeting.matrix_impact import OWN, groups_of
from exclusion_map.terms import AreaKind

_KINDS: Final = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.WARD)
_WIDER: Final = (AreaKind.LOCAL_AUTHORITY,)
_OTHERS: Final = (("", "Have no figure, and are shown apart"), ("none", "Have none of them"))
_USUAL: Final = {
    name: str(value) for name, value in MatrixParams().model_dump(mode="json").items()
} | {"style": Style.COLOUR.value, "group": ""}
"""Left out of addresses; the group is said all the same, because it is what was asked."""
_NOT_ASKED: Final = ("go", "figures", "label", "others", "style")


class MatrixPageParams(Params):
    """The form of the page: everything may be empty."""

    go: str = Field(default="", max_length=3)
    group: str = Field(default="", max_length=60)
    within: str = Field(default="", max_length=2_000)
    level: str = Field(default="", max_length=20)
    size: str = Field(default="", max_length=2)
    cuts: str = Field(default="", max_length=10)
    likelihood_lines: str = Field(default="", max_length=200)
    impact_lines: str = Field(default="", max_length=200)
    measure: str = Field(default="", max_length=10)
    compared: str = Field(default="", max_length=12)
    cells: str = Field(default="", max_length=200)
    index: str = Field(default="", max_length=60)
    weights: str = Field(default="", max_length=2_000)
    draws: str = Field(default="", max_length=6)
    seed: str = Field(default="", max_length=10)
    style: str = Field(default="", max_length=10)
    figures: str = Field(default="", max_length=2_000_000)
    label: str = Field(default="", max_length=120)
    others: str = Field(default="", max_length=5)

    @property
    def filled(self) -> dict[str, str]:
        """What was typed, without what was left empty or is so anyway."""
        typed = {name: text.strip() for name, text in self.model_dump().items()}
        return {name: text for name, text in typed.items() if text and _USUAL.get(name) != text}

    @property
    def drawn(self) -> Style:
        """How pictures are drawn."""
        return Style.PRINT if self.style == Style.PRINT.value else Style.COLOUR

    @property
    def own(self) -> bool:
        """Whether figures were brought along: those are never put into an address."""
        return self.group == OWN or bool(self.figures.strip())

    def address(self, path: str = "/tools/matrix", **more: str) -> str:
        """Return an address that says the same, and more or other things."""
        said = {**self.filled, **more}
        kept = {name: text for name, text in said.items() if name not in ("figures", "label")}
        return f"{path}?{urlencode({n: t for n, t in kept.items() if t}, safe=',:')}"

    def asked(self) -> MatrixParams:
        """Return the same as the tool takes it.

        Raises:
            InvalidRequestError: a field cannot be read.
        """
        fields = {name: text for name, text in self.filled.items() if name not in _NOT_ASKED}
        if self.figures.strip():
            fields["group"] = OWN
        try:
            return MatrixParams.model_validate(fields)
        except ValidationError as error:
            fault = error.errors()[0]
            name = str(fault["loc"][0]) if fault["loc"] else "form"
            raise InvalidRequestError(
                name.replace("_", " "),
                found=repr(fields.get(name, "nothing")),
                expected=words.lower_first(expected_of(fault)),
            ) from None


def form(engine: Engine, typed: MatrixPageParams) -> dict[str, Any]:
    """Return what the form of the page needs."""
    edition = engine.service.edition
    levels = [kind for kind in (*_KINDS, *_WIDER) if kind in edition.atlas.levels]
    groups = groups_of(edition.atlas, edition.manifest.indicators)
    return {
        "typed": typed,
        "groups": [*((one.id, one.label) for one in groups), (OWN, "My own figures (below)")],
        "group": OWN if typed.own else typed.group or MatrixParams().group,
        "levels": [(kind.value, words.upper_first(kind.label_plural)) for kind in levels],
        "level": typed.level or AreaKind.SMALL_AREA.value,
        "sizes": [("3", "3 by 3"), ("5", "5 by 5")],
        "size": typed.size or "3",
        "cut_rules": [(one.value, words.upper_first(one.label)) for one in CutRule],
        "cuts": typed.cuts or CutRule.AREAS.value,
        "measures": [(one.value, words.upper_first(one.label)) for one in Measure],
        "measure": typed.measure or Measure.COUNT.value,
        "compare": [(one.value, words.upper_first(one.label)) for one in Compared],
        "compared": typed.compared or Compared.PLACE.value,
        "styles": [(one.value, words.upper_first(one.label)) for one in Style],
        "style": typed.drawn.value,
        "others": _OTHERS,
        "indices": [(one.id, one.title) for one in edition.manifest.indices],
        "index": typed.index or engine.service.default_index,
        "example": _example(engine),
        "found": None,
        "fault": None,
    }


def _example(engine: Engine) -> str:
    """Return the address of an example of this edition."""
    council = engine.service.edition.atlas.levels.get(AreaKind.LOCAL_AUTHORITY)
    inside = {"within": council.codes[0]} if council else {}
    return f"/tools/matrix?{urlencode({'group': 'aged_75_plus', **inside, 'go': 'yes'})}"
