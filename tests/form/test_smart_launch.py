"""The form as a SMART app, launched by an EHR that is not ours to command, in a real browser: up to the record and the next card."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from playwright.sync_api import Page, Response, expect

from app.demo.samples import load_samples, sample_prefetch
from app.main import create_app
from app.settings import Auth, Mode, Settings
from tests.form.filling import examined, serious_issues
from tests.form.smart_server import CLIENT_ID, FHIR_USER, SCOPES_V1, Ehr, Json, running
from tests.service import loopback, serving
from tests.trust.ehr import Issuer, client_entry, clients_file, signing_key

SAMPLE = next(sample for sample in load_samples(datetime.now(UTC).date()) if sample.id == "missing-examination")
HOOK = "/cds-services/vertebral-augmentation-patient-view"
SIGNS = Issuer(signing_key("st-example"))


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[Ehr]:
    """An EHR with the patient who was not examined, and the service where the form is registered with it."""
    with running(Ehr(SAMPLE.resources[0])) as ehr, loopback() as listening:
        ehr.app = f"http://127.0.0.1:{listening.getsockname()[1]}"
        smart = {"fhir_bases": [ehr.fhir], "smart_client_id": CLIENT_ID, "smart_origins": [ehr.authorization]}
        clients = clients_file(tmp_path, client_entry(tmp_path, SIGNS, **smart))
        used = f"sqlite:///{tmp_path / 'used.sqlite3'}"
        settings = Settings(mode=Mode.DEMO, auth=Auth.REQUIRED, clients_file=clients, public_url=ehr.app, database_url=used)
        with serving(create_app(settings), listening):
            yield ehr


@pytest.fixture
def page(blank: Page, ehr: Ehr) -> Iterator[Page]:
    """Every address that the browser asks for goes to the EHR or to our service, and the EHR refused none of it."""
    asked: list[str] = []
    blank.on("request", lambda request: asked.append(request.url))
    yield blank
    assert [url for url in asked if not url.startswith((ehr.app, ehr.fhir, ehr.authorization, "data:"))] == []


def launched(page: Page, ehr: Ehr) -> None:
    page.goto(ehr.launch_address)
    page.wait_for_selector("#assessment:not([hidden])")


def saved(page: Page) -> None:
    page.get_by_role("button", name="Save to the health record").click()
    page.wait_for_selector("#result h2")


def card(ehr: Ehr) -> Json:
    """What the service says when the record is opened next, with all that the EHR now holds."""
    with httpx.Client(base_url=ehr.app) as client:
        services = client.get("/cds-services", headers={"Authorization": SIGNS.bearer("/cds-services")}).json()["services"]
        templates = next(each["prefetch"] for each in services if each["hook"] == "patient-view")
        prefetch = sample_prefetch(SAMPLE, templates)
        forms = [{"resource": form} for form in ehr.forms]
        prefetch["assessments"] = {"resourceType": "Bundle", "type": "searchset", "entry": forms}
        call = {
            "hook": "patient-view",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {"patientId": SAMPLE.id, "userId": FHIR_USER},
            "prefetch": prefetch,
        }
        answer = client.post(HOOK, json=call, headers={"Authorization": SIGNS.bearer(HOOK)}).raise_for_status().json()
    (found,) = answer["cards"]
    return dict(found)


def test_from_the_card_to_the_record_to_the_next_card(page: Page, ehr: Ehr) -> None:
    before = card(ehr)
    assert before["source"]["topic"]["code"] == "ta279InformationNeeded"
    (link,) = [link for link in before["links"] if link["type"] == "smart"]
    assert ehr.launch_address.startswith(f"{link['url']}?")
    launched(page, ehr)
    examined(page)
    saved(page)
    assert ehr.refused == []
    (form,) = ehr.forms
    QuestionnaireResponse.model_validate(form)
    assert (form["subject"], form["author"]) == ({"reference": f"Patient/{SAMPLE.id}"}, {"reference": FHIR_USER})
    after = card(ehr)
    assert after["source"]["topic"]["code"] == "ta279CriteriaMet"
    assert "met at L4" in after["summary"]


def test_it_says_whose_record_it_is_and_everybody_can_use_it(page: Page, ehr: Ehr) -> None:
    ehr.patient = {**ehr.patient, "name": [{"family": "<b>Spoon</b>", "given": ["Ada"]}], "birthDate": "1946-05-05"}
    launched(page, ehr)
    expect(page.get_by_role("region", name="Whose record this is")).to_contain_text("Ada <b>Spoon</b>, born 1946-05-05")
    assert serious_issues(page) == []


def test_the_token_and_the_code_are_nowhere_but_in_the_script_s_memory(page: Page, ehr: Ehr) -> None:
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response))
    launched(page, ehr)
    (token,) = ehr.tokens
    assert page.evaluate("[Object.keys(sessionStorage), Object.keys(localStorage), document.cookie]") == [[], [], ""]
    assert page.evaluate("location.search") == ""
    to_us = [answer.request for answer in answers if answer.url.startswith(ehr.app)]
    assert [request.url for request in to_us if token in str(request.all_headers()) + request.url + (request.post_data or "")] == []
    assert [request.url for request in to_us if SAMPLE.id in request.url] == []
    assert token not in page.content()


def test_it_asks_an_older_ehr_in_the_older_words(page: Page, ehr: Ehr) -> None:
    ehr.capabilities, ehr.scopes = ["launch-ehr", "client-public"], SCOPES_V1
    launched(page, ehr)
    examined(page)
    saved(page)
    assert (len(ehr.forms), ehr.refused) == (1, [])
    assert "author" not in ehr.forms[0]


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        ("denies", True, "did not allow it (access_denied)"),
        ("told_patient", None, "did not say whose record is open"),
        ("user", "Patient/missing-examination", "This form is for clinicians"),
        ("token_endpoint", "http://127.0.0.1:1/token", "authorizes at an address that is not configured here"),
        ("token_endpoint", "javascript:alert(1)", "authorizes at an address that is not configured here"),
    ],
    ids=["denied", "no patient", "a patient", "a token endpoint elsewhere", "no address"],
)
def test_otherwise_it_says_why_and_shows_no_form(page: Page, ehr: Ehr, member: str, value: object, said: str) -> None:
    setattr(ehr, member, value)
    page.goto(ehr.launch_address)
    expect(page.get_by_role("alert")).to_contain_text(said)
    assert page.locator("#assessment:not([hidden])").count() == 0
    assert ehr.forms == []


def test_a_form_that_the_ehr_does_not_take_is_not_called_saved(page: Page, ehr: Ehr, complaints: list[str]) -> None:
    launched(page, ehr)
    ehr.patient = {**ehr.patient, "id": "merged-into-another"}
    examined(page)
    page.get_by_role("button", name="Save to the health record").click()
    expect(page.get_by_role("alert")).to_contain_text("403")
    assert "403" in complaints.pop()
    assert page.locator("#assessment:not([hidden])").count() == 1


def test_a_way_back_that_was_not_asked_for_leads_nowhere(page: Page, ehr: Ehr) -> None:
    """Somebody else's code, sent to this browser: there is no verifier for its state."""
    launched(page, ehr)
    used = len(ehr.tokens)
    (key,) = page.evaluate("[document.getElementById('launch').dataset.key]")
    page.goto(f"{ehr.app}/form/redirect?code=stolen&state={key}.{'x' * 43}")
    expect(page.get_by_role("alert")).to_contain_text("not launched in this window")
    assert (len(ehr.tokens), ehr.refused) == (used, [])
