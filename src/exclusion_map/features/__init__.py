"""Areas and places as features of the OGC standards: filters (CQL2), reference systems, GeoJSON."""
