"""Millions of points into areas: a grid compiled for it, in parts, on one machine or on many."""
