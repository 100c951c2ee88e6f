"""Workbooks: XLSX with notes before data and one sheet a domain, ODS without a header row."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.iod import read_file7, read_file8, snake
from exclusion_map.sources.readers.spreadsheets import read_headless

Rows = Sequence[Sequence[object]]
CODE = "LSOA code (2021)"
NAMES = [
    CODE,
    "LSOA name (2021)",
    "Local Authority District code (2024)",
    "Local Authority District name (2024)",
]
DIGITAL = "Digital Connectivity (Broadband download and upload speeds)"
NOTES = [[], [None, None, "Domain", "Indicator"], [None, None, "Income", "Income numerator"]]


def area(number: int) -> list[object]:
    return [f"E0100000{number}", f"City of London 001{number}", "E09000001", "City of London"]


def write_xlsx(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """A workbook as a zip of XML, with text kept in the cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    listed, related = [], []
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            listed.append(f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>')
            related.append(
                f'<Relationship Id="r{number}" Type="{office}/worksheet" '
                f'Target="worksheets/s{number}.xml"/>'
            )
            archive.writestr(
                f"xl/worksheets/s{number}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{_xlsx_rows(rows)}</sheetData></worksheet>',
            )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{"".join(listed)}</sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}">{"".join(related)}</Relationships>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr("[Content_Types].xml", "<Types/>")
    return path


def _xlsx_rows(rows: Rows) -> str:
    made = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, cell in enumerate(row):
            at = f'r="{chr(65 + column)}{number}"'
            if isinstance(cell, str):
                cells.append(f'<c {at} t="inlineStr"><is><t>{escape(cell)}</t></is></c>')
            elif cell is not None:
                cells.append(f"<c {at}><v>{cell}</v></c>")
        made.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(made)


def write_ods(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """An OpenDocument spreadsheet, with the empty cells at row ends that LibreOffice keeps."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{oasis}:{name}:1.0"' for name in ("office", "table", "text"))
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    tables = []
    for name, rows in sheets.items():
        lines = "".join(f"<table:table-row>{_ods_cells(row)}</table:table-row>" for row in rows)
        tables.append(f'<table:table table:name="{escape(name)}">{lines}</table:table>')
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def _ods_cells(row: Sequence[object]) -> str:
    cells = []
    for cell in row:
        if isinstance(cell, str):
            text = f"<text:p>{escape(cell)}</text:p>"
            cells.append(f'<table:table-cell office:value-type="string">{text}</table:table-cell>')
        elif cell is None:
            cells.append("<table:table-cell/>")
        else:
            value = f'office:value-type="float" office:value="{cell}"'
            cells.append(f"<table:table-cell {value}/>")
    return "".join(cells) + '<table:table-cell table:number-columns-repeated="5"/>'


def file8(tmp_path: Path, **sheets: Rows) -> Path:
    made: dict[str, Rows] = {
        "Notes": NOTES,
        "IoD25 Income Domain": [
            [*NAMES, "Income Domain numerator"],
            [*area(2), 30],
            [*area(1), 20],
            [*area(3), None],
        ],
        "IoD25 Barriers Domain": [
            [*NAMES, DIGITAL, "Core homelessness rate (% of households)"],
            [*area(1), 0.756, 4.698],
            [*area(2), -0.757, 4.698],
            [*area(3), 0.5, "*"],
        ],
    }
    return write_xlsx(tmp_path / "File_8.xlsx", made | sheets)


def test_headings_become_the_names_of_the_csv_copy() -> None:
    assert snake("Income Domain numerator") == "income_domain_numerator"
    assert snake(DIGITAL) == "digital_connectivity_broadband_download_and_upload_speeds"
    assert (
        snake("Core homelessness rate (% of households)")
        == "core_homelessness_rate_percent_of_households"
    )
    assert (
        snake("Homelessness indicator (rate per 1,000 households)")
        == "homelessness_indicator_rate_per_1_000_households"
    )
    assert snake(CODE) == "lsoa21_code"
    assert snake(snake(DIGITAL)) == snake(DIGITAL)


def test_the_domains_of_a_workbook_are_joined_by_area(tmp_path: Path) -> None:
    made = read_file8(file8(tmp_path), ["Income Domain numerator", DIGITAL])
    assert made.layout == "IoD File 8 workbook"
    assert made.values.index.tolist() == ["E01000001", "E01000002", "E01000003"]
    assert made.values["income_domain_numerator"].fillna(-1).tolist() == [20.0, 30.0, -1.0]
    assert made.values[snake(DIGITAL)].tolist() == [0.756, -0.757, 0.5]


def test_an_asterisk_is_withheld_and_an_empty_cell_is_not(tmp_path: Path) -> None:
    made = read_file8(file8(tmp_path), [])
    assert made.suppressed.keys() == {"core_homelessness_rate_percent_of_households"}
    assert made.suppressed["core_homelessness_rate_percent_of_households"].tolist() == ["E01000003"]


@pytest.mark.parametrize(
    ("header", "layout"),
    [
        ("lsoa21_code,income_domain_numerator", "IoD File 8 CSV, snake case headings"),
        (f"{CODE},Income Domain numerator", "IoD File 8 CSV"),
    ],
)
def test_both_kinds_of_csv_give_the_same_table(tmp_path: Path, header: str, layout: str) -> None:
    path = tmp_path / "File_8.csv"
    path.write_text(f"{header}\nE01000002,\nE01000001,20.0\n")
    made = read_file8(path, ["income_domain_numerator"])
    assert made.layout == layout
    assert made.values["income_domain_numerator"].fillna(-1).tolist() == [20.0, -1.0]


def test_a_sheet_of_other_areas_is_refused(tmp_path: Path) -> None:
    path = file8(
        tmp_path,
        **{"IoD25 Health Domain": [[*NAMES, "Acute morbidity indicator"], [*area(1), 84.789]]},
    )
    with pytest.raises(SourceError, match="2 areas that are not in every sheet"):
        read_file8(path, [])


def test_an_area_twice_in_a_sheet_is_refused(tmp_path: Path) -> None:
    rows = [[*NAMES, "Acute morbidity indicator"], [*area(1), 1.0], [*area(1), 2.0]]
    with pytest.raises(SourceError, match="repeated area codes"):
        read_file8(file8(tmp_path, **{"IoD25 Health Domain": rows}), [])


def test_a_heading_twice_in_a_sheet_is_refused(tmp_path: Path) -> None:
    rows = [[*NAMES, "Score", "Score"], [*area(1), 1.0, 2.0]]
    with pytest.raises(SourceError, match=r"\['Score'\]"):
        read_file8(file8(tmp_path, **{"IoD25 Health Domain": rows}), [])


def test_a_workbook_without_areas_lists_its_sheets(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "File_8.xlsx", {"Notes": NOTES, "Other": [["a"], [1]]})
    with pytest.raises(SourceError, match=r"\['Notes', 'Other'\]"):
        read_file8(path, [])


def test_a_missing_indicator_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="noise_pollution"):
        read_file8(file8(tmp_path), ["Noise pollution"])


def test_a_web_page_saved_as_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "File_8.xlsx"
    path.write_text("<html></html>")
    with pytest.raises(SourceError, match="a workbook"):
        read_file8(path, [])


def test_a_workbook_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="gone"):
        read_file7(tmp_path / "gone.xlsx", [])


FILE7 = [*NAMES, "Income Score (rate)", "Total population: mid 2022"]


def test_file_7_is_read_as_csv_and_as_workbook(tmp_path: Path) -> None:
    csv = tmp_path / "File_7.csv"
    lines = [",".join(f'"{cell}"' for cell in FILE7)]
    lines += [",".join(str(cell) for cell in [*area(1), 0.013, 1795])]
    csv.write_text("\ufeff" + "\n".join(lines))
    book = write_xlsx(
        tmp_path / "File_7.xlsx", {"Notes": NOTES, "IoD2025": [FILE7, [*area(1), 0.013, 1795]]}
    )
    for path in (csv, book):
        made = read_file7(path, FILE7)
        assert made.values.loc["E01000001"].tolist() == [0.013, 1795.0]
        assert made.values.columns.tolist() == FILE7[4:]


WELSH = ["lsoa21_code", "name", "rank", "decile"]
W01 = r"W01\d{6}"


def test_a_sheet_without_a_header_row_gets_the_names_given(tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "wimd.ods",
        {
            "Notes": [["Welsh Index of Multiple Deprivation"]],
            "Data": [
                ["Ranks by small area"],
                [],
                ["W01000003", "Isle of Anglesey 007A", 570, 3],
                ["W01000004", "Isle of Anglesey 001A", 1132, None],
                [],
            ],
        },
    )
    frame = read_headless(path, WELSH, first_code=W01)
    assert frame.columns.tolist() == WELSH
    assert frame["lsoa21_code"].tolist() == ["W01000003", "W01000004"]
    assert frame["rank"].tolist() == [570.0, 1132.0]
    assert frame["decile"].tolist() == [3.0, ""]


def test_a_column_more_than_named_is_refused(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "wimd.ods", {"Data": [["W01000003", "A", 570, 3, 9]]})
    with pytest.raises(SourceError, match="5 columns"):
        read_headless(path, WELSH, first_code=W01)


def test_a_stray_row_among_areas_is_refused(tmp_path: Path) -> None:
    rows = [["W01000003", "A", 570, 3], ["Total", None, 1, 1], ["W01000004", "B", 1, 1]]
    with pytest.raises(SourceError, match="without an area code below the first area"):
        read_headless(write_ods(tmp_path / "wimd.ods", {"Data": rows}), WELSH, first_code=W01)


def test_a_sheet_of_other_areas_is_no_table(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "wimd.ods", {"Data": [["E01000003", "A", 570, 3]]})
    with pytest.raises(SourceError, match="no row that begins with an area code"):
        read_headless(path, WELSH, first_code=W01)


def test_a_sheet_that_is_named_must_be_there(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "wimd.ods", {"Data": [["W01000003", "A", 570, 3]]})
    with pytest.raises(SourceError, match="a sheet 'Ranks'"):
        read_headless(path, WELSH, first_code=W01, sheet="Ranks")
