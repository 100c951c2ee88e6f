"""The notebooks run from clean, warnings being errors, and are kept without results."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from notebooks.execute import cleared

HERE = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(HERE.glob("*.ipynb"))


def run(processed: Path, out: Path, *names: str) -> dict[str, nbformat.NotebookNode]:
    """Run notebooks as people do, in a process of their own."""
    asked = [sys.executable, str(HERE / "execute.py"), *names, "--out", str(out)]
    # No other settings than where editions are.
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [*asked, "--processed-dir", str(processed)],
        env=environment,
        cwd=out.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {path.stem[:2]: nbformat.read(path, as_version=4) for path in out.glob("*.ipynb")}


def shown(notebook: nbformat.NotebookNode, kind: str) -> list[str]:
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", ())]
    found = [one["data"][kind] for one in outputs if kind in one.get("data", {})]
    return found if kind != "text" else [one["text"] for one in outputs if "text" in one]


def test_all_five_run_from_clean(sample_processed: Path, tmp_path: Path) -> None:
    found = run(sample_processed, tmp_path / "out")
    assert sorted(found) == ["01", "02", "03", "04", "05"]
    pictures = {name: len(shown(one, "image/png")) for name, one in found.items()}
    assert pictures == {"01": 2, "02": 2, "03": 1, "04": 2, "05": 0}
    assert len(list((tmp_path / "out").glob("*.png"))) == 7
    assert all(shown(one, "text/html") for one in found.values())
    assert "<svg" in shown(found["05"], "image/svg+xml")[0]
    assert "in one file" in shown(found["05"], "text")[0]
    sited = shown(found["03"], "text/html")[-1]
    assert "within a walk" in sited


@pytest.mark.national
def test_the_board_paper_runs_on_the_country(national_processed: Path, tmp_path: Path) -> None:
    found = run(national_processed, tmp_path / "out", "05")
    assert list(found) == ["05"]
    assert "In Wirral, 31 small areas" in shown(found["05"], "text")[-1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_results(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == cleared(path), "run: python notebooks/execute.py --clear"
    cells = json.loads(text)["cells"]
    assert cells[0]["cell_type"] == "markdown"
    prose = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    # Each picture has its words for those who do not see it.
    assert prose.count("*Picture: ") == code.count("plt.show()") + code.count("SVG(data=")
    assert len(prose) > 800
    listed = (HERE / "README.md").read_text(encoding="utf-8")
    assert f"({path.name})" in listed
