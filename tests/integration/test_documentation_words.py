"""Commands, options, settings and addresses that the documentation names are there."""

import html
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from pydantic_settings import BaseSettings
from starlette.routing import compile_path

from api.app import create_app
from docs._generate import commands, glossary
from docs._generate.routes import addresses
from exclusion_map import settings
from exclusion_map.editions.tables_told import COLUMNS, FILES

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
OLD = ("benchmarks", "decisions", "CHANGELOG")
"""They tell of what was, and name commands of other programs."""
CALL = re.compile(r"\bexclusion-map((?: +[^\s`#|&>;]+)*)")
ADDRESS = re.compile(r"`(?:(?:GET|POST|PUT|DELETE) )?(/[a-z][^\s`]*|/)`")
LINK = re.compile(r"https?://(?:localhost|127\.0\.0\.1):8000[^\s\"'`)\\>]*")
FOLDERS = ("/vsicurl", "/dev/", "/var/", "/etc/", "/srv/", "/usr/", "/proc")


def texts() -> Iterator[tuple[str, str]]:
    for path in PAGES:
        name = str(path.relative_to(REPOSITORY))
        if not any(part in name for part in OLD):
            yield name, path.read_text(encoding="utf-8")


def test_every_setting_named_is_there_and_every_setting_is_in_the_reference() -> None:
    classes = [
        one
        for _, one in inspect.getmembers(settings, inspect.isclass)
        if issubclass(one, BaseSettings) and one is not BaseSettings
    ]
    assert set(classes) == set(settings.EVERY)
    known = {f"EXCLUSION_MAP_{name.upper()}" for one in classes for name in one.model_fields}
    unknown = [
        (page, name)
        for page, text in texts()
        for name in re.findall(r"EXCLUSION_MAP_[A-Z0-9_]*[A-Z0-9]", text)
        if not any(f"{one}_".startswith(f"{name}_") for one in known)
    ]
    assert not unknown


def test_every_command_and_option_named_is_there() -> None:
    known = commands.commands()
    unknown = []
    for page, text in texts():
        for call in CALL.findall(text.replace("\\\n", " ")):
            words = call.split()
            fault = _fault(words, known) if words else ""
            if fault:
                unknown.append((page, f"exclusion-map {call.strip()}", fault))
    assert not unknown


def _fault(words: list[str], known: dict[str, object]) -> str:
    """Return what is wrong with a call; only words that look like commands are judged."""
    if words[0].startswith("-"):
        return "" if words[0] in {"--version", "--help"} else words[0]
    if not re.fullmatch(r"[a-z][a-z-]+", words[0]):
        return ""
    names = [" ".join(words[:2]), words[0]]
    command = next((known[name] for name in names if name in known), None)
    if command is None:
        group = any(name.startswith(f"{words[0]} ") for name in known)
        alone = len(words) == 1 or words[1].startswith("-")
        return "" if group and alone else "no such command"
    options = {*commands.options(command), "--help"}
    named = [word.partition("=")[0].strip("[]`.,:)") for word in words if word.startswith("--")]
    return ", ".join(name for name in named if name not in options)


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


def test_every_address_named_is_there(app: FastAPI) -> None:
    paths = {*app.openapi()["paths"], *(one.path for one in addresses(app))}
    routes = [(compile_path(path)[0], path) for path in paths]
    unknown = []
    for page, text in texts():
        links = [urlsplit(link).path or "/" for link in LINK.findall(text)]
        for address in [*ADDRESS.findall(text), *links]:
            asked = re.split(r"[?#]", address)[0].rstrip(".")
            if address.startswith(FOLDERS) or _there(asked, routes, paths):
                continue
            unknown.append((page, address))
    assert not unknown


def _there(asked: str, routes: list[tuple[re.Pattern[str], str]], paths: set[str]) -> bool:
    if asked in paths or asked.rstrip("/") in paths or f"{asked}/" in paths:
        return True
    # A whole part of the service, such as /tools/, or the end of addresses, such as /history.
    if any(path.startswith(f"{asked.rstrip('/')}/") or path.endswith(asked) for path in paths):
        return True
    filled = re.sub(r"\{[^}]*\}|…", "x", asked)
    # GDAL takes an address of tiles without column and row.
    tried = (filled, f"{filled}/0/0.mvt")
    return any(pattern.match(one) for pattern, _ in routes for one in tried)


def test_every_file_and_column_of_an_edition_is_told(sample_edition: Path) -> None:
    untold = []
    for path in sorted(sample_edition.iterdir()):
        if path.name != "manifest.json" and path.name not in FILES:
            untold.append(path.name)
        if path.suffix == ".parquet":
            schema = pq.read_schema(path)
        elif path.suffix == ".arrow":
            schema = pa.ipc.open_file(pa.memory_map(str(path))).schema
        else:
            continue
        untold += [f"{path.name}: {name}" for name in schema.names if name not in COLUMNS]
    assert not untold


def test_the_glossary_says_each_word_once_and_whole() -> None:
    for word, meaning in glossary.words().items():
        assert meaning.endswith("."), word
        assert len(meaning) < 260, word


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("build --synthetic", ""),
        ("build --synthetical", "--synthetical"),
        ("account invite", ""),
        ("bild", "no such command"),
        ("account", ""),
        ("account invit x", "no such command"),
    ],
)
def test_a_wrong_call_would_be_found(call: str, fault: str) -> None:
    assert _fault(call.split(), commands.commands()) == fault


@pytest.mark.parametrize("page", ["security.md", "security-asvs.md"])
def test_every_file_and_test_that_the_threat_model_names_is_there(page: str) -> None:
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    absent, last = [], ""
    for path, name in re.findall(r"`((?:tests|src|api|web)/[\w./]+)?(?:::(test_\w+))?`", text):
        last = path or last
        if path and not (REPOSITORY / path).is_file():
            absent.append(path)
        elif name and f"def {name}(" not in (REPOSITORY / last).read_text(encoding="utf-8"):
            absent.append(f"{last}::{name}")
    assert not absent


def test_every_question_to_the_api_has_parameters_that_there_are(app: FastAPI) -> None:
    described = app.openapi()["paths"]
    routes = [(compile_path(path)[0], path) for path in described]
    unknown = []
    for page, text in texts():
        for link in LINK.findall(text):
            asked = urlsplit(html.unescape(link))
            for pattern, path in routes:
                if pattern.match(asked.path) and "get" in described[path]:
                    told = described[path]["get"].get("parameters", ())
                    known = {one["name"] for one in told}
                    names = parse_qs(asked.query, keep_blank_values=True)
                    unknown += [(page, path, name) for name in names if name not in known]
    assert not unknown
