"""POST /cds-services/vertebral-augmentation-patient-view, as honest clients call it (cds-hooks.md 1.3, 1.6)."""

import json

import pytest

from app.examples import HOOK
from tests.conformance.calls import EMPTY, ask, call, criteria, evaluation, topics
from tests.service import Client, Json

MYELOMA = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "C90.0"}


def test_an_eligible_patient_gets_the_card(client: Client, eligible: Json) -> None:
    answer = ask(client, eligible)
    (card,) = answer.json["cards"]
    assert topics(answer) == ["ta279CriteriaMet"]
    assert "L1" in card["summary"]
    assert "without stenting" in card["summary"]
    assert set(criteria(answer).values()) == {"met"}
    assert answer.headers["cache-control"] == "no-store"


def test_no_fracture_is_no_card_and_says_why_in_the_evaluation(client: Client, eligible: Json) -> None:
    answer = ask(client, {"patient": eligible["patient"], "conditions": EMPTY})
    assert answer.json["cards"] == []
    assert (evaluation(answer)["outcome"], evaluation(answer)["fractures"]) == ("no-evaluable-fracture", [])


def test_the_day_is_the_services_day(client: Client, eligible: Json) -> None:
    assert evaluation(ask(client, eligible))["evaluationDate"] == "2026-11-22"


def test_every_call_gets_its_own_card_uuid(client: Client, eligible: Json) -> None:
    uuids = {ask(client, eligible).json["cards"][0]["uuid"] for _ in range(3)}
    assert len(uuids) == 3


def test_a_repeated_hook_instance_is_answered_again(client: Client, eligible: Json) -> None:
    first, second = ask(client, eligible), ask(client, eligible)
    assert topics(first) == topics(second) == ["ta279CriteriaMet"]


@pytest.mark.parametrize(
    "extra",
    [
        {"extension": {"com.epic.cdshooks.request.bpa-trigger-action": "60"}},
        {"user": "Practitioner/1", "redirect": "https://ehr.example", "oauth": None},
        {"fhirServer": "http://localhost:8080/fhir"},
        {"context": {"patientId": "example-patient", "userId": "PractitionerRole/1", "encounterId": "e", "newInThisVersion": {"a": [1]}}},
        {"hookInstance": "not a uuid at all"},
        {"fhirServer": "https://ehr.example/fhir", "fhirAuthorization": {
            "access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs Condition.Read (Problems)",
            "subject": "s", "patient": "example-patient",
        }},
    ],
    ids=["extension", "old members", "http fhirServer", "new context members", "any instance", "authorization"],
)  # fmt: skip
def test_what_newer_and_odder_clients_send_is_taken(client: Client, eligible: Json, extra: Json) -> None:
    assert topics(ask(client, eligible, **extra)) == ["ta279CriteriaMet"]


def test_a_key_that_was_not_asked_for_says_nothing(client: Client, eligible: Json) -> None:
    """What an analyst added to the prefetch is not evidence, whatever it is."""
    cancer = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/example-patient"}, "code": {"coding": [MYELOMA]}}
    extra = {"-user": {"resourceType": "Practitioner", "id": "u"}, "more": cancer, "odd": "text", "none": None, "number": 5}
    assert evaluation(ask(client, {**eligible, **extra})) == evaluation(ask(client, eligible))


def test_absolute_references_at_the_clients_own_server_are_this_patient(client: Client, eligible: Json) -> None:
    base = "https://ehr.example/api/FHIR/R4"
    for entry in eligible["conditions"]["entry"]:
        entry["resource"]["subject"]["reference"] = f"{base}/Patient/example-patient"
    assert topics(ask(client, eligible, fhirServer=base)) == ["ta279CriteriaMet"]


def test_the_warning_of_an_empty_search_is_an_empty_search(client: Client, eligible: Json) -> None:
    """Epic's way to say that there is nothing (cds-hooks.md 3.3)."""
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "warning", "code": "processing", "details": {"coding": [{"code": "4101"}]}}],
    }
    nothing = {**EMPTY, "entry": [{"resource": outcome, "search": {"mode": "outcome"}}]}
    answer = ask(client, {**eligible, "conditions": nothing, "procedures": nothing})
    assert answer.json["cards"] == []
    assert "dataGaps" not in evaluation(answer)


def test_the_order_of_keys_and_entries_does_not_matter(client: Client, eligible: Json) -> None:
    turned = {key: eligible[key] for key in reversed(eligible)}
    turned["observations"] = {**eligible["observations"], "entry": list(reversed(eligible["observations"]["entry"]))}
    assert evaluation(ask(client, turned)) == evaluation(ask(client, eligible))


def test_whitespace_and_escapes_do_not_matter(client: Client, eligible: Json) -> None:
    spaced = json.dumps(call(eligible), indent=3, ensure_ascii=True).replace('"patientId"', '"\\u0070atientId"').encode()
    assert topics(client.post(HOOK, spaced)) == ["ta279CriteriaMet"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;charset=UTF-8"])
def test_json_by_any_of_its_names(client: Client, eligible: Json, content_type: str) -> None:
    assert client.post(HOOK, call(eligible), content_type=content_type).status == 200
