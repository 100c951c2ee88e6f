"""Build the documentation site: ``make docs``, or ``python -m docs._generate``."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from docs._generate.pages import generated
from docs._generate.staging import REPOSITORY, Stage, stage
from exclusion_map.errors import EditionError
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

WORK = REPOSITORY / ".cache" / "docs"


def build(folder: Path, processed: Path) -> Stage:
    """Make every page and build the site strictly.

    Args:
        folder: for what is put together on the way, and the site.
        processed: folder of editions; Sampleshire is built there where there is none.

    Raises:
        subprocess.CalledProcessError: a page, a link or the menu is wrong; it says which.
    """
    from api.app import create_app

    app = create_app(
        ServiceSettings(),
        DataSettings(processed_dir=processed),
        DatabaseSettings(database_url="none"),
    )
    staged = stage(folder, generated(app, _edition(processed)))
    shutil.rmtree(staged.site, ignore_errors=True)
    program = Path(sys.executable).with_name("zensical")
    command = [str(program), "build", "--strict", "--clean", "-f", str(staged.settings)]
    subprocess.run(command, check=True)  # noqa: S603 - the program beside this Python
    return staged


def _edition(processed: Path) -> Path:
    from exclusion_map.editions import current_path
    from pipelines.build import build as build_edition
    from pipelines.start import sample_raw

    try:
        return current_path(processed)
    except EditionError:
        console = Console(stderr=True)
        build_edition(sample_raw(processed, console), processed, console)
        return current_path(processed)


def main() -> None:
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=WORK, help="Folder for the way.")
    parser.add_argument("--site", type=Path, default=REPOSITORY / "site", help="The site.")
    parser.add_argument(
        "--processed", type=Path, default=WORK / "processed", help="Folder of editions."
    )
    given = parser.parse_args()
    try:
        staged = build(given.work.resolve(), given.processed)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    shutil.rmtree(given.site, ignore_errors=True)
    shutil.copytree(staged.site, given.site)


if __name__ == "__main__":
    main()
