"""The one exception of the registers: nothing was changed, and its message says why."""

from datamap.terms import Text


class RegisterRefused(Exception):
    """Nothing was changed and nothing was handed over; the message is the sentence for staff."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
