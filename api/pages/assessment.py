"""What the page of impact assessments shows: the form as it was typed, and the evidence."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import Field, ValidationError

from api.assessment_query import AssessmentParams
from api.dependencies import Params
from api.engine import Engine
from api.fault_words import expected_of
from api.footprint_asking import LONGEST_ADDRESS, FootprintAsked, FootprintBody
from api.places_in_address import check_address
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.editions import assessment_words as words
from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.assessment_document import assessment_document
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.document import Document, Paragraph
from exclusion_map.exports.document_html import document_parts
from exclusion_map.targeting.footprint import Basis
from exclusion_map.targeting.footprint.places import is_postcode
from exclusion_map.terms import AreaKind

PAGE: Final = "/tools/assessment"
_BASES: Final = (
    ("", "Whatever fits the list"),
    (Basis.RESIDENTS.value, "All who live in these places"),
    (Basis.COUNTS.value, "The people of the list, one a row or as counted"),
)
_FIELDS: Final = ("name", "compare", "basis", "index")


class AssessmentPageParams(Params):
    """The form of the page: everything may be empty."""

    where: str = Field(default="", max_length=400_000)
    name: str = Field(default="", max_length=120)
    compare: str = Field(default="", max_length=120)
    basis: str = Field(default="", max_length=20)
    index: str = Field(default="", max_length=60)

    @classmethod
    def of_form(cls, texts: Mapping[str, str]) -> "AssessmentPageParams":
        """Return the fields of a form; others are passed over.

        Raises:
            InvalidRequestError: one is too long.
        """
        try:
            return cls(**{name: texts[name] for name in cls.model_fields if name in texts})
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            raise InvalidRequestError(
                str(fault["loc"][0]), found="a text that is too long", expected=str(fault["msg"])
            ) from None

    @property
    def address(self) -> str:
        """An address that says the same; empty where it is too long, or tells of persons."""
        if len(self.where) > LONGEST_ADDRESS or not self.where.strip():
            return ""
        if any(is_postcode(entry) for entry in entries_of(self.where)):
            return ""
        return f"{PAGE}?{urlencode(self.filled, safe=',:')}"

    @property
    def filled(self) -> dict[str, str]:
        """What was typed, without what was left empty."""
        plain = {name: text.strip() for name, text in self.model_dump().items() if text.strip()}
        if "where" in plain:
            plain["where"] = ",".join(_quoted(entry) for entry in entries_of(plain["where"]))
        return plain

    def asked_of_address(self) -> tuple[AssessmentParams, FootprintAsked]:
        """Return the question of an address.

        Raises:
            InvalidRequestError: a field cannot be read, or the address names a postcode.
        """
        check_address(self.where)
        params, body = self._params(), FootprintBody(where=entries_of(self.where))
        return params, FootprintAsked(params=params.footprint, body=body)

    def asked_of_form(self, asked: FootprintAsked) -> tuple[AssessmentParams, FootprintAsked]:
        """Return the question of a form.

        Raises:
            InvalidRequestError: a field cannot be read.
        """
        params = self._params()
        return params, replace(asked, params=params.footprint)

    def _params(self) -> AssessmentParams:
        given = {name: text for name, text in self.filled.items() if name in _FIELDS}
        try:
            return AssessmentParams.model_validate(given)
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            name = str(fault["loc"][0])
            raise InvalidRequestError(
                name,
                found=repr(given[name])[:60],
                expected=expected_of(fault),
            ) from None


def form(engine: Engine, typed: AssessmentPageParams) -> dict[str, Any]:
    """Return what the form of the page needs."""
    atlas, manifest = engine.service.edition.atlas, engine.service.edition.manifest
    council = atlas.levels.get(AreaKind.LOCAL_AUTHORITY) or atlas.level(AreaKind.SMALL_AREA)
    example = {"where": council.codes[0]}
    return {
        "typed": typed,
        "bases": _BASES,
        "indices": [(one.id, one.title) for one in manifest.indices],
        "index": typed.index or engine.service.default_index,
        "everywhere": manifest.title,
        "example": f"{PAGE}?{urlencode(example)}",
        "example_name": council.labels[0],
        "found": None,
        "fault": None,
    }


def answer(typed: AssessmentPageParams, found: Assessment) -> dict[str, Any]:
    """Return everything the page says of an assessment."""
    document = assessment_document(found, room=False)
    query = urlencode(typed.filled, safe=",:")
    return {
        "found": found,
        "title": document.title,
        "parts": document_parts(_without_lead(document)),
        "contents": [
            (heading.key, heading.text) for heading in document.headings() if heading.level == 2
        ],
        "reasons": found.evidence.served.matching.reasons,
        "lead": words.lead(found),
        "here": typed.address,
        "files": f"/api/v1/assessment?{query}" if typed.address else "",
        "hidden": {name: text for name, text in typed.model_dump().items() if text.strip()},
    }


def _without_lead(document: Document) -> Document:
    """Return a document without what the page says above it: its lead, and that it is invented."""
    kept = (
        block
        for block in document.blocks
        if not (isinstance(block, Paragraph) and block.tone in ("lede", "banner"))
    )
    return replace(document, blocks=tuple(kept))


def _quoted(entry: str) -> str:
    """Return an entry of a list; a name with a comma in it stands in quotes."""
    return f'"{entry}"' if "," in entry else entry
