"""The glossary, and the words of the vocabulary that the whole code shares."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from docs._generate.markdown import code, page, table
from exclusion_map import terms
from exclusion_map.accounts import Role
from exclusion_map.index.respond import Response

FILE: Final = Path(__file__).with_name("glossary.toml")
VOCABULARY: Final[tuple[type[StrEnum], ...]] = (
    terms.AreaKind,
    terms.Nation,
    terms.Direction,
    terms.NhsGroup,
    terms.Quality,
    terms.SupportKind,
    Response,
    Role,
)
"""The words that files and addresses are made of."""


def words() -> dict[str, str]:
    """Return every term with its meaning, in the order of the alphabet."""
    told: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return dict(sorted(told.items(), key=lambda item: item[0].lower()))


def reference() -> str:
    """Return the page."""
    meanings = "\n\n".join(f"{term}\n:   {meaning}" for term, meaning in words().items())
    parts = [meanings, "## Words in files and addresses"]
    for kind in VOCABULARY:
        first = (kind.__doc__ or "").strip().partition("\n")[0]
        parts += [f"### {kind.__name__}", first]
        parts.append(table(("value", "words"), [(code(one.value), _label(one)) for one in kind]))
    return page("Glossary", *parts)


def _label(one: Any) -> str:
    return str(getattr(one, "label", None) or getattr(one, "words", ""))
