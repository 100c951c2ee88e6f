import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exclusion_map.accounts.breached import is_breached
from exclusion_map.accounts.passwords import check_password
from exclusion_map.errors import InvalidRequestError


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def written(path: Path, passwords: set[str], ending: str = "\n") -> Path:
    lines = sorted(f"{digest(one)}:{len(one)}" for one in passwords)
    path.write_text("".join(line + ending for line in lines), newline="")
    return path


@given(st.sets(st.text(max_size=6), max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_exactly_what_is_in_the_list_is_found(held: set[str], ending: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "list.txt", held, ending)
        for password in held | {"another", "", "x"}:
            assert is_breached(password, path) == (password in held)


def test_a_known_digest(tmp_path: Path) -> None:
    # SHA-1 of "password", as everybody can look it up.
    path = tmp_path / "list.txt"
    path.write_text("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3861493\n")
    assert is_breached("password", path)
    assert not is_breached("Password", path)
    assert not is_breached("password", tmp_path / "none.txt"), "told in the log, and passed over"


def test_a_breached_password_is_refused(tmp_path: Path) -> None:
    good = "plum kettle tractor violin"
    path = written(tmp_path / "list.txt", {good})
    check_password(good)
    with pytest.raises(InvalidRequestError, match="breached"):
        check_password(good, breached=str(path))
