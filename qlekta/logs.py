"""Log lines: one JSON object each, in UTC, without personal data even where a library writes some (security O5, O6)."""

import json
import logging
import re
from datetime import UTC, datetime

_EMAIL = re.compile(r"[^\s@<>\"'(]+@[^\s@<>\"')]+\.[^\s@<>\"')]+")
_IPV4 = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_DETAIL = re.compile(r"Key \([^)]*\)=\([^)]*\)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_QUERY = re.compile(r"\?[^\s\"']*")
_SECRET = re.compile(r"(?<=/)[A-Za-z0-9_-]{40,}(?![\w.-])")


def scrubbed(text: str) -> str:
    """The text on one line, with addresses, query strings, secrets of links and database values replaced by their
    kind: Django logs the path of every page that it refuses."""
    text = _DETAIL.sub("Key (…)", text)
    text = _EMAIL.sub("[e-mail]", text)
    text = _SECRET.sub("[secret]", _QUERY.sub("?…", text))
    text = _IPV6.sub("[ip]", _IPV4.sub("[ip]", text))
    return _CONTROL.sub(" | ", text)


class OneLineFilter(logging.Filter):
    """Turns every record into one scrubbed line before any handler formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = scrubbed(record.getMessage())
        record.args = None
        return True


class JsonFormatter(logging.Formatter):
    """A JSON object per line: time, level, logger, message, and the scrubbed traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["traceback"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
