"""Public transport timetables in GTFS: the rides of one day, between stops, in order of departure.

GTFS (General Transit Feed Specification, gtfs.org/documentation/schedule/reference) is what the Bus
Open Data Service and National Rail publish for a region.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pandas as pd

from exclusion_map.access.costs import Floats, Ints, Points
from exclusion_map.errors import InvalidRequestError
from exclusion_map.sources.members import open_member

MOST_BYTES = 4_000_000_000
"""Of one table, unpacked."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ADDED, _REMOVED = "1", "2"
_NOT_HERE = "1"
"""``pickup_type`` and ``drop_off_type`` of a call where nobody may get on, or off."""
_CHUNK = 2_000_000
_MOST_REPEATS = 1_000_000
"""Runs that are told by how often they leave; each is written out in memory."""


@dataclass(frozen=True, eq=False)
class Timetable:
    """Rides of one day, from one stop to the next without a halt, by departure.

    Attributes:
        stops: (s,) where stops are.
        start: (c,) row of the stop a ride leaves from.
        end: (c,) row of the next stop.
        leaves: (c,) minutes after midnight, ascending.
        arrives: (c,) minutes after midnight, not before it leaves.
        trip: (c,) number of the vehicle's run; staying aboard needs no change.
        board: (c,) whether people may get on where it leaves.
        alight: (c,) whether people may get off where it arrives.
        source: what people call the file.
        day: of the rides.
    """

    stops: Points
    start: Ints
    end: Ints
    leaves: Floats
    arrives: Floats
    trip: Ints
    board: npt.NDArray[np.bool_]
    alight: npt.NDArray[np.bool_]
    source: str
    day: date

    def __len__(self) -> int:
        """How many rides there are."""
        return len(self.leaves)


def read_timetable(path: Path, day: date, first: float, last: float) -> Timetable:
    """Return the rides of a day that leave between two times.

    Calls without times of their own are put evenly between those that have them. Runs "every so
    many minutes" (``frequencies.txt``) become single runs.

    Args:
        path: GTFS, a zip file.
        day: when people travel.
        first: minutes after midnight of the first departure that matters.
        last: of the last one.

    Raises:
        InvalidRequestError: the file is no GTFS, too large, or nothing runs on that day then.
    """
    feed = _Feed(path)
    services = _services(feed, day)
    trips = feed.table("trips.txt", ("trip_id", "service_id"))
    trips = trips[trips["service_id"].isin(services)].reset_index(drop=True)
    if trips.empty:
        raise InvalidRequestError(
            feed.name,
            found=f"nothing that runs on {day.isoformat()}",
            expected="a day within the timetable",
            mend=f"It covers {_span(feed)}.",
        )
    calls = _calls(feed, pd.Series(trips.index, index=trips["trip_id"]))
    calls = _repeated(feed, calls, trips["trip_id"])
    stops = feed.table("stops.txt", ("stop_id", "stop_lat", "stop_lon"))
    return _rides(calls, stops, first, last, path.name, day)


class _Feed:
    """The tables of a feed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"timetable {path.name}"
        try:
            with zipfile.ZipFile(path) as held:
                self._tables = {Path(name).name for name in held.namelist()}
        except (OSError, zipfile.BadZipFile) as error:
            raise InvalidRequestError(
                self.name, found=str(error), expected="GTFS, a zip file"
            ) from None

    def has(self, table: str) -> bool:
        """Return whether the feed holds a table."""
        return table in self._tables

    def parts(
        self, table: str, columns: Sequence[str], optional: Sequence[str] = ()
    ) -> Iterator[pd.DataFrame]:
        """Yield a table as text, in parts; optional columns may be missing."""
        if not self.has(table):
            raise InvalidRequestError(self.name, found=f"no {table}", expected="a feed in GTFS")
        with open_member(self._path, table, limit=MOST_BYTES, label=self.name) as file:
            for part in self._read(file, table, (*columns, *optional)):
                lacking = [column for column in columns if column not in part]
                if lacking:
                    raise InvalidRequestError(
                        f"{self.name}, {table}",
                        found=f"no column {lacking[0]}",
                        expected=", ".join(columns),
                    )
                yield part

    def _read(self, file: IO[bytes], table: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        try:
            yield from pd.read_csv(
                file,
                usecols=lambda column: column in columns,
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
                chunksize=_CHUNK,
            )
        except (ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InvalidRequestError(
                f"{self.name}, {table}", found=str(error).strip()[:300], expected="a table as CSV"
            ) from None

    def table(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return a table as text."""
        return pd.concat(list(self.parts(table, columns)), ignore_index=True)


def _services(feed: _Feed, day: date) -> set[str]:
    """Return the ids of the services that run on a day."""
    text, runs = day.strftime("%Y%m%d"), set[str]()
    if feed.has("calendar.txt"):
        weekday = _DAYS[day.weekday()]
        week = feed.table("calendar.txt", ("service_id", weekday, "start_date", "end_date"))
        inside = (week["start_date"] <= text) & (week["end_date"] >= text)
        runs |= set(week.loc[inside & (week[weekday] == "1"), "service_id"])
    if feed.has("calendar_dates.txt"):
        dates = feed.table("calendar_dates.txt", ("service_id", "date", "exception_type"))
        dates = dates[dates["date"] == text]
        runs |= set(dates.loc[dates["exception_type"] == _ADDED, "service_id"])
        runs -= set(dates.loc[dates["exception_type"] == _REMOVED, "service_id"])
    return runs


def _span(feed: _Feed) -> str:
    """Return from when to when the feed holds, in words."""
    days: list[str] = []
    if feed.has("calendar.txt"):
        week = feed.table("calendar.txt", ("start_date", "end_date"))
        days += [*week["start_date"], *week["end_date"]]
    if feed.has("calendar_dates.txt"):
        days += list(feed.table("calendar_dates.txt", ("date",))["date"])
    return f"{min(days)} to {max(days)}" if days else "no day at all"


def _calls(feed: _Feed, trips: "pd.Series[int]") -> pd.DataFrame:
    """Return where and when the vehicles of trips call, by trip and order of calls."""
    needed = ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time")
    found = []
    for part in feed.parts("stop_times.txt", needed, ("pickup_type", "drop_off_type")):
        part["trip"] = part["trip_id"].map(trips)
        found.append(part[part["trip"].notna()].drop(columns="trip_id"))
    calls = pd.concat(found, ignore_index=True)
    calls["trip"] = calls["trip"].astype(np.int64)
    calls["order"] = calls["stop_sequence"].astype(np.int64)
    calls = calls.sort_values(["trip", "order"], kind="stable", ignore_index=True)
    arrival, departure = _minutes(calls["arrival_time"]), _minutes(calls["departure_time"])
    calls["arrives"] = _between(calls["trip"], np.where(np.isnan(arrival), departure, arrival))
    calls["leaves"] = np.where(np.isnan(departure), calls["arrives"], departure)
    for column, name in (("pickup_type", "board"), ("drop_off_type", "alight")):
        calls[name] = calls[column] != _NOT_HERE if column in calls else True
    return calls[["trip", "stop_id", "arrives", "leaves", "board", "alight"]]


def _minutes(times: "pd.Series[str]") -> Floats:
    """Return HH:MM:SS as minutes after midnight, which may be past 24 hours; NaN for none."""
    unique = pd.Series(times.unique())
    parts = unique.str.strip().str.extract(r"^(\d{1,3}):(\d{2}):(\d{2})$").astype(float)
    minutes = parts[0] * 60 + parts[1] + parts[2] / 60
    return times.map(dict(zip(unique, minutes, strict=True))).to_numpy(dtype=np.float64)


def _between(trip: "pd.Series[int]", times: Floats) -> Floats:
    """Return times with those that are missing put evenly between those of the same trip."""
    known = np.flatnonzero(~np.isnan(times))
    if len(known) in (0, len(times)):
        return times
    every, number = np.arange(len(times)), trip.to_numpy()
    before = known[np.clip(np.searchsorted(known, every, side="right") - 1, 0, None)]
    after = known[np.clip(np.searchsorted(known, every), None, len(known) - 1)]
    inside = (number[before] == number) & (number[after] == number)
    filled: Floats = np.interp(every, known, times[known])
    return np.where(inside, filled, np.nan)


def _repeated(feed: _Feed, calls: pd.DataFrame, ids: "pd.Series[str]") -> pd.DataFrame:
    """Return calls with runs that repeat every so often written out."""
    if not feed.has("frequencies.txt"):
        return calls
    often = feed.table("frequencies.txt", ("trip_id", "start_time", "end_time", "headway_secs"))
    often = often[often["trip_id"].isin(set(ids))]
    if often.empty:
        return calls
    number = pd.Series(ids.index, index=ids)
    runs, following = [calls[~calls["trip"].isin(number[often["trip_id"]])]], len(ids)
    begins, ends = _minutes(often["start_time"]), _minutes(often["end_time"])
    every = pd.to_numeric(often["headway_secs"], errors="coerce").to_numpy(dtype=np.float64) / 60
    _expect_repeats(begins, ends, every)
    for trip, begin, end, step in zip(number[often["trip_id"]], begins, ends, every, strict=True):
        pattern = calls[calls["trip"] == trip]
        if pattern.empty:
            continue
        for leaves in np.arange(begin, end, step):
            moved = leaves - pattern["leaves"].iloc[0]
            run = pattern.assign(
                trip=following,
                arrives=pattern["arrives"] + moved,
                leaves=pattern["leaves"] + moved,
            )
            runs.append(run)
            following += 1
    return pd.concat(runs, ignore_index=True)


def _expect_repeats(begins: Floats, ends: Floats, every: Floats) -> None:
    """Raise where runs repeat at no time, or so often that they could not be written out."""
    told = np.isfinite(begins) & np.isfinite(ends) & np.isfinite(every) & (every > 0)
    runs = (ends[told] - begins[told]) / every[told]
    if not told.all() or runs.sum() > _MOST_REPEATS:
        raise InvalidRequestError(
            "timetable, frequencies.txt",
            found=f"{runs.sum():,.0f} runs" if told.all() else "a row without times or headway",
            expected=f"start, end and headway_secs above 0; at most {_MOST_REPEATS:,} runs",
        )


def _rides(
    calls: pd.DataFrame, stops: pd.DataFrame, first: float, last: float, source: str, day: date
) -> Timetable:
    """Return rides between calls that follow one another."""
    row = pd.Series(np.arange(len(stops)), index=stops["stop_id"])
    at = calls["stop_id"].map(row[~row.index.duplicated()]).fillna(-1).to_numpy(dtype=np.int64)
    trip = calls["trip"].to_numpy()
    leaves, arrives = calls["leaves"].to_numpy()[:-1], calls["arrives"].to_numpy()[1:]
    kept = (trip[1:] == trip[:-1]) & (at[:-1] >= 0) & (at[1:] >= 0)
    kept &= (leaves >= first) & (leaves <= last) & (arrives >= leaves)
    chosen = np.flatnonzero(kept)
    if not len(chosen):
        raise InvalidRequestError(
            f"timetable {source}",
            found=f"nothing that leaves then on {day.isoformat()}",
            expected="departures at that time of day",
        )
    # Later calls of a trip come later in the feed: stable, so a ride of no minutes stays in order.
    chosen = chosen[np.argsort(leaves[chosen], kind="stable")]
    return Timetable(
        stops=Points(_degrees(stops["stop_lon"]), _degrees(stops["stop_lat"])),
        start=at[:-1][chosen],
        end=at[1:][chosen],
        leaves=leaves[chosen],
        arrives=arrives[chosen],
        trip=trip[:-1][chosen],
        board=calls["board"].to_numpy(dtype=np.bool_)[:-1][chosen],
        alight=calls["alight"].to_numpy(dtype=np.bool_)[1:][chosen],
        source=source,
        day=day,
    )


def _degrees(texts: "pd.Series[str]") -> Floats:
    return np.asarray(pd.to_numeric(texts, errors="coerce"), dtype=np.float64)
