"""Raw data: downloads with retry and resume, integrity checks, provenance, and readers."""
