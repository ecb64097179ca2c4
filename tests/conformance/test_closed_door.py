"""Where authentication is required nobody is let in, and nobody is told why (S-122, contract 6.11)."""

import pytest

from app.examples import HOOK
from tests.conformance.calls import call
from tests.service import Client, Json

CLOSED = [("GET", "/cds-services"), ("POST", HOOK), ("POST", f"{HOOK}/feedback"), ("POST", "/evaluations")]
TOKENS = ["", "Bearer", "Bearer x", "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic dXNlcjpwdw==", "bearer " + "a" * 5_000]


@pytest.mark.parametrize(("method", "address"), CLOSED)
def test_the_answer_is_one_and_the_same_401(locked_client: Client, method: str, address: str) -> None:
    first = locked_client.get("/cds-services")
    for token in TOKENS:
        answer = locked_client.request(method, address, b"{}", authorization=token, content_type="application/json")
        assert (answer.status, answer.body) == (401, first.body)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert locked_client.same_connection()


def test_nothing_is_said_of_the_body_before_the_caller_is_known(locked_client: Client, eligible: Json) -> None:
    bodies: tuple[Json, ...] = (call(eligible), {}, b"not JSON", b" " * 5_000_001)
    answers = [locked_client.post(HOOK, body) for body in bodies] + [locked_client.post(HOOK, b"{}", content_type="text/plain")]
    assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}


def test_an_unknown_service_is_no_secret_and_no_way_in(locked_client: Client) -> None:
    assert locked_client.post("/cds-services/unknown", {}).status == 404
    assert locked_client.post("/cds-services/unknown/feedback", {}).status == 401


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/fhir/CodeSystem/findings"])
def test_what_anybody_may_ask_is_answered(locked_client: Client, address: str) -> None:
    assert locked_client.get(address).status == 200


def test_a_preflight_asks_for_no_token(locked_client: Client) -> None:
    answer = locked_client.request("OPTIONS", HOOK, None, origin="https://ehr.example", access_control_request_method="POST")
    assert answer.status == 200
