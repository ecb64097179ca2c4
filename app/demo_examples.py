"""The requests of the OpenAPI document's examples for the addresses that only demo mode has."""

from urllib.parse import urlencode

from app import reference_patient
from app.body import FHIR_JSON
from app.examples import FORM, TOO_LONG, Example, at_the_door, get, post
from app.form.registration import key_of

SAMPLE = "no-fracture"  # the shortest chart
EXAMINED = "too-old"  # a patient whom no other example shows
CHART = "/demo/charts/{sample_id}"
CALL = "/demo/calls/{sample_id}"
READ = "/demo/fhir/{resource_type}/{resource_id}"
SEARCH = "/demo/fhir/{resource_type}"
FORMS = "/demo/fhir/QuestionnaireResponse"
SEARCH_BY_POST = "/demo/fhir/{resource_type}/_search"
FHIR_BASE = "http://localhost:8000/demo/fhir"
LAUNCHED = {"iss": FHIR_BASE, "launch": "1"}
ELSEWHERE = "https://elsewhere.example/fhir"
RETURNED = {"code": "1", "state": f"{key_of(FHIR_BASE)}.1"}
UNDER_PROFILE = "/demo/profiles/{profile}/{service_id}"
NO_SUCH_SAMPLE = "There is no such sample patient"
NO_SUCH_TYPE = "This server does not hold that type"


def demo_examples() -> list[Example]:
    return [*_page(), *_profiles(), *_charts(), *_fhir()]


def _page() -> list[Example]:
    address = "/demo/markdown"
    return [
        get("page", "The page", "/"),
        get("form", "The assessment form", "/form"),
        get("launched", "By an EHR where it is registered", "/form/launch", address=f"/form/launch?{urlencode(LAUNCHED)}"),
        get("elsewhere", "By another server", "/form/launch", address=f"/form/launch?{urlencode({**LAUNCHED, 'iss': ELSEWHERE})}"),
        get("returned", "Back from that EHR", "/form/redirect", address=f"/form/redirect?{urlencode(RETURNED)}"),
        get("unasked", "Nothing was asked of an EHR", "/form/redirect", address="/form/redirect?code=x&state=x"),
        post("bold", "Markdown to HTML", address, {"texts": ["**L1**"]}),
        post("no-texts", "texts is missing", address, {}),
        post("too-long", "More is announced than may be sent", address, None, headers={"Content-Length": TOO_LONG}),
    ]


def _profiles() -> list[Example]:
    patient = reference_patient.prefetch()["patient"]
    nothing = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    call = reference_patient.hook_request({"patient": patient, "conditions": nothing})
    with_type = {**call, "context": {"patientId": f"Patient/{reference_patient.PATIENT_ID}", "userId": "Practitioner/example"}}
    patient_only = reference_patient.hook_request({"patient": patient})
    address = "/demo/profiles/msac-au/vertebral-augmentation-patient-view"
    return [
        post("no-fracture", "No vertebral fracture on record", UNDER_PROFILE, call, address=address),
        post("patient-id-with-type", "patientId is not an id", UNDER_PROFILE, with_type, address=address),
        post("unknown-profile", "There is no such profile", UNDER_PROFILE, call, address=address.replace("msac-au", "unknown")),
        post("no-conditions", "Conditions were not sent", UNDER_PROFILE, patient_only, address=address),
        *at_the_door(UNDER_PROFILE, address),
    ]


def _charts() -> list[Example]:
    return [
        get("charts", "Every sample patient", "/demo/charts"),
        get("chart", "One sample patient's chart", CHART, address=f"/demo/charts/{SAMPLE}"),
        get("nobody", NO_SUCH_SAMPLE, CHART, address="/demo/charts/nobody"),
        get("call", "The call an EHR would make", CALL, address=f"/demo/calls/{SAMPLE}"),
        get("nobody", NO_SUCH_SAMPLE, CALL, address="/demo/calls/nobody"),
        get("no-token", "Authentication is required", CALL, address=f"/demo/calls/{SAMPLE}", variant="locked"),
    ]


def _forms() -> list[Example]:
    level = {"linkId": "examination.level", "answer": [{"valueCoding": {"system": "http://snomed.info/sct", "code": "11994002"}}]}
    form = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://vertebral-augmentation-cds.example/fhir/Questionnaire/ta279-assessment",
        "status": "completed",
        "subject": {"reference": f"Patient/{EXAMINED}"},
        "authored": "2026-11-22T09:00:00Z",
        "item": [{"linkId": "examination", "item": [level]}],
    }
    nobody = {**form, "subject": {"reference": "Patient/nobody"}}
    return [
        post("finished", "A finished form", FORMS, form, headers={"Content-Type": FHIR_JSON}),
        post("nobody", "Of no sample patient", FORMS, nobody, headers={"Content-Type": FHIR_JSON}),
        post("not-json", "The body is of another type", FORMS, None, headers={"Content-Type": "text/plain"}),
    ]


def _fhir() -> list[Example]:
    form = {"patient": SAMPLE, "_count": "1"}
    as_form = {"Content-Type": FORM}
    return [
        get("metadata", "What this server can do", "/demo/fhir/metadata"),
        get("patient", "A Patient", READ, address=f"/demo/fhir/Patient/{SAMPLE}"),
        get("nobody", "There is no such Patient", READ, address="/demo/fhir/Patient/nobody"),
        get("first-condition", "One Condition of one patient", SEARCH, address=f"/demo/fhir/Condition?patient={SAMPLE}&_count=1"),
        get("bad-count", "_count is not a number", SEARCH, address="/demo/fhir/Condition?_count=many"),
        *_forms(),
        get("other-type", NO_SUCH_TYPE, SEARCH, address="/demo/fhir/Library"),
        post(
            "first-condition", "One Condition of one patient", SEARCH_BY_POST, form, address="/demo/fhir/Condition/_search", headers=as_form
        ),
        post(
            "bad-count",
            "_count is not a number",
            SEARCH_BY_POST,
            {"_count": "many"},
            address="/demo/fhir/Condition/_search",
            headers=as_form,
        ),
        post("other-type", NO_SUCH_TYPE, SEARCH_BY_POST, form, address="/demo/fhir/Library/_search", headers=as_form),
        post("not-a-form", "The body is not a form", SEARCH_BY_POST, None, address="/demo/fhir/Condition/_search"),
    ]
