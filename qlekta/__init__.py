"""The roof: settings, addresses, worker and the facts of this one controller."""
