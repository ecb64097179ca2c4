"""A request body as a CDS call: one strict pass over the bytes, resources left as bytes (cds-hooks.md 1.3).

JSON parsers keep the last of two equal member names. Two `patientId`s in one body are how a call for one patient is dressed as a
call for another, so equal names are refused in the call, its context, its prefetch and its authorization.
"""

from collections.abc import Mapping
from typing import NoReturn, TypeVar

import msgspec

from fhir_mapping.twice import MemberName
from hooks.errors import BadCall


class Array(msgspec.Struct, array_like=True, frozen=True):
    """An array of anything: its elements are passed over, however many there are."""


Raw = msgspec.Raw
Member = dict[MemberName, Raw] | Array | str | int | float | bool | None
RawMembers = Mapping[str, Raw]

NO_MEMBERS: RawMembers = {}
MOST_MEMBERS = 1_000  # far above any call's; each prefetch key costs a reading, whether it was asked for or not


class CDSCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of one service. `context` and `prefetch` hold each member's bytes; what was not sent is not in them."""

    hook: str
    hook_instance: str
    context: RawMembers
    prefetch: RawMembers = NO_MEMBERS
    fhir_server: str | None = None
    fhir_authorization: RawMembers = NO_MEMBERS


def read_call(body: bytes, hook: str) -> CDSCall:
    """The call, if it is one for `hook`; else BadCall. Unknown members are ignored; an optional member that is null counts as absent."""
    members = read_members(body)
    if _required_text(members, "hook") != hook:
        raise BadCall(f"is not {hook}, which is what this service answers", "hook")
    instance = _required_text(members, "hookInstance")
    context = _object(members, "context")
    return CDSCall(
        hook=hook,
        hook_instance=instance,
        context=_missing("context") if context is None else context,
        prefetch=_object(members, "prefetch") or NO_MEMBERS,
        fhir_server=_text(members, "fhirServer"),
        fhir_authorization=_object(members, "fhirAuthorization") or NO_MEMBERS,
    )


def read_members(body: bytes) -> dict[str, Member]:
    """The members of a JSON object, inner objects opened one level; BadCall for anything else, and for a member given twice."""
    try:
        refuse_other_than_utf8(body)
        members = _decoder.decode(body)
    except RecursionError:
        raise BadCall("the body is nested too deeply") from None
    except msgspec.ValidationError:
        raise BadCall("the body is not a JSON object, or holds a number out of range") from None
    except msgspec.DecodeError:
        raise BadCall("the body is not JSON") from None
    return unique(members, "")


def refuse_other_than_utf8(body: bytes) -> None:
    """BadCall for bytes that are no text. The parser alone would not see it in strings that nobody reads."""
    try:
        if not body.isascii():
            body.decode()
    except UnicodeDecodeError:
        raise BadCall("the body is not UTF-8") from None


def text_in(members: RawMembers, name: str, path: str) -> str | None:
    """The text of `path`'s member `name`; None where it is absent or null; BadCall where it is anything else."""
    raw = members.get(name)
    if raw is None:
        return None
    try:
        return _text_decoder.decode(raw)
    except msgspec.DecodeError:
        raise BadCall("must be a string", f"{path}.{name}") from None


def _required_text(members: Mapping[str, Member], name: str) -> str:
    return _text(members, name) or _missing(name)


def _text(members: Mapping[str, Member], name: str) -> str | None:
    value = members.get(name)
    if value is None or isinstance(value, str):
        return value
    raise BadCall("must be a string", name)


def _object(members: Mapping[str, Member], name: str) -> RawMembers | None:
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadCall("must be an object", name)
    return unique(value, name)


_Value = TypeVar("_Value")


def unique(members: Mapping[MemberName, _Value], path: str) -> dict[str, _Value]:
    """The members of `path` by name; BadCall where one is given twice, or there are too many."""
    if len(members) > MOST_MEMBERS:
        raise BadCall(f"there are more than {MOST_MEMBERS} members", path)
    by_name = {name.text: value for name, value in members.items()}
    if len(by_name) != len(members):
        raise BadCall("a member is given twice", path)
    return by_name


def _missing(path: str) -> NoReturn:
    raise BadCall("is required", path)


def _member_name(kind: type, text: str) -> MemberName:
    return MemberName(text)


_decoder = msgspec.json.Decoder(dict[MemberName, Member], dec_hook=_member_name)
_text_decoder: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)
