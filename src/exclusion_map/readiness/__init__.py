"""Readiness: a team's own assessment of eleven factors of inclusive digital transformation."""

from exclusion_map.readiness.canvas import Canvas, Factor, canvas
from exclusion_map.readiness.models import Access, Answer, Assessment, Details, Scope
from exclusion_map.readiness.store import Readiness
from exclusion_map.readiness.teams import Teams

__all__ = [
    "Access",
    "Answer",
    "Assessment",
    "Canvas",
    "Details",
    "Factor",
    "Readiness",
    "Scope",
    "Teams",
    "canvas",
]
