"""Reports by weights or a definition of a reader's own: an edition with its scores in their place.

All that a report tells of risk (scores, ranks, maps, areas inside, gaps) is read from the scores of
an edition. So they are put into a copy of it that lives as long as the report; files stay as they
are. Ranges are drawn around these weights, for the published ones are of the published index.
"""

from collections.abc import Mapping
from dataclasses import replace

from exclusion_map.areas.scoring import Answer, at_level
from exclusion_map.catalogue import Indicator
from exclusion_map.editions.manifest import Manifest
from exclusion_map.editions.reader import Edition
from exclusion_map.index import Definition


def with_scores(edition: Edition, answer: Answer) -> Edition:
    """Return an edition whose scores of the answer's index, at every level, are the answer's."""
    atlas, index = edition.atlas, str(answer.composite.definition.id)
    scores = {(index, kind): at_level(atlas, answer, kind).scores for kind in atlas.levels}
    return replace(edition, atlas=replace(atlas, scores={**atlas.scores, **scores}))


def is_published(manifest: Manifest, definition: Definition) -> bool:
    """Return whether a definition is just what an index of an edition was made by."""
    found = next((one for one in manifest.indices if one.id == definition.id), None)
    return found is not None and Definition.parse(found.definition, found.id) == definition


def weights_text(weights: Mapping[str, float]) -> str:
    """Return weights as an address says them: ``age:2,disability:1``."""
    return ",".join(f"{name}:{value:g}" for name, value in weights.items())


def own_words(
    definition: Definition, weights: Mapping[str, float], indicators: Mapping[str, Indicator]
) -> tuple[str, ...]:
    """Return in plain sentences what is a reader's own in an index."""
    if not weights:
        return (
            f"The score is by an index of your own choice, \u201c{definition.title}\u201d. It was "
            "worked out for this report and is not in the edition.",
        )
    before, now = definition.weights(), []
    for name, value in weights.items():
        known = indicators.get(name)
        title = next((one.title for one in definition.components() if one.id == name), "")
        called = title or (known.short_label if known else name)
        now.append(f"{called} {value:g} (not {before[name]:g})" if name in before else called)
    return (
        f"The score is by weights of your own: {'; '.join(now)}.",
        "So scores, ranks and maps here are not those that others see.",
    )
