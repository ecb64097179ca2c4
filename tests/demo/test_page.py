"""The try-it page and what it asks the service for."""

import re
from html.parser import HTMLParser

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.demo.profiles import descriptions
from app.demo.samples import Sample, sample_bundle
from guidelines.ta279.thresholds import shipped_profiles
from tests.house.tree import ROOT

STATIC = "app/demo/static"
NOT_OURS = {"purify.min.js"}
FILES = ["/", *sorted(f"/demo/static/{path.name}" for path in (ROOT / STATIC).iterdir() if path.suffix in (".css", ".js"))]
OURS = [path for path in FILES if path.rpartition("/")[2] not in NOT_OURS]
NAMES = {
    "http://www.w3.org",
    "http://terminology.hl7.org",
    "http://snomed.info",
    "http://loinc.org",
    "http://hl7.org",
    "http://unitsofmeasure.org",
}
NAMES |= {"https://fhir.hl7.org.uk", "https://vertebral-augmentation-cds.example", "http://www.nlm.nih.gov"}
"""Names of code systems, which are nobody's address here."""


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", FILES)
def test_the_page_allows_nothing_from_elsewhere(service: httpx.Client, path: str) -> None:
    answer = service.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", OURS)
def test_the_page_names_no_other_machine(service: httpx.Client, path: str) -> None:
    assert set(re.findall(r"(?:https?:)?//[a-z0-9][a-z0-9.-]*", service.get(path).text)) <= NAMES


@pytest.mark.parametrize("path", OURS)
def test_no_string_becomes_markup_but_through_the_sanitiser(service: httpx.Client, path: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", service.get(path).text)


def test_a_file_that_is_not_the_pages_is_not_served(service: httpx.Client) -> None:
    for name in ("page.html", "nothing.js", "..%2Fpage.py"):
        assert service.get(f"/demo/static/{name}").status_code == 404


def test_everything_the_page_loads_is_there(service: httpx.Client) -> None:
    tags = Tags(service.get("/").text).found
    loaded = [attributes["src"] for tag, attributes in tags if tag == "script"]
    loaded += [attributes["href"] for tag, attributes in tags if attributes.get("rel") == "stylesheet"]
    assert len(loaded) == 5
    for address in loaded:
        assert service.get(f"/{address}").status_code == 200


def test_nothing_runs_from_within_the_html(service: httpx.Client) -> None:
    for tag, attributes in Tags(service.get("/").text).found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag != "script" or attributes["src"]


def test_every_sample_can_be_chosen_and_says_its_story(service: httpx.Client, samples: list[Sample]) -> None:
    options = [attributes for tag, attributes in Tags(service.get("/").text).found if tag == "option"]
    chosen = [option for option in options if "data-story" in option]
    assert {option["value"]: option["data-story"] for option in chosen} == {sample.id: sample.story for sample in samples}
    assert {option["value"]: option["data-expected"] for option in chosen} == {sample.id: sample.expected.outcome for sample in samples}


def test_every_threshold_profile_can_be_chosen_the_services_own_first(service: httpx.Client) -> None:
    values = [
        attributes["value"] for tag, attributes in Tags(service.get("/").text).found if tag == "option" and "data-story" not in attributes
    ]
    assert values == ["", *(name for name in descriptions() if name != "default")]
    assert set(descriptions()) == set(shipped_profiles())


def test_a_call_under_a_profile_is_answered_with_its_thresholds(service: httpx.Client) -> None:
    call = service.get("/demo/calls/eligible-uk").json()
    answers = {
        name: service.post(f"/demo/profiles/{name}/vertebral-augmentation-patient-view", json=call).json() for name in descriptions()
    }
    evaluations = {name: answer["extension"]["vertebral-augmentation-cds.evaluation"] for name, answer in answers.items()}
    assert {name: each["profile"] for name, each in evaluations.items()} == {name: name for name in descriptions()}
    assert evaluations["msac-au"]["thresholds"]["recentMaxDays"] == 21
    assert (evaluations["default"]["outcome"], evaluations["msac-au"]["outcome"]) == ("criteria-met", "criteria-not-met")
    assert answers["msac-au"]["cards"] == []


@pytest.mark.parametrize("address", ["unknown/vertebral-augmentation-patient-view", "default/unknown"])
def test_a_profile_or_a_service_that_is_not_there_is_a_404(service: httpx.Client, address: str) -> None:
    assert service.post(f"/demo/profiles/{address}", json={}).status_code == 404


def test_the_choice_is_labelled_and_the_answer_announced(service: httpx.Client) -> None:
    tags = Tags(service.get("/").text).found
    assert ("label", {"for": "patient"}) in tags
    assert [attributes for _, attributes in tags if attributes.get("role") == "status"]
    assert dict(tags)["html"]["lang"] == "en"


def test_markdown_is_rendered_with_tables_and_without_html(service: httpx.Client) -> None:
    texts = [
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://tracker.example/x)",
    ]
    table, raw, script, image = service.post("/demo/markdown", json={"texts": texts}).json()["html"]
    assert "<table>" in table
    assert "<img" not in raw + image
    assert "href" not in script


@pytest.mark.parametrize("body", [b"", b"[]", b'{"texts": "one"}', b'{"texts": [1]}', b"\xff", b"null"])
def test_markdown_that_is_not_asked_for_properly_is_refused(service: httpx.Client, body: bytes) -> None:
    answer = service.post("/demo/markdown", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_charts_are_listed(service: httpx.Client, samples: list[Sample]) -> None:
    assert [listed["id"] for listed in service.get("/demo/charts").json()] == [sample.id for sample in samples]


def test_a_chart_is_the_bundle_that_evaluations_takes(service: httpx.Client, samples: list[Sample]) -> None:
    assert service.get(f"/demo/charts/{samples[0].id}").json() == sample_bundle(samples[0])


def test_a_call_is_a_hook_call_with_every_template_resolved(service: httpx.Client) -> None:
    call = service.get("/demo/calls/eligible-uk").json()
    asked = service.get("/cds-services").json()["services"][0]["prefetch"]
    assert call["hook"] == "patient-view"
    assert call["context"] == {"userId": "Practitioner/demo", "patientId": "eligible-uk"}
    assert call["fhirServer"] == f"{service.base_url}/demo/fhir"
    assert list(call["prefetch"]) == list(asked)
    for value in call["prefetch"].values():
        get_fhir_model_class(value["resourceType"]).model_validate(value)


def test_two_calls_are_two_hook_instances(service: httpx.Client) -> None:
    first, second = (service.get("/demo/calls/eligible-uk").json()["hookInstance"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("path", ["/demo/calls/nobody", "/demo/charts/nobody"])
def test_a_patient_who_is_not_there_is_a_404(service: httpx.Client, path: str) -> None:
    answer = service.get(path)
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "nobody" not in answer.text
