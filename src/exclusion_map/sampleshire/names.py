"""Invented names. None of them is a place in the United Kingdom; they say that they are made up."""

import numpy as np

VILLAGE_STARTS = (
    "Sampl", "Specim", "Exempl", "Swatch", "Trial", "Draft", "Mockup", "Prox", "Pattern", "Templat",
    "Fict", "Notion", "Sketch", "Facsimil", "Hypoth", "Placehold", "Prototyp", "Imagin", "Pretend",
    "Replic",
)  # fmt: skip
VILLAGE_ENDS = ("erby", "ington", "ham", "ley", "wick", "stead", "thorpe", "combe", "bury", "den")
VILLAGE_QUALIFIERS = ("", "Great ", "Little ", "Long ", "Upper ", "Lower ")

# From the middle of a town outwards.
DISTRICTS = (
    "Central", "Old Town", "Minster", "Castlegate", "Station", "Ropewalk", "Foundry", "Gasworks",
    "Hospital", "Parkside", "Tannery", "Brickfields", "Millbank", "Priory", "Common", "Orchards",
    "Fairfield", "Northfield", "Southgate", "Westgate", "Eastfield", "Racecourse", "Nurseries",
    "Hilltop", "Heath", "Meadows", "Paddocks", "Warren",
)  # fmt: skip
SHORE_DISTRICTS = {
    "city": ("Central", "Quayside"),
    "port": ("Docks", "Central", "Quayside"),
    "resort": ("Promenade", "Central", "Links"),
}
"""What the middle of a town by the water is called."""

WELSH_PLACES = (
    ("Abersampl Harbour", "Harbwr Abersampl"),
    ("Abersampl Town", "Tref Abersampl"),
    ("Llansampl", "Llansampl"),
    ("Pentre Enghraifft", "Pentre Enghraifft"),
    ("Patrwm Bridge", "Pont-y-patrwm"),
    ("Cwm Ffug", "Cwm Ffug"),
    ("Trefsampl", "Trefsampl"),
    ("Ffug Bay", "Bae Ffug"),
    ("Enghraifft Hill", "Bryn Enghraifft"),
    ("Dychmygol Moor", "Rhos Ddychmygol"),
)

STREETS = (
    "Invented Street", "Fiction Road", "Sample Row", "Made-up Lane", "Specimen Way",
    "Example Avenue", "Placeholder Parade", "Imaginary Close", "Pretend Square", "Template Terrace",
)  # fmt: skip


def villages(random: np.random.Generator, count: int) -> list[str]:
    """Return ``count`` different village names."""
    found: dict[str, None] = {}
    while len(found) < count:
        start, end = random.choice(VILLAGE_STARTS), random.choice(VILLAGE_ENDS)
        qualifier = random.choice(VILLAGE_QUALIFIERS, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
        found[f"{qualifier}{start}{end}"] = None
    return list(found)


def district(town: str, sort: str, number: int) -> str:
    """Return the name of the ``number``-th district of a town, counted from its middle outwards."""
    shore = SHORE_DISTRICTS.get(sort, ())
    inland = tuple(name for name in DISTRICTS if name not in shore)
    again, place = divmod(number, len(shore) + len(inland))
    name = f"{town} {(shore + inland)[place]}"
    return name if not again else f"{name} {again + 1}"


def postal_street(number: int) -> str:
    """Return the first line of an address that nobody can mistake for a real one."""
    return f"{1 + number % 97} {STREETS[number % len(STREETS)]}"
