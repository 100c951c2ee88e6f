"""Reports: figures by hand and against the edition's own, words, tables, reading age."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.hotspots import Pattern
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.reports import charts, wording
from exclusion_map.editions.reports.change import NO_EARLIER, change_words
from exclusion_map.editions.reports.earlier import changes_since
from exclusion_map.editions.reports.maker import ReportMaker, query_of
from exclusion_map.editions.reports.model import ChangePart, Report
from exclusion_map.editions.reports.opening import default_definition, report_maker
from exclusion_map.editions.reports.page import page, pictures
from exclusion_map.editions.reports.ranges import Ranges
from exclusion_map.editions.reports.subjects import area_subject, codes_of_address
from exclusion_map.editions.reports.tables import figures, sections
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import LARGER_KINDS, AreaKind

from .plain_words import grade, reading_age, syllables


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    return open_edition(sample_edition)


@pytest.fixture(scope="module")
def maker(edition: Edition) -> ReportMaker:
    return report_maker(edition, default_definition(edition))


@pytest.fixture(scope="module")
def report(maker: ReportMaker, edition: Edition) -> Report:
    codes = edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[:2]
    return maker.report([maker.subject(code) for code in codes])


def changed(**given: object) -> ChangePart:
    plain: dict[str, object] = {
        "old": "one",
        "new": "two",
        "comparable": True,
        "score_old": 50.0,
        "score_new": 53.0,
        "by_data": 3.0,
        "by_method": 0.0,
        "into_worst_tenth": 0,
        "out_of_worst_tenth": 0,
        "same_areas": 4,
        "small_areas": 4,
        "method_changes": (),
    }
    return ChangePart.model_validate(plain | given)


def test_figures_are_those_the_edition_sums_up(maker: ReportMaker, edition: Edition) -> None:
    atlas = edition.atlas
    for kind in LARGER_KINDS:
        held, level = atlas.indicators[kind], atlas.level(kind)
        for row in range(min(len(level), 3)):
            place = maker.place(area_subject(atlas, level.codes[row]))
            for part in (*place.drivers, *place.other_figures):
                at = held.column(part.indicator)
                assert part.value == pytest.approx(held.value[row, at], rel=1e-9), part.indicator
            assert place.people.population == pytest.approx(level.population[row])
            score = atlas.score_set(maker.profiler.index, kind).score[row]
            assert place.score.score == pytest.approx(score)
            # points add up to the score less the median of all small areas
            small = atlas.score_set(maker.profiler.index, AreaKind.SMALL_AREA).score
            points = sum(part.points for part in place.drivers)
            assert points == pytest.approx(score - np.nanmedian(small), abs=0.01)


def test_a_list_of_all_small_areas_is_the_area(maker: ReportMaker, edition: Edition) -> None:
    atlas = edition.atlas
    level = atlas.level(AreaKind.WARD)
    rows = atlas.members(level, 0)
    codes = [atlas.level(AreaKind.SMALL_AREA).codes[row] for row in rows]
    one = maker.place(maker.subject(level.codes[0]))
    same = maker.place(maker.subject(f"Our patch: {', '.join(codes)}, NOWHERE1"))
    assert same.name == "Our patch"
    assert any("NOWHERE1" in note for note in same.notes)
    assert same.score.score == pytest.approx(one.score.score)
    assert same.score.score_low == pytest.approx(one.score.score_low)
    assert same.people.tenths == one.people.tenths
    assert same.drivers == one.drivers
    assert same.support.high_beyond == one.support.high_beyond
    assert same.score.rank is None
    assert not same.similar


def test_ranges_by_hand(edition: Edition) -> None:
    # Areas 0 and 1 are first and second in 19 of 20 draws, and the other way round in one.
    n = len(edition.atlas.level(AreaKind.SMALL_AREA))
    ranks = np.zeros((20, n), dtype=np.uint16)
    ranks[:, 0], ranks[:, 1] = 1, 2
    ranks[19, :2] = 2, 1
    small = replace(edition.atlas.level(AreaKind.SMALL_AREA), population=np.ones(n))
    atlas = replace(edition.atlas, levels={**edition.atlas.levels, AreaKind.SMALL_AREA: small})
    made = Ranges(atlas, ranks, np.array([80.0, 60.0]))
    found = made.of_area(AreaKind.SMALL_AREA, 0, np.array([0], dtype=np.int32))
    assert found is not None
    assert (found.rank_low, found.rank_high) == (1, 1)
    assert found.score_high == 80
    assert found.score_low == pytest.approx(80 - 20 * 0.05)  # between the 1st and 2nd of 20
    both = made.of_rows(np.array([0, 1], dtype=np.int32))
    assert both is not None
    assert (both.score_low, both.score_high) == (70, 70)
    assert made.of_rows(np.array([2], dtype=np.int32)) is None


def test_change_is_said_plainly() -> None:
    assert change_words(None) == (NO_EARLIER,)
    assert "no score before" in change_words(changed(comparable=False))[0]
    assert change_words(changed(score_new=50.2))[1] == "It has hardly changed."
    up = change_words(changed())
    assert up[1] == "It has gone up by 3.0 points."
    assert "same way" in up[2]
    told = " ".join(
        change_words(
            changed(
                by_data=1.0,
                by_method=2.0,
                method_changes=("weight",),
                into_worst_tenth=2,
                same_areas=3,
            )
        )
    )
    assert "with no real change" in told
    assert "New facts move it by +1.0 points, and the new way by +2.0." in told
    assert "2 small areas moved into the top tenth" in told
    assert "match 3 of 4" in told


def test_an_earlier_edition_in_the_folder(
    sample_edition: Path, edition: Edition, maker: ReportMaker, tmp_path: Path
) -> None:
    folder = tmp_path / "editions"
    shutil.copytree(sample_edition, folder / sample_edition.name)
    assert changes_since(tmp_path, edition, "exclusion") is None
    shutil.copytree(sample_edition, folder / "earlier")
    manifest = json.loads((folder / "earlier" / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"edition": "earlier", "built": "2020-01-01T00:00:00Z"}
    mine = next(one for one in manifest["indices"] if one["id"] == "exclusion")
    mine["definition"]["children"][0]["weight"] *= 5
    (folder / "earlier" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    changes = changes_since(tmp_path, edition, "exclusion")
    assert changes is not None
    ward = area_subject(edition.atlas, edition.atlas.level(AreaKind.WARD).codes[0])
    found = maker.report([ward], changes).places[0]
    assert found.change is not None
    assert found.change.old == "earlier"
    assert found.change.score_old == pytest.approx(found.score.score)  # published scores are kept
    assert found.change.score_new == pytest.approx(found.score.score)
    assert found.change.method_changes
    assert any("new way" in sentence for sentence in found.change_words)


def test_shares_in_words() -> None:
    told = {0.5: "hardly any", 3: "about 3 in 100", 24: "about 1 in 4", 31: "about 3 in 10"}
    told |= {50: "about half the", 74: "about 3 in 4", 96: "about 9 in 10", 98: "nearly all"}
    for percent, words in told.items():
        assert wording._of_100(percent) == words


def test_places_are_compared_in_words(report: Report) -> None:
    first, second = report.places
    told = " ".join(report.comparison)
    high = max(report.places, key=lambda one: one.score.score or 0)
    assert told.startswith((f"{high.name} has the most risk", "The risk scores are much the same"))
    assert wording.comparison([first]) == ()
    unknown = second.model_copy(update={"score": second.score.model_copy(update={"score": None})})
    assert "too little" in wording.comparison([first, unknown])[0]
    other = first.model_copy(
        update={
            "name": "Elsewhere",
            "score": first.score.model_copy(
                update={"score": 5.0, "score_low": 4.0, "score_high": 6.0}
            ),
        }
    )
    apart = " ".join(wording.comparison([first, other]))
    assert "do not overlap" in apart


def test_the_sentences_are_for_a_reading_age_of_eleven(
    maker: ReportMaker, edition: Edition
) -> None:
    # Counted by hand: 13 words in 2 sentences with 15 syllables.
    cat = ["The cat sat on the mat.", "It was a happy cat that day."]
    assert [syllables(word) for word in ("happy", "library", "lived", "areas", "people")] == [
        *(2, 3, 1, 2, 2)
    ]
    assert grade(cat) == pytest.approx(0.39 * 6.5 + 11.8 * 14 / 13 - 15.59)
    ages = []
    for kind, level in edition.atlas.levels.items():
        for code in level.codes[:: max(1, len(level) // 12)]:
            place = maker.place(area_subject(edition.atlas, code))
            # Names are the places' own.
            plain = [one.replace(place.name, "Leeds") for one in place.summary]
            ages.append(reading_age([*plain, *place.change_words]))
            assert ages[-1] < 12.5, (kind, place.name, place.summary)
    assert len(ages) > 50
    assert np.mean(ages) < 11.2


def test_tables_hold_every_section_and_csv_every_figure(report: Report) -> None:
    found = {one.name: one for one in sections(report)}
    assert {"Summary", "Score", "Drivers", "People", "Help", "Change", "Similar"} <= set(found)
    assert all(len(row) == len(one.head) for one in found.values() for row in one.rows)
    rows = figures(report)
    scores = [
        value
        for section, item, figure, value in zip(
            rows["section"], rows["item"], rows["figure"], rows["value"], strict=True
        )
        if (section, item, figure) == ("Score", "Score, 0 to 100", "Figure")
    ]
    assert scores == [one.score.score for one in report.places]


def test_the_page_stands_alone_with_unique_ids(
    maker: ReportMaker, edition: Edition, report: Report
) -> None:
    maps = pictures(edition, report.index, [maker.subject(one.code) for one in report.places])
    html = page(report, maps)
    ids = [part.split('"', 1)[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert html.count("<h1") == 1
    assert "<script" not in html
    assert 'href="/' not in html
    assert "src=" not in html
    for drawn in html.split("<svg ")[1:]:
        if drawn.startswith("x="):
            continue  # the map within its frame, which has the words
        head = drawn.split(">", 1)[0]
        assert 'aria-hidden="true"' in head or "<title" in drawn[:400]
    assert "made up" in html
    assert charts.scores_svg("k", report.places).count("<circle") == 2


def test_what_cannot_be_told_is_refused(maker: ReportMaker, edition: Edition) -> None:
    with pytest.raises(InvalidRequestError, match="from 1 to 10"):
        maker.report([])
    with pytest.raises(NotFoundError):
        maker.subject("nothing of the sort")
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    pattern = edition.patterns["exclusion"].pattern
    outside = small.codes[int(np.flatnonzero(pattern != Pattern.HIGH_HIGH)[0])]
    with pytest.raises(NotFoundError, match="cluster"):
        maker.subject(f"cluster:{outside}")


def test_a_cluster_is_a_place(maker: ReportMaker, edition: Edition) -> None:
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    inside = np.flatnonzero(edition.patterns["exclusion"].pattern == Pattern.HIGH_HIGH)
    if not len(inside):
        pytest.skip("the invented county has no cluster of high risk")
    subject = maker.subject(f"cluster:{small.codes[int(inside[0])]}")
    assert int(inside[0]) in subject.rows
    found = maker.place(subject)
    assert found.score.score is not None
    assert found.name.startswith("High-risk cluster around ")
    assert query_of([subject]).startswith("codes=cluster:")


def test_addresses_of_saved_selections() -> None:
    assert codes_of_address("https://a.example/compare?areas=E1,E2&index=x") == "E1,E2"
    assert codes_of_address("/select?near=Leeds") == "/select?near=Leeds"
    assert codes_of_address("E1, E2") == "E1, E2"
