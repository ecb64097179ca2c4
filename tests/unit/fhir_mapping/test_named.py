"""Whom JSON names: whose each resource is, or to whom it refers where it does not say so (contract 6.10)."""

import json
from typing import Any

import msgspec
import pytest

from fhir_mapping.named import named_in, named_in_contained

A, B = "Patient/a", "Patient/b"
TO_A, TO_B = {"reference": A}, {"reference": B}
Whom = tuple[str, list[str], list[str]]


def of(value: Any, contained: bool = False) -> list[Whom]:
    raw = json.dumps(value).encode()
    found = named_in_contained(msgspec.Raw(raw)) if contained else named_in(raw)
    return sorted((named.resource_type, named.owners, sorted(named.others)) for named in found)


WHOSE: dict[str, tuple[Any, list[Whom]]] = {
    "its subject's": ({"resourceType": "Condition", "subject": TO_A}, [("Condition", [A], [A])]),
    "its patient's": ({"resourceType": "Coverage", "patient": TO_A}, [("Resource", [A], [A])]),
    "for whom it is": ({"resourceType": "Task", "for": TO_A}, [("Resource", [A], [A])]),
    "its beneficiary's": ({"resourceType": "Coverage", "beneficiary": TO_A}, [("Resource", [A], [A])]),
    "an order's": ({"resourceType": "ServiceRequest", "subject": TO_A}, [("ServiceRequest", [A], [A])]),
    "a list of two": ({"resourceType": "Account", "subject": [TO_A, TO_B, None, 5]}, [("Resource", [A, B], [A, B])]),
    "a bare text": ({"resourceType": "Condition", "subject": A}, [("Condition", [A], [])]),
    "a group's": ({"resourceType": "Condition", "subject": {"reference": "Group/1"}}, [("Condition", ["Group/1"], [])]),
    "a Patient itself": ({"resourceType": "Patient", "id": "a", "link": [{"other": TO_B}]}, [("Patient", [A], [B])]),
    "of no type": ({"subject": TO_A}, [("Resource", [A], [A])]),
    "of a type that is none": ({"resourceType": 5, "subject": TO_A}, [("Resource", [A], [A])]),
    "of a Patient that is none": ({"resourceType": ["Patient"], "id": "a", "for": TO_A}, [("Resource", [A], [A])]),
    "those it refers to": ({"resourceType": "Appointment", "participant": [{"actor": TO_A}, {"actor": TO_B}]}, [("Resource", [], [A, B])]),
    "by an address": ({"resourceType": "Basic", "author": {"reference": f"https://x/{A}"}}, [("Resource", [], [f"https://x/{A}"])]),
    "by a URN": ({"resourceType": "Basic", "author": {"type": "Patient", "reference": "urn:a"}}, [("Resource", [], ["urn:a"])]),
    "two in an array": (
        [{"resourceType": "Condition", "subject": TO_A}, [{"resourceType": "Basic", "author": TO_B}]],
        [("Condition", [A], [A]), ("Resource", [], [B])],
    ),
    "one in another, each by itself": (
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Procedure", "recorder": TO_B}}], "subject": TO_A},
        [("Procedure", [], [B]), ("Resource", [A], [A])],
    ),
    "what it contains is a part of it": (
        {"resourceType": "Procedure", "subject": TO_A, "contained": [{"resourceType": "Observation", "id": "o", "subject": TO_B}]},
        [("Procedure", [A, B], [A, B])],
    ),
    "a Patient that it contains is one it refers to": (
        {"resourceType": "Procedure", "contained": [{"resourceType": "Patient", "id": "b"}]},
        [("Procedure", [], [B])],
    ),
    "what is in a part of it is by itself": (
        {"resourceType": "Procedure", "contained": [{"resourceType": "Bundle", "entry": [{"resourceType": "Task", "for": TO_B}]}]},
        [("Resource", [B], [B])],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("value", "whose"), WHOSE.values(), ids=WHOSE)
def test_whose_it_is(value: Any, whose: list[Whom]) -> None:
    assert of(value) == whose


NOBODY: list[Any] = [
    None, 5, "Patient/a", [], {}, [None, "Patient/a"], {"subject": None}, {"subject": {}}, {"subject": ""}, {"subject": {"reference": 5}},
    {"subject": {"display": "Patient/a"}}, {"resourceType": "Patient"}, {"resourceType": "Patient", "id": ""},
    {"resourceType": "Patient", "id": 5}, {"resourceType": "Practitioner", "id": "a"}, {"actor": {"reference": "Practitioner/1"}},
    {"type": "Patient", "identifier": {"value": "a"}}, {"reference": {"reference": ["Patient/a"]}},
]  # fmt: skip


@pytest.mark.parametrize("value", NOBODY, ids=json.dumps)
def test_what_names_nobody(value: Any) -> None:
    assert of(value) == []


def test_what_a_resource_contains_is_of_no_type_of_its_own() -> None:
    assert of([{"resourceType": "Observation", "subject": TO_A}, {"resourceType": "Patient", "id": "b"}], contained=True) == [
        ("Resource", [A], [A, B])
    ]
    assert of("text", contained=True) == []


@pytest.mark.parametrize("member", ["subject", "patient", "for", "beneficiary"])
def test_of_what_cannot_be_read_as_a_whole_the_owner_is_read(member: str) -> None:
    spoilt = b'{"resourceType":"Condition","' + member.encode() + b'":{"reference":"Patient/a"},"note":"\xff"}'
    assert [(named.resource_type, named.owners) for named in named_in(spoilt)] == [("Condition", [A])]


@pytest.mark.parametrize("raw", [b'{"subject":', b'[{"subject":"\xff"}]', b'{"subject":"\xff"}', b"[" * 5_000 + b'"subject"'])
def test_what_cannot_be_read_at_all_names_nobody(raw: bytes) -> None:
    assert named_in(raw) == []


@pytest.mark.parametrize("name", ["s\\u0075bject", "\\u0066or"])
def test_names_and_texts_may_be_spelt_otherwise(name: str) -> None:
    assert [named.owners for named in named_in(b'{"%s":{"reference":"\\u0050atient\\/a"}}' % name.encode())] == [[A]]


def test_depth_is_no_hiding_place() -> None:
    value: Any = {"resourceType": "Condition", "subject": TO_B}
    for _ in range(300):
        value = {"x": [value]}
    assert of(value) == [("Condition", [B], [B])]
