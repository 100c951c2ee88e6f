"""The reference of the API: every address of its description, with an example that works."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docs._generate.examples import Examples
from docs._generate.markdown import block, code, page, table
from docs._generate.schemas import Schema, Schemas


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def key(self) -> str:
        """As it is named everywhere: ``GET /api/v1/areas``."""
        return f"{self.method} {self.path}"

    @property
    def tag(self) -> str:
        """The part of the API it belongs to."""
        return str((self.told.get("tags") or ["other"])[0])

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        """What may be asked, required ones first."""
        return sorted(self.told.get("parameters", ()), key=lambda one: not one.get("required"))


def operations(described: Mapping[str, Any]) -> list[Operation]:
    """Return every operation of an OpenAPI description, in its order."""
    return [
        Operation(method.upper(), path, told)
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]


def pages(described: Mapping[str, Any], examples: Examples) -> dict[str, str]:
    """Return the pages of the API by their path under ``docs``: an overview, and one a tag."""
    every = operations(described)
    schemas = Schemas(described.get("components", {}).get("schemas", {}))
    tags = {str(tag["name"]): str(tag["description"]) for tag in described["tags"]}
    tags |= {one.tag: "" for one in every if one.tag not in tags}
    made = {"reference/api/index.md": _overview(described, every, tags)}
    for tag, words in tags.items():
        mine = [one for one in every if one.tag == tag]
        if mine:
            parts = [part for one in mine for part in _operation(one, schemas, examples)]
            made[f"reference/api/{_file(tag)}"] = page(f"API: {tag}", words, *parts)
    return made


def _file(tag: str) -> str:
    return tag.replace(" ", "-") + ".md"


def _overview(described: Mapping[str, Any], every: list[Operation], tags: Mapping[str, str]) -> str:
    parts = [str(described["info"]["description"])]
    parts.append(
        "The OpenAPI description is at `/api/v1/openapi.json`. Reading needs no sign-in. "
        "Writing needs an API token: see [accounts](../../how-to/accounts.md)."
    )
    for tag, words in tags.items():
        mine = [one for one in every if one.tag == tag]
        if mine:
            rows = [
                (code(one.key), f"[{one.told.get('summary', '')}]({_file(tag)}#{anchor(one)})")
                for one in mine
            ]
            parts += [f"## {tag.capitalize()}", words, table(("address", "what"), rows)]
    return page("API", *parts)


def anchor(operation: Operation) -> str:
    """Return the id of an operation's heading."""
    return str(operation.told["operationId"]).replace("_", "-").lower()


def _operation(one: Operation, schemas: Schemas, examples: Examples) -> Iterator[str]:
    yield f"## {one.told.get('summary', one.key)} {{ #{anchor(one)} }}"
    yield code(one.key)
    yield str(one.told.get("description", ""))
    if one.told.get("security"):
        yield "Needs an API token: `Authorization: Bearer …`."
    yield _parameters(one, schemas)
    yield from _body(one, schemas)
    yield _answers(one, schemas)
    example = examples.of(one)
    if example:
        yield block(example, "sh")


def _parameters(one: Operation, schemas: Schemas) -> str:
    rows = []
    for told in one.parameters:
        schema = told.get("schema", {})
        given = "**required**" if told.get("required") else _default(schema, schemas)
        where = "" if told["in"] == "query" else f" ({told['in']})"
        words = told.get("description") or schema.get("description", "")
        rows.append((f"`{told['name']}`{where}", schemas.kind(schema), given, words))
    return table(("parameter", "values", "if left out", "what it sets"), rows)


def _default(schema: Schema, schemas: Schemas) -> str:
    default = schemas.follow(schema).get("default")
    return code(default) if default not in (None, "", []) else ""


def _body(one: Operation, schemas: Schemas) -> Iterator[str]:
    for media, content in one.told.get("requestBody", {}).get("content", {}).items():
        schema = schemas.follow(content.get("schema", {}))
        yield f"Body, `{media}`:"
        required = set(schema.get("required", ()))
        rows = [
            (
                code(name),
                schemas.kind(field),
                "**required**" if name in required else _default(field, schemas),
                field.get("description", ""),
            )
            for name, field in schema.get("properties", {}).items()
        ]
        yield table(("field", "values", "if left out", "what it is"), rows)


def _answers(one: Operation, schemas: Schemas) -> str:
    rows = []
    for status, told in sorted(one.told.get("responses", {}).items()):
        forms = []
        for media, content in told.get("content", {}).items():
            name = schemas.name(content.get("schema", {}))
            forms.append(f"`{media}`" + (f" {name}" if name else ""))
        rows.append((status, told.get("description", ""), ", ".join(forms)))
    return table(("status", "when", "form"), rows)
