"""Text from elsewhere, made fit to be kept: its length bounded, without what no database or terminal takes well."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


def bounded(value: object, length: int) -> str:
    """At most `length` characters of it; empty where it is no text."""
    return _CONTROL.sub(" ", value).strip()[:length] if isinstance(value, str) else ""
