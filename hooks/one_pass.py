"""A whole call decoded in one pass, where it is as most calls are; any other is left to hooks.envelope and hooks.prefetch.

Most charts hold nothing of interest and are looked at once; passing over the prefetch's bytes first would cost as much again.

A Struct keeps the last of two equal members without a word. So everything of which a call's members are made is counted while it is
made: if more was made than is there in the end, a member was given twice. Nulls and empty objects would not be counted, so a call that
holds them where a member is wanted is not read here. Of a search result only the resources are counted; its own members are looked at
once more, by name.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Generic, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from fhir_mapping.elements import UNREADABLE
from fhir_mapping.section import Section, read_section, section_of
from fhir_mapping.shapes import SHAPES, G, SearchBundle
from fhir_mapping.twice import MemberName, made, wrapper_is_given_twice
from hooks.envelope import NO_MEMBERS, CDSCall, Raw, RawMembers, read_call, refuse_other_than_utf8, unique
from hooks.errors import BadCall
from hooks.prefetch import Sections, Template

CALLS_NOT_TRIED = 15


def _count(struct: msgspec.Struct) -> None:
    next(made)


class _Text(str):
    """The text of a member."""

    __slots__ = ()


class _Result(SearchBundle[G], Generic[G], kw_only=True):
    def __post_init__(self) -> None:
        next(made)


_Members: TypeAlias = Annotated[dict[MemberName, Raw], msgspec.Meta(min_length=1)]


class _Call(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    hook: _Text
    hook_instance: _Text
    fhir_server: _Text | UnsetType = UNSET
    fhir_authorization: _Members | UnsetType = UNSET
    context: _Members
    extension: _Members | UnsetType = UNSET

    @property
    def pieces(self) -> int:
        """How many things its members are made of, without the prefetch."""
        objects = (self.context, self.fhir_authorization, self.extension)
        return 2 + (self.fhir_server is not UNSET) + sum(len(members) for members in objects if members is not UNSET)


class _Wrappers(msgspec.Struct):
    prefetch: dict[str, dict[MemberName, Raw]]


class OnePass:
    """Reads calls for one hook whose prefetch holds some of the keys of these templates, each a plain search result."""

    def __init__(self, hook: str, asked: tuple[Template, ...]) -> None:
        self._hook = hook
        self._asked = asked
        self._resting = 0
        fields = [(template.key, _kind(template) | UnsetType, UNSET) for template in asked]
        prefetch = msgspec.defstruct("Prefetch", fields, forbid_unknown_fields=True, namespace={"__post_init__": _count})
        call = msgspec.defstruct("Call", [("prefetch", prefetch)], bases=(_Call,), kw_only=True)
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(call, dec_hook=_member).decode

    def read_where_usual(self, body: bytes) -> tuple[CDSCall, Sections] | None:
        """As `read`, but None at once for some calls after one that was not read: clients that send null do so in every call, and trying
        in vain costs. Either way the answer is the same.
        """
        if self._resting:
            self._resting -= 1
            return None
        found = self.read(body)
        if found is None:
            self._resting = CALLS_NOT_TRIED
        return found

    def read(self, body: bytes) -> tuple[CDSCall, Sections] | None:
        """The call, with what its prefetch says in the sections; None where it must be read step by step, or refused."""
        before = next(made)
        try:
            refuse_other_than_utf8(body)
            call = self._decode(body)
            wrappers = _read_wrappers(body).prefetch
        except (*UNREADABLE, BadCall):
            return None
        counted = next(made) - before - 1
        given = {template: found for template in self._asked if (found := getattr(call.prefetch, template.key)) is not UNSET}
        pieces = call.pieces + 1 + sum(_pieces(found) for found in given.values())
        if counted != pieces or call.hook != self._hook or not call.hook_instance:
            return None
        if any(_may_be_twice(wrappers[template.key]) for template, found in given.items() if isinstance(found, _Result)):
            return None
        unread = _Unread(body, self._hook)
        sections = {template.key: _section(template, given.get(template), unread) for template in self._asked}
        return _plain(call), sections


class _Unread:
    """The bytes of each prefetch key, looked for when the first is wanted."""

    def __init__(self, body: bytes, hook: str) -> None:
        self._body = body
        self._hook = hook

    @cached_property
    def by_key(self) -> RawMembers:
        return read_call(self._body, self._hook).prefetch


def _kind(template: Template) -> Any:
    return _Members if template.resource_type == "Patient" else _Result[SHAPES[template.resource_type].seen]  # type: ignore[misc]


def _section(template: Template, given: Any, unread: _Unread) -> Section:
    if given is None or isinstance(given, dict):
        return read_section(template.resource_type, None if given is None else _as_bytes(given), "prefetch")
    return section_of(given, template.resource_type, lambda: unread.by_key[template.key], "prefetch")


def _may_be_twice(members: Mapping[MemberName, Raw]) -> bool:
    """Also where a link holds what cannot be read."""
    try:
        return wrapper_is_given_twice(members)
    except UNREADABLE:
        return True


def _pieces(found: Any) -> int:
    """What was counted of one prefetch key: the members of the Patient; a search result, and each resource in it."""
    return len(found) if isinstance(found, dict) else 1 + len(found.entry or ())


def _as_bytes(members: Mapping[MemberName, Raw]) -> bytes:
    """The object again, a member that was given twice twice."""
    return b"{" + b",".join(_encode(name.text) + b":" + bytes(value) for name, value in members.items()) + b"}"


def _plain(call: _Call) -> CDSCall:
    """BadCall where a member of the context is given twice."""
    server, authorization = call.fhir_server, call.fhir_authorization
    return CDSCall(
        hook=str(call.hook),
        hook_instance=str(call.hook_instance),
        context=unique(call.context, "context"),
        fhir_server=None if server is UNSET else str(server),
        fhir_authorization=NO_MEMBERS if authorization is UNSET else unique(authorization, "fhirAuthorization"),
    )


def _member(kind: type, text: Any) -> Any:
    next(made)
    if not isinstance(text, str):
        raise TypeError("a text was expected")
    return kind(text)


_encode = msgspec.json.Encoder().encode
_read_wrappers = msgspec.json.Decoder(_Wrappers, dec_hook=lambda kind, text: MemberName(text)).decode
