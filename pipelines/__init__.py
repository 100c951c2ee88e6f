"""Which functions run in which order, with progress and resume."""
