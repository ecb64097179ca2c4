"""A member given twice in one JSON object. Every parser keeps one of the two, and not all the same one: a gateway that reads the first
`subject` lets pass as one patient's what we should read as another's (trust.md 2.5).
"""

import json
from collections.abc import Sequence

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_QUOTE_AS_NUMBER = b"\\u0022"


def is_given_twice(value: bytes | msgspec.Raw) -> bool:
    """Whether any object in this JSON value has two members of one name; the parser's errors where it is none.

    Reading and writing the value loses the earlier of the two, and with it the quotes about its name, and nothing else that is quoted.
    """
    raw = bytes(value)
    if _QUOTE_AS_NUMBER in raw:
        return _is_given_twice_slowly(raw)
    return raw.count(b'"') != _encode(_decode(raw)).count(b'"')


def _is_given_twice_slowly(raw: bytes) -> bool:
    found: list[bool] = []

    def see(members: Sequence[tuple[str, object]]) -> None:
        found.append(len({name for name, _ in members}) < len(members))

    json.loads(raw, object_pairs_hook=see)
    return any(found)
