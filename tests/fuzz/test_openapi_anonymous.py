"""Every operation of the description, asked by nobody in particular."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .described import LONG, Described, ask, cover, described_service, operations


@pytest.fixture(scope="module")
def service(
    sample_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Described]:
    with described_service(sample_processed, tmp_path_factory.mktemp("fuzz") / "x.db") as made:
        yield made


@pytest.mark.parametrize("label", operations())
def test_what_anybody_may_ask_is_answered_as_documented(service: Described, label: str) -> None:
    ask(service, label, "positive", {}, examples=4)
    ask(service, label, "negative", {}, examples=2)


# The edges of every parameter take minutes: make fuzz
if LONG:

    @pytest.mark.parametrize("label", operations())
    def test_the_edges_of_every_parameter(service: Described, label: str) -> None:
        cover(service, label, {})
