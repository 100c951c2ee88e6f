"""Readers of the publishers' own layouts, one module per publisher."""
