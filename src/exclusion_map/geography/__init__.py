"""Small areas, the larger areas they belong to, their boundaries, and postcodes.

This package imports nothing itself, so the service can open the postcode index without loading
geopandas.
"""
