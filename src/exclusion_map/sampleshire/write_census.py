"""Census tables in the two layouts of Nomis: bulk zips, and RM121 as saved from a query."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.files import csv_text, frame_text, write, zip_bytes
from exclusion_map.sampleshire.people import People
from exclusion_map.sampleshire.shares import Counts

SOURCE = "nomis-census2021"
_SUFFIX = "; measures: Value"
_SUFFIXED = ("ts001", "ts011", "ts017")
"""Nomis writes the suffix on some tables and leaves it away on others; so do we."""

Columns = Mapping[str, Counts]


def write_census(folder: Path, county: County) -> None:
    """Write every census table an edition needs into a raw folder."""
    tables = {
        "ts001": _residence(county.people),
        "ts011": _deprivation(county.people),
        "ts017": _sizes(county.people),
        "ts029": _english(county.people),
        "ts037": _health(county.people),
        "ts038": _disability(county.people),
        "ts045": _cars(county.people),
        "ts054": _tenures(county.people),
        "ts062": _classes(county.people),
        "ts065": _work_history(county.people),
        "ts067": _qualifications(county.people),
        "ts068": _students(county.people),
    }
    for table, columns in tables.items():
        frame = pd.DataFrame(
            {
                "date": 2021,
                "geography": county.areas["name"],
                "geography code": county.areas["code"],
                **{
                    f"{name}{_SUFFIX}" if table in _SUFFIXED else name: counts
                    for name, counts in columns.items()
                },
            }
        )
        member = f"census2021-{table}-lsoa.csv"
        data = zip_bytes({member: frame_text(frame).encode()})
        write(folder / SOURCE / f"census2021-{table}.zip", data)
    write(folder / SOURCE / "RM121-lsoa.csv", _ages(county))


def _table(topic: str, total: str, frame: pd.DataFrame, labels: Mapping[str, str]) -> Columns:
    """Return a flat table: the total and one column a category, named as Nomis does."""
    columns = {f"{topic}: {total}": frame.sum(axis=1).to_numpy()}
    for key, label in labels.items():
        columns[f"{topic}: {label}"] = frame[key].to_numpy()
    return columns


def _counts(frame: pd.DataFrame) -> dict[str, Counts]:
    return {str(key): frame[key].to_numpy() for key in frame.columns}


def _residence(people: People) -> Columns:
    return {
        "Residence type: Total": people.residents,
        "Residence type: Lives in a household": people.in_households,
        "Residence type: Lives in a communal establishment": people.communal,
    }


def _deprivation(people: People) -> Columns:
    words = ("one dimension", "two dimensions", "three dimensions", "four dimensions")
    labels = {"0": "Household is not deprived in any dimension"}
    labels |= {
        str(number): f"Household is deprived in {text}"
        for number, text in enumerate(words, start=1)
    }
    return _table("Household deprivation", "Total: All households", people.deprivation, labels)


def _sizes(people: People) -> Columns:
    labels = {"1": "1 person in household"}
    labels |= {str(number): f"{number} people in household" for number in range(2, 8)}
    labels["8+"] = "8 or more people in household"
    flat = _table("Household size", "Total: All household spaces", people.sizes, labels)
    (total, households), *rest = flat.items()
    nobody = "Household size: 0 people in household"
    return {total: households, nobody: np.zeros_like(households), **dict(rest)}


def _english(people: People) -> Columns:
    topic, other = "Proficiency in English language", "Main language is not English"
    other = f"{topic}: {other} (English or Welsh in Wales)"
    counts = _counts(people.english)
    return {
        f"{topic}: Total: All usual residents aged 3 years and over": people.aged_3_plus,
        f"{topic}: Main language is English (English or Welsh in Wales)": counts["main"],
        other: people.aged_3_plus - counts["main"],
        f"{other}: Can speak English very well": counts["very well"],
        f"{other}: Can speak English well": counts["well"],
        f"{other}: Cannot speak English well": counts["not well"],
        f"{other}: Cannot speak English": counts["cannot"],
    }


def _health(people: People) -> Columns:
    labels = {key: f"{key.capitalize()} health" for key in _counts(people.health)}
    return _table("General health", "Total: All usual residents", people.health, labels)


def _disability(people: People) -> Columns:
    counts = _counts(people.disability)
    yes, no = "Disabled under the Equality Act", "Not disabled under the Equality Act"
    condition = "long term physical or mental health condition"
    named = {
        "Total: All usual residents": people.residents,
        yes: counts["a lot"] + counts["a little"],
        f"{yes}: Day-to-day activities limited a lot": counts["a lot"],
        f"{yes}: Day-to-day activities limited a little": counts["a little"],
        no: counts["not limited"] + counts["none"],
        f"{no}: Has {condition} but day-to-day activities are not limited": counts["not limited"],
        f"{no}: No {condition}s": counts["none"],
    }
    return {f"Disability: {name}": value for name, value in named.items()}


def _cars(people: People) -> Columns:
    labels = {
        "0": "No cars or vans in household",
        "1": "1 car or van in household",
        "2": "2 cars or vans in household",
        "3+": "3 or more cars or vans in household",
    }
    return _table("Number of cars or vans", "Total: All households", people.cars, labels)


def _tenures(people: People) -> Columns:
    counts = _counts(people.tenures)
    named = {
        "Total: All households": people.households,
        "Owned": counts["outright"] + counts["mortgage"],
        "Owned: Owns outright": counts["outright"],
        "Owned: Owns with a mortgage or loan": counts["mortgage"],
        "Shared ownership": counts["shared"],
        "Shared ownership: Shared ownership": counts["shared"],
        "Social rented": counts["council"] + counts["other social"],
        "Social rented: Rents from council or Local Authority": counts["council"],
        "Social rented: Other social rented": counts["other social"],
        "Private rented": counts["landlord"] + counts["other private"],
        "Private rented: Private landlord or letting agency": counts["landlord"],
        "Private rented: Other private rented": counts["other private"],
        "Lives rent free": counts["rent free"],
    }
    return {f"Tenure of household: {name}": value for name, value in named.items()}


def _classes(people: People) -> Columns:
    labels = {
        "L1-3": "L1, L2 and L3 Higher managerial, administrative and professional occupations",
        "L4-6": "L4, L5 and L6 Lower managerial, administrative and professional occupations",
        "L7": "L7 Intermediate occupations",
        "L8-9": "L8 and L9 Small employers and own account workers",
        "L10-11": "L10 and L11 Lower supervisory and technical occupations",
        "L12": "L12 Semi-routine occupations",
        "L13": "L13 Routine occupations",
        "L14": "L14.1 and L14.2 Never worked and long-term unemployed",
        "L15": "L15 Full-time students",
    }
    return _table(
        "National Statistics Socio-economic Classification (NS-SEC)",
        "Total: All usual residents aged 16 years and over",
        people.classes,
        labels,
    )


def _work_history(people: People) -> Columns:
    labels = {
        "12 months": "Not in employment: Worked in the last 12 months",
        "longer": "Not in employment: Not worked in the last 12 months",
        "never": "Not in employment: Never worked",
    }
    total = (
        "Total: All usual residents aged 16 years and over not in employment the week before "
        "the census"
    )
    return _table("Unemployment history", total, people.work_history, labels)


def _qualifications(people: People) -> Columns:
    labels = {
        "none": "No qualifications",
        "level 1": "Level 1 and entry level qualifications",
        "level 2": "Level 2 qualifications",
        "apprenticeship": "Apprenticeship",
        "level 3": "Level 3 qualifications",
        "level 4+": "Level 4 qualifications and above",
        "other": "Other qualifications",
    }
    return _table(
        "Highest level of qualification",
        "Total: All usual residents aged 16 years and over",
        people.qualifications,
        labels,
    )


def _students(people: People) -> Columns:
    topic = "Schoolchild or full-time student indicator"
    return {
        f"{topic}: Total: All usual residents aged 5 years and over": people.aged_5_plus,
        f"{topic}: Student": people.students,
        f"{topic}: Not a student": people.aged_5_plus - people.students,
    }


def _ages(county: County) -> str:
    """Return RM121 as a person saves it: heading lines, codes joined to names, lines of warning."""
    bands = ["65", "66-69", "70-74", "75-79", "80-84", "85+"]
    ages = county.people.ages
    names = county.areas["code"] + " : " + county.areas["name"]
    body = zip(names, ages.sum(axis=1), *(ages[band] for band in bands), strict=True)
    header = [
        "2021 super output area - lower layer",
        "Total",
        "Aged 65 years",
        "Aged 66 to 69 years",
        "Aged 70 to 74 years",
        "Aged 75 to 79 years",
        "Aged 80 to 84 years",
        "Aged 85 years and over",
    ]
    above = (
        ("RM121 - Sex by age",),
        ("Invented numbers in the layout of Nomis [Sampleshire]",),
        ("Population :", "All Usual residents"),
        ("Units      :", "Persons"),
        ("Date       :", "2021"),
        ("Sex        :", "All persons"),
        (),
    )
    below = (
        (),
        (),
        (),
        ("", "This county is invented: nobody was counted here, so no records have been"),
        ("", "swapped and no counts perturbed. These lines only stand where the"),
        ("", "publisher's own notes do."),
    )
    rows = [*above, header, (), *body, *below]
    wide = [[*row, *[""] * (len(header) - len(row))] for row in rows]
    return csv_text([], wide, crlf=True)
