"""A Bundle in a Bundle is not read, so what it holds is not known: that is never told as nothing (contract 6.9)."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from app.examples import HOOK
from tests.conformance.calls import ask, call, diagnostics, evaluation, topics
from tests.conformance.test_unreadable_resources import bundle_of, discitis
from tests.orders.calls import KYPHOPLASTY_AT_L1, with_discitis
from tests.orders.calls import ask as order
from tests.service import Client, Json

ALL_TYPES = 13

Held = Callable[..., Json]


def in_a_bundle(*entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(entries)}


def in_parameters(*entries: Json) -> Json:
    return {"resourceType": "Parameters", "parameter": [{"name": "return", **entry} for entry in entries]}


HELD = pytest.mark.parametrize("held", [in_a_bundle, in_parameters])


@HELD
@pytest.mark.parametrize("kind", ["collection", "searchset"])
def test_conditions_that_are_all_in_an_inner_bundle_are_412(client: Client, eligible: Json, held: Held, kind: str) -> None:
    conditions = {"resourceType": "Bundle", "type": kind, "entry": [{"resource": held(*eligible["conditions"]["entry"])}]}
    answer = client.post(HOOK, call({**eligible, "conditions": conditions}))
    assert answer.status == 412
    assert diagnostics(answer) == "prefetch.conditions: Condition data are required and could not be had by the client."
    assert order(client, "order-sign", KYPHOPLASTY_AT_L1, resources={**eligible, "conditions": conditions}).status == 412


@HELD
def test_an_infection_in_an_inner_bundle_beside_plain_conditions_is_412(client: Client, held: Held) -> None:
    prefetch = with_discitis()
    entries = prefetch["conditions"]["entry"]
    entries[entries.index(discitis(prefetch))] = {"resource": held(discitis(prefetch))}
    assert ask(client, prefetch).status == 412


@HELD
def test_an_optional_key_with_an_inner_bundle_is_a_gap(client: Client, eligible: Json, held: Held) -> None:
    inner = held(*eligible["observations"]["entry"])
    answer = ask(client, {**eligible, "observations": in_a_bundle({"resource": inner})})
    assert topics(answer) == ["ta279InformationNeeded"]
    assert evaluation(answer)["dataGaps"] == [{"resourceType": "Observation", "reason": "failed"}]


@HELD
def test_an_evaluation_of_a_bundle_with_an_inner_bundle_is_of_a_part(client: Client, held: Held) -> None:
    bundle = bundle_of(with_discitis())
    place = next(number for number, entry in enumerate(bundle["entry"]) if "M46" in str(entry["resource"].get("code")))
    bundle["entry"][place] = {"resource": held(bundle["entry"][place])}
    answer = client.post("/evaluations", bundle)
    assert (answer.status, answer.json["outcome"]) == (200, "information-needed")
    assert len(answer.json["dataGaps"]) == ALL_TYPES
    assert {gap["reason"] for gap in answer.json["dataGaps"]} == {"truncated"}


def test_what_else_a_search_includes_changes_nothing(client: Client, eligible: Json) -> None:
    """A warning, a performer, a medicine, a list and what a resource contains."""
    told: Json = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}
    prefetch = deepcopy(eligible)
    prefetch["conditions"]["entry"] += [
        {"resource": told, "search": {"mode": "outcome"}},
        {"resource": {"resourceType": "Practitioner", "id": "p"}, "search": {"mode": "include"}},
        {"resource": {"resourceType": "Medication", "id": "m"}, "search": {"mode": "include"}},
        {"resource": {"resourceType": "List", "id": "l", "status": "current", "mode": "working"}},
    ]
    plain, more = ask(client, eligible), ask(client, prefetch)
    assert topics(more) == topics(plain) == ["ta279CriteriaMet"]
    assert "dataGaps" not in evaluation(more)
