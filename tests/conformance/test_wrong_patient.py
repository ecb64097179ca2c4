"""Another patient's data anywhere in a request: 400, no card from the rest, and a security event (contract 6.10, trust.md 2.6)."""

import logging

import msgspec
import pytest

from app.examples import HOOK
from tests.conformance.calls import ask, call, diagnostics, topics
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


THEIRS: Json = {"reference": "Patient/somebody-else"}
OURS: Json = {"reference": "Patient/example-patient"}
FOREIGN = resource("Condition", "Patient/somebody-else")


def appointment(*actors: Json) -> Json:
    """R4 gives it no subject: whose it is, its participants say."""
    return {"resourceType": "Appointment", "status": "booked", "participant": [{"actor": actor} for actor in actors]}


ELSEWHERE: dict[str, Json] = {
    "an array of resources": [FOREIGN],
    "an array of arrays": [[{"resource": FOREIGN}]],
    "a Bundle in a Bundle": searchset({"resourceType": "Bundle", "type": "history", "entry": [{"resource": FOREIGN}]}),
    "a Bundle in a Bundle in a Bundle": searchset(searchset(searchset({"resourceType": "Patient", "id": "somebody-else"}))),
    "Parameters": {"resourceType": "Parameters", "parameter": [{"name": "part", "part": [{"name": "record", "resource": FOREIGN}]}]},
    "an entry that is a resource": {"resourceType": "Bundle", "type": "searchset", "entry": [FOREIGN]},
    "an entry that is an array": {"resourceType": "Bundle", "type": "searchset", "entry": [[{"resource": FOREIGN}]]},
    "a resource that is an array": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": [FOREIGN]}]},
    "an appointment of somebody else": searchset(appointment({"reference": "Practitioner/gp"}, THEIRS)),
    "an appointment at another server": searchset(appointment({"reference": "https://other.example/fhir/Patient/somebody-else"})),
    "an appointment of somebody else by a URN": searchset(appointment({"type": "Patient", "reference": "urn:uuid:0"})),
    "a subject under another name": searchset({"resourceType": "ResearchSubject", "individual": THEIRS}),
    "a group of others": searchset({"resourceType": "Group", "member": [{"entity": THEIRS}]}),
    "a name spelt otherwise": searchset({"resourceType": "Basic", "code": {"text": "HERE"}}),
}


@pytest.mark.parametrize("key", ["more", "conditions", "procedures"])
@pytest.mark.parametrize("value", ELSEWHERE.values(), ids=ELSEWHERE)
def test_in_any_place_and_of_any_type(client: Client, eligible: Json, key: str, value: Json) -> None:
    """Under a key that was not asked for and under those that were; whatever else may be said of the value."""
    eligible[key] = value
    escaped = b'"},"sub\\u006aect":{"reference":"\\u0050atient\\/somebody-else"},"x":{"y":"'
    answer = client.post(HOOK, msgspec.json.encode(call(eligible)).replace(b"HERE", escaped))
    assert (answer.status, diagnostics(answer).partition(": ")[2]) == (400, "a resource is not of the patient this request is about")


LEGITIMATE: dict[str, Json] = {
    "another record of the same person": {
        "resourceType": "Patient",
        "id": "example-patient",
        "link": [{"other": THEIRS, "type": "seealso"}],
    },
    "a relative": {"resourceType": "RelatedPerson", "id": "mother", "patient": OURS},
    "the history of the family": {"resourceType": "FamilyMemberHistory", "patient": OURS, "extension": [{"valueReference": THEIRS}]},
    "who was looked at": {"resourceType": "Observation", "subject": OURS, "focus": [THEIRS]},
    "who pays": {"resourceType": "Coverage", "beneficiary": OURS, "subscriber": THEIRS, "payor": [{"reference": "Organization/1"}]},
    "who said so": {"resourceType": "Condition", "subject": OURS, "asserter": THEIRS},
    "an appointment of two": appointment(OURS, THEIRS),
    "an appointment of no patient": appointment({"reference": "Practitioner/gp"}, {"reference": "Group/1"}),
    "a group with others": {"resourceType": "Group", "member": [{"entity": THEIRS}, {"entity": OURS}]},
    "a person": {"resourceType": "Person", "link": [{"target": OURS}, {"target": THEIRS}]},
    "a contained Patient": {"resourceType": "Condition", "subject": OURS, "contained": [{"resourceType": "Patient", "id": "a-donor"}]},
    "nobody": {"resourceType": "Practitioner", "id": "gp", "name": [{"family": "Patient/somebody-else"}]},
}


@pytest.mark.parametrize("value", LEGITIMATE.values(), ids=LEGITIMATE)
def test_who_is_named_in_a_resource_of_this_patient_besides_is_no_reason_to_refuse(client: Client, eligible: Json, value: Json) -> None:
    eligible["conditions"]["entry"].append({"resource": value, "search": {"mode": "include"}})
    assert topics(ask(client, {**eligible, "more": searchset(value), "list": [value]})) == ["ta279CriteriaMet"]


@pytest.mark.parametrize("subject", [{"reference": "#inner"}, {"reference": "Patient/inner"}])
def test_a_contained_patient_is_somebody_else_where_the_resource_is_about_it(client: Client, eligible: Json, subject: Json) -> None:
    """Its id is a name in that resource only: nothing says that it is the patient of the call."""
    eligible["procedures"] = searchset(
        {"resourceType": "Procedure", "id": "x", "subject": subject, "contained": [{"resourceType": "Patient", "id": "inner"}]}
    )
    assert ask(client, eligible).status == 400


@pytest.mark.parametrize("member", [{"recorder": THEIRS}, {"contained": [{"resourceType": "Patient", "id": "somebody-else"}]}])
def test_in_a_resource_that_names_no_subject(client: Client, eligible: Json, member: Json) -> None:
    eligible["procedures"] = searchset({"resourceType": "Procedure", "id": "x", **member})
    assert ask(client, eligible).status == 400


def test_an_unasked_value_that_says_two_things_by_one_name(client: Client, eligible: Json) -> None:
    """Of two subjects, the one that a parser drops may be anybody's."""
    for twice in (b'{"subject":{"reference":"Patient/somebody-else"},"subject":null}', b'[{"entry":[],"entry":null}]'):
        body = msgspec.json.encode(call({**eligible, "more": "HERE"})).replace(b'"HERE"', twice)
        answer = client.post(HOOK, body)
        assert (answer.status, diagnostics(answer)) == (400, "Resource: a member is given twice in a resource")


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
