"""What a file made from an edition says of itself, taken from the edition's manifest."""

from collections.abc import Mapping

from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import MOST_SHOWN, Answer
from exclusion_map.editions.manifest import Manifest
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.about import About, Credit
from exclusion_map.terms import AreaKind

RISK = (
    "It shows risk, not reality: it describes areas, not persons. 1 is the highest risk.",
    "Look before you spend: ask people who know the place.",
)


def credits_of(manifest: Manifest) -> tuple[Credit, ...]:
    """Return every source of an edition with its licence and credit line."""
    return tuple(
        Credit(
            id=one.id,
            title=one.title,
            publisher=one.publisher,
            licence=one.licence,
            licence_url=one.licence_url,
            attribution=one.attribution,
            vintage=one.vintage,
            page=one.page,
        )
        for one in manifest.sources
    )


def about_of(
    edition: Edition, answer: Answer, kind: AreaKind, count: int, decile: int | None = None
) -> About:
    """Return what a file of areas says of itself."""
    manifest, asked = edition.manifest, answer.question
    definition = answer.composite.definition
    selection = asked.selection
    where = selection.described if selection else manifest.title
    tenth = f", only those of tenth {decile}" if decile is not None else ""
    words = kind.label if count == 1 else kind.label_plural
    return _about(
        manifest,
        title=f"{definition.title}: {kind.label_plural}, {where}",
        selection=f"{count:,} {words} of: {where}{tenth}",
        how=_how(answer),
        definition=definition.model_dump(mode="json"),
        notes=(*answer.notes, *_unknown(answer)),
        warnings=(*RISK, *definition.cautions),
    )


def about_support(edition: Edition, selection: str, place: str) -> About:
    """Return what a file of support places says of itself."""
    return _about(
        edition.manifest,
        title=f"Places that can help people get online: {place}",
        selection=selection,
        how={},
        definition={},
        notes=(),
        warnings=("Lists age: ask a place before you send people there.",),
    )


def _about(
    manifest: Manifest,
    *,
    title: str,
    selection: str,
    how: Mapping[str, str],
    definition: Mapping[str, object],
    notes: tuple[str, ...],
    warnings: tuple[str, ...],
) -> About:
    return About(
        title=title,
        edition=manifest.edition,
        place=manifest.title,
        synthetic=manifest.synthetic,
        built=manifest.built.strftime("%Y-%m-%dT%H:%M:%SZ"),
        code_version=manifest.code_version,
        selection=selection,
        how=how,
        definition=definition,
        notes=(*notes, *manifest.notes),
        warnings=warnings,
        credits=credits_of(manifest),
    )


def _how(answer: Answer) -> dict[str, str]:
    asked, definition = answer.question, answer.composite.definition
    weights = ", ".join(f"{name} {value:g}" for name, value in definition.weights().items())
    own = "changed by who asked for this file" if asked.weights else "as published"
    told = {
        "Index": f"{definition.title} ({definition.id}, version {definition.version})",
        "Weights": f"{own}: {weights}",
        "Compared within": answer.composite.base.described or BaseName.ALL.described,
    }
    if asked.uploads:
        told["Figures brought along"] = ", ".join(upload.id for upload in asked.uploads)
    return told


def _unknown(answer: Answer) -> tuple[str, ...]:
    if not answer.unknown:
        return ()
    shown = ", ".join(answer.unknown[:MOST_SHOWN])
    return (f"{len(answer.unknown):,} codes are not in this edition and were left out: {shown}",)


def about_tool(
    edition: Edition,
    *,
    title: str,
    selection: str,
    how: Mapping[str, str],
    notes: tuple[str, ...] = (),
    definition: Mapping[str, object] | None = None,
) -> About:
    """Return what a file of a tool says of itself: what was asked, how it was answered."""
    return _about(
        edition.manifest,
        title=title,
        selection=selection,
        how=how,
        definition=definition or {},
        notes=notes,
        warnings=RISK,
    )
