"""Ask the advisory services of both registries about every pinned dependency.

``python -m scripts.audit``        ends with 1 for a known fault, with 3 where a service cannot be
                                   asked: what was not asked is never taken for sound.
``python -m scripts.audit --tell`` says the same and ends with 0: for every run of the tests, which
                                   must not fail because of news about others.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
KNOWN_BAD = "jinja2==2.10"
"""A version with published faults: a service that tells of none does not tell at all."""
SOUND, FAULTY, NOT_ASKED = 0, 1, 3
WAIT_S = 300


def main(arguments: list[str]) -> int:
    """Audit both, say what came of it, and return the worst."""
    results = [_python(), _npm()]
    worst = max(results)
    if NOT_ASKED in results:
        print("AUDIT NOT COMPLETE: what could not be asked above is not known to be sound.")
    return 0 if "--tell" in arguments else worst


def _python() -> int:
    with tempfile.TemporaryDirectory() as folder:
        bad = Path(folder) / "bad.txt"
        bad.write_text(KNOWN_BAD + "\n", encoding="utf-8")
        told = _pip_audit(bad, Path(folder))
        if told is None:
            return _not_asked("Python", "the advisory service does not answer")
        if not _faults(told):
            return _not_asked("Python", f"the service knows no fault of {KNOWN_BAD}")
        found = []
        for lock in LOCKS:
            if not (ROOT / lock).is_file():
                continue
            told = _pip_audit(ROOT / lock, Path(folder), "--require-hashes")
            if told is None:
                return _not_asked("Python", f"no answer about {lock}")
            found += [f"{lock}: {fault}" for fault in _faults(told)]
            print(f"pip-audit: {lock}: {len(told['dependencies'])} packages asked about")
    return _result("Python", found)


def _pip_audit(path: Path, folder: Path, *more: str) -> dict[str, Any] | None:
    """Return what pip-audit says of a file of pinned packages; None where it could not ask."""
    out = folder / "told.json"
    out.unlink(missing_ok=True)
    wanted = ["--requirement", str(path), "--disable-pip", "--no-deps", *more]
    form = [
        "--progress-spinner",
        "off",
        "--timeout",
        "10",
        "--format",
        "json",
        "--output",
        str(out),
    ]
    if "--require-hashes" in more:
        wanted.remove("--no-deps")
    _run([sys.executable, "-m", "pip_audit", *wanted, *form], ROOT)
    return json.loads(out.read_text(encoding="utf-8")) if out.is_file() else None


def _faults(told: dict[str, Any]) -> list[str]:
    return [
        f"{one['name']} {one['version']}: {fault['id']}"
        for one in told["dependencies"]
        for fault in one.get("vulns", ())
    ]


def _npm() -> int:
    text = _run(["npm", "audit", "--package-lock-only", "--json"], ROOT / "web")
    try:
        told = json.loads(text)
    except ValueError:
        return _not_asked("npm", "no answer")
    if "vulnerabilities" not in told:
        said = str(told.get("message", "no answer")).split(" - ")[0]
        return _not_asked("npm", f"the advisory service does not answer ({said})")
    faults = told["vulnerabilities"]
    return _result("npm", [f"{name}: {held['severity']}" for name, held in faults.items()])


def _run(command: list[str], folder: Path) -> str:
    try:
        made = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=WAIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return made.stdout


def _not_asked(what: str, why: str) -> int:
    print(f"AUDIT NOT RUN for {what} packages: {why}.")
    return NOT_ASKED


def _result(what: str, faults: list[str]) -> int:
    for fault in faults:
        print(f"KNOWN FAULT: {fault}")
    print(f"{what} packages: {len(faults) or 'no'} known faults")
    return FAULTY if faults else SOUND


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
