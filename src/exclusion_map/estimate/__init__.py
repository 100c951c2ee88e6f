"""A modelled estimate of how many households are unlikely to deal with government online."""
