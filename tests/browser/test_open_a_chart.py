"""A chart is opened: a sample, or a Bundle of one's own that is pasted, chosen or dropped."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from app.demo.samples import load_samples
from tests.browser.conftest import TODAY
from tests.browser.try_it import TryIt

SAMPLES = load_samples(TODAY)

PREFETCH = """async ([sample, templates]) => {
  const { prefetchOf } = await import(new URL("demo/static/call.js", document.baseURI).href);
  const { chartOf } = await import(new URL("demo/static/bundle.js", document.baseURI).href);
  const bundle = await (await fetch(`demo/charts/${sample}`)).json();
  return prefetchOf(chartOf(bundle.entry.map((entry) => entry.resource)), templates);
}"""
DROP = """text => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], "chart.json", { type: "application/json" }));
  const how = { dataTransfer: carried, bubbles: true, cancelable: true };
  for (const kind of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(kind, how));
}"""
OUTCOMES = {
    "criteria-met": "The criteria are met",
    "information-needed": "Something is missing",
    "criteria-not-met": "The criteria are not met",
    "blocked": "A safety flag comes first",
    "no-evaluable-fracture": "There is no fracture to assess",
    "out-of-scope": "Outside the guideline's scope: age under 18",
}


def test_every_sample_shows_its_documented_verdict_and_cards(try_it: TryIt) -> None:
    for sample in SAMPLES:
        try_it.choose_sample(sample.id)
        expect(try_it.page.locator("#banner")).to_contain_text(sample.resources[0]["name"][0]["family"].upper())
        try_it.outcome(OUTCOMES[sample.expected.outcome])
        assert sorted(try_it.topics()) == sorted(sample.expected.card_topics)
        expect(try_it.page.locator(".changes")).to_have_text("This is the outcome documented for this patient.")


def test_the_page_makes_the_prefetch_that_the_service_makes(try_it: TryIt, address: str) -> None:
    templates = httpx.get(f"{address}/cds-services").json()["services"][0]["prefetch"]
    for sample in SAMPLES:
        made = try_it.page.evaluate(PREFETCH, [sample.id, templates])
        assert made == httpx.get(f"{address}/demo/calls/{sample.id}").json()["prefetch"], sample.id


def test_a_bundle_that_is_pasted_is_assessed(try_it: TryIt, chart: str) -> None:
    try_it.paste(chart)
    expect(try_it.page.locator("#banner")).to_contain_text("EXAMPLE-DOUBLE")
    try_it.outcome("The criteria are met")
    expect(try_it.page.locator("#patient")).to_have_value("")
    assert [fracture["level"] for fracture in try_it.evaluation()["fractures"]] == ["T12", "L2"]


def test_a_file_that_is_chosen_is_assessed(try_it: TryIt, chart: str, tmp_path: Path) -> None:
    file = tmp_path / "chart.json"
    file.write_text(chart)
    try_it.page.get_by_text("Or a FHIR Bundle of your own").click()
    try_it.page.get_by_label("Choose a file").set_input_files(file)
    expect(try_it.page.locator("#banner")).to_contain_text("EXAMPLE-DOUBLE")


def test_a_file_that_is_dropped_anywhere_is_assessed(try_it: TryIt, chart: str) -> None:
    try_it.page.evaluate(DROP, chart)
    expect(try_it.page.locator("#banner")).to_contain_text("EXAMPLE-DOUBLE")


def test_a_transaction_whose_references_are_uuids_is_assessed(try_it: TryIt, chart: str) -> None:
    try_it.paste(json.dumps(as_transaction(json.loads(chart))))
    expect(try_it.page.locator("#banner")).to_contain_text("EXAMPLE-DOUBLE")
    try_it.outcome("The criteria are met")
    request = try_it.message("Request")
    told = {entry["resource"]["subject"]["reference"] for entry in request["prefetch"]["conditions"]["entry"]}
    assert told == {f"Patient/{request['context']['patientId']}"}
    assert "urn:uuid" not in json.dumps(request)


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        ("{", "This is not JSON."),
        ("[]", "This is no FHIR Bundle with entries."),
        ('{"resourceType": "Patient", "id": "a"}', "This is no FHIR Bundle with entries."),
        ('{"resourceType": "Bundle", "type": "collection", "entry": []}', "The Bundle must hold one Patient. It holds 0."),
    ],
)
def test_what_is_no_bundle_of_one_patient_is_refused_in_words(try_it: TryIt, bundle: str, words: str) -> None:
    try_it.paste(bundle)
    expect(try_it.page.get_by_role("alert")).to_have_text(words)


def as_transaction(bundle: Any) -> Any:
    """The same chart before it was on any server: entries known by urn:uuid, resources without an id."""
    entries = [entry["resource"] for entry in bundle["entry"]]
    names = {f"{each['resourceType']}/{each['id']}": f"urn:uuid:00000000-0000-4000-8000-{index:012}" for index, each in enumerate(entries)}
    text = json.dumps(entries)
    for old, new in names.items():
        text = text.replace(f'"reference": "{old}"', f'"reference": "{new}"')
    bare = [{member: value for member, value in each.items() if member != "id"} for each in json.loads(text)]
    request = {"method": "POST", "url": "x"}
    together = zip(names.values(), bare, strict=True)
    return {**bundle, "type": "transaction", "entry": [{"fullUrl": url, "resource": each, "request": request} for url, each in together]}


def test_of_several_charts_chosen_in_quick_succession_the_last_is_shown(try_it: TryIt) -> None:
    try_it.page.evaluate("""() => {
      const patients = document.getElementById("patient");
      for (const id of ["myeloma", "two-fractures", "no-fracture", "high-inr", "missing-mri"]) {
        patients.value = id;
        patients.dispatchEvent(new Event("change"));
      }
    }""")
    expect(try_it.page.locator("#banner")).to_contain_text("EXAMPLE-NOFILM")
    try_it.outcome("Something is missing")
    try_it.page.wait_for_load_state("networkidle")
    expect(try_it.page.locator("#banner")).to_contain_text("EXAMPLE-NOFILM")
    expect(try_it.page.locator(".changes")).to_have_text("This is the outcome documented for this patient.")
