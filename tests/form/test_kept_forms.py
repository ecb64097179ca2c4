"""POST /demo/fhir/QuestionnaireResponse: what the demo keeps of a form, and what it does not."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from app.demo.kept_forms import FORMS_PER_PATIENT, LARGEST_FORM
from app.main import create_app
from app.settings import Mode, Settings
from tests.form.answers import THERE, TODAY, Json, ago, group, level, response
from tests.service import serving

FORMS = "/demo/fhir/QuestionnaireResponse"
EXTENSION = "vertebral-augmentation-cds.evaluation"
PATIENT = "missing-examination"
L4_IS_TENDER = group("examination", level=level("L4"), vertebral_tenderness=THERE, date=ago(0))


@pytest.fixture
def service() -> Iterator[httpx.Client]:
    """A demo of its own: what is kept is kept by the process."""
    app = create_app(Settings(mode=Mode.DEMO), today=lambda: TODAY)
    with serving(app) as running, httpx.Client(base_url=f"http://127.0.0.1:{running.port}") as client:
        yield client


def sent(service: httpx.Client, form: Json, status: int = 201) -> Json:
    answer = service.post(FORMS, json=form, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    body: Json = answer.json()
    return body


def called(service: httpx.Client) -> Json:
    """The answer to the call that an EHR would make, resolved from the templates of discovery."""
    call = service.get(f"/demo/calls/{PATIENT}").content
    hook = "/cds-services/vertebral-augmentation-patient-view"
    answer: Json = service.post(hook, content=call, headers={"Content-Type": "application/json"}).json()
    return answer


def test_the_next_call_has_the_form_and_the_criteria_are_met(service: httpx.Client) -> None:
    assert called(service)["extension"][EXTENSION]["outcome"] == "information-needed"
    kept = sent(service, response(L4_IS_TENDER, patient=PATIENT))
    answered = called(service)
    assert answered["extension"][EXTENSION]["outcome"] == "criteria-met"
    assert [card["source"]["topic"]["code"] for card in answered["cards"]] == ["ta279CriteriaMet"]
    (fracture,) = answered["extension"][EXTENSION]["fractures"]
    evidence = next(each for each in fracture["criteria"] if each["criterion"] == "examination-at-level")["evidence"]
    assert [(each["reference"], each["source"]) for each in evidence] == [(f"QuestionnaireResponse/{kept['id']}", "prefetch")]


def test_what_is_kept_is_valid_fhir_found_by_search_and_read(service: httpx.Client) -> None:
    answer = service.post(FORMS, json=response(L4_IS_TENDER, patient=PATIENT), headers={"Content-Type": "application/fhir+json"})
    kept = answer.json()
    QuestionnaireResponse.model_validate(kept)
    assert service.get(answer.headers["location"]).json() == kept
    found = service.get(FORMS, params={"patient": PATIENT, "questionnaire": kept["questionnaire"]}).json()
    assert [entry["resource"] for entry in found["entry"]] == [kept]
    assert service.get(FORMS, params={"questionnaire": kept["questionnaire"] + "|0.0.1"}).json()["total"] == 0
    assert service.get(FORMS, params={"patient": "eligible-uk"}).json()["total"] == 0


def test_words_are_not_kept(service: httpx.Client) -> None:
    words = {"linkId": "examination.remark", "text": "buy now", "answer": [{"valueInteger": 1, "valueString": "buy now"}]}
    form = response({**L4_IS_TENDER, "text": "buy now", "item": [*L4_IS_TENDER["item"], words]}, patient=PATIENT)
    kept = sent(service, {**form, "text": {"status": "additional", "div": "buy now"}, "author": {"display": "buy now"}})
    assert "buy now" not in str(kept)


def test_sent_twice_it_is_kept_once_and_only_the_newest_few_are_kept(service: httpx.Client) -> None:
    first = response(L4_IS_TENDER, patient=PATIENT)
    assert sent(service, first)["id"] == sent(service, first)["id"]
    for day in range(1, FORMS_PER_PATIENT + 1):
        sent(service, response(L4_IS_TENDER, patient=PATIENT, authored=f"{ago(day).isoformat()}T09:00:00Z"))
    found = service.get(FORMS, params={"patient": PATIENT}).json()
    assert found["total"] == FORMS_PER_PATIENT
    assert first["authored"] not in {entry["resource"]["authored"] for entry in found["entry"]}


@pytest.mark.parametrize(
    "members",
    [
        {"questionnaire": "https://elsewhere.example/fhir/Questionnaire/ta279-assessment"},
        {"status": "in-progress"},
        {"subject": {"reference": "Patient/nobody"}},
        {"subject": None},
        {"authored": "2026-11-22"},
        {"item": []},
        {"item": [{"linkId": "<script>"}]},
        {"item": [{"linkId": "a", "answer": [{"valueBoolean": True, "valueInteger": 1}]}]},
        {"item": [{"linkId": "a", "answer": [{"valueString": "words"}]}]},
        {"resourceType": "Observation"},
    ],
    ids=str,
)
def test_anything_else_is_refused(service: httpx.Client, members: dict[str, Any]) -> None:
    form = {**response(L4_IS_TENDER, patient=PATIENT), **members}
    refusal = sent(service, {name: value for name, value in form.items() if value is not None}, 400)
    assert refusal["resourceType"] == "OperationOutcome"
    assert "nobody" not in str(refusal)
    assert called(service)["extension"][EXTENSION]["outcome"] == "information-needed"


def test_a_large_form_is_refused(service: httpx.Client) -> None:
    many = response(*[L4_IS_TENDER] * 1000, patient=PATIENT)
    assert len(str(many)) > LARGEST_FORM
    assert "KiB" in str(sent(service, many, 400))


@pytest.mark.parametrize("body", [b"{", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_form_is_refused(service: httpx.Client, body: bytes) -> None:
    assert service.post(FORMS, content=body, headers={"Content-Type": "application/json"}).status_code == 400


def test_a_form_in_another_type_is_refused(service: httpx.Client) -> None:
    assert service.post(FORMS, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415


def test_no_other_type_can_be_written(service: httpx.Client) -> None:
    assert service.post("/demo/fhir/Observation", json={"resourceType": "Observation"}).status_code == 405
