"""Hashes of passwords at a low cost: tests sign in many hundred times.

What hashes cost in the service is told by ``test_accounts_parts``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from exclusion_map.accounts import passwords


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Hash as always, but with little memory and one pass, until the context ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(1, 256, 1))
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()
