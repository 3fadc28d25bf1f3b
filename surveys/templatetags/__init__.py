"""Words of surveys for pages of other apps."""
