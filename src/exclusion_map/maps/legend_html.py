"""The words around a folium map: heading, legend, table, popups, credits. All text is escaped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from exclusion_map.maps.palette import (
    DECILE_COLOURS,
    MISSING_COLOUR,
    MISSING_HATCH,
    SUPPORT_COLOURS,
    SUPPORT_LETTERS,
    decile_words,
)
from exclusion_map.support.nearest import SupportPlace
from exclusion_map.terms import SupportKind

if TYPE_CHECKING:
    from exclusion_map.maps.choropleth import MapAreas, MapWords

HATCH: Final = "em-no-data"
"""Id of the pattern for areas without data."""

HEAT: Final = {0.3: "#b5e3e6", 0.6: "#2f9ea3", 1.0: "#004850"}
"""Colours of the heat layer, which no colour of the areas comes near."""

_PATTERN: Final = (
    '<svg width="0" height="0" aria-hidden="true" focusable="false" style="position:absolute">'
    f'<defs><pattern id="{HATCH}" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="{MISSING_COLOUR}"/>'
    f'<rect width="2" height="6" fill="{MISSING_HATCH}"/></pattern></defs></svg>'
)


def head(words: MapWords) -> str:
    """Return what stands above a map."""
    return (
        f"{_PATTERN}<h1>{escape(words.title)}</h1>"
        f'<p class="em-lede">{escape(words.sentence)}</p>'
        '<p class="em-small">Choose an area to read about it. By keyboard: Tab to the map, arrow '
        "keys from area to area, Enter to read, Escape to close. The same figures are in the table "
        "below.</p>"
    )


def foot(
    areas: MapAreas, words: MapWords, support: Mapping[SupportKind, Sequence[SupportPlace]]
) -> str:
    """Return what stands below a map: legend, table, how it was made, credits."""
    notes = "".join(
        f"<li><strong>{escape(topic)}:</strong> {escape(text)}</li>" for topic, text in words.notes
    )
    sources = "".join(f"<li>{escape(line)}</li>" for line in words.attribution)
    return (
        f"{_legend(areas, words, [kind for kind, places in support.items() if places])}"
        f"{_table(areas, words)}"
        f'<details class="em-small"><summary>How it was made, and how not to use it</summary>'
        f"<ul>{notes}</ul></details>"
        f'<h2 class="em-small">Sources</h2><ul class="em-small">{sources}</ul>'
    )


def _legend(areas: MapAreas, words: MapWords, kinds: Sequence[SupportKind]) -> str:
    entries = [
        (colour, f"{tenth}: {decile_words(tenth)}")
        for tenth, colour in enumerate(DECILE_COLOURS, start=1)
    ]
    if (areas.decile == 0).any():
        entries.append((f"url(#{HATCH})", "No data"))
    listed = "".join(
        f'<li><svg width="22" height="16" aria-hidden="true"><rect width="22" height="16" '
        f'fill="{colour}"/></svg>{escape(text)}</li>'
        for colour, text in entries
    )
    signs = "".join(f"<li>{sign(kind)}{escape(kind.label)}</li>" for kind in kinds)
    return (
        f"<h2>What the colours mean</h2><p>Tenths of {escape(words.base)}, from the highest risk "
        "to the lowest. Darker means more risk.</p>"
        f'<ul class="em-legend">{listed}</ul>'
        "<p>The heat layer is green: the darker it is, the more people live close together in the "
        "two highest-risk tenths.</p>"
        + (f'<ul class="em-legend" aria-label="Places">{signs}</ul>' if signs else "")
    )


def _table(areas: MapAreas, words: MapWords) -> str:
    order = np.lexsort((np.array(areas.codes), np.where(areas.decile == 0, 99, areas.decile)))
    rows = "".join(
        f"<tr><th scope=row>{escape(areas.names[row])}</th><td>{escape(areas.codes[row])}</td>"
        f"<td>{_tenth(int(areas.decile[row]))}</td>"
        f'<td class="em-number">{about(float(areas.people[row]))}</td></tr>'
        for row in order.tolist()
    )
    return (
        f"<details><summary>Table of the {len(areas.codes):,} {escape(words.kind)}</summary>"
        '<div class="em-scroll" tabindex="0" role="region" aria-label="Table of areas">'
        '<table class="em-table"><thead><tr><th scope=col>Area</th><th scope=col>Code</th>'
        '<th scope=col>Risk</th><th scope=col class="em-number">People</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def popup(name: str, code: str, decile: int, people: float, words: MapWords) -> str:
    """Return what is told of an area, in plain English."""
    if decile:
        risk = f"In the {decile_words(decile)} of {words.base}."
    else:
        risk = "There is not enough data to say how high the risk is here."
    lives = "" if math.isnan(people) else f" {about(people).capitalize()} people live here."
    told = f"<strong>{escape(name)}</strong><br>{escape(risk + lives)}<br>{escape(code)}"
    return without_braces(told)


def without_braces(text: str) -> str:
    """Return HTML in which braces are written as references.

    folium reads what its parts render as a template once more, so that a brace in a name would be
    run as code.
    """
    return text.replace("{", "&#123;").replace("}", "&#125;")


def plain(text: str) -> str:
    """Return text for tooltips and labels, where neither markup nor a template may begin."""
    return text.translate({ord("{"): "(", ord("}"): ")", ord("<"): "‹", ord(">"): "›"})


def place(found: SupportPlace) -> str:
    """Return what is told of a place."""
    where = ", ".join(part for part in (found.address, found.postcode) if part)
    lines = [f"<strong>{escape(found.name)}</strong>", escape(found.kind.label), escape(where)]
    if found.phone:
        lines.append(f"Telephone {escape(found.phone)}")
    lines.append("Check that it is open before you go.")
    return "<br>".join(line for line in lines if line)


def sign(kind: SupportKind) -> str:
    """Return the mark of a kind of place: its letter on its colour."""
    colour = SUPPORT_COLOURS.get(kind.value, "#4c6272")
    letter = SUPPORT_LETTERS.get(kind.value, kind.label[:1].upper())
    return f'<span class="em-sign" style="background:{colour}" aria-hidden="true">{letter}</span>'


def about(number: float) -> str:
    """Return a count rounded to what it can bear."""
    if math.isnan(number):
        return "not known"
    return f"about {round(number, -2):,.0f}" if number >= 100 else "fewer than 100"


def _tenth(decile: int) -> str:
    return f"{decile}: {escape(decile_words(decile))}" if decile else "No data"
