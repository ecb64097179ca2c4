"""What a proposal takes over from the draft order it replaces: only members that are valid FHIR R4 as they stand.

A draft is untrusted JSON. What is not of the right shape is left out, member by member, and nothing is repaired.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(pattern=r"\A[^\s\x00-\x1f](?:[^\x00-\x1f]*[^\s\x00-\x1f])?\Z", max_length=1000)]
Token = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]+\Z", max_length=1000)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Kept(msgspec.Struct, omit_defaults=True):
    """A FHIR element with the members we take over; the others are dropped."""


class _Coding(_Kept):
    system: Token
    code: Text


class _Concept(_Kept):
    """CodeableConcept: codes with their systems, a text, or both."""

    coding: Annotated[list[_Coding], msgspec.Meta(min_length=1)] | msgspec.UnsetType = msgspec.UNSET
    text: Text | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.coding is msgspec.UNSET and self.text is msgspec.UNSET:
            raise ValueError("says nothing")


class _Reference(_Kept):
    reference: Token


_Concepts = Annotated[list[_Concept], msgspec.Meta(min_length=1, max_length=50)]
_References = Annotated[list[_Reference], msgspec.Meta(min_length=1, max_length=50)]

TAKEN_OVER: tuple[tuple[str, object], ...] = (
    ("priority", Literal["routine", "urgent", "asap", "stat"]),
    ("encounter", _Reference),
    ("occurrenceDateTime", date),
    ("occurrenceDateTime", Instant),
    ("requester", _Reference),
    ("performer", _References),
    ("reasonCode", _Concepts),
    ("reasonReference", _References),
    ("bodySite", _Concepts),
)
"""Members of ServiceRequest and what they may be. Not the code and not orderDetail: they say what is to be done otherwise."""


def carried_over(order: Mapping[str, object]) -> dict[str, object]:
    """The members of a draft ServiceRequest that its replacement keeps."""
    read = ((name, _as(kind, order[name])) for name, kind in TAKEN_OVER if name in order)
    return {name: value for name, value in read if value is not None}


def _as(kind: object, value: object) -> object:
    try:
        return msgspec.to_builtins(msgspec.convert(value, kind))
    except msgspec.ValidationError:
        return None
