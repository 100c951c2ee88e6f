"""Boundaries and lists that somebody brings for one answer: read hard to break, never kept.

What is sent comes from anybody. Its form is told by its content, a process of its own reads it
with limits of memory and time, and what is refused is refused with words that say how to mend it.
"""

from exclusion_map.uploads.boundary import Boundary, is_boundary, read_boundary
from exclusion_map.uploads.rows import TextTable, read_rows

__all__ = ["Boundary", "TextTable", "is_boundary", "read_boundary", "read_rows"]
