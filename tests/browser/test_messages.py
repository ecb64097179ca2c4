"""The messages: request, response, and a command that works where it is pasted."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.try_it import EVALUATION, TryIt


def command(try_it: TryIt) -> str:
    """As it comes out of the clipboard."""
    try_it.page.get_by_text("The messages: request and response").click()
    try_it.page.get_by_role("button", name="Copy as curl").click()
    expect(try_it.page.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = try_it.page.evaluate("navigator.clipboard.readText()")
    return copied


def run(text: str) -> Any:
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {text}"], check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def test_the_command_for_a_sample_is_short_and_works(try_it: TryIt) -> None:
    text = command(try_it)
    assert len(text.splitlines()) == 3
    assert run(text)["extension"][EVALUATION] == try_it.evaluation()


def test_the_command_for_a_changed_chart_holds_it_and_works(try_it: TryIt) -> None:
    try_it.field("Score").fill("2")
    try_it.outcome("The criteria are not met")
    answered = run(command(try_it))
    assert answered["extension"][EVALUATION]["outcome"] == "criteria-not-met"
    assert answered["extension"][EVALUATION] == try_it.evaluation()


def test_the_command_carries_the_order_and_the_profile(try_it: TryIt) -> None:
    try_it.page.select_option("#profile", "vertos")
    try_it.hook("order-sign")
    try_it.page.get_by_label("Draft order").select_option("kyphoplasty-with-stent")
    expect(try_it.card("ta279StentNotRecommended")).to_be_visible()
    answered = run(command(try_it))
    assert answered["extension"][EVALUATION]["profile"] == "vertos"
    assert [card["source"]["topic"]["code"] for card in answered["cards"]] == try_it.topics()


def test_text_that_could_end_the_command_does_not(try_it: TryIt, chart: str) -> None:
    """A chart's text may hold quotes, dollars, backticks and the word that ends the document."""
    bundle = json.loads(chart)
    condition = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Condition")
    condition["code"]["text"] = 'it\'s "$HOME" `id`\nEND\nrm'
    try_it.paste(json.dumps(bundle))
    try_it.outcome("The criteria are met")
    text = command(try_it)
    assert run(text)["extension"][EVALUATION]["outcome"] == "criteria-met"
    assert run(f"curl() {{ cat; }}; {text}") == try_it.message("Request")


def test_request_and_response_are_the_ones_on_the_wire(try_it: TryIt) -> None:
    try_it.page.get_by_text("The messages: request and response").click()
    with try_it.page.expect_response(lambda response: "/cds-services/" in response.url) as answered:
        try_it.hook("order-select")
    expect(try_it.page.get_by_role("region", name="Request", exact=True)).to_contain_text("order-select")
    assert try_it.message("Request") == json.loads(answered.value.request.post_data or "")
    assert try_it.message("Response") == answered.value.json()


def test_a_refusal_is_shown_in_the_services_own_words(try_it: TryIt, chart: str) -> None:
    bundle = json.loads(chart)
    bundle["entry"][1]["resource"]["subject"]["reference"] = "Patient/somebody-else"
    try_it.paste(json.dumps(bundle))
    alert = try_it.page.get_by_role("alert")
    expect(alert).to_contain_text("The service answered 400.")
    expect(alert).to_contain_text("a resource is not of the patient this request is about")
    for stale in ("#verdict", "#chart", "#cards", "#why"):
        expect(try_it.page.locator(stale)).to_be_hidden()
    try_it.choose_sample("improving")
    try_it.outcome("The criteria are not met")
    expect(alert).to_be_hidden()
