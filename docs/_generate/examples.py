"""Examples of requests: put together from values that a test asks the service with."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from docs._generate.api import Operation

FILE: Final = Path(__file__).with_name("examples.toml")
SERVICE: Final = "http://localhost:8000"
_SAFE: Final = ":,$@"


@dataclass(frozen=True)
class Example:
    """One request.

    ``$EDITION`` in it stands for the id of the current edition, ``$ID`` and ``$TAG`` for what a
    list of the service tells, ``$TOKEN`` for an API token.
    """

    method: str
    target: str
    body: Mapping[str, Any] | None = None
    token: bool = False

    def curl(self) -> str:
        """Return it as one command."""
        parts = ["curl"]
        if self.method != "GET":
            parts.append(f"-X {self.method}")
        parts.append(f'"{SERVICE}{self.target}"')
        if self.token:
            parts.append('-H "Authorization: Bearer $TOKEN"')
        if self.body is not None:
            parts += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(self.body)}'"]
        return " \\\n  ".join(parts) if len(parts) > 2 else " ".join(parts)


class Examples:
    """What ``examples.toml`` says."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._values: Mapping[str, Any] = told["values"]
        self._of: Mapping[str, Mapping[str, Any]] = told["of"]

    @classmethod
    def read(cls, path: Path = FILE) -> "Examples":
        """Return the examples of a file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    @property
    def named(self) -> frozenset[str]:
        """The operations that have values of their own; a test finds those that are gone."""
        return frozenset(self._of)

    def request(self, one: "Operation") -> Example | None:
        """Return a request, or None where a value is not known or a body has to be thought of."""
        own = self._of.get(one.key, {})
        if one.method != "GET" and "body" not in own:
            return None
        target, query = one.path, {}
        for told in one.parameters:
            name = told["name"]
            value = own.get(name, self._values.get(name) if told.get("required") else None)
            if value is None:
                if told.get("required"):
                    return None
            elif told["in"] == "path":
                target = target.replace(f"{{{name}}}", str(value))
            elif told["in"] == "query":
                query[name] = value
        asked = f"?{urlencode(query, safe=_SAFE, doseq=True)}" if query else ""
        return Example(one.method, target + asked, own.get("body"), bool(one.told.get("security")))

    def of(self, one: "Operation") -> str:
        """Return the command of a request; empty where there is none."""
        request = self.request(one)
        return request.curl() if request else ""
