"""A full request to each address that takes a body, every place in it, and what may be put there."""

from collections.abc import Iterator

import msgspec

from app import reference_patient
from app.examples import HOOK
from app.order_examples import KYPHOPLASTY, L1, SELECT, SIGN, draft, order_call
from tests.service import Json

Path = tuple[str | int, ...]
HOLE = "the hole"
HOLE_BYTES = msgspec.json.encode(HOLE)
DEEP = 5_000

BESIDE: Json = {
    "fhirServer": "https://ehr.example/fhir",
    "fhirAuthorization": {
        "access_token": "made-up-token", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read",
        "subject": "cds-service", "patient": reference_patient.PATIENT_ID,
    },
    "extension": {"com.example.ehr": {"version": "1", "flags": [True]}},
}  # fmt: skip
FEEDBACK: Json = {
    "feedback": [
        {
            "card": "7ddb7a35-5e40-4dd2-a5ea-40f7bf8ec54a",
            "outcome": "overridden",
            "outcomeTimestamp": "2026-11-22T09:42:15Z",
            "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
            "overrideReason": {"reason": {"system": "http://example.org", "code": "patient-refuses"}, "userComment": "later"},
        }
    ]
}


def whole_requests() -> dict[str, tuple[str, Json]]:
    """Name to address and body."""
    order = draft(KYPHOPLASTY, L1, priority="urgent", orderDetail=[{"coding": [KYPHOPLASTY]}], reasonCode=[{"text": "pain"}])
    return {
        "patient-view": (HOOK, {**reference_patient.hook_request(reference_patient.prefetch()), **BESIDE}),
        "order-select": (SELECT, {**order_call("order-select", order), **BESIDE}),
        "order-sign": (SIGN, {**order_call("order-sign", order), **BESIDE}),
        "evaluations": (f"/evaluations?date={reference_patient.DAY}", reference_patient.bundle(reference_patient.prefetch())),
        "feedback": (f"{HOOK}/feedback", FEEDBACK),
    }


def places(value: Json, path: Path = ()) -> Iterator[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*path, name)
        yield from places(each, (*path, name))


def at(value: Json, path: Path) -> Json:
    for name in path:
        value = value[name]
    return value


def replaced(value: Json, path: Path, new: Json) -> Json:
    if not path:
        return new
    copy: Json = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


TOKENS: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "a negative number": b"-1",
    "a number almost out of range": b"1e308",
    "a number out of range": b"1e400",
    "an integer of 400 digits": b"9" * 400,
    "NaN": b"NaN",
    "no text": b'""',
    "a text": b'"c4n4ry"',
    "a null character": b'"\\u0000"',
    "a lone surrogate": b'"\\ud800"',
    "text that runs the other way": b'"\\u202ex\\u2066"',
    "a text of 400 digits": b'"' + b"9" * 400 + b'"',
    "a day that is none": b'"2026-13-45T25:61:61Z"',
    "a path": b'"../../etc/passwd"',
    "an empty array": b"[]",
    "an array of null": b"[null]",
    "an array of an array": b"[[]]",
    "an empty object": b"{}",
    "an object of another kind": b'{"resourceType":"c4n4ry","reference":["Patient/x"],"coding":{}}',
    "arrays without end": b"[" * DEEP + b"]" * DEEP,
    "objects without end": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
}


def bodies(whole: Json) -> Iterator[tuple[Path, str, bytes]]:
    """The body with each place in turn holding each token; and with each member given twice."""
    for path in places(whole):
        before, hole, after = msgspec.json.encode(replaced(whole, path, HOLE)).partition(HOLE_BYTES)
        assert hole
        for name, token in TOKENS.items():
            yield path, name, before + token + after
        if isinstance(path[-1], str):
            own = msgspec.json.encode(at(whole, path))
            yield path, "given twice", before + own + b"," + msgspec.json.encode(path[-1]) + b":" + own + after
