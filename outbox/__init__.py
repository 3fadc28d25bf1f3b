"""Effects on the outside world as rows: written with the change that causes them, carried out afterwards (Art. 5(1)(f))."""
