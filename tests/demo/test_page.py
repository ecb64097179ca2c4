"""The try-it page and what it asks the service for."""

import re
from html.parser import HTMLParser

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.demo.samples import Sample, sample_bundle

FILES = ["/", "/demo/page.css", "/demo/page.js", "/demo/view.js"]


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


@pytest.mark.parametrize("path", FILES)
def test_the_page_names_no_other_machine(service: httpx.Client, path: str) -> None:
    assert set(re.findall(r"(?:https?:)?//[a-z0-9.]+", service.get(path).text)) <= {"http://www.w3.org"}


def test_everything_the_page_loads_is_there(service: httpx.Client) -> None:
    tags = Tags(service.get("/").text).found
    loaded = [attributes["src"] for tag, attributes in tags if tag == "script"]
    loaded += [attributes["href"] for tag, attributes in tags if attributes.get("rel") == "stylesheet"]
    assert len(loaded) == 2
    for address in loaded:
        assert service.get(f"/{address}").status_code == 200


def test_nothing_runs_from_within_the_html(service: httpx.Client) -> None:
    for tag, attributes in Tags(service.get("/").text).found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag != "script" or attributes["src"]


def test_every_sample_can_be_chosen_and_says_its_story(service: httpx.Client, samples: list[Sample]) -> None:
    chosen = [attributes for tag, attributes in Tags(service.get("/").text).found if tag == "option"]
    assert {option["value"]: option["data-story"] for option in chosen} == {sample.id: sample.story for sample in samples}
    assert {option["value"]: option["data-expected"] for option in chosen} == {sample.id: sample.expected.outcome for sample in samples}


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
