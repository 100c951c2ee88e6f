"""Read members of zip files by name pattern, including zips nested in zips."""

import io
import zipfile
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from exclusion_map.errors import SourceError
from exclusion_map.sources.members import DAMAGE

# Guards against zip bombs; the largest real member (Ofcom's output areas) has about 60 MB.
MAX_MEMBER_BYTES = 1_000_000_000


def read_member(path: Path, patterns: Sequence[str]) -> bytes:
    """Return a member of a zip; each further pattern steps into a nested zip.

    Args:
        path: the outer zip.
        patterns: the member's name at each depth, without folders; ``*`` matches any text, as in
            ``("*_coverage_r*.zip", "*.csv")``. Exactly one member must match each pattern.

    Raises:
        SourceError: not a zip, damaged, too large, or no single member matches.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            str(path),
            found=error.strerror or str(error),
            expected="a zip file",
            mend="Run `exclusion-map fetch`, or set EXCLUSION_MAP_RAW_DIR to your raw folder.",
        ) from None
    name = str(path)
    for pattern in patterns:
        member, data = _step(data, pattern, name)
        name = f"{name}/{member}"
    return data


def _step(data: bytes, pattern: str, name: str) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _only(archive, pattern, name)
            return member.filename, archive.read(member)
    except (*DAMAGE, RuntimeError, OSError, ValueError) as error:
        raise SourceError(
            name,
            found=str(error) or type(error).__name__,
            expected="a whole zip file",
            mend="Download the file again.",
        ) from None


def _only(archive: zipfile.ZipFile, pattern: str, name: str) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    fitting = [
        member
        for member in members
        if fnmatch(PurePosixPath(member.filename).name.lower(), pattern.lower())
    ]
    if len(fitting) != 1:
        raise SourceError(
            name,
            found=f"members {[member.filename for member in members]}",
            expected=f"exactly one named like {pattern}",
            mend="The publisher may have changed the layout: look inside the zip.",
        )
    if fitting[0].file_size > MAX_MEMBER_BYTES:
        raise SourceError(
            f"{name}/{fitting[0].filename}",
            found=f"{fitting[0].file_size} bytes",
            expected=f"at most {MAX_MEMBER_BYTES}",
            mend="Look inside the zip: it does not seem to hold the table.",
        )
    return fitting[0]
