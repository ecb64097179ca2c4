"""A body is a call for one patient, or it is refused: strictly, with a place, without its values."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.envelope import NO_MEMBERS, CDSCall, read_call, read_members
from hooks.errors import BadCall

CALL = {"hook": "patient-view", "hookInstance": "i", "context": {"patientId": "p", "userId": "Practitioner/1"}}


def call_with(**members: object) -> bytes:
    return msgspec.json.encode({**CALL, **members})


def refusal(body: bytes) -> BadCall:
    with pytest.raises(BadCall) as caught:
        read_call(body, "patient-view")
    return caught.value


def test_a_minimal_call_is_read() -> None:
    call = read_call(call_with(), "patient-view")
    assert (call.hook, call.hook_instance, call.fhir_server) == ("patient-view", "i", None)
    assert {name: bytes(raw) for name, raw in call.context.items()} == {"patientId": b'"p"', "userId": b'"Practitioner/1"'}


def test_resources_stay_bytes() -> None:
    body = b'{"hook":"h","hookInstance":"i","context":{"a":1},"prefetch":{"patient": {"id" : "p"} , "gone":null}}'
    prefetch = read_call(body, "h").prefetch
    assert {key: bytes(raw) for key, raw in prefetch.items()} == {"patient": b'{"id" : "p"}', "gone": b"null"}


@pytest.mark.parametrize("prefetch", [None, {}])
def test_no_prefetch_null_and_empty_are_no_keys(prefetch: object) -> None:
    assert read_call(call_with(prefetch=prefetch), "patient-view").prefetch == NO_MEMBERS == read_call(call_with(), "patient-view").prefetch


def test_null_in_an_optional_member_is_absence() -> None:
    call = read_call(call_with(fhirServer=None, fhirAuthorization=None, extension=None), "patient-view")
    assert (call.fhir_server, call.fhir_authorization) == (None, NO_MEMBERS)


def test_unknown_members_of_any_type_are_ignored() -> None:
    extra = {"a": [1, {"b": None}], "c": {"d": {}}, "e": 1.5, "f": True, "g": None, "extension": {"com.example": {"x": 1}}}
    assert isinstance(read_call(call_with(**extra), "patient-view"), CDSCall)


@pytest.mark.parametrize(
    "body",
    [
        b'{"hook":"patient-view","hook":"patient-view","hookInstance":"i","context":{"patientId":"p"}}',
        b'{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p","patientId":"p"}}',
        b'{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p","patient\\u0049d":"q"}}',
        b'{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"},"context":{"patientId":"q"}}',
        b'{"hook":"patient-view","hookInstance":"i","context":{"a":1},"prefetch":{"patient":null,"patient":{}}}',
        b'{"hook":"patient-view","hookInstance":"i","context":{"a":1},"prefetch":{},"prefetch":{}}',
        b'{"hook":"patient-view","hookInstance":"i","context":{"a":1},"fhirAuthorization":{"patient":"p","patient":"q"}}',
        b'{"x":1,"x":2,"hook":"patient-view","hookInstance":"i","context":{"a":1}}',
    ],
)
def test_a_member_given_twice_is_refused(body: bytes) -> None:
    assert refusal(body).message == "a member is given twice"


@given(st.lists(st.text(max_size=3), min_size=1, max_size=6))
def test_members_are_refused_exactly_where_two_names_are_equal(names: list[str]) -> None:
    body = b"{" + b",".join(msgspec.json.encode(name) + b":0" for name in names) + b"}"
    if len(set(names)) == len(names):
        assert list(read_members(body)) == names
    else:
        with pytest.raises(BadCall, match="twice"):
            read_members(body)


@pytest.mark.parametrize("name", ["", "context", "prefetch"])
def test_a_thousand_members_are_read_and_no_more(name: str) -> None:
    def body(count: int) -> bytes:
        many = {f"k{number}": None for number in range(count)}
        return call_with(**({name: many} if name else many))

    assert read_call(body(990), "patient-view").hook == "patient-view"
    error = refusal(body(1_001))
    assert (error.message, error.path) == ("there are more than 1000 members", name)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"{} x", "the body is not JSON"),
        (b"{'a':1}", "the body is not JSON"),
        (b'{"a":1,}', "the body is not JSON"),
        (b'{"a":NaN}', "the body is not JSON"),
        (b'{"prefetch":{"a":{"b":[NaN]}}}', "the body is not JSON"),
        (b'{"a":-Infinity}', "the body is not JSON"),
        (b"\xef\xbb\xbf{}", "the body is not JSON"),
        ("{}".encode("utf-16"), "the body is not UTF-8"),
        (b'{"a":"\xff"}', "the body is not UTF-8"),
        (b'{"prefetch":{"a":{"b":"\xed\xa0\x80"}}}', "the body is not UTF-8"),
        (b'{"a":"\\ud800"}', "the body is not JSON"),
        (b'{"prefetch":{"a":{"b":"\\udc00 \\ud800 x"}}}', "the body is not JSON"),
        (b'{"prefetch":{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}}", "the body is nested too deeply"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "the body is nested too deeply"),
        (b"[" * 5_000, "the body is not a JSON object, or holds a number out of range"),
        (b"[]", "the body is not a JSON object, or holds a number out of range"),
        (b"null", "the body is not a JSON object, or holds a number out of range"),
        (b'"text"', "the body is not a JSON object, or holds a number out of range"),
        (b'{"a":1e400}', "the body is not a JSON object, or holds a number out of range"),
        (b'{"a":' + b"1" * 5_000 + b"}", "the body is not a JSON object, or holds a number out of range"),
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes, message: str) -> None:
    error = refusal(body)
    assert (error.message, error.path) == (message, "")


@pytest.mark.parametrize(
    ("members", "path", "message"),
    [
        ({"hook": None}, "hook", "is required"),
        ({"hook": ""}, "hook", "is required"),
        ({"hook": 5}, "hook", "must be a string"),
        ({"hook": "order-sign"}, "hook", "is not patient-view, which is what this service answers"),
        ({"hookInstance": None}, "hookInstance", "is required"),
        ({"hookInstance": ["i"]}, "hookInstance", "must be a string"),
        ({"context": None}, "context", "is required"),
        ({"context": "p"}, "context", "must be an object"),
        ({"context": ["p"]}, "context", "must be an object"),
        ({"prefetch": []}, "prefetch", "must be an object"),
        ({"prefetch": "none"}, "prefetch", "must be an object"),
        ({"prefetch": False}, "prefetch", "must be an object"),
        ({"fhirServer": 1}, "fhirServer", "must be a string"),
        ({"fhirAuthorization": "token"}, "fhirAuthorization", "must be an object"),
    ],
)
def test_a_wrong_or_missing_member_is_named(members: dict[str, object], path: str, message: str) -> None:
    error = refusal(call_with(**members))
    assert (error.path, error.message) == (path, message)
