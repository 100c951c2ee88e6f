"""Ofcom Connected Nations: fixed coverage by output area, as a zip in a zip in Windows text."""

from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.files import frame_text, write, zip_bytes

SOURCE = "ofcom-connected-nations-2025"
FILE = "202507_fixed_broadband_coverage_r01.zip"
_STEM = "202507_fixed_oa_coverage_r01"
_HOMES = "202507_fixed_oa_res_coverage_r01"

_ABOUT = """\
About this data – Sampleshire
Nobody provides broadband in this county, for the county is invented. A line of 30 Mbit/s would cost
£0.00 a month. This text is in Windows encoding (cp1252) because older files of the publisher are.
"""


def write_broadband(folder: Path, county: County, random: np.random.Generator) -> None:
    """Write coverage of all premises, and beside it that of homes only, which is another count."""
    table = _coverage(county, random)
    homes = table.copy()
    homes["All Premises"] = homes["All Matched Premises"]
    inner = {
        f"{stem}.zip": zip_bytes(
            {f"{stem}/{stem}.csv": frame_text(frame, crlf=True).encode("cp1252")}
        )
        for stem, frame in ((_STEM, table), (_HOMES, homes))
    }
    outer = {f"202507_fixed_coverage_r01/{name}": data for name, data in inner.items()}
    outer["202507_fixed_coverage_r01/about_this_data.txt"] = _ABOUT.encode("cp1252")
    write(folder / SOURCE / FILE, zip_bytes(outer))


def _coverage(county: County, random: np.random.Generator) -> pd.DataFrame:
    """Return premises of each output area by what they cannot receive; a few areas are absent."""
    areas = county.output_areas
    home = areas["area"].to_numpy()
    households = areas["households"].to_numpy()
    premises = households + random.poisson(0.06 * households + 1)
    matched = np.minimum(premises, np.round(premises * random.normal(0.992, 0.004, len(areas))))
    matched = np.maximum(matched, 1).astype(np.int64)
    remote = county.factors["remote"].to_numpy()[home]
    # A cabinet serves a few streets, so output areas of one small area differ a good deal.
    odds = -5.0 + 1.25 * remote + random.normal(0.0, 0.9, len(areas))
    unable_30 = random.binomial(matched, 1 / (1 + np.exp(-odds)))
    unable_10 = random.binomial(unable_30, 0.35)
    unable_5 = random.binomial(unable_10, 0.4)
    unable_2 = random.binomial(unable_5, 0.3)
    gigabit = random.binomial(matched - unable_30, np.clip(0.86 - 0.1 * remote, 0.05, 0.99))
    below_uso = random.binomial(unable_10, 0.5)
    frame = pd.DataFrame(
        {
            "output_area": areas["code"],
            "All Premises": premises,
            "All Matched Premises": matched,
            **_both("SFBB availability", matched - unable_30, matched),
            **_both("UFBB (100Mbit/s) availability", gigabit, matched),
            **_both("UFBB availability", gigabit, matched),
            **_unable("2", unable_2, matched),
            **_unable("5", unable_5, matched),
            **_unable("10", unable_10, matched),
            **_unable("30", unable_30, matched),
            **_both("Gigabit availability", gigabit, matched),
            "% of premises below the USO": _percent(below_uso, matched),
            "Number of premises below the USO": below_uso,
        }
    )
    # Two output areas have no premises that could be matched, and are left out as in some years.
    return frame.drop(index=[7, 200 % len(frame)]).reset_index(drop=True)


def _percent(count: np.ndarray, of: np.ndarray) -> np.ndarray:
    share: np.ndarray = np.round(100.0 * count / of, 1)
    return share


def _both(name: str, count: np.ndarray, of: np.ndarray) -> dict[str, np.ndarray]:
    return {
        f"{name} (% premises)": _percent(count, of),
        f"Number of premises with {name}": count,
    }


def _unable(speed: str, count: np.ndarray, of: np.ndarray) -> dict[str, np.ndarray]:
    return {
        f"% of premises unable to receive {speed}Mbit/s": _percent(count, of),
        f"Number of premises unable to receive {speed}Mbit/s": count,
    }
