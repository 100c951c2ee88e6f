"""The questions users come with."""
