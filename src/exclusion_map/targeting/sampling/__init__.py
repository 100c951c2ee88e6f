"""Samples of small areas for surveys: where to go to hear from people at risk."""
