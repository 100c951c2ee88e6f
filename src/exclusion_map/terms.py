"""Vocabulary shared by all modules: kinds of area, nations, directions, groups, quality flags."""

from enum import StrEnum
from typing import NewType

AreaCode = NewType("AreaCode", str)
"""A nine-character statistical code such as ``E01000001``."""

IndicatorId = NewType("IndicatorId", str)
IndexId = NewType("IndexId", str)
SourceId = NewType("SourceId", str)
EditionId = NewType("EditionId", str)


class AreaKind(StrEnum):
    """A level of geography, from the smallest to the largest."""

    SMALL_AREA = "small_area"
    NEIGHBOURHOOD = "neighbourhood"
    WARD = "ward"
    LOCAL_AUTHORITY = "local_authority"
    SUB_ICB = "sub_icb"
    ICB = "icb"
    REGION = "region"
    NATION = "nation"

    @property
    def label(self) -> str:
        """The words people see, singular."""
        return _KIND_LABELS[self]

    @property
    def label_plural(self) -> str:
        """The words people see, plural."""
        return _KIND_PLURALS[self]


_KIND_LABELS = {
    AreaKind.SMALL_AREA: "small area",
    AreaKind.NEIGHBOURHOOD: "neighbourhood",
    AreaKind.WARD: "ward",
    AreaKind.LOCAL_AUTHORITY: "local authority",
    AreaKind.SUB_ICB: "sub-ICB location",
    AreaKind.ICB: "integrated care board",
    AreaKind.REGION: "region",
    AreaKind.NATION: "nation",
}
_KIND_PLURALS = {
    kind: ("local authorities" if kind is AreaKind.LOCAL_AUTHORITY else f"{label}s")
    for kind, label in _KIND_LABELS.items()
}

LARGER_KINDS = tuple(kind for kind in AreaKind if kind is not AreaKind.SMALL_AREA)


class Nation(StrEnum):
    """A country of the United Kingdom."""

    ENGLAND = "England"
    WALES = "Wales"
    SCOTLAND = "Scotland"
    NORTHERN_IRELAND = "Northern Ireland"


class Direction(StrEnum):
    """Whether high or low values of an indicator mean more risk; declared in the catalogue."""

    HIGHER_IS_RISKIER = "higher_is_riskier"
    LOWER_IS_RISKIER = "lower_is_riskier"


class NhsGroup(StrEnum):
    """Groups named by the NHS framework for action on digital inclusion."""

    AGE = "age"
    DEPRIVATION = "deprivation"
    DISABILITY = "disability"
    CONNECTIVITY = "connectivity"
    ENGLISH = "english"
    INCLUSION_HEALTH = "inclusion_health"

    @property
    def label(self) -> str:
        """The words people see."""
        return _GROUP_LABELS[self]

    @property
    def measurable(self) -> bool:
        """Whether small-area statistics can show the group at all."""
        return self is not NhsGroup.INCLUSION_HEALTH


_GROUP_LABELS = {
    NhsGroup.AGE: "Older people",
    NhsGroup.DEPRIVATION: "People in socio-economically disadvantaged groups",
    NhsGroup.DISABILITY: "Disabled people and people with life-impacting conditions",
    NhsGroup.CONNECTIVITY: "People in areas with inadequate broadband",
    NhsGroup.ENGLISH: "People less fluent in English",
    NhsGroup.INCLUSION_HEALTH: "Inclusion health groups",
}


class Quality(StrEnum):
    """What kind of number a cell of the indicator table holds."""

    OBSERVED = "observed"
    MISSING = "missing"
    SUPPRESSED = "suppressed"
    APPORTIONED = "apportioned"
    IMPUTED = "imputed"


class SupportKind(StrEnum):
    """Kinds of place in the first layer of the support directory."""

    LIBRARY = "library"
    GP_PRACTICE = "gp_practice"
    PHARMACY = "pharmacy"
    JOBCENTRE = "jobcentre"

    @property
    def label(self) -> str:
        """The words people see, singular."""
        return _SUPPORT_LABELS[self][0]

    @property
    def label_plural(self) -> str:
        """The words people see, plural."""
        return _SUPPORT_LABELS[self][1]


_SUPPORT_LABELS = {
    SupportKind.LIBRARY: ("library", "libraries"),
    SupportKind.GP_PRACTICE: ("GP practice", "GP practices"),
    SupportKind.PHARMACY: ("pharmacy", "pharmacies"),
    SupportKind.JOBCENTRE: ("jobcentre", "jobcentres"),
}
