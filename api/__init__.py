"""The web service: tiles, API and pages over a published edition."""
