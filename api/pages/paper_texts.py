"""What the report of each tool says, from what its page shows."""

from collections.abc import Mapping
from typing import Any

from api.pages import words
from api.pages.papers import column, paper, table
from exclusion_map.editions.manifest import Manifest
from exclusion_map.exports.document import Block, Bullets, Document, Heading, Paragraph

Told = Mapping[str, Any]


def share_paper(manifest: Manifest, told: Told, address: str) -> Document:
    """Return the paper of a fair share: who gets how many and why, and what else there is."""
    shared = told["shared"]
    doubt = [column("In most readings", "range", number=True)] if told["doubt"] else []
    blocks: list[Block] = [
        *(Paragraph(text) for text in told["report"]),
        Heading("Who gets how many, and why", key="who"),
        table(
            f"How many {shared.what} each gets",
            told["rows"],
            column("Who", "name"),
            column("Gets", "given", number=True),
            column("Fair share", lambda row: words.decimal(row["fair"], 2), number=True),
            *doubt,
            column("Why", "why"),
        ),
        Paragraph(told["rounding"]),
        Heading("What other rules would give", key="rules"),
        table(
            "Each rule beside the one asked for",
            [row for row in told["compared"] if row["share"] is not None],
            column("Rule", lambda row: row["rule"].label),
            column("Goes elsewhere", "moved", number=True),
            column("Who get none", lambda row: f"{row['none']:,}", number=True),
            column("Highest over lowest", "ratio", number=True),
        ),
    ]
    if told["parts"]:
        blocks += [
            Heading("If a part of the index counted otherwise", key="parts"),
            table(
                f"How many {shared.what} would go elsewhere",
                told["parts"],
                column("Part of the index", "title"),
                column("Without it", "out", number=True),
                column("Counted double", "double", number=True),
            ),
        ]
    how = [f"{topic}: {text}" for topic, text in shared.how.items()]
    blocks += [Heading("How it was worked out", key="how"), Bullets(tuple(how))]
    return paper(manifest, shared.title, told["lead"], blocks, notes=told["notes"], address=address)


def gaps_paper(manifest: Manifest, told: Told, address: str) -> Document:
    """Return the report of gaps: which neighbourhoods are at risk and far from support."""
    far, gaps = told["far"], told["gaps"]
    rows = [one.plain() | {"areas": len(one.codes)} for one in told["rows"]]
    modelled = [column("Of them at risk (modelled)", _modelled)] if told["has_estimate"] else []
    blocks: list[Block] = [Heading("Which neighbourhoods", key="where")]
    if rows:
        blocks.append(
            table(
                f"The first {len(rows)} of {words.plural(len(gaps.groups), 'neighbourhood')} "
                f"with a gap",
                rows,
                column("Where", lambda row: f"{row['name']} ({row['council']})"),
                column(f"People farther than {far}", lambda row: words.about(row["beyond"])),
                *modelled,
                column("Nearest", _nearest),
                column("Robustly of high risk", lambda row: f"{row['robust']} of {row['areas']}"),
            )
        )
    else:
        blocks.append(Paragraph(f"No small area of high risk is mostly farther than {far}."))
    notes = [
        f"{told['way']} Ways start at every postcode.",
        f"{len(told['chosen'].rows):,} places count. The lists have gaps: many charities and "
        "community centres are not in them.",
    ]
    if gaps.high_unknown:
        notes.append(
            f"{words.upper_first(words.about(gaps.high_unknown))} people in high-risk areas live "
            "in a nation without a list of such places: they are not counted."
        )
    title = f"Where risk is high and {told['support_words']} far: {told['place']}"
    return paper(manifest, title, told["lead"], blocks, notes=notes, address=address)


def _modelled(row: Told) -> str:
    if row["modelled"] is None:
        return "no data"
    low, high = (words.about(row[end]).removeprefix("about ") for end in _ENDS)
    return f"{words.about(row['modelled'])} ({low} to {high})"


_ENDS = ("modelled_low", "modelled_high")


def _nearest(row: Told) -> str:
    if not row["nearest_id"]:
        return "none"
    return f"{row['nearest_name']}, {words.distance(row['nearest_m'])} on average"


def siting_paper(manifest: Manifest, told: Told, address: str) -> Document:
    """Return the report of siting: the new places, what each adds, before and after."""
    siting, far, whose = told["siting"], told["far"], told["whose_words"]
    places = [one.plain() for one in told["places"]]
    before, after = siting.before, siting.after
    states = [
        {"what": f"{words.upper_first(whose)} within {far}", "now": before.served},
        {"what": f"All people within {far}", "now": before.people},
    ]
    for row, then in zip(states, (after.served, after.people), strict=True):
        row |= {"now": words.count(row["now"]), "then": words.count(then)}
    blocks: list[Block] = [
        Paragraph(
            f"{told['gap_words']} {len(siting.candidates.names):,} candidates "
            f"({siting.candidates.what}); {len(siting.existing.rows):,} {told['support_words']} "
            "that are there stay."
        ),
        Heading("The new places", key="places"),
        table(
            "In the order in which each adds most",
            places,
            column("Place", lambda row: f"{row['number']}. {row['name']}"),
            column("Latitude, longitude", lambda r: f"{r['latitude']:.4f}, {r['longitude']:.4f}"),
            column(f"Brings within {far}", lambda r: words.count(r["adds_meant"]), number=True),
            column("All people", lambda row: words.count(row["adds_people"]), number=True),
        ),
        Heading("Before and after", key="after"),
        table(
            f"People in {told['place']}",
            states,
            column("What", "what"),
            column("Now", "now", number=True),
            column("With the new places", "then", number=True),
        ),
    ]
    notes = (
        "It says where people would have a shorter way, not whether a building, staff or money is "
        "there. People at risk are modelled, not counted.",
    )
    title = f"Where new places would help most: {told['place']}"
    return paper(manifest, title, told["lead"], blocks, notes=notes, address=address)


def closing_paper(manifest: Manifest, told: Told, address: str) -> Document:
    """Return the report of a closing: who has farther to go, and where to."""
    blocks: list[Block] = [
        Paragraph(
            f"{words.upper_first(words.about(told['risk']))} of them live in the highest-risk "
            "fifth of areas."
        ),
        Heading("Who has farther to go", key="who"),
        table(
            f"The first {len(told['rows'])} of {words.plural(told['areas'], 'small area')}",
            told["rows"],
            column("Area", lambda row: f"{row['name']} ({row['local_authority']})"),
            column("People", lambda row: words.count(row["users"]), number=True),
            column(
                f"No longer within {told['far']}",
                lambda row: words.count(row["lose_reach"]),
                number=True,
            ),
            column("Next one", lambda row: row["next_name"] or "none"),
            column("Way then", lambda row: _way(row["then_m"]), number=True),
        ),
    ]
    notes = (told["way"], "Everybody is taken to go to the nearest place; many do not.")
    title = f"If {told['place']} closed"
    return paper(manifest, title, told["lead"], blocks, notes=notes, address=address)


def _way(metres: float | None) -> str:
    return "none" if metres is None or metres != metres else words.distance(metres)


def matrix_paper(manifest: Manifest, told: Told, address: str) -> Document:
    """Return the report of a risk matrix: its cells, its lines, and the areas to go to."""
    found, matrix = told["found"], told["matrix"]
    cells = [
        column(
            f"{name} impact ({span})",
            lambda row, at=at: _cell(row["cells"][at]),  # type: ignore[misc]
        )
        for at, (name, span) in enumerate(zip(told["columns"], told["spans"], strict=True))
    ]
    blocks: list[Block] = [
        Heading("The matrix", key="matrix"),
        table(
            f"{words.upper_first(told['kind'][1])} and people by likelihood and impact; * = listed "
            "below",
            told["grid"],
            column("Likelihood", lambda row: f"{row['name']} ({row['span']})"),
            *cells,
        ),
        Heading("Where to go", key="areas"),
    ]
    if told["areas"]:
        blocks.append(
            table(
                words.upper_first(found.cell_words),
                told["areas"],
                column("Where", lambda row: f"{row['name']} ({row['code']})"),
                column("Cell", "cell"),
                column("Score", lambda row: words.decimal(row["score"], 1), number=True),
                column(matrix.impact.label, lambda row: words.count(row["group"]), number=True),
                column("People", lambda row: words.count(row["people"]), number=True),
                *([column("How sure", "sure")] if found.doubt else []),
            )
        )
    else:
        blocks.append(Paragraph("No area is in these cells."))
    how = [f"{topic}: {text}" for topic, text in found.how.items()]
    blocks += [Heading("How it was worked out", key="how"), Bullets(tuple(how))]
    return paper(manifest, found.title, told["lead"], blocks, notes=found.notes, address=address)


def _cell(cell: Told) -> str:
    chosen = "*" if cell["chosen"] else ""
    return f"{cell['areas']:,}{chosen}; {words.count(cell['people'])} people"


def sample_paper(manifest: Manifest, told: Told, address: str) -> Document:
    """Return the report of a sample: how it was drawn, the sites, and whom they would bring."""
    sampled = told["sampled"]
    blocks: list[Block] = [
        *(Paragraph(text) for text in told["text"]),
        Heading("The sites", key="sites"),
        table(
            "Areas drawn",
            told["sites"],
            column("Area", lambda row: f"{row['name']} ({row['code']})"),
            column("Part", "stratum"),
            column("People", lambda row: words.count(row["people"]), number=True),
            column(
                "Chance",
                lambda row: "certain" if row["certain"] else words.decimal(row["probability"], 4),
                number=True,
            ),
            column("Weight", lambda row: words.decimal(row["weight"], 1), number=True),
        ),
        Heading("Who would be met", key="who"),
        table(
            "Share of each group, in per cent",
            told["groups"],
            column("Group", lambda row: words.upper_first(row["words"])),
            *(
                column(heading, lambda row, key=key: _share(row[key]), number=True)  # type: ignore[misc]
                for heading, key in _SHARES
            ),
        ),
        Heading("The design", key="design"),
        Bullets(tuple(f"{topic}: {text}" for topic, text in told["design_rows"])),
    ]
    title = f"Survey sites: {sampled.place}"
    return paper(manifest, title, told["lead"], blocks, notes=sampled.notes, address=address)


_SHARES = (
    ("Population", "population"),
    ("Met, on average", "expected"),
    ("In this sample", "drawn"),
    ("With weights", "weighted"),
)


def _share(value: float | None) -> str:
    return "no data" if value is None else words.decimal(value, 1)
