"""Bodies that are no honest call: a clear 4xx OperationOutcome, never a 5xx, and the connection as good as before (trust.md 2.5)."""

import logging

import msgspec
import pytest

from app.examples import HOOK
from tests.conformance.calls import call, diagnostics
from tests.hostile.whole_requests import at, places, replaced
from tests.service import Answer, Client, Json

MARK = "c4n4ry"
DEEP = 5_000


def body(**members: Json) -> bytes:
    return msgspec.json.encode(call(**members))


def context(**members: Json) -> bytes:
    return body(context={"patientId": "example-patient", "userId": "Practitioner/1", **members})


def twice(member: bytes) -> bytes:
    """A call whose context has one more member."""
    return context().replace(b'"context":{', b'"context":{' + member + b",")


def inside(value: bytes, *, around: bytes = b'{"patient":%s}') -> bytes:
    """A call whose prefetch is these bytes."""
    return body(prefetch={}).replace(b'"prefetch":{}', b'"prefetch":' + around.replace(b"%s", value))


BAD = {
    "empty": (b"", "the body is not JSON"),
    "not JSON": (b"hello", "the body is not JSON"),
    "cut off": (body()[:-1], "the body is not JSON"),
    "two values": (body() + b"{}", "the body is not JSON"),
    "XML": (b"<Bundle/>", "the body is not JSON"),
    "comments": (body() + b"// note", "the body is not JSON"),
    "array": (b"[" + body() + b"]", "the body is not a JSON object"),
    "string": (msgspec.json.encode(body().decode()), "the body is not a JSON object"),
    "null": (b"null", "the body is not a JSON object"),
    "NaN": (inside(b"NaN"), "the body is not JSON"),
    "Infinity deep inside": (inside(b'{"entry":[{"resource":{"valueDecimal":-Infinity}}]}'), "the body is not JSON"),
    "number out of range": (body(extra="%").replace(b'"%"', b"1e999"), "the body is not a JSON object, or holds a number out of range"),
    "byte order mark": (b"\xef\xbb\xbf" + body(), "the body is not JSON"),
    "UTF-16": (body().decode().encode("utf-16"), "the body is not UTF-8"),
    "Latin-1": (body(extra="\u00e9").decode().encode("latin-1"), "the body is not UTF-8"),
    "Latin-1 deep inside": (inside('{"name":[{"family":"M\u00fcller"}]}'.encode("latin-1")), "the body is not UTF-8"),
    "lone surrogate": (context(userId="%").replace(b"%", b"\\ud800"), "the body is not JSON"),
    "lone surrogate deep inside": (inside(b'{"entry":[{"resource":{"id":"\\udfff"}}]}'), "the body is not JSON"),
    "deep arrays": (inside(b"[" * DEEP + b"]" * DEEP), "the body is nested too deeply"),
    "deep objects": (inside(b'{"a":' * DEEP + b"1" + b"}" * DEEP), "the body is nested too deeply"),
    "deep from the start": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "the body is nested too deeply"),
    "no members": (b"{}", "hook: is required"),
    "no hook": (msgspec.json.encode({name: value for name, value in call().items() if name != "hook"}), "hook: is required"),
    "hook null": (body(hook=None), "hook: is required"),
    "hook a number": (body(hook=1), "hook: must be a string"),
    "another hook": (body(hook="order-sign"), "hook: is not patient-view"),
    "hook in another case": (body(hook="Patient-View"), "hook: is not patient-view"),
    "no instance": (body(hookInstance=None), "hookInstance: is required"),
    "instance an object": (body(hookInstance={}), "hookInstance: must be a string"),
    "no context": (body(context=None), "context: is required"),
    "context a string": (body(context="example-patient"), "context: must be an object"),
    "no patientId": (body(context={"userId": "Practitioner/1"}), "context.patientId: is required"),
    "patientId null": (context(patientId=None), "context.patientId: is required"),
    "patientId a number": (context(patientId=1), "context.patientId: must be a string"),
    "patientId empty": (context(patientId=""), "context.patientId: is required"),
    "patientId with its type": (context(patientId="Patient/example-patient"), "context.patientId: must be the id of a Patient"),
    "patientId a path": (context(patientId=".."), "context.patientId: must be the id of a Patient"),
    "patientId a query": (context(patientId="1&_revinclude=*"), "context.patientId: must be the id of a Patient"),
    "two patientIds": (twice(b'"patientId":"somebody-else"'), "context: a member is given twice"),
    "two equal patientIds": (twice(b'"patientId":"example-patient"'), "context: a member is given twice"),
    "two patientIds, one escaped": (twice(b'"patient\\u0049d":"somebody-else"'), "context: a member is given twice"),
    "two contexts": (context().replace(b'"context"', b'"context":{},"context"'), "a member is given twice"),
    "two prefetch keys": (inside(b"null", around=b'{"patient":null,"patient":%s}'), "prefetch: a member is given twice"),
    "no userId": (body(context={"patientId": "example-patient"}), "context.userId: is required"),
    "userId an array": (context(userId=["Practitioner/1"]), "context.userId: must be a string"),
    "encounterId a number": (context(encounterId=1), "context.encounterId: must be a string"),
    "prefetch an array": (body(prefetch=[]), "prefetch: must be an object"),
    "prefetch a string": (body(prefetch="none"), "prefetch: must be an object"),
    "fhirServer a number": (body(fhirServer=1), "fhirServer: must be a string"),
    "authorization a string": (body(fhirAuthorization="token"), "fhirAuthorization: must be an object"),
    "a token for another patient": (body(fhirAuthorization={"patient": "somebody-else"}), "fhirAuthorization.patient: is not the patient"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "said"), BAD.values(), ids=BAD)
def test_a_bad_body_is_400_and_says_where(client: Client, sent: bytes, said: str) -> None:
    answer = client.post(HOOK, sent)
    assert (answer.status, answer.media_type) == (400, "application/json")
    assert diagnostics(answer).startswith(said)
    good_call_follows(client)


@pytest.mark.parametrize(
    "service", ["unknown", "vertebral-augmentation-patient-view/", "Vertebral-Augmentation-Patient-View", "%2e%2e", ""]
)
def test_an_unknown_service_is_404(client: Client, service: str) -> None:
    assert client.post(f"/cds-services/{service}", body()).status in (404, 405)
    assert client.post("/cds-services/unknown", body()).status == 404
    good_call_follows(client)


@pytest.mark.parametrize("size", [5_000_001, 10_000_000, 40_000_000])
def test_a_body_too_long_is_413(client: Client, size: int) -> None:
    answer = client.post(HOOK, body() + b" " * (size - len(body())))
    assert answer.status == 413
    assert diagnostics(answer) == "the body is larger than 5000000 bytes"
    good_call_follows(client)


def test_a_body_as_long_as_may_be_is_read(client: Client) -> None:
    assert client.post(HOOK, body() + b" " * (5_000_000 - len(body()))).status == 412


def test_a_body_too_long_in_chunks_is_413(client: Client) -> None:
    answer = client.post_in_chunks(HOOK, (b" " * 100_000 for _ in range(60)))
    assert answer.status == 413
    good_call_follows(client)


def test_a_good_body_in_chunks_is_read(client: Client) -> None:
    sent = body()
    assert client.post_in_chunks(HOOK, (sent[at : at + 10] for at in range(0, len(sent), 10))).status == 412
    good_call_follows(client)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/fhir+json", "application/x-www-form-urlencoded", "application/json5", ""]
)
def test_another_media_type_is_415(client: Client, content_type: str) -> None:
    answer = client.post(HOOK, body(), content_type=content_type)
    assert answer.status == 415
    assert diagnostics(answer) == "Content-Type must be application/json"
    good_call_follows(client)


def test_another_charset_or_compression_is_415(client: Client) -> None:
    """Other than gzip, which tests/hostile/test_gzip.py is about."""
    assert client.post(HOOK, body(), content_type="application/json; charset=latin-1").status == 415
    for coding in ("deflate", "br", "zstd", "gzip, identity", "gzip, gzip"):
        assert client.post(HOOK, body(), content_encoding=coding).status == 415
    assert client.post(HOOK, body(), content_encoding="identity").status == 412


def test_no_body_at_all_is_400(client: Client) -> None:
    assert client.request("POST", HOOK, None, content_type="application/json").status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405_and_says_which(client: Client, method: str) -> None:
    answer = client.request(method, HOOK, None)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_no_value_of_the_request_is_in_an_error_or_a_log(client: Client, eligible: Json, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sent: list[Answer] = []
    whole = call(eligible)
    for path in places(whole):
        spoilt = MARK if isinstance(at(whole, path), str) else {MARK: MARK}
        sent.append(client.post(HOOK, replaced(whole, path, spoilt)))
    refused = [answer for answer in sent if answer.status != 200]
    assert len(refused) > 10
    assert [answer.body for answer in refused if MARK.encode() in answer.body] == []
    assert [line for line in caplog.records if line.name.startswith("app")] != []
    assert [line.__dict__ for line in caplog.records if MARK in repr(line.__dict__) or "example-patient" in repr(line.__dict__)] == []


def good_call_follows(client: Client) -> None:
    """On the same connection."""
    assert client.same_connection()
    assert client.get("/livez").status == 200
