"""Things done to good input: texts and files that are nearly right, and some that are not."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

TREACHEROUS = [
    *("", " ", "\x00", "\ufeff", "\u202e", "\u0660\u0661", "\u00b2", "\uff11", "\U0001f4a9"),
    *("9" * 5_000, "1e999", "-0", "NaN", "Infinity", "1e-400", "0x10", "1_000", "--", "−1"),
    *("'", '"', "`", "\\", "/", "../", "%00", "%2e%2e", ",", ";", "\t", "|", "\r", "\n"),
    *(
        "(",
        "((((((((",
        ")",
        "[",
        "[" * 3_000,
        "{",
        '{"a":' * 300,
        "}",
        "<!DOCTYPE a>",
        "=",
        "=cmd|",
    ),
    *("null", "true", "[]", "{}", "x" * 140_000),
]
"""Pieces that parsers stumble over: numbers of no end, digits of other scripts, deep nesting."""

_NUMBER, _WORD = re.compile(r"\d+"), re.compile(r"[a-z_]+")
PIECES = st.sampled_from(TREACHEROUS) | st.text(max_size=6)


def treacherous(seeds: list[str]) -> Iterator[str]:
    """Yield some texts, and each with every such piece before, after, and for each number in it."""
    yield from seeds
    for piece in TREACHEROUS:
        yield piece
        for seed in seeds:
            yield piece + seed
            yield seed + piece
            yield _NUMBER.sub(lambda _, put=piece: put, seed)
            yield _WORD.sub(lambda _, put=piece: put, seed, count=1)


@st.composite
def near(draw: st.DrawFn, seeds: list[str]) -> str:
    """Return one of some texts with up to three things done to it."""
    text = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 3))):
        at, to = sorted(int(draw(st.floats(0, 1)) * len(text)) for _ in range(2))
        how = draw(st.sampled_from(["put", "replace", "cut", "twice"]))
        if how == "put":
            text = text[:at] + draw(PIECES) + text[at:]
        elif how == "replace":
            text = text[:at] + draw(PIECES) + text[min(at + 3, len(text)) :]
        else:
            text = text[:at] + text[to:] if how == "cut" else text[:to] + text[at:]
    return text


def near_bytes(seeds: list[str]) -> st.SearchStrategy[bytes]:
    """Return the same as bytes in some encoding, or any bytes."""
    texts = st.tuples(near(seeds), st.sampled_from(["utf-8", "utf-16", "latin-1", "utf-8-sig"]))
    return texts.map(lambda one: one[0].encode(one[1], "replace")) | st.binary(max_size=60)


ODD_VALUES = st.sampled_from(
    [None, True, -1, 1e308, 10**30, "", "x", "9" * 400, [], {}, [[]], [None], {"": None}, "\x00"]
)


@st.composite
def near_json(draw: st.DrawFn, seeds: list[Any]) -> Any:
    """Return one of some JSON documents, in which up to three values are something else."""
    document = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 3))):
        at = document
        while isinstance(at, (dict, list)) and at:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            key = draw(st.sampled_from(keys))
            if not isinstance(at[key], (dict, list)) or not at[key] or draw(st.booleans()):
                how = draw(st.sampled_from(["change", "drop", "add"]))
                if how == "change":
                    at[key] = copy.deepcopy(draw(ODD_VALUES))
                elif how == "drop":
                    del at[key]
                elif isinstance(at, dict):
                    at["another"] = copy.deepcopy(draw(ODD_VALUES))
                else:
                    at.append(copy.deepcopy(draw(ODD_VALUES)))
                break
            at = at[key]
    return document
