"""Put written and generated pages into one folder, with the settings to build them."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from docs._generate.navigation import completed

WRITTEN: Final = Path(__file__).resolve().parents[1]
REPOSITORY: Final = WRITTEN.parent
THEME: Final = Path(__file__).with_name("theme")
SETTINGS: Final = REPOSITORY / "mkdocs.yml"
BESIDE: Final = {"CHANGELOG.md": "changelog.md"}
"""Files of the repository that are pages too."""


@dataclass(frozen=True)
class Stage:
    """A folder that holds all that a build needs."""

    folder: Path

    @property
    def pages(self) -> Path:
        """Where pages lie."""
        return self.folder / "pages"

    @property
    def site(self) -> Path:
        """Where the site is built; Zensical writes below its settings only."""
        return self.folder / "site"

    @property
    def settings(self) -> Path:
        """The completed settings."""
        return self.folder / "mkdocs.yml"


def stage(folder: Path, made: Mapping[str, str]) -> Stage:
    """Fill a folder with every page, and settings that name them all; what was there is replaced.

    Args:
        folder: to fill.
        made: generated pages by path; a written page of the same path is an error.

    Raises:
        FileExistsError: a page is both written and generated.
    """
    staged = Stage(folder)
    shutil.rmtree(staged.pages, ignore_errors=True)
    shutil.copytree(WRITTEN, staged.pages, ignore=shutil.ignore_patterns("_generate"))
    shutil.copytree(THEME, folder / THEME.name, dirs_exist_ok=True)
    for name, path in BESIDE.items():
        shutil.copyfile(REPOSITORY / name, staged.pages / path)
    for path, text in made.items():
        target = staged.pages / path
        if target.exists():
            raise FileExistsError(f"docs/{path} is made from the code: remove the written one")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    staged.settings.write_text(_settings(staged), encoding="utf-8")
    return staged


def _settings(staged: Stage) -> str:
    told: dict[str, Any] = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    every = [str(path.relative_to(staged.pages)) for path in staged.pages.rglob("*.md")]
    told["nav"] = completed(told["nav"], every)
    told |= {"docs_dir": staged.pages.name, "site_dir": staged.site.name}
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
