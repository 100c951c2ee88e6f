"""Write what the service is made of, as CycloneDX: ``python -m scripts.sbom [FOLDER]``.

One file for Python (everything in the lock, with its checksums), one for what is bundled into the
pages. Both are checked against the schema of CycloneDX that its own library carries.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "dist" / "sbom"
PYTHON, PAGES = "exclusion-map.python.cdx.json", "exclusion-map.pages.cdx.json"


def main(arguments: list[str]) -> int:
    """Write both files and check them."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for path in (python_parts(folder / PYTHON), page_parts(folder / PAGES)):
        print(f"{path}: {check(path)} components, valid CycloneDX")
    return 0


def python_parts(path: Path) -> Path:
    """Write the packages of the lock."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.lock"]
    more = ["--pyproject", "pyproject.toml", "--mc-type", "application", "--output-reproducible"]
    out = ["--spec-version", "1.6", "--output-format", "JSON", "--output-file", str(path)]
    subprocess.run([*command, *more, *out], cwd=ROOT, check=True)
    return path


def page_parts(path: Path) -> Path:
    """Write the packages that are bundled into the pages, as npm tells of them."""
    npm = shutil.which("npm") or "npm"
    command = [npm, "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]
    made = subprocess.run(
        [*command, "--omit", "dev", "--loglevel", "error"],
        cwd=ROOT / "web",
        check=True,
        capture_output=True,
        text=True,
    )
    path.write_text(made.stdout, encoding="utf-8")
    return path


def check(path: Path) -> int:
    """Return how many components a file tells of.

    Raises:
        ValueError: it is not valid, or tells of nothing.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = path.read_text(encoding="utf-8")
    told = json.loads(text)
    fault = JsonStrictValidator(SchemaVersion.from_version(told["specVersion"])).validate_str(text)
    if fault is not None:
        raise ValueError(f"{path.name} is not valid CycloneDX: {fault}")
    if not told.get("components"):
        raise ValueError(f"{path.name} tells of no component")
    return len(told["components"])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
