"""Whatever stands in what is believed otherwise: backups, manifests, tokens that a provider signed.

Their checksums and signatures keep strangers out, not faults of those who made them.
"""

import json
import shutil
import time
import zipfile
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exclusion_map.accounts.openid.logout import EVENT, signed_out_of
from exclusion_map.accounts.openid.tokens import identity_of
from exclusion_map.database import open_database
from exclusion_map.database.backups import Archive, backup, restore
from exclusion_map.editions.manifest import MANIFEST, read_manifest
from tests.api.openid_provider import Provider
from tests.integration.released_rows import REVISIONS, make_released

from .mutations import near_json
from .test_file_parsers_hold import holds
from .trying import trying

NOW = int(time.time())
ID_TOKEN = {
    "iss": "https://p",
    "sub": "s",
    "aud": ["map", "other"],
    "azp": "map",
    "nonce": "n",
    "exp": NOW + 300,
    "iat": NOW,
    "auth_time": NOW,
    "email": "a@example.org",
    "email_verified": True,
    "name": "Kim",
    "sid": "x",
}
LOGOUT_TOKEN = {
    "iss": "https://p",
    "sub": "s",
    "aud": "map",
    "exp": NOW + 300,
    "iat": NOW,
    "jti": "j",
    "sid": "x",
    "events": {EVENT: {}},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backup")
    made = make_released(f"sqlite:///{folder / 'd.db'}", REVISIONS[-1])
    backup(made, folder / "backup.zip")
    made.close()
    return folder / "backup.zip"


def put_back(path: Path) -> None:
    folder = path.with_name("restored")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = open_database(f"sqlite:///{folder / 'd.db'}")
    try:
        holds(lambda: restore(database, path))
    finally:
        database.close()


def test_damaged_backups(whole: Path, tmp_path: Path) -> None:
    content, path = whole.read_bytes(), tmp_path / "backup.zip"
    facts = Archive(whole).manifest

    @trying(30, shrink=False)
    @given(st.floats(0, 1), st.binary(max_size=6), st.booleans())
    def tried(where: float, piece: bytes, cut: bool) -> None:
        at = int(where * len(content))
        path.write_bytes(content[:at] + piece + (b"" if cut else content[at + len(piece) :]))

        def read() -> None:
            held = Archive(path)
            held.verify()
            # Damage of what stands around the rows does no harm: these are as they were.
            assert held.manifest == facts

        holds(read)

    tried()


def test_backups_that_say_something_else(whole: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(whole) as held:
        members = {name: held.read(name) for name in held.namelist()}
    path, told = tmp_path / "backup.zip", json.loads(members[MANIFEST])

    @trying(6, shrink=False)
    @given(near_json([told]))
    def tried(manifest: Any) -> None:
        _pack(path, {**members, MANIFEST: json.dumps(manifest).encode()})
        put_back(path)

    tried()


def test_backups_whose_rows_are_something_else(whole: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(whole) as held:
        members = {name: held.read(name) for name in held.namelist()}
    path, told = tmp_path / "backup.zip", json.loads(members[MANIFEST])
    tables = [at for at, one in enumerate(told["tables"]) if one["rows"]]

    @trying(6, shrink=False)
    @given(st.sampled_from(tables), st.data())
    def tried(at: int, data: st.DataObject) -> None:
        facts = told["tables"][at]
        name = f"tables/{facts['name']}.jsonl"
        first, *others = members[name].splitlines(keepends=True)
        row = data.draw(near_json([json.loads(first)]))
        lines = b"".join((json.dumps(row).encode() + b"\n", *others))
        # A checksum that fits: whoever changed the row knew how backups are made.
        changed = {**facts, "sha256": sha256(lines).hexdigest()}
        whole_told = {**told, "tables": [*told["tables"][:at], changed, *told["tables"][at + 1 :]]}
        _pack(path, {**members, name: lines, MANIFEST: json.dumps(whole_told).encode()})
        put_back(path)

    tried()


def _pack(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000], ids=["lists", "objects"])
def test_a_backup_that_nests_without_end(whole: Path, tmp_path: Path, deep: bytes) -> None:
    with zipfile.ZipFile(whole) as held:
        members = {name: held.read(name) for name in held.namelist()}
    first = json.loads(members[MANIFEST])["tables"][0]["name"]
    path = tmp_path / "backup.zip"
    for name in (MANIFEST, f"tables/{first}.jsonl"):
        _pack(path, {**members, name: deep})
        holds(lambda: Archive(path).verify())


def test_manifests_of_editions(sample_edition: Path, tmp_path: Path) -> None:
    told = json.loads((sample_edition / MANIFEST).read_bytes())
    # A tenth of it says as much about how it is read.
    told["indicators"] = told["indicators"][:2]

    @trying(40)
    @given(near_json([told]))
    def tried(manifest: Any) -> None:
        (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        holds(lambda: read_manifest(tmp_path))

    tried()


def test_tokens_that_a_provider_signed() -> None:
    signer = Provider(issuer="https://p")
    keys = {"keys": [signer.key.as_dict(private=False)]}
    provider: Any = SimpleNamespace(issuer="https://p", keys=lambda **_: keys)

    @trying(60)
    @given(near_json([ID_TOKEN, LOGOUT_TOKEN]))
    def tried(claims: Any) -> None:
        if isinstance(claims, dict):
            raw = signer.signed(claims)
            holds(lambda: identity_of(provider, "map", raw, "n"))
            holds(lambda: signed_out_of(provider, "map", raw))

    tried()
