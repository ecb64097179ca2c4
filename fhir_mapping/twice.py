"""A member given twice in one JSON object. Every parser keeps one of the two, and not all the same one: a gateway that reads the first
`subject` lets pass as one patient's what we should read as another's (trust.md 2.5).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec


class MemberName:
    """A member's name with identity for equality, so that a decoded dict keeps both of two equal names."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


MANY = 1_000
SHORTEST_ENTRY = 32
"""Bytes on the average: with a resource that says its type, an entry has more."""

Members = Mapping[MemberName, msgspec.Raw]

made = count()
"""Goes up by one with each resource seen at a glance. Only ever up: what another thread makes can look as if something had been lost
here, never hide that it was.
"""


def _member_name(kind: type, text: str) -> MemberName:
    return MemberName(text)


read_members = msgspec.json.Decoder(dict[MemberName, msgspec.Raw], dec_hook=_member_name).decode
_read_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
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

    try:
        json.loads(raw, object_pairs_hook=see, parse_int=str, strict=False)
    except ValueError:
        raise msgspec.DecodeError("not JSON") from None
    return any(found)


def bundle_is_given_twice(raw: bytes | msgspec.Raw) -> bool:
    """Whether a Bundle, an entry of it, or one of its links has two members of one name; resources are passed over."""
    members = read_members(raw)
    return wrapper_is_given_twice(members) or any(_entry_is_given_twice(entry) for entry in _items(members, "entry"))


def wrapper_is_given_twice(members: Members) -> bool:
    """The same of a Bundle without its entries."""
    if _has_equal(members):
        return True
    return any(is_given_twice(value) for name, value in members.items() if name.text == "link")


def _entry_is_given_twice(entry: msgspec.Raw) -> bool:
    if not bytes(entry).startswith(b"{"):
        return False
    members = read_members(entry)
    return _has_equal(members) or any(is_given_twice(value) for name, value in members.items() if name.text == "search")


def _items(members: Members, wanted: str) -> Iterable[msgspec.Raw]:
    """The elements of a member, if it is a list. DecodeError where they are many and too short for what each should hold."""
    for name, value in members.items():
        if name.text == wanted and bytes(value).startswith(b"["):
            items = _read_items(value)
            if len(items) > MANY and len(items) * SHORTEST_ENTRY > len(value):
                raise msgspec.DecodeError("entries without resources")
            return items
    return ()


def _has_equal(members: Mapping[MemberName, Any]) -> bool:
    return len({name.text for name in members}) < len(members)
