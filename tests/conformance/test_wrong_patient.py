"""Another patient's data anywhere in a request: 400, no card from the rest, and a security event (contract 6.10, trust.md 2.6)."""

import logging

import pytest

from tests.conformance.calls import ask, diagnostics, topics
from tests.conformance.test_discovery import OPTIONAL_KEYS
from tests.service import Client, Json

OTHERS = [
    "Patient/somebody-else",
    "https://ehr.example/fhir/Patient/somebody-else",
    "Patient/example-patient2",
    "Patient/Example-Patient",
    "Patient/example-patient ",
    "Group/example-patient",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
]
SUBJECT = {"AllergyIntolerance": "patient"}


def resource(kind: str, reference: str) -> Json:
    return {"resourceType": kind, "id": "x", SUBJECT.get(kind, "subject"): {"reference": reference}}


def searchset(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}


@pytest.mark.parametrize(("key", "kind"), {"conditions": "Condition", **OPTIONAL_KEYS}.items())
def test_one_foreign_resource_refuses_the_call(client: Client, eligible: Json, key: str, kind: str) -> None:
    foreign = resource(kind, "Patient/somebody-else")
    given = eligible[key]
    eligible[key] = {**given, "entry": [*given.get("entry", []), {"resource": foreign}]}
    answer = ask(client, eligible)
    assert answer.status == 400
    assert diagnostics(answer) == f"{kind}: a resource is not of the patient this request is about"


@pytest.mark.parametrize("reference", OTHERS)
def test_in_every_way_to_name_somebody_else(client: Client, eligible: Json, reference: str) -> None:
    eligible["procedures"] = searchset(resource("Procedure", reference))
    assert ask(client, eligible).status == 400


@pytest.mark.parametrize("reference", ["Patient/example-patient", "https://ehr.example/fhir/Patient/example-patient/_history/3"])
def test_in_every_way_to_name_this_patient(client: Client, eligible: Json, reference: str) -> None:
    eligible["procedures"] = searchset(resource("Procedure", reference))
    assert topics(ask(client, eligible)) == ["ta279CriteriaMet"]


def test_another_server_than_the_clients_is_another_patient(client: Client, eligible: Json) -> None:
    eligible["procedures"] = searchset(resource("Procedure", "https://other.example/fhir/Patient/example-patient"))
    assert ask(client, eligible, fhirServer="https://ehr.example/fhir").status == 400


def test_another_patient_resource_than_the_context_names(client: Client, eligible: Json) -> None:
    eligible["patient"]["id"] = "somebody-else"
    assert ask(client, eligible).status == 400


def test_under_a_key_that_was_not_asked_for(client: Client, eligible: Json) -> None:
    foreign = resource("Condition", "Patient/somebody-else")
    for value in (foreign, searchset(foreign), {"resourceType": "Patient", "id": "somebody-else"}):
        assert ask(client, {**eligible, "more": value}).status == 400


def test_in_a_type_that_is_not_read(client: Client, eligible: Json) -> None:
    eligible["conditions"]["entry"].append({"resource": resource("Encounter", "Patient/somebody-else"), "search": {"mode": "include"}})
    assert ask(client, eligible).status == 400


def test_before_it_is_said_that_something_is_missing(client: Client, eligible: Json) -> None:
    foreign = searchset(resource("Observation", "Patient/somebody-else"))
    assert ask(client, {"patient": eligible["patient"], "observations": foreign}).status == 400


def test_the_event_is_logged_without_saying_who(client: Client, eligible: Json, caplog: pytest.LogCaptureFixture) -> None:
    eligible["procedures"] = searchset(resource("Procedure", "Patient/somebody-else"))
    with caplog.at_level(logging.WARNING, logger="app"):
        ask(client, eligible)
    (record,) = [record for record in caplog.records if getattr(record, "event", "") == "another-patient"]
    assert (getattr(record, "resource_type", ""), getattr(record, "source", "")) == ("Procedure", "prefetch")
    assert "somebody-else" not in repr(record.__dict__)
    assert "example-patient" not in repr(record.__dict__)
