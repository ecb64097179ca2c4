"""POST /cds-services/{id}/feedback (cds-hooks.md 1.10, sandbox.md 6)."""

import pytest

from app.examples import HOOK
from tests.conformance.calls import diagnostics
from tests.service import Client, Json

FEEDBACK = f"{HOOK}/feedback"
CARD = {"card": "7ddb7a35-5e40-4dd2-a5ea-40f7bf8ec54a", "outcomeTimestamp": "2026-11-22T09:42:15.427Z"}


@pytest.mark.parametrize(
    "items",
    [
        [{**CARD, "outcome": "accepted", "acceptedSuggestions": [{"id": "s"}]}],
        [{**CARD, "outcome": "overridden"}],
        [{**CARD, "outcome": "overridden", "overrideReason": {"reason": {"code": "patient-refused", "system": "https://x"}}}],
        [{**CARD, "outcome": "overridden", "overrideReasons": {"extension": {"com.epic.x": 1}}}],
        [{**CARD, "outcome": "overridden"}] * 3,
        [{**CARD, "outcome": "overridden"}, None, 5, {"card": 7}],
        [],
    ],
    ids=["accepted", "dismissed", "overridden", "epic", "batch", "odd items", "none"],
)
def test_feedback_is_answered_with_an_empty_object(client: Client, items: Json) -> None:
    answer = client.post(FEEDBACK, {"feedback": items})
    assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.parametrize("body", [{}, {"feedback": None}, {"feedback": {}}, {"feedback": "x"}])
def test_feedback_that_is_no_list_is_400(client: Client, body: Json) -> None:
    answer = client.post(FEEDBACK, body)
    assert (answer.status, diagnostics(answer)) == (400, "feedback: must be an array")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"feedback":[],"feedback":[]}', b'{"feedback":[NaN]}', b"[" * 5_000])
def test_feedback_that_is_no_object_is_400(client: Client, body: bytes) -> None:
    assert client.post(FEEDBACK, body).status == 400
    assert client.same_connection()


def test_feedback_for_no_service_is_404(client: Client) -> None:
    assert client.post("/cds-services/unknown/feedback", {"feedback": []}).status == 404


def test_feedback_of_another_type_or_too_long_is_refused(client: Client) -> None:
    assert client.post(FEEDBACK, {"feedback": []}, content_type="text/plain").status == 415
    assert client.post(FEEDBACK, b" " * 5_000_001).status == 413
    assert client.get(FEEDBACK).status == 405
