"""XML as Braintree speaks it: requests with snake_case tags, answers with dashes, types as attributes."""

from datetime import date, datetime
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def read(body: str) -> dict[str, Any]:
    """The content of a request's root; what is no document is an empty one."""
    try:
        found = _value(ET.fromstring(body.encode()))  # noqa: S314 - from the tests and the demo alone
    except ET.ParseError:
        return {}
    return found if isinstance(found, dict) else {}


def _value(element: ET.Element) -> Any:
    if element.get("type") == "array":
        return [_value(child) for child in element]
    if len(element):
        return {child.tag.replace("-", "_"): _value(child) for child in element}
    return element.text or ""


def write(root: str, content: Any) -> str:
    """A whole document."""
    return _HEAD + _element(root, content)


def _element(name: str, value: Any) -> str:
    tag = name.replace("_", "-")
    if value is None:
        return f'<{tag} nil="true"/>'
    kind, content = _written(value)
    return f'<{tag} type="{kind}">{content}</{tag}>' if kind else f"<{tag}>{content}</{tag}>"


def _written(value: Any) -> tuple[str, str]:
    """The type as its attribute names it, empty for text and for what has children; and the content."""
    match value:
        case bool():
            return "boolean", str(value).lower()
        case int():
            return "integer", str(value)
        case date():
            has_time = isinstance(value, datetime)
            return ("datetime", f"{value:%Y-%m-%dT%H:%M:%SZ}") if has_time else ("date", value.isoformat())
        case list():
            return "array", "".join(_element(one, what) for one, what in value)
        case dict():
            return "", "".join(_element(one, what) for one, what in value.items())
    return "", escape(str(value))
