"""Where services stand: in the middle of each town first, then about, each at a live postcode."""

from dataclasses import dataclass

import numpy as np

from exclusion_map.sampleshire import codes, names
from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.postcodes import Postcodes

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Site:
    """One place with an address that is plainly made up, and a telephone number kept for drama."""

    number: int
    area: int
    area_code: str
    authority: str
    authority_code: str
    district: str
    town: str
    street: str
    postcode: str
    latitude: float
    longitude: float
    phone: str

    @property
    def english(self) -> bool:
        """Whether it is under English statistics."""
        return self.area_code.startswith("E")

    @property
    def bare_postcode(self) -> str:
        """The postcode without its space."""
        return self.postcode.replace(" ", "")


class Planner:
    """Gives out sites one kind after the other; no two sites share a postcode or telephone."""

    def __init__(
        self, county: County, postcodes: Postcodes, random: np.random.Generator, areas: int
    ) -> None:
        self._county = county
        self._postcodes = postcodes
        self._random = random
        self._scale = areas / 320
        self._used: set[str] = set()
        self._phones = 0

    def plan(self, count_of_320: int, *, welsh: bool = True, rural: float = 0.3) -> list[Site]:
        """Return sites for one kind of service.

        Args:
            count_of_320: how many there would be in a county of 320 small areas.
            welsh: whether there are any under Welsh statistics.
            rural: how likely a rural area is to have one, next to one in the middle of a town.
        """
        areas = self._county.areas
        allowed = np.ones(len(areas), dtype=bool) if welsh else self._county.english
        outside = areas["sort"].isin(["rural", "island"]).to_numpy()
        weight = np.where(outside, rural, np.exp(-0.8 * areas["reach"].to_numpy()))
        # Weighted order without replacement: the larger u^(1/weight), the earlier (Efraimidis and
        # Spirakis, 2006). The middle of each town comes before all others.
        order = self._random.uniform(size=len(areas)) ** (1 / weight)
        towns = areas[~outside].groupby("place", sort=False)["reach"].idxmin()
        order[towns.to_numpy()] += np.arange(len(towns), 0, -1)
        queue = [int(area) for area in np.argsort(-order) if allowed[area]]
        seen = areas["neighbourhood_code"].iloc[queue].duplicated().to_numpy()
        # One a neighbourhood, while there are neighbourhoods left.
        queue = [*np.array(queue)[~seen].tolist(), *np.array(queue)[seen].tolist()]
        count = max(round(count_of_320 * self._scale), int(allowed[towns.to_numpy()].sum()))
        return [self._site(number, area) for number, area in enumerate(queue[:count])]

    def _site(self, number: int, area: int) -> Site:
        live = self._postcodes.live_in(area)
        free = live[~live["pcds"].isin(self._used)]
        spot = (free if len(free) else live).iloc[0]
        self._used.add(str(spot["pcds"]))
        self._phones += 1
        row = self._county.areas.iloc[area]
        wobble = self._random.normal(0.0, 0.0002, 2)
        return Site(
            number=number,
            area=area,
            area_code=str(row["code"]),
            authority=str(row["authority"]),
            authority_code=str(row["authority_code"]),
            district=str(row["neighbourhood"]),
            town=str(row["place"] or row["neighbourhood"].split(" & ")[0]),
            street=names.postal_street(7 * self._phones + area),
            postcode=str(spot["pcds"]),
            latitude=round(float(spot["lat"]) + float(wobble[0]), 5),
            longitude=round(float(spot["long"]) + float(wobble[1]), 5),
            phone=codes.PHONE.format(self._phones % 1000),
        )
