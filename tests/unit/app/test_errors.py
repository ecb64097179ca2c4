"""Which failure is which status (contract 6.11, D-02)."""

import json

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.errors import BadRequest, BodyTooLarge, NotAuthenticated, NothingThere, NotReady, UnsupportedMediaType, response_for
from fhir_mapping.errors import AnotherPatient, InvalidBundle, MappingError, MemberTwice, PatientUnusable
from hooks.errors import BadCall, DataUnavailable

FOREIGN = "Condition: a resource is not of the patient this request is about"
TWICE = "Condition: a member is given twice in a resource"
UNSENT = "prefetch.conditions: Condition data are required and were not sent."
CASES = [
    (BadCall("is required", "hook"), 400, "invalid", "hook: is required"),
    (DataUnavailable("conditions", "Condition", "were not sent"), 412, "incomplete", UNSENT),
    (AnotherPatient("Condition", "prefetch"), 400, "invalid", FOREIGN),
    (AnotherPatient("Condition", "bundle"), 400, "invalid", FOREIGN),
    (AnotherPatient("Condition", "fetched"), 412, "invalid", FOREIGN),
    (MemberTwice("Condition", "bundle"), 400, "structure", TWICE),
    (MemberTwice("Condition", "fetched"), 412, "structure", TWICE),
    (PatientUnusable("no Patient"), 412, "incomplete", "the Patient resource cannot be used"),
    (InvalidBundle("not a Bundle"), 400, "structure", "Bundle: not a Bundle"),
    (MappingError("not to be mapped"), 400, "structure", "Bundle: not to be mapped"),
    (BadRequest("is not a day", "date"), 400, "invalid", "date: is not a day"),
    (NotAuthenticated(), 401, "login", "authentication is required"),
    (NothingThere(), 404, "not-found", "there is nothing at this address"),
    (HTTPException(404, "secret"), 404, "not-found", "there is nothing at this address"),
    (HTTPException(405, "secret"), 405, "not-supported", "this address does not take this method"),
    (HTTPException(418, "secret"), 418, "invalid", "this request cannot be answered"),
    (BodyTooLarge(10), 413, "too-long", "the body is larger than 10 bytes"),
    (UnsupportedMediaType("Content-Type must be x"), 415, "not-supported", "Content-Type must be x"),
    (NotReady("not yet"), 503, "transient", "not yet"),
    (RequestValidationError([{"loc": ("query", "x"), "msg": "secret", "input": "secret"}]), 400, "invalid", "query.x: is not as described"),
    (KeyError("secret"), 500, "exception", "the service failed; no guidance was given"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status", "code", "words"), CASES, ids=[repr(case[0]) for case in CASES])
def test_a_failure_is_an_operation_outcome(error: Exception, status: int, code: str, words: str) -> None:
    response = response_for(error)
    outcome = json.loads(bytes(response.body))
    (issue,) = outcome["issue"]
    assert (response.status_code, response.media_type, outcome["resourceType"]) == (status, "application/json", "OperationOutcome")
    assert (issue["code"], issue["diagnostics"]) == (code, words)
    assert issue["severity"] == ("fatal" if status == 500 else "error")
    assert issue.get("expression", [words.partition(":")[0]]) == [words.partition(":")[0]]
    assert response.headers["cache-control"] == "no-store"


def test_a_405_says_what_would_do_and_a_401_how() -> None:
    assert response_for(HTTPException(405, headers={"Allow": "POST"})).headers["allow"] == "POST"
    assert response_for(NotAuthenticated()).headers["www-authenticate"] == "Bearer"
