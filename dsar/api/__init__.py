"""The programming interface of the privacy portal: the services of the pages, in JSON (Art. 12(2); clauses.md D2)."""
