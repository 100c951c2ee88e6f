"""The grid of an edition, built once and kept beside the editions as arrays that are mapped.

A folder is named after the checksum of the boundaries it was built from, and appears under its name
only when it is whole. Processes of one machine that map it share its memory.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.editions.manifest import read_manifest
from exclusion_map.editions.tables import AREAS
from exclusion_map.editions.workshop import locked, sync_folder
from exclusion_map.errors import EditionError, InvalidRequestError
from exclusion_map.placing.grid import AreaGrid, build_grid
from exclusion_map.placing.kernels import Grid, Outlines
from exclusion_map.placing.outlines import read_outlines

FORMAT: Final = 1
"""Goes up when the arrays of a grid change: grids of before are then built again."""
_ABOUT: Final = "grid.json"


def kept_grid(edition: Path, folder: Path) -> Path:
    """Return the folder of an edition's grid, built now where it is not kept yet.

    Args:
        edition: the edition's folder.
        folder: where grids are kept; made where it is not there.

    Raises:
        InvalidRequestError: nothing can be written there.
        EditionError: the boundaries are unreadable.
    """
    checksum = read_manifest(edition).files[AREAS].sha256
    kept = folder / f"grid-{checksum[:16]}-{FORMAT}"
    if _whole(kept):
        return kept
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, wait=True):
            if not _whole(kept):
                shutil.rmtree(kept, ignore_errors=True)
                _write(build_grid(read_outlines(edition)), folder, kept, checksum)
    except OSError as error:
        raise InvalidRequestError(
            f"folder of grids {folder}",
            found=error.strerror or str(error),
            expected="a writable folder (needed once)",
            mend="Choose another with --grid-dir.",
        ) from None
    return kept


def open_grid(kept: Path) -> AreaGrid:
    """Return a kept grid as memory maps.

    Raises:
        EditionError: a file of it is absent or cut short.
    """
    try:
        arrays = {path.stem: _mapped(path) for path in kept.glob("*.npy")}
        return AreaGrid(
            Grid(**{name: arrays[name] for name in Grid._fields}),
            Outlines(**{name: arrays[name] for name in Outlines._fields}),
        )
    except (OSError, ValueError, KeyError) as error:
        raise EditionError(
            f"grid {kept}",
            found=f"unreadable ({error})",
            expected="the grid of an edition",
            mend="Delete the folder: it will be built again.",
        ) from None


def _mapped(path: Path) -> npt.NDArray[Any]:
    array = np.load(path, mmap_mode="r" if path.stat().st_size > 4096 else None)
    # A plain array over the same pages: compiled code knows no other, and each writes nothing.
    plain = np.asarray(array)
    plain.flags.writeable = False
    return plain


def _whole(kept: Path) -> bool:
    """Return whether every file is there in the size it was written with."""
    try:
        sizes = json.loads((kept / _ABOUT).read_text(encoding="utf-8"))["bytes"]
        return all((kept / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _write(built: AreaGrid, folder: Path, kept: Path, checksum: str) -> None:
    draft = Path(tempfile.mkdtemp(prefix=".grid-", dir=folder))
    try:
        sizes = {}
        for name, array in {**built.grid._asdict(), **built.outlines._asdict()}.items():
            path = draft / f"{name}.npy"
            np.save(path, array)
            sizes[path.name] = path.stat().st_size
        about = {"boundaries": checksum, "format": FORMAT, "bytes": sizes}
        (draft / _ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
        for path in draft.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        draft.chmod(0o755)
        sync_folder(draft)
        draft.rename(kept)
        sync_folder(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
