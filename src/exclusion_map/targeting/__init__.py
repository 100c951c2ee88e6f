"""Planning tools: gaps, siting, sharing, sampling, footprint, matrix, impact assessment."""
