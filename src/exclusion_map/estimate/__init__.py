"""A modelled estimate of how many households are unlikely to deal with government online.

Scores order places; they do not say how many. This does, with an interval, for every area; it is
always "modelled", and stands beside the index, not in it. The package itself imports nothing: parts
of it serve the web service, which does without pandas.
"""
