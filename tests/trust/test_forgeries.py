"""Forged and odd tokens: one and the same 401 for each, and the way is open for the right one after it (S-122, trust.md 2.2)."""

import logging

import pytest

from app import reference_patient
from app.examples import HOOK
from tests.service import Answer, Client
from tests.trust.ehr import Issuer
from tests.trust.forgeries import FORGERIES

CASES = [(reason, name) for reason, forgeries in FORGERIES.items() for name in forgeries]


def told(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """All that whoever called can see, but for what is new with every answer: the time of day and the request's number."""
    return answer.status, answer.body, {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}


def test_they_are_many_and_refused_for_every_reason_there_is() -> None:
    assert len(CASES) >= 80
    assert set(FORGERIES) >= {"no-token", "size", "shape", "header", "claims", "issuer", "jku", "audience", "times", "key", "signature"}


@pytest.mark.parametrize(("reason", "name"), CASES)
def test_a_forgery_gets_the_same_401_as_no_token(
    client: Client, issuer: Issuer, caplog: pytest.LogCaptureFixture, reason: str, name: str
) -> None:
    nothing = client.post(HOOK, {})
    caplog.clear()
    answer = client.post(HOOK, {}, authorization=FORGERIES[reason][name](issuer))
    assert answer.status == 401
    assert told(answer) == told(nothing)
    assert [record.__dict__["reason"] for record in caplog.records] == [reason]
    assert client.same_connection()
    call = reference_patient.hook_request(reference_patient.prefetch())
    assert client.post(HOOK, call, authorization=issuer.bearer()).status == 200


def test_the_second_use_of_a_token_gets_it_too(client: Client, issuer: Issuer) -> None:
    nothing = client.get("/cds-services")
    bearer = issuer.bearer("/cds-services")
    assert client.get("/cds-services", authorization=bearer).status == 200
    assert told(client.get("/cds-services", authorization=bearer)) == told(nothing)


def test_the_log_names_the_client_and_repeats_nothing_of_the_token(
    client: Client, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    said = {"jti": "a-jti-of-its-own", "tenant": "a-tenant-of-its-own", "sub": "a-subject-of-its-own"}
    token = issuer.token(HOOK, {"kid": "a-kid-of-its-own"}, **said)
    assert client.post(HOOK, {}, authorization=f"Bearer {token}").status == 401
    (record,) = [record for record in caplog.records if record.name == "app.trust.gate"]
    written = repr(record.__dict__)
    assert record.__dict__["client"] == "St Example"
    assert len(record.__dict__["kid"]) == len(record.__dict__["jti"]) == 16
    assert [part for part in (*said.values(), "a-kid-of-its-own", *token.split("."), issuer.issuer) if part in written] == []
