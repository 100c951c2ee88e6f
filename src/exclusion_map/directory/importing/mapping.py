"""Which columns fill which fields: a small file that people read, correct and keep."""

import json
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Named
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from exclusion_map.directory.importing.fields import FIELDS
from exclusion_map.directory.importing.table import Table
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import InvalidRequestError


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a column was taken for a field.

    Attributes:
        columns: headings.
        confidence: from 0 to 1; below 0.5 a person should look.
        reasons: in words.
        examples: what some cells say.
    """

    columns: tuple[str, ...]
    confidence: float
    reasons: tuple[str, ...]
    examples: tuple[str, ...] = ()


class Mapping(BaseModel):
    """What fills each field, as a TOML or JSON file says it.

    Attributes:
        columns: headings of the columns that fill a field.
        fixed: what a field says in every row where no column says something.
        kinds: kinds of place (our keys) by what the list calls them.
        terms: kinds of support (our keys) by what the list calls them; empty leaves one out.
        other_days: what a day means for which a row gives no hours while others have them.
        sheet: of a workbook.
        evidence: why each column was chosen, where it was guessed; not part of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, tuple[str, ...]] = {}
    fixed: dict[str, str] = {}
    kinds: dict[str, str] = {}
    terms: dict[str, str] = {}
    other_days: Literal["unknown", "closed"] = "unknown"
    sheet: str = ""
    evidence: dict[str, Evidence] = Field(default={}, exclude=True)

    @field_validator("columns", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: (one,) if isinstance(one, str) else one for key, one in value.items()}

    @field_validator("columns", "fixed")
    @classmethod
    def _known(cls, value: dict[str, Any]) -> dict[str, Any]:
        for key, given in value.items():
            check_field(key)
            several = isinstance(given, tuple) and len(given) > 1
            if several and not FIELDS[key].many:
                raise ValueError(f"{key} takes one column, not {len(given)}")
        return {key: one for key, one in value.items() if one}

    @field_validator("kinds")
    @classmethod
    def _kinds(cls, value: dict[str, str]) -> dict[str, str]:
        return _of_taxonomy(value, taxonomy(PLACES).term_keys)

    @field_validator("terms")
    @classmethod
    def _terms(cls, value: dict[str, str]) -> dict[str, str]:
        return _of_taxonomy(value, ("", *taxonomy(SUPPORT).term_keys))

    @classmethod
    def read(cls, text: str, name: str = "mapping") -> Self:
        """Return the mapping in TOML or JSON text.

        Raises:
            InvalidRequestError: naming what is wrong in it.
        """
        try:
            plain = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidRequestError(
                name, found=str(error), expected="TOML or JSON, as written by --write-mapping"
            ) from None
        try:
            return cls.model_validate(plain)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InvalidRequestError(
                f"{name}, {where}" if where else name,
                found=repr(first["input"])[:200],
                expected=first["msg"].removeprefix("Value error, "),
                mend=f"Fields are: {', '.join(FIELDS)}."
                if "is not a field" in first["msg"]
                else "",
            ) from None

    def to_toml(self) -> str:
        """Return it as TOML, with why each column was chosen as comments."""
        lines = ["# Which column fills which field. Correct it and give it back with --mapping."]
        lines += ["# All fields: exclusion-map directory mapping FILE --fields"]
        if self.sheet:
            lines.append(f"sheet = {_quoted(self.sheet)}")
        lines.append("# A day without hours while others have them: unknown, or closed.")
        lines.append(f"other_days = {_quoted(self.other_days)}")
        lines += ["", "[columns]"]
        for key, columns in self.columns.items():
            if key in self.evidence:
                told = self.evidence[key]
                lines.append(f"# {told.confidence:.0%} sure: {'; '.join(told.reasons)}")
            one = len(columns) == 1
            said = _quoted(columns[0]) if one else f"[{', '.join(map(_quoted, columns))}]"
            lines.append(f"{_quoted(key) if '.' in key else key} = {said}")
        for title in ("fixed", "kinds", "terms"):
            held: dict[str, str] = getattr(self, title)
            lines += ["", f"[{title}]"] if held or title == "fixed" else []
            lines += [f"{_quoted(key)} = {_quoted(value)}" for key, value in held.items()]
        return "\n".join([*lines, ""])

    def check(self, table: Table) -> None:
        """Refuse a mapping that does not fit a table.

        Raises:
            InvalidRequestError: it names a column that the table lacks, or nothing gives a name.
        """
        for key, columns in self.columns.items():
            for column in columns:
                if column not in table.position:
                    raise InvalidRequestError(
                        f"column for {key}",
                        found=f"{column!r}, which {table.name} does not have",
                        expected=f"one of {', '.join(repr(one) for one in table.columns)}",
                        mend="Correct the mapping.",
                    )
        if not {"name", "organisation"} & {*self.columns, *self.fixed}:
            raise InvalidRequestError(
                f"columns of {table.name}",
                found="none that gives the name of the place",
                expected="one",
                mend="Say which: --map name=COLUMN, where COLUMN is one of "
                f"{', '.join(repr(one) for one in table.columns)}.",
            )

    def corrected(self, columns: Named[str, Iterable[str]], fixed: Named[str, str]) -> Self:
        """Return it with other columns or fixed texts; no columns takes a field out."""
        changed = {key: tuple(names) for key, names in columns.items()}
        moved = {name for names in changed.values() for name in names}
        kept = {
            key: left
            for key, names in self.columns.items()
            if key not in changed and (left := tuple(name for name in names if name not in moved))
        }
        merged = {key: names for key, names in {**kept, **changed}.items() if names}
        evidence = {key: told for key, told in self.evidence.items() if key not in changed}
        plain = self.model_dump() | {"columns": merged, "fixed": {**self.fixed, **fixed}}
        return type(self).model_validate({**plain, "evidence": evidence})


def check_field(key: str) -> None:
    """Refuse what is not a field.

    Raises:
        ValueError: it is none.
    """
    if key not in FIELDS:
        raise ValueError(f"{key!r} is not a field")


def _of_taxonomy(given: dict[str, str], known: tuple[str, ...]) -> dict[str, str]:
    for name, key in given.items():
        if key not in known:
            raise ValueError(f"{name!r} to be one of {', '.join(filter(None, known))}")
    return given


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
