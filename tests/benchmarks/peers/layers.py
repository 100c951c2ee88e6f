"""Which layers the tiles of areas have, for the peers that cut them anew."""

LAYERS = {"local_authority": 4, "neighbourhood": 7, "small_area": 9}
"""Name of each layer, and the zoom it starts at."""
