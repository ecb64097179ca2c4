"""A resource that is not what FHIR says may be anything: what it would have told is not known, and the answer says so (contract 6.9)."""

import pytest

from app.examples import HOOK
from tests.conformance.calls import ask, call, diagnostics, evaluation, topics
from tests.orders.calls import with_discitis
from tests.service import Client, Json

UNREADABLE: list[Json] = [
    {"bodySite": {"text": "L1"}},
    {"code": {"text": 5}},
    {"recordedDate": 20261101},
    {"abatementAge": "x"},
    {"evidence": {}},
    {"extension": {}},
    {"subject": {"identifier": {"value": "9"}}},
]
NAMES = ["-".join(members) for members in UNREADABLE]


def discitis(prefetch: Json) -> Json:
    """The entry that tells of a spinal infection."""
    return next(entry for entry in prefetch["conditions"]["entry"] if "M46" in str(entry["resource"].get("code")))


def spoilt(members: Json) -> Json:
    prefetch = with_discitis()
    entry = discitis(prefetch)
    entry["resource"] = {**entry["resource"], **members}
    return prefetch


def bundle_of(prefetch: Json) -> Json:
    searched = [entry for value in prefetch.values() if "entry" in value for entry in value["entry"]]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": prefetch["patient"]}, *searched]}


def test_readable_it_blocks(client: Client) -> None:
    assert topics(ask(client, with_discitis())) == ["ta279SafetyAlert"]


@pytest.mark.parametrize("members", UNREADABLE, ids=NAMES)
def test_an_infection_that_cannot_be_read_leaves_a_gap_and_no_met_card(client: Client, members: Json) -> None:
    answer = ask(client, spoilt(members))
    assert "ta279CriteriaMet" not in topics(answer)
    assert {"resourceType": "Condition", "reason": "failed"} in evaluation(answer)["dataGaps"]


@pytest.mark.parametrize("members", UNREADABLE, ids=NAMES)
def test_an_evaluation_says_so_too(client: Client, members: Json) -> None:
    answer = client.post("/evaluations", bundle_of(spoilt(members)))
    assert (answer.status, answer.json["outcome"]) == (200, "information-needed")
    assert {"resourceType": "Condition", "reason": "failed"} in answer.json["dataGaps"]


def bare(entry: Json) -> Json:
    """The resource where its entry should be."""
    return entry["resource"]


def as_text(entry: Json) -> Json:
    return {**entry, "resource": "text"}


@pytest.mark.parametrize("made", [bare, as_text])
def test_an_entry_that_may_hold_anything_leaves_a_gap(client: Client, made: Json) -> None:
    prefetch = with_discitis()
    entries = prefetch["conditions"]["entry"]
    entries[entries.index(discitis(prefetch))] = made(discitis(prefetch))
    assert "ta279CriteriaMet" not in topics(ask(client, prefetch))
    evaluated = client.post("/evaluations", bundle_of(prefetch) if made is as_text else {**bundle_of(prefetch)}).json
    assert evaluated["outcome"] != "criteria-met"


@pytest.mark.parametrize("member", [{"bodySite": {"text": "L1"}}, {"onsetDateTime": 2026}, {"subject": {"identifier": {"value": "9"}}}])
def test_where_the_only_fracture_cannot_be_read_silence_is_no_answer(client: Client, eligible: Json, member: Json) -> None:
    """Neither for patient-view nor, the fracture being one of several diagnoses, because others can be read."""
    other = {"resourceType": "Condition", "id": "other", "subject": {"reference": "Patient/example-patient"}, "code": {"text": "Gout"}}
    fracture = next(entry for entry in eligible["conditions"]["entry"] if entry["resource"]["id"] == "fracture")
    spoilt_fracture = {**fracture, "resource": {**fracture["resource"], **member}}
    prefetch = {"patient": eligible["patient"], "conditions": {**eligible["conditions"], "entry": [spoilt_fracture, {"resource": other}]}}
    answer = client.post(HOOK, call(prefetch))
    assert answer.status == 412
    assert diagnostics(answer) == "prefetch.conditions: Condition data are required and hold one that cannot be read."


@pytest.mark.parametrize("resource", [True, [], "x", 0, {}, {"resourceType": 5}, {"id": "1"}], ids=str)
def test_an_entry_whose_resource_is_none_may_be_the_fracture(client: Client, eligible: Json, resource: object) -> None:
    prefetch = {"patient": eligible["patient"], "conditions": {**eligible["conditions"], "entry": [{"resource": resource}]}}
    assert client.post(HOOK, call(prefetch)).status == 412


@pytest.mark.parametrize("entry", [{}, {"resource": None}, {"fullUrl": "urn:uuid:1"}], ids=str)
def test_an_entry_without_a_resource_is_nothing(client: Client, eligible: Json, entry: Json) -> None:
    prefetch = {"patient": eligible["patient"], "conditions": {**eligible["conditions"], "entry": [entry]}}
    assert topics(ask(client, prefetch)) == []


def test_an_infection_of_nobody_knows_whom_leaves_a_chart_without_a_fracture_quiet(client: Client, eligible: Json) -> None:
    infection = discitis(with_discitis())
    infection["resource"] = {**infection["resource"], "subject": {"display": "Jane Doe"}}
    prefetch = {"patient": eligible["patient"], "conditions": {**eligible["conditions"], "entry": [infection]}}
    assert topics(ask(client, prefetch)) == []


def test_a_diagnosis_that_cannot_be_read_and_is_no_fracture_leaves_the_chart_quiet(client: Client, eligible: Json) -> None:
    """With the Evaluation as without it."""
    osteoporosis: Json = {
        "resourceType": "Condition",
        "id": "osteoporosis",
        "clinicalStatus": True,
        "subject": {"reference": "Patient/example-patient"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "64859006"}]},
    }
    prefetch = {"patient": eligible["patient"], "conditions": {**eligible["conditions"], "entry": [{"resource": osteoporosis}]}}
    answer = ask(client, prefetch)
    assert topics(answer) == []
    assert {"resourceType": "Condition", "reason": "failed"} in evaluation(answer)["dataGaps"]
