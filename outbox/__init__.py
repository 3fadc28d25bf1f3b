"""Effects on the outside world as rows, written with the change that causes them, carried out after it (Art. 32)."""
