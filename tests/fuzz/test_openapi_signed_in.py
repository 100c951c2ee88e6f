"""Every operation that wants a token, asked by a viewer, a contributor and an admin."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exclusion_map.accounts import Role
from tests.api.signed_in import bearer

from .described import LONG, Described, ask, cover, described_service, operations

ROLES = (Role.VIEWER, Role.CONTRIBUTOR, Role.ADMIN)
GUARDED = operations(guarded=True)


@pytest.fixture(scope="module")
def service(
    sample_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Described]:
    with described_service(sample_processed, tmp_path_factory.mktemp("fuzz") / "x.db") as made:
        yield made


@pytest.fixture(scope="module")
def tokens(service: Described) -> dict[Role, dict[str, str]]:
    return {
        role: {"Authorization": bearer(service.client, role)["authorization"]} for role in ROLES
    }


@pytest.mark.parametrize("role", ROLES, ids=str)
@pytest.mark.parametrize("label", GUARDED)
def test_what_a_token_may_ask_is_answered_as_documented(
    service: Described, tokens: dict[Role, dict[str, str]], label: str, role: Role
) -> None:
    ask(service, label, "positive", tokens[role], examples=4)
    ask(service, label, "negative", tokens[role], examples=2)


# A token changes nothing for open addresses: make fuzz
if LONG:

    @pytest.mark.parametrize("label", operations(guarded=False))
    def test_open_addresses_answer_an_admin_alike(
        service: Described, tokens: dict[Role, dict[str, str]], label: str
    ) -> None:
        ask(service, label, "positive", tokens[Role.ADMIN], examples=2)


# The edges of every parameter take minutes: make fuzz
if LONG:

    @pytest.mark.parametrize("label", GUARDED)
    def test_the_edges_of_every_parameter_for_an_admin(
        service: Described, tokens: dict[Role, dict[str, str]], label: str
    ) -> None:
        cover(service, label, tokens[Role.ADMIN])
