"""A modelled estimate of how many households are unlikely to deal with government online.

Scores rank areas but give no numbers of households. The estimate does, with an interval for every
area. It is always called "modelled", and is published beside the index, not as a part of it. The
package imports nothing itself, because the web service uses parts of it without pandas.
"""
