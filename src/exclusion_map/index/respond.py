"""Kinds of response to digital exclusion, after the domains of the NHS framework."""

from enum import StrEnum


class Response(StrEnum):
    """The kind of help that a high value of an indicator suggests."""

    CONNECTIVITY = "connectivity"
    SKILLS = "skills"
    AFFORDABILITY = "affordability"
    ASSISTED_DIGITAL = "assisted_digital"

    @property
    def label(self) -> str:
        """The words people see."""
        return _LABELS[self]


_LABELS = {
    Response.CONNECTIVITY: "Better connections",
    Response.SKILLS: "Help with skills and confidence",
    Response.AFFORDABILITY: "Devices and data people can afford",
    Response.ASSISTED_DIGITAL: "Help in person and other ways than online",
}
