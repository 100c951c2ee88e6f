"""A risk matrix worked by hand: lines, cells, own figures, doubt, colours."""

import itertools

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.crossed_colours import GREYS, NINE, TWENTY_FIVE, cell_colours
from exclusion_map.maps.matrix_svg import Grid, GridCell, Style, grid_svg, lined, map_colours
from exclusion_map.maps.palette import COLOUR_BLINDNESS, cie_lab, linear_rgb
from exclusion_map.targeting.matrix import Matrix, MatrixQuestion, Measure, matrix_of
from exclusion_map.targeting.matrix_cells import CellId, corner, parse_cells
from exclusion_map.targeting.matrix_cuts import CutRule, Cuts, cut, own_lines
from exclusion_map.targeting.matrix_doubt import doubt_of_draws, doubt_of_intervals
from exclusion_map.targeting.matrix_figures import Figure, read_figures
from exclusion_map.targeting.matrix_impact import Impact
from exclusion_map.targeting.matrix_table import area_columns, cell_columns
from exclusion_map.targeting.sharing_reading import Terms
from exclusion_map.targeting.sharing_units import Units

SCORE = np.array([10.0, 20, 30, 40, 50, 60, 70, 80, np.nan])
PEOPLE = np.array([100.0, 100, 100, 100, 100, 100, 300, 300, 100])
GROUP = np.array([5.0, 90, 20, 30, 60, np.nan, 80, 10, 40])


def units(of: list[int] | None = None) -> Units:
    unit = np.array(of or range(9))
    count = int(unit.max()) + 1
    return Units(
        names=tuple(f"Area {one}" for one in range(count)),
        codes=tuple(f"E0100000{one}" for one in range(count)),
        unit=unit.astype(np.int64),
        row=np.arange(9, dtype=np.int64),
        part=np.ones(9),
        terms=Terms.none(count),
        unmatched={},
    )


def made(question: MatrixQuestion, of: list[int] | None = None) -> Matrix:
    impact = Impact(id="g", label="A group", unit="people", count=GROUP, base=PEOPLE)
    return matrix_of(units(of), SCORE, PEOPLE, impact, question)


def test_thirds_of_areas_by_hand() -> None:
    matrix = made(MatrixQuestion())
    # Eight scores: the third of 8 is reached with the 3rd area, two thirds with the 6th.
    assert matrix.likelihood_cuts.edges == (30.0, 60.0)
    assert matrix.likelihood.tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 0]
    # Known numbers 5 10 20 30 40 60 80 90: lines at the 3rd and the 6th.
    assert matrix.impact_cuts.edges == (20.0, 60.0)
    assert matrix.impact_class.tolist() == [1, 3, 1, 2, 2, 0, 3, 1, 2]
    assert matrix.cell.tolist() == [1, 3, 1, 5, 5, 0, 9, 7, 0]
    assert matrix.at(CellId(3, 3)).areas == 1
    assert matrix.at(CellId(3, 3)).people == 300
    assert matrix.at(CellId(2, 2)).group == 90
    assert matrix.missing.areas == 2
    assert matrix.missing.people == 200
    assert sum(cell.areas for cell in matrix.cells) + matrix.missing.areas == 9


def test_thirds_of_people_by_hand() -> None:
    matrix = made(MatrixQuestion(cuts=CutRule.PEOPLE))
    # 1,200 people have a score: 400 are reached with the 4th area, 800 within the 7th.
    assert matrix.likelihood_cuts.edges == (40.0, 70.0)
    assert matrix.likelihood.tolist() == [1, 1, 1, 1, 2, 2, 2, 3, 0]


def test_lines_of_ones_own_hold_what_lies_on_them() -> None:
    question = MatrixQuestion(likelihood_edges=(30, 70), impact_edges=(10, 20))
    matrix = made(question)
    assert matrix.likelihood.tolist() == [1, 1, 2, 2, 2, 2, 3, 3, 0]
    assert matrix.impact_cuts.span(1) == "under 10.0"
    assert matrix.impact_cuts.span(2) == "10.0 to under 20.0"
    assert matrix.impact_cuts.span(3, 0) == "20 or more"
    for edges in ((30,), (70, 30), (30, 30), (30, float("nan"))):
        with pytest.raises(InvalidRequestError, match="2 rising numbers"):
            own_lines(edges, 3, "impact")


def test_shares_and_wider_areas() -> None:
    matrix = made(MatrixQuestion(measure=Measure.SHARE), [0, 0, 0, 1, 1, 2, 2, 3, 3])
    assert matrix.score.tolist() == [20.0, 45.0, (6000 + 21000) / 400, 80.0]
    # One small area of the third has no count: its sum would read as too low.
    assert np.isnan(matrix.value[2])
    assert matrix.value[0] == pytest.approx(100 * 115 / 300)
    assert matrix.cell[2] == 0


def test_ties_stay_together() -> None:
    values = np.array([1.0, 1, 1, 1, 2, 3])
    cuts = cut(values, np.ones(6), CutRule.AREAS, 3)
    assert cuts.edges == (1.0, 1.0)
    assert cuts.classes(values).tolist() == [1, 1, 1, 1, 3, 3]
    with pytest.raises(InvalidRequestError, match="no area with a value"):
        cut(np.array([np.nan]), np.ones(1), CutRule.AREAS, 3)


def test_chosen_areas_come_highest_first() -> None:
    matrix = made(MatrixQuestion())
    rows = matrix.chosen(parse_cells("1-1,3-3,2-2", 3))
    assert rows.tolist() == [6, 4, 3, 2, 0]
    assert parse_cells("", 3) == corner(3) == (CellId(3, 3),)
    assert len(corner(5)) == 4
    for text in ("4-1", "0-1", "high", "3-3-3"):
        with pytest.raises(InvalidRequestError, match="likelihood-impact"):
            parse_cells(text, 3)
    assert CellId(3, 1).words(5) == "middle likelihood, lowest impact"


def test_intervals_tell_who_might_be_elsewhere() -> None:
    matrix = made(MatrixQuestion())
    rank = np.array([8, 7, 6, 5, 4, 3, 2, 1, 0], dtype=np.int32)
    low, high = rank.astype(float), rank.astype(float)
    low[2], high[6] = 5, 3  # 30 may rank as 40 does; 70 as 60 does
    doubt = doubt_of_intervals(matrix, SCORE, rank, low, high)
    assert doubt.moves.tolist() == [False, False, True, False, False, False, True, False, False]
    assert (doubt.low[2], doubt.high[2]) == (1, 2)
    assert (doubt.low[6], doubt.high[6]) == (2, 3)
    ranges = doubt.cell_ranges(matrix)
    assert ranges[CellId(3, 3)] == (0, 1)  # Area 6 is there, but not for sure
    assert ranges[CellId(2, 1)] == (0, 1)  # Area 2 might come
    assert ranges[CellId(1, 1)] == (1, 2)
    table = area_columns(matrix, doubt, np.arange(9))
    assert table["why_missing"][5] == "no figure for: A group"
    assert table["why_missing"][8] == "no score"
    assert np.asarray(cell_columns(matrix, doubt)["areas_possible"]).sum() > 7


def test_draws_tell_chances() -> None:
    matrix = made(MatrixQuestion())
    rank = np.array([8, 7, 6, 5, 4, 3, 2, 1, 0], dtype=np.int32)
    swapped = rank.copy()
    swapped[[5, 6]] = swapped[[6, 5]]
    drawn = [rank, rank, rank, swapped]
    doubt = doubt_of_draws(matrix, SCORE, rank, PEOPLE, drawn, seed=1, interval=0.5)
    assert doubt.stays[6] == 0.75
    assert doubt.stays[0] == 1.0
    assert np.isnan(doubt.stays[8])
    assert doubt.draws == 4
    # Of four draws one in four goes down: the lower end of the middle half is the first of them.
    assert (doubt.low[6], doubt.high[6]) == (2, 3)


def test_figures_are_read_as_people_write_them() -> None:
    assert read_figures("\ufeffE01000001;12\nE01000001;3\n\nCH41 2AB;1,500") == (
        Figure("E01000001", 15.0),
        Figure("CH41 2AB", 1500.0),
    )
    assert read_figures("CH41 2AB\nCH41 2AB\n") == (Figure("CH41 2AB", 2.0),)
    table = "patients,practice\n40,N85002\n,N85003\n"
    assert read_figures(table) == (Figure("N85002", 40.0), Figure("N85003", 1.0))
    assert read_figures("area,how many\nE01000001,4") == (Figure("E01000001", 4.0),)
    assert read_figures("  \n") == ()
    with pytest.raises(InvalidRequestError, match="line 2"):
        read_figures("E01000001,1\nE01000002,-3")
    with pytest.raises(InvalidRequestError, match="1,5"):
        read_figures("E01000001;1\nE01000002;1,5")


def lab(colour: str, sight: str) -> np.ndarray:
    matrix = COLOUR_BLINDNESS.get(sight, np.eye(3))
    return cie_lab(np.clip(matrix @ linear_rgb(colour), 0, 1))


@pytest.mark.parametrize("sight", ["normal sight", *COLOUR_BLINDNESS])
@pytest.mark.parametrize(("colours", "apart"), [(NINE, 20.9), (TWENTY_FIVE, 18.0)])
def test_any_two_cells_differ_for_everyone(
    colours: tuple[str, ...], apart: float, sight: str
) -> None:
    seen = [lab(one, sight) for one in colours]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > apart


@pytest.mark.parametrize("size", [3, 5])
def test_greys_order_the_axes(size: int) -> None:
    light = np.array([lab(one, "")[0] for one in cell_colours(size)]).reshape(size, size)
    assert (np.diff(light, axis=0) < -7).all()
    assert (np.diff(light, axis=1) < -7).all()
    greys = np.array([lab(one, "")[0] for one in GREYS[size]])
    assert (np.diff(greys) > 15).all()


def test_a_print_has_lines_for_impact() -> None:
    marks = map_colours(3, Style.PRINT)
    svg = "<svg>" + "".join(f'<path fill="{one}" stroke="#fff" d="M0 0Z"/>' for one in marks)
    drawn = lined(svg + "</svg>", 3, Style.PRINT)
    assert drawn.count("<use ") == 6
    assert "#0101" not in drawn
    assert lined(svg, 3, Style.COLOUR) == svg
    names = ("low", "medium", "high")
    grid = Grid(
        cells=[GridCell(f"{one} <areas>", "some people") for one in range(9)],
        size=3,
        style=Style.PRINT,
        rows=names,
        columns=names,
        spans=(names, names),
        chosen=frozenset((9,)),
    )
    picture = grid_svg(grid, title="A & B", alt="Said")
    assert "8 &lt;areas&gt;" in picture
    assert picture.count("stroke-dasharray") == 1


def test_a_matrix_has_three_or_five_classes() -> None:
    with pytest.raises(InvalidRequestError, match="3 or 5"):
        MatrixQuestion(size=4)
    assert Cuts(CutRule.AREAS, (1.0, 2.0, 3.0, 4.0)).size == 5
