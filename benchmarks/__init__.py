"""Speed as ratios within one run, against a peer and a limit on the same machine; never asserted by a test."""
