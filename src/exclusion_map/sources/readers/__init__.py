"""Readers of the publishers' own layouts, one file a publisher."""
