"""Why something was not done, in a sentence for whoever asked for it."""

from datamap.terms import Text


class Refused(Exception):
    """Nothing was changed; `message` is the sentence."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message
