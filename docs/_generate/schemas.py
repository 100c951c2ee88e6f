"""Types of JSON Schema in a few words, for tables of parameters and bodies."""

from collections.abc import Mapping
from typing import Any, Final

from docs._generate.markdown import code

Schema = Mapping[str, Any]

_LIMITS: Final = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
    "maxLength": "at most {} characters",
    "maxItems": "at most {}",
}
_MOST_CHOICES: Final = 24


class Schemas:
    """The named schemas of an API description."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named

    def follow(self, schema: Schema) -> Schema:
        """Return a schema with its reference followed; what stands beside the reference wins."""
        if "$ref" not in schema:
            return schema
        found = self._named.get(str(schema["$ref"]).rpartition("/")[2], {})
        return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}

    def name(self, schema: Schema) -> str:
        """Return the name of the schema that is referred to, without its module; or nothing."""
        return str(schema.get("$ref", "")).rpartition("/")[2].rpartition("__")[2]

    def kind(self, schema: Schema) -> str:
        """Return what values may be: a type, its choices, its limits."""
        several = schema.get("anyOf") or schema.get("oneOf")
        if several:
            kinds = [self.kind(one) for one in several if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
        whole = self.follow(schema)
        if "const" in whole:
            return code(whole["const"])
        if "enum" in whole:
            return self._choices([str(choice) for choice in whole["enum"]])
        if whole.get("type") == "array":
            return f"list of {self.kind(whole.get('items', {}))}"
        return self._limited(whole) or self.name(schema) or "anything"

    def _choices(self, choices: list[str]) -> str:
        shown = ", ".join(code(choice) for choice in choices[:_MOST_CHOICES] if choice)
        return f"{shown}, …" if len(choices) > _MOST_CHOICES else shown

    def _limited(self, schema: Schema) -> str:
        kind = schema.get("type", "")
        told = [kind] if isinstance(kind, str) else [" or ".join(kind)]
        for key, words in _LIMITS.items():
            if key in schema:
                told.append(words.format(_number(schema[key])))
        return " ".join(part for part in told if part)


def _number(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)
