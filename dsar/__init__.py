"""Requests of data subjects: intake, deadlines, copies, erasures and the privacy portal (Art. 12-22)."""
