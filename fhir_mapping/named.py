"""Whom JSON names, resource by resource, of whatever type and however deep (contract 6.10). One walk.

Whose a resource is, it says by `subject`, `patient`, `for` or `beneficiary`, and a Patient by its id. One that says so may refer to
anybody besides: a performer, a subscriber, another record of the same person. One that does not say so, like an Appointment, is theirs
whom it refers to. A contained resource is a part of the one that contains it, and its id a name in there only.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fhir_mapping.elements import UNREADABLE, Element
from fhir_mapping.shapes import SHAPES, Bytes

OWNERS = frozenset({"subject", "patient", "for", "beneficiary"})
SERVICE_REQUEST = "ServiceRequest"
ANY_TYPE = "Resource"
_NESTED = (dict, list)
_TYPES = frozenset({*SHAPES, SERVICE_REQUEST})
_may_name_somebody = re.compile(rb'Patient|"(?:subject|patient|for|beneficiary)"|\\u').search
_read_anything = msgspec.json.Decoder().decode


class Named(msgspec.Struct):
    """Whom one resource names. `resource_type` is one we know, else 'Resource', so that no text of the input is passed on.

    `owners` must all be this patient. Where there is none, `others`, the Patients that it refers to, must hold this one, or be none.
    """

    resource_type: str = ANY_TYPE
    owners: list[str] = msgspec.field(default_factory=list)
    others: list[str] = msgspec.field(default_factory=list)


class _Owner(Element, kw_only=True):
    """What else is there is passed over unread."""

    resource_type: Any = None
    subject: Any = None
    patient: Any = None
    for_: Any = msgspec.field(default=None, name="for")
    beneficiary: Any = None


_read_owner = msgspec.json.Decoder(_Owner).decode


def named_in(raw: Bytes) -> list[Named]:
    """Whom any JSON names; of what cannot be read as a whole, whose it says it is."""
    if _may_name_somebody(raw) is None:
        return []
    try:
        return named_in_value(_read_anything(raw))
    except UNREADABLE:
        return named_in_value(_owners_alone(raw))


def named_in_value(value: object) -> list[Named]:
    """The same of JSON that is decoded. What is in no resource is taken together. Asked of all that anybody sends: plain loops."""
    found = [Named()]
    waiting = [(value, found[0], False)]
    while waiting:
        here, named, is_contained = waiting.pop()
        if isinstance(here, list):
            waiting.extend([(each, named, is_contained) for each in here if each and isinstance(each, _NESTED)])
        elif isinstance(here, dict):
            if "resourceType" in here:
                named = _of_resource(here, named, found, is_contained=is_contained)
            for member, each in here.items():
                if member in OWNERS and each:
                    named.owners.extend(references(each))
                elif member == "reference" and isinstance(each, str) and ("Patient/" in each or here.get("type") == "Patient"):
                    named.others.append(each)
                if each and isinstance(each, _NESTED):
                    waiting.append((each, named, member == "contained"))
    return [named for named in found if named.owners or named.others]


def _of_resource(resource: Mapping[str, object], around: Named, found: list[Named], *, is_contained: bool) -> Named:
    """Whom a resource names, as far as itself: added to what was found, unless it is a part of the one around it."""
    named, kind, own_id = around, resource["resourceType"], resource.get("id")
    if isinstance(kind, str) and not is_contained:
        named = Named(known_type(kind))
        found.append(named)
    if kind == "Patient" and isinstance(own_id, str) and own_id:
        (named.others if is_contained else named.owners).append(f"Patient/{own_id}")
    return named


def named_in_contained(contained: msgspec.Raw) -> list[Named]:
    """The same of a resource's `contained`: whom what it contains is about."""
    return named_in(b'{"contained":%s}' % bytes(contained))


def known_type(kind: object) -> str:
    return kind if isinstance(kind, str) and kind in _TYPES else ANY_TYPE


def references(owner: object) -> Iterator[str]:
    """Of a Reference, a list of them, or (wrongly) the bare text of one. An empty reference names nobody."""
    for one in owner if isinstance(owner, list) else [owner]:
        reference = one.get("reference") if isinstance(one, dict) else one
        if isinstance(reference, str) and reference:
            yield reference


def _owners_alone(raw: Bytes) -> Mapping[str, object]:
    try:
        owner = _read_owner(raw)
    except UNREADABLE:
        return {}
    by_name = {"subject": owner.subject, "patient": owner.patient, "for": owner.for_, "beneficiary": owner.beneficiary}
    return {"resourceType": owner.resource_type, **by_name}
