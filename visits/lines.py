"""How a value stands in a line for `COPY`."""


def escaped(value: str | int | None) -> str:
    """The value as the server reads it again; no value of ours holds a tab or a line break."""
    # The backslash is all that `COPY` still reads as more than itself.
    return r"\N" if value is None else str(value).replace("\\", r"\\")
