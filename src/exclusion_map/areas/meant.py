"""Find the one place that a text means.

There is no guessing here, unlike in search results that people choose from: an answer about a
place with a similar name would be mistaken for the right one.
"""

from collections.abc import Callable

from exclusion_map.areas.names import FILLERS, plain, words
from exclusion_map.areas.search import SearchAnswer, SearchResult
from exclusion_map.errors import NotFoundError

Search = Callable[[str, int], SearchAnswer]
_LOOKED_AT = 12
_TOLD = 4


def code_meant(search: Search, text: str) -> str:
    """Return the code of the one place that a code, a postcode or a name refers to.

    Case, accents, punctuation and words such as "city of" or "council" make no difference, and a
    name may be followed by its context: "Newport, Isle of Wight". Of places with the same name, the
    largest kind counts ("Newport" is the council, not a ward).

    Args:
        search: function that finds places, best first, up to a limit.
        text: a code, postcode or name; not empty.

    Raises:
        NotFoundError: no place or several places have that name; the error lists likely ones.
    """
    asked = " ".join(text.split())
    found = search(asked, _LOOKED_AT)
    first = next(iter(found.results), None)
    if first is not None and (
        first.matched == "postcode" or (first.matched == "code" and first.code == asked.upper())
    ):
        return first.code
    named = [one for one in found.results if one.matched == "name"]
    alike = _called(named, asked)
    kind = alike[0].kind if alike else None
    same = [one for one in alike if one.kind is kind]
    if len(same) == 1:
        return same[0].code
    raise _not_one(asked, same or list(found.results), found.note, several=bool(same))


def _called(named: list[SearchResult], asked: str) -> list[SearchResult]:
    """Return the places with exactly this name, otherwise those with an equivalent name."""
    just = [one for one in named if plain(asked) in (plain(one.matched_text), plain(one.name))]
    return just or [one for one in named if _says(one, _telling(asked))]


def _says(one: SearchResult, asked: frozenset[str]) -> bool:
    name = _telling(one.matched_text)
    return name <= asked and asked - name <= set(words(one.context))


def _telling(text: str) -> frozenset[str]:
    every = frozenset(words(text))
    return every - FILLERS or every


def _not_one(asked: str, perhaps: list[SearchResult], note: str, *, several: bool) -> NotFoundError:
    told = "; ".join(
        f"{one.name} ({one.kind_label}{f', {one.context}' if one.context else ''}: {one.code})"
        for one in perhaps[:_TOLD]
    )
    mend = f"Did you mean one of these? {told}." if told else note
    return NotFoundError(
        f"place {asked!r}",
        found="several places of that name" if several else "no place of that name",
        expected="the name or code of one place",
        mend=mend or "Look the place up by name or postcode: /search",
    )
