"""The two taxonomies of the directory: digital support, and kinds of place."""

import tomllib
import uuid
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from exclusion_map.errors import InvalidRequestError

FOLDER = Path(__file__).parent / "taxonomies"
NAMESPACE = uuid.UUID("6e0f6e1c-5a0f-5d43-9d0e-0f6f1a4f0b71")
"""Ids of terms and of imported listings are made from their keys, the same everywhere."""
SUPPORT, PLACES = "support", "places"


class Term(BaseModel):
    """A term.

    Attributes:
        key: short name, part of addresses.
        name: what people read.
        plural: the name for more than one; the name itself where there is no other.
        description: one sentence.
        domains: domains of the NHS framework it serves.
        usual: terms of support that places of this kind usually offer.
        usual_source: who says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    description: str
    plural: str = ""
    domains: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    usual_source: str = ""

    @property
    def inline(self) -> str:
        """The name inside a sentence: "public library", but "GP practice"."""
        return _inline(self.name)

    @property
    def inline_plural(self) -> str:
        """The name for more than one inside a sentence."""
        return _inline(self.plural or self.name)


class TaxonomyOfTerms(BaseModel):
    """A taxonomy with its terms, in the order people see them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    description: str
    version: str
    terms: tuple[Term, ...]
    domains: dict[str, str] = {}

    @property
    def id(self) -> str:
        """Its id in the directory."""
        return stable_id("taxonomy", self.key)

    def term_id(self, key: str) -> str:
        """Return the id of a term in the directory."""
        return _term_id(self.key, key)

    @property
    def term_keys(self) -> tuple[str, ...]:
        """Return the keys of all terms."""
        return tuple(term.key for term in self.terms)

    def term(self, key: str) -> Term:
        """Return a term by its key.

        Raises:
            InvalidRequestError: there is none.
        """
        for term in self.terms:
            if term.key == key:
                return term
        raise InvalidRequestError(
            f"{self.name.lower()} {key!r}",
            found="no term with that name",
            expected=f"one of {', '.join(self.term_keys)}",
        )


def _inline(name: str) -> str:
    """Return a name with a small first letter, unless its first word is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


@cache
def taxonomy(key: str) -> TaxonomyOfTerms:
    """Return a taxonomy: ``support`` or ``places``."""
    with (FOLDER / f"{key}.toml").open("rb") as file:
        return TaxonomyOfTerms.model_validate(tomllib.load(file))


def stable_id(*parts: str) -> str:
    """Return the UUID (version 5) that parts always give."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


@cache
def _term_id(taxonomy_key: str, key: str) -> str:
    return stable_id("term", taxonomy_key, key)
