"""Which version of a legal text asks for a new consent, as the files say: known without the database (Q20.3)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent / "texts"


@cache
def last_material(code: str) -> str:
    """The name of the latest version of this text that changes what is agreed to; empty where there is no text."""
    found = [(tomllib.loads(file.read_text(encoding="utf-8")), file.parent.name) for file in _about(code)]
    return max(((facts["valid_from"], name) for facts, name in found if facts["material"]), default=("", ""))[1]


def _about(code: str) -> list[Path]:
    return list(ROOT.glob(f"{code.lower()}/*/version.toml")) if code else []
