"""Feeds of Open Referral UK: other directories, read whole or not at all."""

from exclusion_map.directory.feeds.feed import Feed, read_feed

__all__ = ["Feed", "read_feed"]
