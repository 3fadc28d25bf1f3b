"""Tags of the pages of staff about money."""
