"""Answers that are none (trust.md 3, faults 6 to 12): of a required type 412, of another a gap; never a card from what is not there."""

import gzip
import zlib
from collections.abc import Callable

import msgspec
import pytest

from tests.faults.call import MET, Ehr, gaps, refused, told, topics
from tests.faults.fault_server import FaultServer, Reply, says
from tests.faults.replies import EMPTY, OUTCOME, bundle, gzip_bomb, hangs_up, in_entry, shortened

NAN = b'{"resourceType":"Bundle","type":"searchset","total":NaN,"entry":[{"resource":{"resourceType":"Condition","id":NaN}}]}'
REFUSED = "the FHIR server refused access to this type."
ABSENT = "the FHIR server does not serve this type, or not by this search."
UNREADABLE = "the FHIR server sent what cannot be read as the answer to a search."
SEARCH_FAILED = "the FHIR server sent an error for an answer."
FAILED = "the FHIR server failed."
BUSY = "the FHIR server asks to be called less often."
ELSEWHERE = "the FHIR server sent the call elsewhere, where it is not made."

CASES: list[tuple[str, Reply, str, str, str]] = [
    ("6 busy, seconds", says(429, OUTCOME, retry_after="1"), BUSY, "transient", "failed"),
    ("6 busy, date", says(429, OUTCOME, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), BUSY, "transient", "failed"),
    ("6 busy, junk", says(429, b"", retry_after="soon"), BUSY, "transient", "failed"),
    ("6 busy, for ever", says(429, b"", retry_after="1000000000"), BUSY, "transient", "failed"),
    ("7 token expired", says(401, OUTCOME, www_authenticate="Bearer"), REFUSED, "incomplete", "not-authorised"),
    ("7 scope missing", says(403, OUTCOME), REFUSED, "incomplete", "not-authorised"),
    ("8 gone", says(410, OUTCOME), ABSENT, "incomplete", "not-supported"),
    ("8 type not served", says(404, OUTCOME), ABSENT, "incomplete", "not-supported"),
    ("8 search not known", says(400, OUTCOME), ABSENT, "incomplete", "not-supported"),
    ("9 login page", says(200, b"<html>Log in</html>", "text/html"), UNREADABLE, "incomplete", "failed"),
    ("9 login page called JSON", says(200, b"<html>Log in</html>"), UNREADABLE, "incomplete", "failed"),
    ("9 wrong content type", says(200, bundle(), "application/xml"), UNREADABLE, "incomplete", "failed"),
    ("9 empty body", says(200), UNREADABLE, "incomplete", "failed"),
    ("9 redirect", says(302, b"", location="http://169.254.169.254/latest"), ELSEWHERE, "incomplete", "failed"),
    ("10 no JSON", says(200, b"{"), UNREADABLE, "incomplete", "failed"),
    ("10 cut JSON", says(200, msgspec.json.encode(bundle())[:-5]), UNREADABLE, "incomplete", "failed"),
    ("10 UTF-16", says(200, msgspec.json.encode(bundle()).decode().encode("utf-16")), UNREADABLE, "incomplete", "failed"),
    ("10 not a number", says(200, NAN), UNREADABLE, "incomplete", "failed"),
    ("10 nested deep", says(200, b'{"resourceType":' + b"[" * 100_000), UNREADABLE, "incomplete", "failed"),
    ("10 wrong length", shortened(5_000), "the FHIR server cannot be reached.", "transient", "failed"),
    ("10 hangs up", hangs_up, "the FHIR server cannot be reached.", "transient", "failed"),
    ("10 not the gzip it says", says(200, bundle(), content_encoding="gzip"), UNREADABLE, "incomplete", "failed"),
    ("10 encoding not known", says(200, bundle(), content_encoding="br"), UNREADABLE, "incomplete", "failed"),
    ("3 gzip bomb", gzip_bomb(), "the FHIR server sent more than is read.", "incomplete", "truncated"),
    ("11 outcome with 200", says(200, OUTCOME), SEARCH_FAILED, "incomplete", "failed"),
    ("11 another type", says(200, {"resourceType": "Parameters"}), UNREADABLE, "incomplete", "failed"),
    ("11 one resource", says(200, {"resourceType": "Condition", "id": "x"}), UNREADABLE, "incomplete", "failed"),
    ("11 wrong bundle type", says(200, {**EMPTY, "type": "history"}), UNREADABLE, "incomplete", "failed"),
    ("11 a list", says(200, b"[]"), UNREADABLE, "incomplete", "failed"),
    ("11 null", says(200, b"null"), UNREADABLE, "incomplete", "failed"),
    ("12 error entry", says(200, in_entry("error")), SEARCH_FAILED, "incomplete", "failed"),
    ("12 fatal entry", says(200, in_entry("fatal")), SEARCH_FAILED, "incomplete", "failed"),
    ("10 server error", says(500, OUTCOME), FAILED, "transient", "failed"),
    ("10 gateway time-out", says(504, b""), "the FHIR server did not answer in time.", "transient", "failed"),
]


@pytest.mark.parametrize(("reply", "reason", "code", "gap"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_of_a_required_type_it_is_412_and_of_another_a_gap(
    ehr: Ehr, fhir: FaultServer, reply: Reply, reason: str, code: str, gap: str
) -> None:
    fhir.fails(reply, "Condition")
    answer = ehr.asks()
    assert refused(answer, "conditions", "Condition") == reason
    assert told(answer) == code
    assert "secret" not in answer.body.decode()
    fhir.fails(reply, "Observation")
    answer = ehr.asks()
    assert gaps(answer) == {"Observation": gap}
    assert MET not in topics(answer)
    assert answer.json["cards"] != []
    fhir.recovers()
    assert ehr.recovers()


@pytest.mark.parametrize("severity", ["warning", "information"])
def test_a_warning_in_an_empty_search_is_an_empty_search(ehr: Ehr, fhir: FaultServer, severity: str) -> None:
    """Fault 12. Epic says so of every search without a match, code 4101."""
    fhir.fails(says(200, in_entry(severity)), "Condition")
    answer = ehr.asks()
    assert (answer.status, answer.json["cards"], gaps(answer)) == (200, [], {})


@pytest.mark.parametrize("status", [404, 410])
def test_a_patient_who_is_not_there_is_not_one_without_fractures(ehr: Ehr, fhir: FaultServer, status: int) -> None:
    """Fault 8."""
    fhir.fails(says(status, OUTCOME), "Patient")
    assert refused(ehr.asks(), "patient", "Patient") == "the FHIR server has no such Patient."


@pytest.mark.parametrize("body", [bundle(), OUTCOME, {"resourceType": "Practitioner", "id": "example-patient"}, []])
def test_what_is_read_must_be_a_patient(ehr: Ehr, fhir: FaultServer, body: object) -> None:
    """Fault 11."""
    fhir.fails(says(200, body), "Patient")
    assert refused(ehr.asks(), "patient", "Patient") == UNREADABLE


def test_a_busy_server_is_not_asked_again(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 6: nobody waits for Retry-After, however short."""
    fhir.fails(says(429, b"", retry_after="0"), "Condition")
    ehr.asks()
    assert [asked.resource_type for asked in fhir.asked].count("Condition") == 1


def test_a_refused_token_is_not_tried_again(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 7."""
    fhir.fails(says(401, OUTCOME))
    ehr.asks()
    types = [asked.resource_type for asked in fhir.asked if asked.path != "metadata"]
    assert len(types) == len(set(types))


def test_a_server_of_another_version_is_told_so(ehr: Ehr, fhir: FaultServer) -> None:
    """DSTU2 answers the same searches with resources that look alike."""
    fhir.fails(says(200, {"resourceType": "Conformance", "fhirVersion": "1.0.2"}), "metadata")
    assert refused(ehr.asks(), "patient", "Patient") == "the FHIR server is of version DSTU2 and not R4."


def test_resources_that_name_the_patient_as_dstu2_does_are_not_no_fracture(ehr: Ehr, fhir: FaultServer) -> None:
    """Also where the server does not tell its version."""
    old = {"resourceType": "Condition", "id": "x", "code": {"text": "wedge fracture"}}
    fhir.faults = {"metadata": says(500), "Condition": says(200, bundle(old))}
    assert refused(ehr.asks(), "conditions", "Condition") == UNREADABLE


def test_a_version_that_cannot_be_had_stops_nobody(ehr: Ehr, fhir: FaultServer) -> None:
    fhir.fails(says(401, b"<html>", "text/html"), "metadata")
    assert ehr.gets_guidance()
    assert ehr.gets_guidance()
    assert [asked.path for asked in fhir.asked].count("metadata") == 1


def test_the_version_is_asked_once_and_without_the_token(ehr: Ehr, fhir: FaultServer) -> None:
    assert all(ehr.gets_guidance() for _ in range(3))
    (asked,) = [asked for asked in fhir.asked if asked.path == "metadata"]
    assert "authorization" not in asked.headers


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_answer_is_read(ehr: Ehr, fhir: FaultServer, encoding: str, compress: Callable[[bytes], bytes]) -> None:
    """Not asked for, but sent by some."""
    assert ehr.gets_guidance()
    search = next(asked for asked in fhir.asked if asked.resource_type == "Condition")
    fhir.fails(says(200, compress(msgspec.json.encode(fhir.answer_to(search))), content_encoding=encoding), "Condition")
    assert ehr.gets_guidance()
