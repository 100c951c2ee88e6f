"""Bytes in: download with retry and resume, integrity, the provenance lock, and the readers."""
