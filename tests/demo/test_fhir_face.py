"""`/demo/fhir` over real sockets, as the CDS Hooks Sandbox and our own templates use it."""

from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.demo.samples import Sample

FHIR_JSON = "application/fhir+json"
SANDBOX = {"Origin": "https://sandbox.cds-hooks.org", "Accept": "application/json+fhir"}


def got(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body, valid FHIR R4 under FHIR's media type."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == FHIR_JSON
    body: dict[str, Any] = answer.json()
    get_fhir_model_class(body["resourceType"]).model_validate(body)
    return body


def test_metadata_says_which_fhir_it_speaks_and_what_it_can_do(service: httpx.Client) -> None:
    statement = got(service.get("/demo/fhir/metadata"))
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["implementation"]["url"] == f"{service.base_url}/demo/fhir"
    searches = {each["type"]: {parameter["name"] for parameter in each["searchParam"]} for each in statement["rest"][0]["resource"]}
    assert {"patient", "code", "category"} <= searches["Observation"]


def test_one_resource_is_read(service: httpx.Client) -> None:
    assert got(service.get("/demo/fhir/Condition/eligible-uk-fracture"))["onsetDateTime"] == "2026-10-19"


def test_every_patient_is_listed_with_a_given_name(service: httpx.Client, samples: list[Sample]) -> None:
    bundle = got(service.get("/demo/fhir/Patient"))
    assert bundle["total"] == len(samples)
    assert all(entry["resource"]["name"][0]["given"] for entry in bundle["entry"])


def test_a_search_tells_its_total_its_address_and_each_entrys_own(service: httpx.Client) -> None:
    bundle = got(service.get("/demo/fhir/Condition", params={"patient": "eligible-us", "_sort": "-recorded-date"}))
    base = f"{service.base_url}/demo/fhir"
    assert bundle["type"] == "searchset"
    assert bundle["total"] == len(bundle["entry"])
    assert bundle["link"] == [{"relation": "self", "url": f"{base}/Condition?patient=eligible-us"}]
    for entry in bundle["entry"]:
        assert entry["search"] == {"mode": "match"}
        assert entry["fullUrl"] == f"{base}/Condition/{entry['resource']['id']}"


def test_an_entrys_address_leads_to_the_entry(service: httpx.Client) -> None:
    entry = got(service.get("/demo/fhir/Observation", params={"_id": "eligible-uk-oedema"}))["entry"][0]
    assert got(service.get(entry["fullUrl"])) == entry["resource"]


def test_a_search_by_post_finds_what_a_search_by_get_finds(service: httpx.Client) -> None:
    asked = {"patient": "eligible-uk", "code": "http://loinc.org|72514-3,http://loinc.org|1988-5"}
    by_get = got(service.get("/demo/fhir/Observation", params=asked))
    by_post = got(service.post("/demo/fhir/Observation/_search", data=asked))
    assert by_post == by_get
    assert by_get["total"] == 4


def test_parameters_of_a_post_may_stand_in_the_address_too(service: httpx.Client) -> None:
    answer = service.post("/demo/fhir/Observation/_search", params={"patient": "eligible-uk"}, data={"code": "http://loinc.org|1988-5"})
    assert [entry["resource"]["id"] for entry in got(answer)["entry"]] == ["eligible-uk-crp"]


def test_an_empty_answer_has_no_entries(service: httpx.Client) -> None:
    bundle = got(service.get("/demo/fhir/MedicationAdministration", params={"patient": "eligible-uk"}))
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_a_count_makes_pages_that_lead_to_the_end(service: httpx.Client) -> None:
    address: str | None = "/demo/fhir/Patient?_count=10"
    seen: list[str] = []
    while address:
        bundle = got(service.get(address))
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        address = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
    assert len(seen) == len(set(seen)) == bundle["total"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/demo/fhir/Patient/nobody", 404),
        ("/demo/fhir/Condition/eligible-uk", 404),
        ("/demo/fhir/Spaceship", 404),
        ("/demo/fhir/Spaceship/1", 404),
        ("/demo/fhir/Observation?code:not=x", 400),
        ("/demo/fhir/Observation?_count=many", 400),
    ],
)
def test_what_cannot_be_answered_is_an_operation_outcome(service: httpx.Client, address: str, status: int) -> None:
    outcome = got(service.get(address), status)
    assert outcome["resourceType"] == "OperationOutcome"
    assert "nobody" not in str(outcome)


def test_a_search_by_post_of_something_else_is_refused(service: httpx.Client) -> None:
    assert got(service.post("/demo/fhir/Observation/_search", json={"patient": "eligible-uk"}), 415)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(service: httpx.Client, method: str) -> None:
    assert service.request(method, "/demo/fhir/Patient/eligible-uk").status_code == 405


def test_a_browser_from_elsewhere_may_read(service: httpx.Client) -> None:
    answer = service.post("/demo/fhir/Observation/_search", data={"patient": "eligible-uk"}, headers=SANDBOX)
    assert got(answer)["total"] > 0
    assert answer.headers["access-control-allow-origin"] in ("*", SANDBOX["Origin"])


def test_a_browser_from_elsewhere_is_told_so_beforehand(service: httpx.Client) -> None:
    ask = {
        "Origin": SANDBOX["Origin"],
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = service.options("/demo/fhir/Observation/_search", headers=ask)
    assert answer.status_code in (200, 204)
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


def test_every_prefetch_template_of_discovery_is_answered(service: httpx.Client) -> None:
    for listed in service.get("/cds-services").json()["services"]:
        for template in listed.get("prefetch", {}).values():
            body = got(service.get("/demo/fhir/" + template.replace("{{context.patientId}}", "eligible-uk").replace("|", "%7C")))
            asked = template.partition("?")[2].replace("{{context.patientId}}", "eligible-uk")
            assert body["resourceType"] == "Patient" or body["link"][0]["url"].endswith(asked)
