"""Small areas with the larger areas they belong to, boundaries that fit, and postcodes.

Nothing is imported here: the service opens the postcode index and needs no geopandas.
"""
