"""GET /cds-services (cds-hooks.md 1.2, 1.5, 3)."""

import re
from urllib.parse import parse_qsl

import pytest

from tests.service import Client, Json

TOKEN = re.compile(r"\{\{(.*?)\}\}")
OPTIONAL_KEYS = {
    "observations": "Observation",
    "reports": "DiagnosticReport",
    "imagingStudies": "ImagingStudy",
    "medicationRequests": "MedicationRequest",
    "medicationStatements": "MedicationStatement",
    "medicationAdministrations": "MedicationAdministration",
    "medicationDispenses": "MedicationDispense",
    "allergies": "AllergyIntolerance",
    "procedures": "Procedure",
    "assessments": "QuestionnaireResponse",
}


@pytest.fixture
def service(client: Client) -> Json:
    answer = client.get("/cds-services", accept="application/json")
    assert (answer.status, answer.media_type) == (200, "application/json")
    return answer.json["services"][0]


def test_three_services_each_with_an_id_and_a_hook_of_its_own(client: Client) -> None:
    """The sandbox keeps one service per id (cds-hooks.md 5.5)."""
    services = client.get("/cds-services").json["services"]
    assert {service["id"]: service["hook"] for service in services} == {
        "vertebral-augmentation-patient-view": "patient-view",
        "vertebral-augmentation-order-select": "order-select",
        "vertebral-augmentation-order-sign": "order-sign",
    }
    assert len(services) == 3


def test_every_service_asks_for_the_same(client: Client) -> None:
    first, *others = [service["prefetch"] for service in client.get("/cds-services").json["services"]]
    assert others == [first, first]


def test_the_service_is_listed_by_the_id_under_which_it_is_called(client: Client, service: Json) -> None:
    assert (service["id"], service["hook"]) == ("vertebral-augmentation-patient-view", "patient-view")
    assert client.post(f"/cds-services/{service['id']}", {}).status == 400


def test_discovery_is_stable(client: Client) -> None:
    assert client.get("/cds-services").body == client.get("/cds-services").body


def test_one_key_per_resource_type(service: Json) -> None:
    types = {key: re.split(r"[/?]", query)[0] for key, query in service["prefetch"].items()}
    assert types == {"patient": "Patient", "conditions": "Condition", **OPTIONAL_KEYS}


def test_tokens_are_those_of_version_2_0_1(service: Json) -> None:
    assert {token for query in service["prefetch"].values() for token in TOKEN.findall(query)} == {"context.patientId"}


def test_searches_use_only_what_common_servers_search_by(service: Json) -> None:
    """No _include, no chaining, no modifier, no _sort, each parameter once (the sandbox merges repeats): cds-hooks.md 3.4, sandbox.md 2."""
    for key, query in service["prefetch"].items():
        path, _, parameters = query.partition("?")
        names = [name for name, _ in parse_qsl(parameters, strict_parsing=True)] if parameters else []
        assert names in ([], ["patient"], ["patient", "code"], ["patient", "questionnaire"]), key
        assert path == "Patient/{{context.patientId}}" or path.isalpha()


def test_observations_are_asked_for_by_standard_and_own_codes(service: Json) -> None:
    codes = dict(parse_qsl(service["prefetch"]["observations"].partition("?")[2]))["code"].split(",")
    own = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"
    assert {f"{own}|vertebral-tenderness", f"{own}|marrow-oedema", "http://loinc.org|72514-3", "http://loinc.org|38212-7"} <= set(codes)
    assert len(codes) == len(set(codes))
    assert all(system and code for system, _, code in (each.partition("|") for each in codes))
    assert len(service["prefetch"]["observations"]) < 6_000  # what servers take in an address, and POST _search in any case


def test_what_is_required_and_which_fhir_is_said_in_words(service: Json) -> None:
    words = service["usageRequirements"]
    assert "R4" in words
    assert re.search(r"\bpatient and conditions\b", words)


def test_a_token_of_a_client_is_no_hindrance_in_the_demo(client: Client) -> None:
    assert client.get("/cds-services", authorization="Bearer not.a.token").status == 200
