"""Execute the notebooks, all in one kernel, and write copies with their results.

    python notebooks/execute.py [--clear] [--out FOLDER] [--processed-dir FOLDER] [NAME ...]

Warnings are errors. The notebooks themselves are kept without results, so that a change of one
reads as a change of its text; this is what checks that they still run, and shows what they show.
"""

import argparse
import base64
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
BETWEEN = "%reset -f\nimport warnings\nwarnings.simplefilter('error')"
"""Runs before each notebook: nothing of the one before is left."""
AT_THE_END = "import warnings\nwarnings.resetwarnings()"
"""The kernel's own warnings, as it ends, are not ours."""
LONGEST_CELL_S = 120
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(paths: Sequence[Path]) -> dict[Path, NotebookNode]:
    """Return the notebooks with their results.

    One kernel for all: to start one, and to load what they share, takes longer than to run most.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails, or warns.
    """
    read = {path: nbformat.read(path, as_version=4) for path in paths}
    whole = nbformat.v4.new_notebook(metadata=next(iter(read.values())).metadata)
    for path, notebook in read.items():
        whole.cells.append(nbformat.v4.new_code_cell(BETWEEN))
        whole.cells.extend(_marked(cell, f"{path.stem}-{cell.id}") for cell in notebook.cells)
    whole.cells.append(nbformat.v4.new_code_cell(AT_THE_END))
    with tempfile.TemporaryDirectory(prefix="exclusion-map-") as folder:
        # What a person has set for their own Jupyter does not decide what these notebooks show.
        os.environ |= {
            "IPYTHONDIR": folder,
            "JUPYTER_CONFIG_DIR": folder,
            "JUPYTER_RUNTIME_DIR": folder,
            "JUPYTER_PLATFORM_DIRS": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        resources = {"metadata": {"path": str(HERE)}}
        # By sockets in a folder of ours, not by ports that anybody on the machine could read.
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/kernel")
        NotebookClient(whole, kernel, timeout=LONGEST_CELL_S, resources=resources).execute()
    found = {}
    for path, notebook in read.items():
        prefix = f"{path.stem}-"
        notebook.cells = [
            _marked(cell, cell.id.removeprefix(prefix))
            for cell in whole.cells
            if cell.id.startswith(prefix)
        ]
        found[path] = notebook
    return found


def _marked(cell: NotebookNode, identity: str) -> NotebookNode:
    cell.id = identity
    return cell


def write(notebook: NotebookNode, path: Path, out: Path) -> None:
    """Write a notebook with its results, and each of its pictures as a file."""
    nbformat.write(notebook, out / path.name)
    outputs = (one for cell in notebook.cells for one in cell.get("outputs", ()))
    pictures = (one["data"]["image/png"] for one in outputs if "image/png" in one.get("data", {}))
    for number, picture in enumerate(pictures, start=1):
        (out / f"{path.stem}-{number}.png").write_bytes(base64.b64decode(picture))


def clear(path: Path) -> None:
    """Take stored results out of a notebook, and write it as all are written."""
    path.write_text(cleared(path), encoding="utf-8")


def cleared(path: Path) -> str:
    """Return the text of a notebook as it is kept: without results, cells named in their order."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id, cell.metadata = f"cell-{number:02d}", {}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata = KERNEL
    return f"{nbformat.writes(notebook)}\n"


def main() -> None:
    """Execute what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="01, 02 ...; all if none is named")
    parser.add_argument("--clear", action="store_true", help="take stored results out instead")
    parser.add_argument("--out", type=Path, help="folder for copies with results and pictures")
    parser.add_argument("--processed-dir", type=Path, help="folder of editions")
    asked = parser.parse_args()
    if asked.processed_dir:
        os.environ["EXCLUSION_MAP_PROCESSED_DIR"] = str(asked.processed_dir.resolve())
    paths = [
        path
        for path in sorted(HERE.glob("*.ipynb"))
        if not asked.names or any(path.name.startswith(name) for name in asked.names)
    ]
    if not paths:
        parser.error("no such notebook")
    if asked.clear:
        for path in paths:
            clear(path)
        return
    started = time.monotonic()
    for path, notebook in execute(paths).items():
        if asked.out:
            asked.out.mkdir(parents=True, exist_ok=True)
            write(notebook, path, asked.out)
        print(f"{path.name}: ran")
    print(f"{len(paths)} notebooks in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
