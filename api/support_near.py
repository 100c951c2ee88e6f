"""The support of an area, as the directory tells it."""

from exclusion_map.directory.near import counts_inside, nearest_of_each_kind

__all__ = ["counts_inside", "nearest_of_each_kind"]
