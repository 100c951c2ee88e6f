"""CQL2 text (OGC 21-065) as its JSON form: words and signs, then operators by how firmly they bind.

Our own and not a compiled parser: a filter comes from anybody, and one nested deeply enough must
end in an error message with a position, not in the end of the process.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.errors import InvalidRequestError

Node = dict[str, Any] | list[Any] | str | float | bool
"""An expression in the JSON form of CQL2."""

MOST_CHARACTERS: Final = 20_000
DEEPEST: Final = 60
"""Most brackets and signs inside one another."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:''|\\'|[^'])*')
    | (?P<quoted>"(?:""|[^"])+")
    | (?P<word>[^\W\d][\w:.]*)
    | (?P<sign><=|>=|<>|[=<>+\-*/%^(),])
    )""",
    re.VERBOSE,
)
_COMPARISONS: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})
_BINDS: Final = {"OR": 1, "AND": 2, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "DIV": 6, "^": 7}
_NOT, _COMPARED, _ADDED, _SIGNED = 3, 4, 5, 8
_SHAPES: Final = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"}
    | {"GEOMETRYCOLLECTION"}
)
_RESERVED: Final = frozenset(
    {"AND", "OR", "NOT", "LIKE", "ILIKE", "BETWEEN", "IN", "IS", "NULL", "DIV"}
)
_INSTANTS: Final = {"DATE": "date", "TIMESTAMP": "timestamp"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign of a filter."""

    kind: str
    text: str
    at: int
    """Place of its first character, from 0."""

    @property
    def word(self) -> str:
        """Its text in capitals where it is a bare word or a sign; else nothing."""
        return self.text.upper() if self.kind in ("word", "sign") else ""


def parse_text(text: str) -> Node:
    """Return the JSON form of a filter in CQL2 text.

    Raises:
        InvalidRequestError: it is none; the message tells where.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequestError(
            "filter", found=f"{len(text):,} characters", expected=f"at most {MOST_CHARACTERS:,}"
        )
    return _Parser(text).whole()


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while match := _TOKEN.match(text, at):
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    rest = text[at:].lstrip()
    start = len(text) - len(rest)
    if rest:
        expected = "a closing quote" if rest[0] in "'\"" else "a word, a number or a sign"
        raise fault(text, start, f"{rest[0]!r}", expected)
    return [*found, Token("end", "", len(text))]


def fault(text: str, at: int, found: str, expected: str) -> InvalidRequestError:
    """Return the error of a filter that cannot be read, with the place of the fault."""
    around = text[max(0, at - 20) : at + 20]
    return InvalidRequestError(
        f"filter, character {at + 1}",
        found=f"{found} in '…{around}…'" if len(text) > 40 else found,
        expected=expected,
        mend="Properties are listed under /queryables of the collection.",
    )


class _Parser:
    """Reads one filter from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.place = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def whole(self) -> Node:
        node = self.expression(0)
        if self.here.kind != "end":
            raise self.refusal("AND, OR, a comparison or the end")
        return node

    def refusal(self, expected: str) -> InvalidRequestError:
        token = self.here
        found = "the end" if token.kind == "end" else repr(token.text[:40])
        return fault(self.text, token.at, found, expected)

    def take(self, word: str) -> bool:
        """Step over a word if it is next."""
        if self.here.word != word:
            return False
        self.place += 1
        return True

    def need(self, word: str) -> None:
        if not self.take(word):
            raise self.refusal(f"{word!r}")

    def expression(self, binds: int) -> Node:
        """Return what stands here, up to an operator that binds less firmly."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise fault(self.text, self.here.at, f"more than {DEEPEST} levels", "fewer brackets")
        left, steps = self.first(), 0
        while (step := self.operator(binds)) is not None:
            # AND and OR stay flat; a chain of the others nests to the left.
            steps += self.here.word not in ("AND", "OR")
            if steps > DEEPEST:
                raise fault(
                    self.text, self.here.at, f"more than {DEEPEST} in a row", "fewer operators"
                )
            left = step(left)
        self.depth -= 1
        return left

    def operator(self, binds: int) -> Callable[[Node], Node] | None:
        """Return how the operator that is next goes on from what stands left of it."""
        word = self.here.word
        if word in _BINDS and _BINDS[word] > binds:
            return self.binary
        if binds < _COMPARED:
            if word in _COMPARISONS:
                return self.binary
            if word in ("IS", "LIKE", "ILIKE", "BETWEEN", "IN", "NOT"):
                return self.predicate
        return None

    def binary(self, left: Node) -> Node:
        word = self.here.word
        self.place += 1
        right = self.expression(_BINDS.get(word, _COMPARED))
        name = word.lower()
        if name in ("and", "or") and isinstance(left, dict) and left.get("op") == name:
            return {"op": name, "args": [*left["args"], right]}
        return {"op": name, "args": [left, right]}

    def predicate(self, left: Node) -> Node:
        if self.take("IS"):
            turned = self.take("NOT")
            self.need("NULL")
            node: Node = {"op": "isNull", "args": [left]}
        else:
            turned = self.take("NOT")
            node = self.tested(left)
        return {"op": "not", "args": [node]} if turned else node

    def tested(self, left: Node) -> Node:
        if self.take("LIKE"):
            return {"op": "like", "args": [left, self.expression(_COMPARED)]}
        if self.take("ILIKE"):
            # Of older drafts, and what GDAL still sends: LIKE whatever the case.
            right = self.expression(_COMPARED)
            folded: list[Node] = [{"op": "casei", "args": [one]} for one in (left, right)]
            return {"op": "like", "args": folded}
        if self.take("BETWEEN"):
            low = self.expression(_COMPARED)
            self.need("AND")
            return {"op": "between", "args": [left, low, self.expression(_COMPARED)]}
        if self.take("IN"):
            self.need("(")
            return {"op": "in", "args": [left, self.listed()]}
        raise self.refusal("LIKE, BETWEEN or IN")

    def listed(self) -> list[Node]:
        """Return expressions with commas up to the closing bracket."""
        found = [self.expression(0)]
        while self.take(","):
            found.append(self.expression(0))
        self.need(")")
        return found

    def first(self) -> Node:
        token = self.here
        if self.take("NOT"):
            return {"op": "not", "args": [self.expression(_NOT)]}
        if self.take("-"):
            inner = self.expression(_SIGNED)
            number = isinstance(inner, float) and not isinstance(inner, bool)
            return -inner if number else {"op": "*", "args": [-1.0, inner]}  # type: ignore[operator]
        if self.take("+"):
            return self.expression(_SIGNED)
        if self.take("("):
            inner = self.expression(0)
            self.need(")")
            return inner
        if token.kind == "number":
            self.place += 1
            return float(token.text)
        if token.kind == "text":
            self.place += 1
            return token.text[1:-1].replace("''", "'").replace("\\'", "'")
        return self.named()

    def named(self) -> Node:
        """Return a property, a function, a shape or a truth value."""
        token = self.here
        if token.kind == "quoted":
            self.place += 1
            return {"property": token.text[1:-1].replace('""', '"')}
        if token.kind != "word" or token.word in _RESERVED:
            raise self.refusal("a property, a number, a text in single quotes or a bracket")
        if token.word in ("TRUE", "FALSE"):
            self.place += 1
            return token.word == "TRUE"
        opens = self.tokens[self.place + 1].word
        if token.word in _SHAPES and (opens == "(" or opens in ("Z", "EMPTY")):
            return self.shape()
        self.place += 1
        if not self.take("("):
            return {"property": token.text}
        arguments = [] if self.take(")") else self.listed()
        if token.word == "BBOX":
            return {"bbox": arguments}
        if token.word in _INSTANTS:
            return {_INSTANTS[token.word]: arguments[0] if arguments else ""}
        return {"op": token.text.lower(), "args": arguments}

    def shape(self) -> Node:
        """Return a geometry written as well-known text."""
        import shapely  # Not needed to start.

        start, open_brackets = self.here, 0
        while True:
            self.place += 1
            word = self.here.word
            open_brackets += (word == "(") - (word == ")")
            if self.here.kind == "end":
                raise fault(
                    self.text, len(self.text), "the end", "a closing bracket of the geometry"
                )
            if word == "EMPTY" or (word == ")" and not open_brackets):
                break
        self.place += 1
        written = self.text[start.at : self.tokens[self.place - 1].at + len(self.here_before.text)]
        try:
            geometry = shapely.from_wkt(written)
        except shapely.errors.ShapelyError as error:
            raise fault(
                self.text, start.at, f"{written[:60]!r}", f"a geometry ({str(error).strip()})"
            ) from None
        node: Node = json.loads(shapely.to_geojson(geometry))
        return node

    @property
    def here_before(self) -> Token:
        return self.tokens[self.place - 1]
