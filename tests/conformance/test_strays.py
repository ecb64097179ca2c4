"""A resource under another type's key tells what it tells under its own; nothing that warns is passed over for where it stands."""

import pytest

from tests.conformance.calls import OUTCOME, ask, diagnostics, evaluation, topics
from tests.conformance.test_prefetch_states import NEXT
from tests.conformance.test_unreadable_resources import discitis
from tests.orders.calls import KYPHOPLASTY_AT_L1, shown, with_discitis
from tests.orders.calls import ask as order
from tests.service import Client, Json

KEYS = ("observations", "reports", "medicationRequests", "allergies", "assessments")


def moved(key: str, **members: Json) -> Json:
    """The infection, with these members, stands under this key."""
    prefetch = with_discitis()
    infection = discitis(prefetch)
    prefetch["conditions"]["entry"].remove(infection)
    stray = {**infection, "resource": {**infection["resource"], **members}}
    prefetch[key] = {**prefetch[key], "entry": [*prefetch[key].get("entry", []), stray]}
    return prefetch


@pytest.mark.parametrize("key", KEYS)
def test_an_infection_under_another_key_blocks(client: Client, key: str) -> None:
    answer = ask(client, moved(key))
    assert topics(answer) == ["ta279SafetyAlert"]
    assert "dataGaps" not in evaluation(answer)
    assert shown(order(client, "order-sign", KYPHOPLASTY_AT_L1, resources=moved(key)))[0] == "SafetyAlert critical"


def test_included_in_another_search_it_blocks_too(client: Client) -> None:
    prefetch = moved("reports")
    prefetch["reports"]["entry"][-1]["search"] = {"mode": "include"}
    assert topics(ask(client, prefetch)) == ["ta279SafetyAlert"]


def test_alone_under_another_key_it_blocks_and_that_key_was_not_sent(client: Client) -> None:
    prefetch = moved("reports")
    prefetch["reports"] = prefetch["reports"]["entry"][-1]["resource"]
    answer = ask(client, prefetch)
    assert topics(answer) == ["ta279SafetyAlert"]
    assert evaluation(answer)["dataGaps"] == [{"resourceType": "DiagnosticReport", "reason": "not-supported"}]


def test_in_a_search_that_goes_on_it_blocks(client: Client) -> None:
    prefetch = moved("reports")
    prefetch["reports"] = {**prefetch["reports"], **NEXT}
    assert topics(ask(client, prefetch)) == ["ta279SafetyAlert"]


def test_under_both_keys_it_is_told_once(client: Client) -> None:
    twice = moved("reports")
    twice["conditions"] = with_discitis()["conditions"]
    assert evaluation(ask(client, twice))["flags"] == evaluation(ask(client, with_discitis()))["flags"]


def test_unreadable_it_leaves_a_gap_in_its_own_type(client: Client) -> None:
    answer = ask(client, moved("observations", code={"text": 5}))
    assert "ta279CriteriaMet" not in topics(answer)
    assert evaluation(answer)["dataGaps"] == [{"resourceType": "Condition", "reason": "failed"}]


@pytest.mark.parametrize("conditions", [None, OUTCOME], ids=["read", "refused anyway"])
def test_another_patients_is_refused(client: Client, conditions: Json) -> None:
    prefetch = moved("observations", subject={"reference": "Patient/somebody-else"})
    answer = ask(client, {**prefetch, "conditions": conditions or prefetch["conditions"]})
    assert answer.status == 400
    assert "Condition" in diagnostics(answer)
