"""Tags by which pages of other apps show what consent knows."""
