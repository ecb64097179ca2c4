"""Absent is not empty, failed is not empty, partial is not whole (cds-hooks.md 3.3, contract 6.9)."""

import pytest

from app.examples import HOOK
from tests.conformance.calls import EMPTY, OUTCOME, ask, call, criteria, diagnostics, evaluation, topics
from tests.conformance.test_discovery import OPTIONAL_KEYS
from tests.service import Client, Json

ABSENT = object()
NEXT = {"link": [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}]}
FAILED_ENTRY = {**EMPTY, "entry": [{"resource": OUTCOME, "search": {"mode": "outcome"}}]}
WRAPPED = {"resource": EMPTY, "response": {"status": "200 OK"}}


def with_key(prefetch: Json, key: str, value: object) -> Json:
    others = {name: given for name, given in prefetch.items() if name != key}
    return others if value is ABSENT else {**others, key: value}


@pytest.mark.parametrize("key", ["patient", "conditions"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        (ABSENT, "were not sent"),
        (OUTCOME, "could not be had by the client"),
        ("<html>Log in</html>", "were not sent"),
        (WRAPPED, "were not sent"),
        (5, "were not sent"),
        ([], "were not sent"),
        (False, "were not sent"),
    ],
    ids=["absent", "outcome", "html", "wrapper", "number", "array", "false"],
)
def test_a_required_key_without_an_answer_is_412(client: Client, eligible: Json, key: str, value: object, why: str) -> None:
    answer = ask(client, with_key(eligible, key, value))
    kind = {"patient": "Patient", "conditions": "Condition"}[key]
    assert answer.status == 412
    assert diagnostics(answer) == f"prefetch.{key}: {kind} data are required and {why}."


@pytest.mark.parametrize("prefetch", [None, {}], ids=["null", "empty"])
def test_no_prefetch_at_all_is_412(client: Client, prefetch: Json) -> None:
    assert client.post(HOOK, {**call(), "prefetch": prefetch}).status == 412


def test_a_call_without_the_member_prefetch_is_412(client: Client) -> None:
    members = {name: value for name, value in call().items() if name != "prefetch"}
    assert client.post(HOOK, members).status == 412


@pytest.mark.parametrize("value", [{**EMPTY, **NEXT}, FAILED_ENTRY], ids=["next link", "error entry"])
def test_conditions_in_part_or_with_an_error_are_412(client: Client, eligible: Json, value: Json) -> None:
    assert ask(client, {**eligible, "conditions": value}).status == 412
    given = {**eligible["conditions"], **NEXT}
    assert ask(client, {**eligible, "conditions": given}).status == 412


def test_a_patient_the_client_knows_nothing_of_is_412(client: Client, eligible: Json) -> None:
    """Null is an answer for a list; for the patient there is no guidance without one."""
    assert ask(client, {**eligible, "patient": None}).status == 412
    assert ask(client, {**eligible, "patient": {"resourceType": "Patient"}}).status == 412


@pytest.mark.parametrize("value", [None, EMPTY, {"resourceType": "Bundle", "type": "searchset", "entry": []}, {"resourceType": "Bundle"}])
def test_known_empty_conditions_are_no_fracture(client: Client, eligible: Json, value: Json) -> None:
    answer = ask(client, {"patient": eligible["patient"], "conditions": value})
    assert answer.json["cards"] == []
    assert {gap["reason"] for gap in evaluation(answer)["dataGaps"]} == {"not-supported"}


@pytest.mark.parametrize(("key", "resource_type"), OPTIONAL_KEYS.items())
@pytest.mark.parametrize(
    ("value", "reason"),
    [(ABSENT, "not-supported"), (OUTCOME, "failed"), (FAILED_ENTRY, "failed"), ({**EMPTY, **NEXT}, "truncated"), ("text", "not-supported")],
    ids=["absent", "outcome", "error entry", "next link", "text"],
)
def test_an_optional_key_without_an_answer_is_a_gap(
    client: Client, eligible: Json, key: str, resource_type: str, value: object, reason: str
) -> None:
    answer = ask(client, with_key(eligible, key, value))
    assert evaluation(answer)["dataGaps"] == [{"resourceType": resource_type, "reason": reason}]


@pytest.mark.parametrize("key", OPTIONAL_KEYS)
@pytest.mark.parametrize("value", [None, EMPTY], ids=["null", "no entry"])
def test_an_optional_key_known_to_be_empty_is_no_gap(client: Client, eligible: Json, key: str, value: Json) -> None:
    assert "dataGaps" not in evaluation(ask(client, {**eligible, key: value}))


def test_what_depends_on_a_missing_key_is_unknown_never_not_met(client: Client, eligible: Json) -> None:
    answer = ask(client, with_key(eligible, "observations", ABSENT))
    assert topics(answer) == ["ta279InformationNeeded"]
    unknown = {name for name, status in criteria(answer).items() if status == "unknown"}
    assert unknown == {"unhealed", "severe-pain", "ongoing-pain", "examination-at-level", "imaging-at-level"}


def test_the_facts_of_a_partial_answer_still_count(client: Client, eligible: Json) -> None:
    answer = ask(client, {**eligible, "medicationDispenses": {**eligible["medicationDispenses"], **NEXT}})
    assert criteria(answer)["optimal-pain-management"] == "met"
    assert evaluation(answer)["dataGaps"] == [{"resourceType": "MedicationDispense", "reason": "truncated"}]


def test_where_the_latest_may_be_missing_what_came_is_shown_and_nothing_concluded(client: Client, eligible: Json) -> None:
    answer = ask(client, {**eligible, "observations": {**eligible["observations"], **NEXT}})
    (fracture,) = evaluation(answer)["fractures"]
    examination = next(finding for finding in fracture["criteria"] if finding["criterion"] == "examination-at-level")
    assert (examination["status"], examination["reasonCode"]) == ("unknown", "record-not-read")
    assert [evidence["reference"] for evidence in examination["evidence"]] == ["Observation/tenderness"]


def test_one_resource_where_a_bundle_is_expected_is_that_resource(client: Client, eligible: Json) -> None:
    fracture = eligible["conditions"]["entry"][1]["resource"]
    assert criteria(ask(client, {**eligible, "conditions": fracture}))["compression-fracture"] == "met"


@pytest.mark.parametrize("null", ["entry", "resource", "code", "subject", "onsetDateTime", "clinicalStatus", "bodySite"])
def test_null_inside_a_resource_is_never_worse_than_unknown(client: Client, eligible: Json, null: str) -> None:
    conditions = eligible["conditions"]
    place = {"entry": conditions, "resource": conditions["entry"][1]}.get(null, conditions["entry"][1]["resource"])
    place[null] = None
    answer = ask(client, eligible)
    assert answer.status in (200, 412)
    if answer.status == 200:
        assert "ta279CriteriaMet" not in topics(answer) or null in ("clinicalStatus",)
