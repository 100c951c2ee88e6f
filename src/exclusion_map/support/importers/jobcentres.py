"""Jobcentres, from the register of December 2016, the newest published as open data.

Type JCP is a Jobcentre Plus office open to the public. Other types, such as BDC (benefit delivery
centre), are offices that process claims, and are left out.
"""

from collections import Counter
from pathlib import Path

from exclusion_map import catalogue
from exclusion_map.sources.files import find_or_none
from exclusion_map.sources.readers.text import read_csv
from exclusion_map.support import tidy
from exclusion_map.support.importers.absent import no_list
from exclusion_map.support.record import Imported, RawPlace
from exclusion_map.terms import SupportKind

SOURCE = "dwp-jobcentres"
FILE = "jobcentres_gb_2017_01.csv"
_ADDRESS = ("BUILDINGNAME", "STREET", "TOWN", "CITY", "COUNTY")
_COLUMNS = ("MNEMONIC", "TYPE", "NAME", *_ADDRESS, "Postcode", "lat", "long")
_PUBLIC = "JCP"

ABOUT = "From a list of December 2016. Some jobcentres have moved or closed since: check first."
NOTES = (
    "The register dates from December 2016. About a tenth of jobcentres closed or moved in 2017 "
    "and 2018, and some have opened since; the register does not show which.",
    "Only offices of type JCP (Jobcentre Plus) are shown: the others are not open to visitors.",
)


def read(raw_dir: Path) -> Imported:
    """Return the jobcentres of Great Britain open to the public; an empty import without the list.

    Raises:
        SourceError: a column is missing.
    """
    path = find_or_none(raw_dir, SOURCE, FILE)
    if path is None:
        return no_list(SupportKind.JOBCENTRE, SOURCE, FILE)
    frame = read_csv(path, _COLUMNS).fillna("")
    public = frame["TYPE"].str.strip() == _PUBLIC
    vintage = catalogue.source(SOURCE).vintage
    rows = frame[public].to_dict("records")
    return Imported(
        kind=SupportKind.JOBCENTRE,
        read=len(frame),
        places=tuple(_place({str(k): str(v) for k, v in row.items()}, vintage) for row in rows),
        left_out=Counter({"not_open_to_visitors": int((~public).sum())}),
        closed=frozenset(),
        notes=NOTES,
    )


def _place(row: dict[str, str], vintage: str) -> RawPlace:
    name = tidy.name(row["NAME"])
    return RawPlace(
        key=row["MNEMONIC"].strip(),
        name=name,
        address=tidy.address((row[part] for part in _ADDRESS), without=(name,)),
        postcode=row["Postcode"],
        latitude=float(row["lat"]) if row["lat"] else None,
        longitude=float(row["long"]) if row["long"] else None,
        source=SOURCE,
        as_of=vintage,
        about=ABOUT,
    )
