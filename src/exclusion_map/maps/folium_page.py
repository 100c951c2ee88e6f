"""A folium map as one page that opens without a network: scripts and styles are in the page itself.

folium's own pages load Leaflet, jQuery, Bootstrap and icon fonts from other sites. Ours carry
Leaflet and its heat layer, built with the assets of the service, and need nothing else.
"""

import html
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import Element, Figure
from folium.elements import JSCSSMixin
from jinja2 import Template

from exclusion_map.errors import InvalidRequestError

ASSETS: Final = Path(__file__).with_name("assets")
"""Built by ``make assets``; never committed."""
_NO_ZOOM: Final = re.compile(r",\s*maximum-scale=1\.0, user-scalable=no")


@cache
def _asset(name: str) -> str:
    try:
        return (ASSETS / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InvalidRequestError(
            f"asset {name} of folium maps",
            found="no such file",
            expected="the built scripts and styles",
            mend="Run: make assets",
        ) from None


def carry_assets(chart: folium.Map, title: str, description: str) -> Figure:
    """Put scripts, styles and words for the head into the page of a map, and return the page.

    Raises:
        InvalidRequestError: the assets are not built.
    """
    without_links(chart)
    page: Any = chart.get_root()
    page.title = html.escape(title)
    script = _asset("folium.js").replace("</script", "<\\/script")
    notices = _asset("licences.txt").replace("--", "- -")
    parts = {
        "about": f'<meta name="description" content="{html.escape(description)}">',
        "licences": f"<!--\n{notices}\n-->",
        "styles": f"<style>{_asset('folium.css')}</style>",
        "scripts": f"<script>{script}</script>",
    }
    for name, text in parts.items():
        page.header.add_child(Words(text), name=name)
    figure: Figure = page
    return figure


def without_links(part: JSCSSMixin) -> None:
    """Keep a part of a map from loading anything from other sites."""
    part.default_js = []
    part.default_css = []


class Words(Element):
    """HTML that is put into a page as it stands: an element's own text would be a template."""

    _template = Template("{{ this.words }}")

    def __init__(self, words: str) -> None:
        super().__init__()
        self._name = "Words"
        self.words = words


def page_text(chart: folium.Map) -> str:
    """Return the whole page of a map whose assets are carried along."""
    text: str = chart.get_root().render()
    # folium forbids zooming by fingers, which people with low sight need.
    text = _NO_ZOOM.sub("", text, count=1)
    return text.replace("<html>", '<html lang="en-GB">', 1)
