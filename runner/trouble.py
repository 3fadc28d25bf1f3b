"""What the runner says when it cannot go on: one sentence that names the remedy."""


class Trouble(Exception):
    """Ends the command with its text on standard error and exit status 1."""
