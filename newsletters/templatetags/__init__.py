"""Words of the newsletter for pages of other apps."""
