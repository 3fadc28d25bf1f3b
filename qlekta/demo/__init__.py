"""A small believable Latvia to try the site with.

The same people every time, made through the same services as real ones.
"""
