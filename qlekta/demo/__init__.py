"""A small believable Latvia to try the site with: the same people every time, made through the same services as real ones."""
