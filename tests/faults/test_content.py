"""Answers that lead astray: parameters ignored, pages, versions, statuses (trust.md 3, faults 13 to 15); patients not to be treated."""

import logging
from copy import deepcopy

import msgspec
import pytest

from app import reference_patient
from tests.faults.call import MET, Ehr, evaluation, gaps, refused, topics
from tests.faults.fault_server import FaultServer, Reply, says
from tests.faults.replies import OUTCOME, bundle, hangs, next_page
from tests.service import Json

MORE = "the FHIR server has more pages than are read, or says they are elsewhere."
SOMEBODY = {"reference": "Patient/somebody-else"}


def of_type(fhir: FaultServer, resource_type: str) -> list[Json]:
    return [each for each in fhir.resources if each["resourceType"] == resource_type]


@pytest.mark.parametrize("resource_type", ["Condition", "Observation", "Procedure", "AllergyIntolerance"])
def test_a_server_that_ignores_the_patient_is_not_believed_at_all(
    ehr: Ehr, fhir: FaultServer, resource_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 13, contract 6.10: one row of somebody else's refuses the call, and is a security event."""
    owner = "patient" if resource_type == "AllergyIntolerance" else "subject"
    foreign = {"resourceType": resource_type, "id": "foreign", owner: SOMEBODY}
    fhir.fails(says(200, bundle(*of_type(fhir, resource_type), foreign)), resource_type)
    with caplog.at_level(logging.WARNING, logger="app"):
        answer = ehr.asks()
    assert answer.status == 412
    assert answer.json["issue"][0]["diagnostics"] == f"{resource_type}: a resource is not of the patient this request is about"
    (event,) = [record for record in caplog.records if getattr(record, "event", "") == "another-patient"]
    assert (getattr(event, "source", ""), "somebody-else" in repr(event.__dict__)) == ("fetched", False)


@pytest.mark.parametrize(
    "reference", ["Patient/Example-Patient", "Group/example-patient", "http://other.example/fhir/Patient/example-patient"]
)
def test_a_subject_in_another_form_is_somebody_else(ehr: Ehr, fhir: FaultServer, reference: str) -> None:
    foreign = {"resourceType": "Procedure", "id": "foreign", "subject": {"reference": reference}}
    fhir.fails(says(200, bundle(foreign)), "Procedure")
    assert ehr.asks().status == 412


@pytest.mark.parametrize("form", ["Patient/{}", "{base}/Patient/{}", "{base}/Patient/{}/_history/7"])
def test_a_subject_in_every_form_of_this_server_is_the_patient(ehr: Ehr, fhir: FaultServer, form: str) -> None:
    for condition in of_type(fhir, "Condition"):
        condition["subject"]["reference"] = form.format(reference_patient.PATIENT_ID, base=fhir.address)
    fhir.fails(says(200, bundle(*of_type(fhir, "Condition"))), "Condition")
    assert ehr.gets_guidance()


def test_a_resource_that_says_two_things_by_one_name(ehr: Ehr, fhir: FaultServer) -> None:
    """Whose is it? The first reader may say one, the second another."""
    answer = msgspec.json.encode(bundle(*of_type(fhir, "Condition"))).replace(b'"id":"fracture"', b'"id":"fracture","subject":{}', 1)
    fhir.fails(says(200, answer), "Condition")
    refusal = ehr.asks()
    assert (refusal.status, refusal.json["issue"][0]["diagnostics"]) == (412, "Condition: a member is given twice in a resource")


def test_another_patient_than_was_read(ehr: Ehr, fhir: FaultServer) -> None:
    patient = {**of_type(fhir, "Patient")[0], "id": "somebody-else"}
    fhir.fails(says(200, patient), "Patient")
    assert ehr.asks().status == 412


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_are_read_to_the_end(ehr: Ehr, fhir: FaultServer, size: int) -> None:
    """Fault 14."""
    fhir.page_size = size
    fhir.resources += [{**each, "id": f"{each['id']}-{number}"} for each in of_type(fhir, "Procedure") for number in range(3)]
    answer = ehr.asks()
    assert (topics(answer), gaps(answer)) == ([MET], {})
    assert any(asked.method == "GET" and ("_count", str(size)) in asked.parameters for asked in fhir.asked)


LINKS: list[tuple[str, str, Reply | None]] = [
    ("to itself", "?page=2", None),
    ("to another host", "http://evil.example/fhir/Condition?page=2", None),
    ("to another port", "http://127.0.0.1:1/fhir/Condition?page=2", None),
    ("to another path", "/other/Condition?page=2", None),
    ("to a path that begins alike", "/fhirEVIL/Condition?page=2", None),
    ("over TLS instead", "https://127.0.0.1/fhir/Condition?page=2", None),
    ("with a user", "http://user@127.0.0.1/fhir/Condition?page=2", None),
    ("to what is no address", "http://[p://[:::]:0:", None),
    ("without an address", "", None),
    ("to a page that fails", "?page=2", says(500, OUTCOME)),
    ("to a page that is none", "?page=2", says(200, b"<html>")),
    ("to a page that was deleted", "?page=2", says(404, OUTCOME)),
]


@pytest.mark.parametrize(("url", "then"), [link[1:] for link in LINKS], ids=[link[0] for link in LINKS])
def test_a_link_that_leads_nowhere_leaves_a_part(ehr: Ehr, fhir: FaultServer, url: str, then: Reply | None) -> None:
    """Fault 14: the token goes to no other address, and a part is no answer to what is required."""
    fhir.fails(next_page(fhir, url, then), "Condition")
    answer = ehr.asks()
    assert answer.status == 412
    assert refused(answer, "conditions", "Condition")
    fhir.fails(next_page(fhir, url, then), "Procedure")
    assert gaps(ehr.asks()) == {"Procedure": "truncated"}


def test_a_second_page_that_does_not_come(impatient: Ehr, fhir: FaultServer) -> None:
    """Fault 14."""
    fhir.fails(next_page(fhir, "?page=2", hangs), "Procedure")
    assert gaps(impatient.asks()) == {"Procedure": "truncated"}


def test_pages_without_end_end(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 14: ten pages, each with another link."""
    fhir.page_size = 1
    template = of_type(fhir, "Condition")[0]
    fhir.resources += [{**template, "id": f"more-{number}"} for number in range(10_000)]
    assert refused(ehr.asks(), "conditions", "Condition") == MORE
    assert [asked.resource_type for asked in fhir.asked].count("Condition") == 10


def test_more_resources_than_are_read(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 14: two thousand of a type, on however few pages."""
    template = of_type(fhir, "Condition")[0]
    fhir.resources += [{**template, "id": f"more-{number}"} for number in range(2_000)]
    assert refused(ehr.asks(), "conditions", "Condition") == MORE


def test_a_total_that_does_not_fit_is_not_counted(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 14: what there is, is told by `next` links; servers estimate the total."""
    fhir.fails(says(200, bundle(*of_type(fhir, "Condition"), total=4_711)), "Condition")
    assert ehr.gets_guidance()


def fracture(fhir: FaultServer) -> Json:
    (found,) = [each for each in of_type(fhir, "Condition") if each["id"] == "fracture"]
    return found


ENTERED_IN_ERROR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}]}
REFUTED = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted"}]}
NEGATED = [{"url": "https://ehr.example/not", "valueBoolean": True}]


@pytest.mark.parametrize(
    "members",
    [
        {"verificationStatus": ENTERED_IN_ERROR, "meta": {"versionId": "2"}},
        {"verificationStatus": REFUTED},
        {"modifierExtension": NEGATED},
        {"implicitRules": "https://ehr.example/rules"},
    ],
    ids=["entered in error", "refuted", "modifier", "implicit rules"],
)
def test_a_fracture_that_is_none_makes_no_card(ehr: Ehr, fhir: FaultServer, members: Json) -> None:
    """Fault 15."""
    fracture(fhir).update(members)
    assert MET not in topics(ehr.asks())


def test_of_two_versions_the_newer_counts(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 15: in whatever order they come."""
    newer = {**deepcopy(fracture(fhir)), "meta": {"versionId": "9"}, "verificationStatus": ENTERED_IN_ERROR}
    fhir.resources.append(newer)
    assert MET not in topics(ehr.asks())
    fhir.resources.reverse()
    assert MET not in topics(ehr.asks())


def test_the_same_twice_is_once(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 15."""
    once = evaluation(ehr.asks())
    fhir.resources += [each for each in fhir.resources if each["resourceType"] != "Patient"]
    assert evaluation(ehr.asks()) == once


def test_what_is_only_contained_is_no_condition(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 15."""
    inner = {**deepcopy(fracture(fhir)), "id": "inner"}
    fracture(fhir).update({"code": {"text": "see contained"}, "contained": [inner]})
    assert MET not in topics(ehr.asks())


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"deceasedBoolean": True}, "deceased"),
        ({"deceasedDateTime": "2026-10-01"}, "deceased"),
        ({"active": False}, "inactive-record"),
        ({"link": [{"other": {"reference": "Patient/newer"}, "type": "replaced-by"}]}, "merged-record"),
    ],
    ids=["deceased", "date of death", "inactive", "merged"],
)
@pytest.mark.parametrize("fetched", [True, False], ids=["fetched", "prefetched"])
def test_no_recommendation_for_a_record_that_is_closed(ehr: Ehr, fhir: FaultServer, members: Json, why: str, fetched: bool) -> None:
    patient = of_type(fhir, "Patient")[0]
    patient.update(members)
    answer = ehr.asks({} if fetched else {"patient": patient})
    assert (evaluation(answer)["outcome"], evaluation(answer)["outOfScope"]) == ("out-of-scope", why)
    assert MET not in topics(answer)
