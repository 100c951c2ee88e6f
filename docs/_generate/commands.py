"""The reference of the command line, from its own declaration."""

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args

import typer

from docs._generate.markdown import block, code, page, table
from exclusion_map.cli import app
from exclusion_map.cli_later import real

PROGRAM: Final = "exclusion-map"
_KINDS: Final = {
    str: "text",
    int: "whole number",
    float: "number",
    Decimal: "number",
    Path: "file or folder",
}
_OWN: Final = ("--help", "--install-completion", "--show-completion")


def commands() -> dict[str, Any]:
    """Return every command by the words that call it, such as ``account invite``."""
    return dict(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    command = real(command)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(words), command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from _walk(one, (*words, name))


def options(command: Any) -> list[str]:
    """Return the names of a command's options, long and short, with their opposites."""
    return [
        name
        for one in command.params
        if one.param_type_name == "option"
        for name in (*one.opts, *one.secondary_opts)
    ]


def reference() -> str:
    """Return the page of every command."""
    every = commands()
    rows = [
        (f"[`{PROGRAM} {name}`](#{name.replace(' ', '-')})", _first(one.help))
        for name, one in every.items()
    ]
    parts = [
        "Environment variables apply too: see [settings](settings.md).",
        table(("command", "what it does"), rows),
    ]
    for name, one in every.items():
        parts += [f"## {name} {{ #{name.replace(' ', '-')} }}", one.help or ""]
        parts += [block(f"{PROGRAM} {name} {_usage(one)}", "sh"), _parameters(one)]
    return page("Command line", *parts)


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0]


def _usage(command: Any) -> str:
    words = ["[OPTIONS]"]
    for one in command.params:
        if one.param_type_name == "argument":
            name = one.name.upper()
            words.append(name if one.required else f"[{name}]")
    return " ".join(words)


def _parameters(command: Any) -> str:
    rows = []
    for one in command.params:
        if one.opts and one.opts[0] in _OWN:
            continue
        argument = one.param_type_name == "argument"
        names = one.name.upper() if argument else ", ".join((*one.opts, *one.secondary_opts))
        rows.append((code(names), _values(one), _given(one), one.help or ""))
    return table(("argument or option", "values", "if left out", "what it sets"), rows)


def _values(one: Any) -> str:
    kind = one.type_descriptor.annotation
    several = get_args(kind)
    kind = several[0] if several else kind
    if isinstance(kind, type) and issubclass(kind, Enum):
        words = ", ".join(code(choice.value) for choice in kind)
    elif kind is bool:
        words = "on or off"
    else:
        words = _KINDS.get(kind, getattr(kind, "__name__", str(kind)).lower())
    limits = [f"from {one.min:g}"] if one.min is not None else []
    limits += [f"to {one.max:,.10g}"] if one.max is not None else []
    return " ".join([words, *limits]) + (", may be repeated" if one.multiple else "")


def _given(one: Any) -> str:
    if one.required:
        return "**required**"
    default = one.default
    if default in (None, "", (), []) or callable(default):
        return ""
    if isinstance(default, bool):
        return "on" if default else "off"
    return code(getattr(default, "value", default))
