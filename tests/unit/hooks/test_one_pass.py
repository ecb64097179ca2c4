"""What one pass reads is what the step by step reading reads; whatever that refuses or minds, the one pass leaves to it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_mapping.shapes import SHAPES
from fhir_mapping.twice import is_given_twice
from hooks.envelope import CDSCall, read_call
from hooks.errors import BadCall
from hooks.one_pass import CALLS_NOT_TRIED, OnePass
from hooks.prefetch import Sections, Template, read_prefetch

HOOK = "patient-view"
ASKED = (
    Template(key="patient", resource_type="Patient", query="Patient/{{context.patientId}}", required=True),
    Template(key="conditions", resource_type="Condition", query="Condition?patient={{context.patientId}}", required=True),
    Template(key="procedures", resource_type="Procedure", query="Procedure?patient={{context.patientId}}"),
)
ONE_PASS = OnePass(HOOK, ASKED)

PATIENT = {
    "resourceType": "Patient", "id": "p", "meta": {"versionId": "3"}, "birthDate": "1950-02-03", "name": [{"family": "Anon"}],
    "link": [{"type": "replaced-by", "other": {"reference": "Patient/q"}}], "contained": [{"resourceType": "Organization", "id": "o"}],
    "modifierExtension": [{"url": "u", "valueBoolean": True}], "subject": {"reference": "Patient/p"},
}  # fmt: skip


def bundle(kind: str, *ids: str) -> dict[str, Any]:
    resources = [{"resourceType": kind, "id": each, "subject": {"reference": "Patient/p"}} for each in ids]
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each, "fullUrl": "x"} for each in resources]}


PREFETCH = {"patient": PATIENT, "conditions": bundle("Condition", "c1", "c2"), "procedures": bundle("Procedure")}
CALL = {
    "hook": HOOK,
    "hookInstance": "i",
    "fhirServer": "https://ehr.example/r4",
    "fhirAuthorization": {"access_token": "t", "patient": "p"},
    "context": {"patientId": "p", "userId": "Practitioner/1"},
    "extension": {"com.example": {"x": 1, "y": None}},
    "prefetch": PREFETCH,
}


def body_with(**members: object) -> bytes:
    return json.dumps({**CALL, **members}).encode()


def prefetching(**members: object) -> bytes:
    return body_with(prefetch={**PREFETCH, **members})


def told(call: CDSCall, sections: Sections) -> list[object]:
    """Everything but the prefetch's bytes; bodies as what they mean."""
    members = [{name: bytes(raw) for name, raw in each.items()} for each in (call.context, call.fhir_authorization)]
    parts = [
        (key, part.state, part.source, part.resource_type, list(part.entries), dict(part.set_aside), list(part.named), dict(part.lookups))
        for key, part in sections.items()
    ]
    return [call.hook, call.hook_instance, call.fhir_server, *members, parts]


def step_by_step(body: bytes) -> tuple[CDSCall, Sections]:
    call = read_call(body, HOOK)
    return call, read_prefetch(call.prefetch, ASKED)


def without(name: str) -> bytes:
    return json.dumps({member: value for member, value in CALL.items() if member != name}).encode()


AS_MOST_ARE = [
    body_with(),
    json.dumps(CALL, ensure_ascii=False).replace("Anon", "Müller").encode(),
    without("fhirServer"),
    without("fhirAuthorization"),
    without("extension"),
    body_with(prefetch={}),
    body_with(prefetch={"conditions": PREFETCH["conditions"]}),
    prefetching(conditions={**bundle("Condition", "c1"), "link": [{"relation": "next", "url": "u"}]}),
    prefetching(patient={"resourceType": "Patient"}),
    prefetching(patient={**PATIENT, "birthDate": 5}),
    prefetching(patient={**PATIENT, "for": {"reference": "Patient/q"}}),
    prefetching(patient={"resourceType": "OperationOutcome"}),
]
ANYTHING_ELSE = [
    b"",
    b"[]",
    b"{",
    b"\xff" + body_with(),
    body_with(hook="order-sign"),
    body_with(hookInstance=""),
    body_with(hookInstance=5),
    body_with(fhirServer=None),
    body_with(fhirAuthorization=None),
    body_with(extension={}),
    body_with(context={}),
    body_with(other=1),
    without("context"),
    without("prefetch"),
    body_with(prefetch=None),
    prefetching(unasked=bundle("Condition")),
    prefetching(patient=None),
    prefetching(conditions=None),
    prefetching(conditions=bundle("Procedure", "x")),
    prefetching(conditions={"resourceType": "OperationOutcome"}),
    prefetching(patient=5),
    prefetching(patient={}),
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", AS_MOST_ARE)
def test_what_is_read_at_once_is_what_is_read_step_by_step(body: bytes) -> None:
    found = ONE_PASS.read(body)
    assert found is not None
    assert told(*found) == told(*step_by_step(body))


def test_the_bytes_of_an_entry_are_had_when_they_are_wanted() -> None:
    found = ONE_PASS.read(body_with())
    assert found is not None
    expected = step_by_step(body_with())[1]
    for key in ("conditions", "procedures"):
        assert [bytes(body.resource) for body in found[1][key].bodies()] == [bytes(body.resource) for body in expected[key].bodies()]
    opened = [SHAPES["Patient"].open(sections["patient"].bodies()[0].resource) for sections in (found[1], expected)]
    assert opened[0] == opened[1]


@pytest.mark.parametrize("body", ANYTHING_ELSE)
def test_anything_else_is_left_to_be_read_step_by_step(body: bytes) -> None:
    assert ONE_PASS.read(body) is None


def test_after_a_call_that_it_cannot_read_it_rests_and_tries_again() -> None:
    one_pass = OnePass(HOOK, ASKED)
    assert one_pass.read_where_usual(body_with()) is not None
    assert one_pass.read_where_usual(prefetching(conditions=None)) is None
    assert [one_pass.read_where_usual(body_with()) is None for _ in range(CALLS_NOT_TRIED + 2)] == [True] * CALLS_NOT_TRIED + [False] * 2


TWICE = [
    (b'"hook": "patient-view"', b'"hook": "patient-view", "hook": "patient-view"'),
    (b'"hookInstance": "i"', b'"hookInstance": "j", "hookInstance": "i"'),
    (b'"fhirServer": ', b'"fhirServer": "x", "fhirServer": '),
    (b'"context": {', b'"context": {"a": 1}, "context": {'),
    (b'"fhirAuthorization": {', b'"fhirAuthorization": {"a": 1}, "fhirAuthorization": {'),
    (b'"extension": {', b'"extension": {"a": 1}, "extension": {'),
    (b'"prefetch": {', b'"prefetch": {}, "prefetch": {'),
    (b'"prefetch": {', b'"pre\\u0066etch": {"patient": {"resourceType": "Patient"}}, "prefetch": {'),
    (b'"patient": {', b'"patient": {"resourceType": "Patient", "id": "q"}, "patient": {'),
    (b'"conditions": {', b'"conditions": {"resourceType": "Bundle"}, "conditions": {'),
    (b'"procedures": {', b'"procedures": null, "procedures": {'),
]


@pytest.mark.parametrize(("once", "twice"), TWICE)
def test_a_member_given_twice_is_seen(once: bytes, twice: bytes) -> None:
    body = body_with().replace(once, twice, 1)
    assert ONE_PASS.read(body) is None
    with pytest.raises(BadCall, match="twice"):
        read_call(body, HOOK)


@pytest.mark.parametrize("once", [b'"patientId": "p"', b'"access_token": "t"'])
def test_a_member_of_the_context_or_the_authorization_given_twice_is_refused(once: bytes) -> None:
    with pytest.raises(BadCall, match="twice"):
        ONE_PASS.read(body_with().replace(once, once + b", " + once, 1))


def test_a_patients_member_given_twice_is_still_there_twice() -> None:
    """So that it is refused when the Patient is opened."""
    found = ONE_PASS.read(body_with().replace(b'"id": "p"', b'"id": "q", "id": "p"', 1))
    assert found is not None
    assert is_given_twice(found[1]["patient"].bodies()[0].resource)


values = st.sampled_from(
    [b"null", b"{}", b'"t"', b"5", b'{"a":1}', json.dumps(bundle("Condition", "c")).encode(), json.dumps(PATIENT).encode()]
)
names = st.sampled_from([*CALL, *PREFETCH, "other"])


@given(st.lists(st.tuples(names, values), max_size=4), st.lists(st.tuples(names, values), max_size=4))
def test_never_is_anything_read_otherwise_than_step_by_step(outer: list[tuple[str, bytes]], inner: list[tuple[str, bytes]]) -> None:
    """Members in excess, at the top and in the prefetch, of every kind."""

    def text(members: list[tuple[str, bytes]]) -> bytes:
        return b"".join(b",%s:%s" % (msgspec.json.encode(name), value) for name, value in members)

    body = b'{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"},"prefetch":{"patient":%s%s}%s}' % (
        json.dumps(PATIENT).encode(), text(inner), text(outer),
    )  # fmt: skip
    try:
        found = ONE_PASS.read(body)
    except BadCall:
        found = None
    if found is not None:
        assert told(*found) == told(*step_by_step(body))
