"""Ofcom's fixed coverage: a zip in a zip in a folder, whole of the United Kingdom."""

import io
import zipfile
from pathlib import Path

import pytest

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.ofcom import MATCHED, UNABLE_30, read_fixed_coverage

HEADER = (
    "output_area,All Premises,All Matched Premises,SFBB availability (% premises),"
    "% of premises unable to receive 30Mbit/s,Number of premises with SFBB availability,"
    "Number of premises unable to receive 30Mbit/s"
)
ROWS = (
    "W00000001,120,118,95.0,3.3,114,4\n"
    "E00000001,100,100,100.0,0.0,100,0\n"
    "S00088956,50,50,90.0,10.0,45,5\n"
    "N20000001,60,60,100.0,0.0,60,0\n"
)
DECLARED = ["output_area", "SFBB availability (% premises)"]


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def published(text: str, encoding: str = "utf-8-sig") -> dict[str, bytes]:
    """The inner zip as Ofcom lays it out: all premises beside residential premises."""
    folder = "202507_fixed_oa_coverage_r01"
    return {
        f"{folder}/202507_fixed_oa_coverage_r01.csv": text.replace("\n", "\r\n").encode(encoding),
        f"{folder}/202507_fixed_oa_res_coverage_r01.csv": b"output_area\n",
    }


def write(tmp_path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    inner = zipped(published(text, encoding))
    path = tmp_path / "202507_fixed_broadband_coverage_r01.zip"
    path.write_bytes(
        zipped(
            {
                "202507_fixed_coverage_r01/202507_fixed_oa_coverage_r01.zip": inner,
                "202507_fixed_coverage_r01/202507_fixed_laua_coverage_r01.zip": b"",
                "202507_fixed_coverage_r01/about.txt": b"notes",
            }
        )
    )
    return path


def test_england_and_wales_are_read_out_of_the_zip_of_zips(tmp_path: Path) -> None:
    made = read_fixed_coverage(write(tmp_path, f"{HEADER}\n{ROWS}"), DECLARED)
    assert made.values.index.tolist() == ["E00000001", "W00000001"]
    assert made.values[UNABLE_30].tolist() == [0.0, 4.0]
    assert made.values[MATCHED].tolist() == [100.0, 118.0]
    assert made.layout == "Ofcom zip of zips"


def test_older_files_are_windows_text(tmp_path: Path) -> None:
    header = f"{HEADER},Anmerkung £"
    rows = "E00000001,100,100,100.0,0.0,100,0,–\n"
    path = write(tmp_path, f"{header}\n{rows}", "cp1252")
    assert len(read_fixed_coverage(path, DECLARED).values) == 1


def test_the_inner_zip_alone_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "inner.zip"
    path.write_bytes(zipped(published(f"{HEADER}\n{ROWS}")))
    assert read_fixed_coverage(path, DECLARED).layout == "Ofcom zip"


def test_the_csv_alone_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "202507_fixed_oa_coverage_r01.csv"
    path.write_text(f"{HEADER}\n{ROWS}")
    assert read_fixed_coverage(path, DECLARED).layout == "Ofcom CSV"


def test_percentages_without_counts_are_refused(tmp_path: Path) -> None:
    header = HEADER.replace("Number of premises unable to receive 30Mbit/s", "other")
    with pytest.raises(SourceError, match="unable to receive 30Mbit/s"):
        read_fixed_coverage(write(tmp_path, f"{header}\n{ROWS}"), DECLARED)


def test_a_blank_count_is_not_zero_but_refused(tmp_path: Path) -> None:
    rows = "E00000001,100,100,100.0,0.0,100,\n"
    with pytest.raises(SourceError, match="nothing for E00000001"):
        read_fixed_coverage(write(tmp_path, f"{HEADER}\n{rows}"), DECLARED)


def test_a_strange_code_is_refused(tmp_path: Path) -> None:
    rows = f"{ROWS}CH41 2AB,1,1,1,1,1,1\n"
    with pytest.raises(SourceError, match="CH41 2AB"):
        read_fixed_coverage(write(tmp_path, f"{HEADER}\n{rows}"), DECLARED)


def test_larger_areas_of_england_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="E09000001"):
        read_fixed_coverage(write(tmp_path, f"{HEADER}\nE09000001,1,1,1,1,1,1\n"), DECLARED)


def test_a_file_of_another_nation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no output area of England or Wales"):
        read_fixed_coverage(
            write(tmp_path, f"{HEADER}\nS00088956,50,50,90.0,10.0,45,5\n"), DECLARED
        )


def test_a_zip_of_something_else_lists_its_members(tmp_path: Path) -> None:
    path = tmp_path / "mobile.zip"
    path.write_bytes(zipped({"202507_mobile_coverage_r01.csv": b""}))
    with pytest.raises(SourceError, match=r"202507_mobile_coverage_r01\.csv"):
        read_fixed_coverage(path, DECLARED)
