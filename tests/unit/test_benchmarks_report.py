import pytest

from tests.benchmarks.figures import Section, Table, Verdict, percentile
from tests.benchmarks.report import BEGIN, END, place, render


def test_what_people_wrote_around_the_measured_part_stays() -> None:
    text = f"# Title\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"
    again = place(place(text, "new"), "newer")
    assert again == f"# Title\n\nBefore.\n\n{BEGIN}\n\nnewer\n\n{END}\n\nAfter.\n"


def test_a_file_without_a_measured_part_gets_one_at_its_end() -> None:
    assert place("# Title\n", "new") == f"# Title\n\n{BEGIN}\n\nnew\n\n{END}\n"


@pytest.mark.parametrize("left", [BEGIN, END])
def test_half_a_measured_part_is_not_written_over(left: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        place(f"# Title\n{left}\nwords of people\n", "new")


def test_a_missed_target_shows() -> None:
    section = Section("Part", [Table(("a", "b"), [["1", "x | y"]], "Note.")])
    section.verdicts = [Verdict("Speed", "3 s", "4 s", False), Verdict("Size", "9", "8", True)]
    text = render([section], [("cores", "2")], "here", "make bench")
    assert "| Speed | 3 s | 4 s | **miss** |" in text
    assert "| Size | 9 | 8 | pass |" in text
    assert "| 1 | x / y |" in text


def test_percentile_takes_the_nearest_rank() -> None:
    assert percentile([3, 1, 2, 4], 0.5) == 3
    assert percentile([5.0], 0.99) == 5
