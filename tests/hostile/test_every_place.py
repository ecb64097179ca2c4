"""Structure-aware: each place in a full request in turn holds each hostile value, over a real socket (trust.md 2.5).

Random bytes find little: they stop at the parser. 420 such bodies broke a default stack fifty times.
"""

import pytest

from tests.hostile.conftest import Tell
from tests.hostile.whole_requests import TOKENS, bodies, places, whole_requests
from tests.service import Client

PLANNED = {200, 400, 412}
REQUESTS = whole_requests()
FEWEST_BODIES = 3_000


@pytest.mark.parametrize("name", REQUESTS)
def test_anything_anywhere_is_planned_for(client: Client, name: str, tell: Tell) -> None:
    """Answers are held to tests.conformance.rules by the client."""
    address, whole = REQUESTS[name]
    sent, unplanned = 0, []
    for path, token, body in bodies(whole):
        answer = client.post(address, body)
        sent += 1
        if answer.status not in PLANNED:
            unplanned.append((path, token, answer.status))
    assert unplanned == []
    assert client.same_connection()
    tell(f"{name}: {sent:,} bodies sent, 0 answers other than 200, 400, 412")


def test_there_are_enough_of_them() -> None:
    assert sum(len(list(places(whole))) for _, whole in REQUESTS.values()) * len(TOKENS) > FEWEST_BODIES
    assert len(TOKENS) >= 21


@pytest.mark.parametrize("name", REQUESTS)
def test_the_full_request_itself_is_answered(client: Client, name: str) -> None:
    """What is broken in one place must be whole in the others, or nothing is reached."""
    address, whole = REQUESTS[name]
    answer = client.post(address, whole)
    assert answer.status == 200, answer.body


def test_a_failure_would_be_seen(failing_client: Client) -> None:
    """The same call to a service whose clock is broken."""
    address, whole = REQUESTS["patient-view"]
    assert failing_client.post(address, whole).status not in PLANNED
