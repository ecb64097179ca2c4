"""What was sent, and what is asked for beside it (trust.md 3, faults 16 and 17; cds-hooks.md 3.3)."""

from datetime import date

import pytest

from app import reference_patient
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.main import House, create_app
from app.settings import Settings
from tests.faults.call import MET, TOKEN, Ehr, evaluation, gaps, topics, whole_prefetch
from tests.faults.fault_server import FaultServer, says
from tests.faults.replies import OUTCOME, bundle
from tests.service import Json, serving

NEXT = {"link": [{"relation": "next", "url": "http://127.0.0.1:1/fhir/Condition?page=2"}]}
WHOLE = whole_prefetch()


INR: Json = {
    "resourceType": "Observation",
    "id": "inr",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "6301-6"}]},
    "subject": {"reference": f"Patient/{reference_patient.PATIENT_ID}"},
    "effectiveDateTime": f"{reference_patient.DAY}",
    "valueQuantity": {"value": 3.2, "system": "http://unitsofmeasure.org", "code": "{INR}"},
}


def observations(prefetch: Json) -> list[Json]:
    return [entry["resource"] for entry in prefetch["observations"]["entry"]]


def types_asked(fhir: FaultServer) -> set[str]:
    return {asked.resource_type for asked in fhir.asked} - {"metadata"}


def test_what_was_given_is_not_asked_for(ehr: Ehr, fhir: FaultServer) -> None:
    assert topics(ehr.asks(WHOLE)) == [MET]
    assert fhir.asked == []


@pytest.mark.parametrize("value", [None, bundle(), {"resourceType": "Bundle"}], ids=["null", "no entry", "no type"])
def test_known_empty_is_an_answer(ehr: Ehr, fhir: FaultServer, value: Json) -> None:
    """Fault 16."""
    answer = ehr.asks({**WHOLE, "conditions": value})
    assert (answer.status, answer.json["cards"], fhir.asked) == (200, [], [])


def test_what_the_client_could_not_have_is_not_asked_for_again(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 16."""
    assert ehr.asks({**WHOLE, "conditions": OUTCOME}).status == 412
    assert gaps(ehr.asks({**WHOLE, "procedures": OUTCOME})) == {"Procedure": "failed"}
    assert fhir.asked == []


@pytest.mark.parametrize("value", ["<html>", 5, [], {}, {"resource": bundle(), "response": {"status": "200"}}])
def test_what_has_no_shape_was_not_sent(ehr: Ehr, fhir: FaultServer, value: Json) -> None:
    """Fault 16."""
    assert topics(ehr.asks({**WHOLE, "conditions": value})) == [MET]
    assert types_asked(fhir) == {"Condition"}


def test_a_part_is_asked_for_whole(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 16: anew and not by the client's link, which may lead anywhere."""
    part = {**WHOLE["conditions"], "entry": WHOLE["conditions"]["entry"][:1], **NEXT}
    answer = ehr.asks({**WHOLE, "conditions": part})
    assert (topics(answer), gaps(answer), types_asked(fhir)) == ([MET], {}, {"Condition"})


def test_a_part_that_cannot_be_completed_is_kept_and_told(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 16: it may still hold what warns."""
    fhir.fails(says(403, OUTCOME), "Observation")
    answer = ehr.asks({**WHOLE, "observations": {**bundle(*observations(WHOLE), INR), **NEXT}})
    assert gaps(answer) == {"Observation": "truncated"}
    assert MET not in topics(answer)
    assert [flag["flag"] for flag in evaluation(answer)["flags"]] == ["coagulopathy"]


def test_half_and_half(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 16: each finding says where its evidence is from."""
    answer = ehr.asks({key: WHOLE[key] for key in ("patient", "conditions")})
    (fracture,) = evaluation(answer)["fractures"]
    sources = {evidence["source"] for finding in fracture["criteria"] for evidence in finding["evidence"]}
    assert (topics(answer), sources) == ([MET], {"prefetch", "fetched"})
    assert not {"Patient", "Condition"} & types_asked(fhir)


def test_data_that_are_too_old_are_told_as_old(ehr: Ehr, settings: Settings, house: House) -> None:
    """Fault 16: what was true in the summer is not true today."""
    access = FhirAccess(servers_at([ehr.fhir_server]), token_needed=True)
    with serving(create_app(settings, lambda: date(2027, 11, 22), house, access)) as service:
        assert topics(Ehr(service, ehr.fhir_server).asks(WHOLE)) == []


NO_TOKENS: list[Json] = [
    None,
    {},
    {"access_token": None},
    {"access_token": ""},
    {"access_token": 5},
    {"access_token": "two words"},
    {"access_token": "line\r\nX-Injected: 1"},
    {"access_token": "t", "token_type": "MAC"},
    {"token_type": "Bearer"},
]


@pytest.mark.parametrize("authorization", NO_TOKENS, ids=repr)
def test_without_a_token_that_can_be_used_nothing_is_asked(ehr: Ehr, fhir: FaultServer, authorization: Json) -> None:
    """Fault 17."""
    answer = ehr.asks({}, fhirAuthorization=authorization)
    assert answer.status == 412
    assert "no access token that can be used" in answer.json["issue"][0]["diagnostics"]
    assert fhir.connections == 0


def test_without_a_fhir_server_it_is_412(ehr: Ehr) -> None:
    """Fault 17."""
    answer = ehr.asks({"patient": WHOLE["patient"]}, fhirServer=None, fhirAuthorization=None)
    assert answer.json["issue"][0]["diagnostics"] == "prefetch.conditions: Condition data are required and were not sent."


def test_the_token_goes_with_every_request_and_nowhere_else(ehr: Ehr, fhir: FaultServer) -> None:
    assert ehr.gets_guidance()
    assert fhir.tokens() == {f"Bearer {TOKEN}"}


def test_two_calls_with_two_tokens_do_not_mix(ehr: Ehr, fhir: FaultServer) -> None:
    """Nothing of a caller is kept with the connection, cookies included."""
    fhir.fails(says(200, bundle(), set_cookie="session=one; Path=/"), "Procedure")
    ehr.asks()
    fhir.asked.clear()
    ehr.asks({}, fhirAuthorization={"access_token": "another", "token_type": "bearer"})
    assert fhir.tokens() == {"Bearer another"}
    assert not any("cookie" in asked.headers for asked in fhir.asked)


def test_the_patient_is_not_in_addresses_where_the_server_takes_a_form(ehr: Ehr, fhir: FaultServer) -> None:
    assert ehr.gets_guidance()
    assert {asked.method for asked in fhir.asked if asked.resource_type not in ("Patient", "metadata")} == {"POST"}


@pytest.mark.parametrize("status", [404, 405, 415, 501])
def test_a_server_that_takes_no_form_is_asked_by_address(ehr: Ehr, fhir: FaultServer, status: int) -> None:
    async def no_forms(asked, writer):  # type: ignore[no-untyped-def]
        await (says(status, OUTCOME) if asked.method == "POST" else fhir.healthy)(asked, writer)

    fhir.fails(no_forms)
    assert ehr.gets_guidance()
    fhir.asked.clear()
    assert ehr.gets_guidance()
    assert {asked.method for asked in fhir.asked} == {"GET"}
