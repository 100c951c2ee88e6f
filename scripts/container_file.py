"""Read a Dockerfile and a .dockerignore, as far as this project uses them."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")


@dataclass(frozen=True)
class Step:
    """One instruction, with its arguments as they are written."""

    line: int
    name: str
    text: str

    def words(self) -> list[str]:
        """Return the arguments, from their JSON or their shell form."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


@dataclass
class Stage:
    """What follows one FROM.

    Attributes:
        image: name of the base image.
        name: what other stages call it; its number where it has no name.
        steps: instructions after FROM, in order.
    """

    image: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, name: str) -> Step:
        """Return the last instruction of a name.

        Raises:
            ValueError: there is none.
        """
        found = [step for step in self.steps if step.name == name]
        if not found:
            raise ValueError(f"stage {self.name} has no {name}")
        return found[-1]


def read_stages(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile, with its global ARGs filled into image names."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for step in _steps(text):
        if step.name == "FROM":
            image, *named = step.text.split()
            name = named[1] if named else str(len(stages))
            stages.append(Stage(fill(image, arguments), name))
        elif stages:
            stages[-1].steps.append(step)
        elif step.name == "ARG":
            key, _, value = step.text.partition("=")
            arguments[key] = value
    return stages


def fill(text: str, variables: dict[str, str]) -> str:
    """Return text with ``$NAME`` and ``${NAME}`` replaced; unknown names by nothing."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), text)


def _steps(text: str) -> Iterator[Step]:
    begun, held = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not held and not line.strip()):
            continue
        begun = begun or number
        if line.endswith("\\"):
            held += line[:-1].strip() + " "
            continue
        name, _, rest = (held + line.strip()).partition(" ")
        yield Step(begun, name.upper(), rest.strip())
        begun, held = 0, ""


def sent(root: Path, ignore: Sequence[str]) -> Iterator[Path]:
    """Yield the files below a root that .dockerignore lets through, relative to it."""
    for path in sorted(root.iterdir()):
        yield from _sent(root, path, ignore)


def _sent(root: Path, path: Path, ignore: Sequence[str]) -> Iterator[Path]:
    relative = path.relative_to(root)
    if path.is_dir() and not path.is_symlink():
        # Of a folder that is ignored nothing is let in again but what a later line names.
        if not _ignored(relative, ignore):
            for inner in sorted(path.iterdir()):
                yield from _sent(root, inner, ignore)
    elif not _ignored(relative, ignore):
        yield relative


def _ignored(path: Path, ignore: Sequence[str]) -> bool:
    """Say whether the last line that fits a path, or a folder it lies in, shuts it out."""
    shut = False
    names = [PurePosixPath(path), *PurePosixPath(path).parents][:-1]
    for line in ignore:
        pattern = line.removeprefix("!")
        if any(_fits(name, pattern) for name in names):
            shut = not line.startswith("!")
    return shut


def _fits(path: PurePosixPath, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern[3:]) for part in path.parts)
    return len(path.parts) == len(PurePosixPath(pattern).parts) and fnmatch(str(path), pattern)


def ignore_lines(text: str) -> list[str]:
    """Return the patterns of a .dockerignore."""
    lines = (line.strip().rstrip("/") for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
