"""What stands in a chart is text, whatever it says; a card's Markdown is made safe twice; nothing leaves the machine."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.try_it import TryIt

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
MARKDOWN = [
    "<img src=x onerror=alert(1)>",
    "![x](https://tracker.example/x.png)",
    "[x](javascript:document.title='taken')",
    "<svg onload=alert(1)>",
    "<style>body{display:none}</style>",
    "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>",
]
SANITISE = """texts => {
  const clean = texts.map((text) => DOMPurify.sanitize(text, { RETURN_DOM_FRAGMENT: true }));
  return clean.map((fragment) => [...fragment.querySelectorAll("*")].flatMap((each) => [each.localName, ...each.getAttributeNames()]));
}"""
RENDER = """async texts => {
  const { rendered } = await import(new URL("demo/static/service.js", document.baseURI).href);
  const fragments = await rendered(texts.map((detail) => ({ detail })));
  return fragments.map((fragment) => [...fragment.querySelectorAll("*")].flatMap((each) => [each.localName, ...each.getAttributeNames()]));
}"""


def poisoned(node: Any) -> Any:
    """Every text and display of a chart says something hostile."""
    if isinstance(node, dict):
        return {name: HOSTILE if name in ("text", "family", "conclusion", "unit") else poisoned(value) for name, value in node.items()}
    return [poisoned(each) for each in node] if isinstance(node, list) else node


def test_text_from_the_chart_is_shown_as_text(try_it: TryIt, chart: str) -> None:
    try_it.paste(json.dumps(poisoned(json.loads(chart))))
    expect(try_it.page.locator("#banner")).to_contain_text(HOSTILE.upper())
    try_it.outcome("The criteria are met")
    expect(try_it.page.locator("#fact")).to_contain_text(HOSTILE)
    assert try_it.page.locator("img, main script, iframe").count() == 0
    assert try_it.page.title() == "Try it: Vertebral Augmentation CDS"


def test_markdown_of_a_card_comes_out_without_anything_that_acts(try_it: TryIt) -> None:
    made = try_it.page.evaluate(RENDER, MARKDOWN)
    assert all(set(each) <= {"p", "a", "href"} for each in made)


def test_the_sanitiser_takes_out_what_a_renderer_might_let_through(try_it: TryIt, complaints: list[str]) -> None:
    raw = ["<a href='javascript:alert(1)'>x</a>", "<p onclick=alert(1)>x</p>", "<script>alert(1)</script>", "<b>kept</b>"]
    assert try_it.page.evaluate(SANITISE, raw) == [["a"], ["p"], [], ["b"]]
    assert all("inline event handler" in complaints.pop() for _ in complaints[:])


@pytest.mark.parametrize("script", ["document.body.innerHTML = '<b>x</b>'", "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')"])
def test_the_browser_lets_no_other_string_become_markup(try_it: TryIt, complaints: list[str], script: str) -> None:
    refused = try_it.page.evaluate(f"() => {{ try {{ {script}; return ''; }} catch (error) {{ return error.name; }} }}")
    assert refused == "TypeError"
    assert all("TrustedHTML" in complaints.pop() for _ in complaints[:])


def test_the_browser_lets_no_request_go_elsewhere(try_it: TryIt, complaints: list[str]) -> None:
    outcome = try_it.page.evaluate("fetch('http://localhost:9/').then(() => 'sent', (error) => error.name)")
    assert outcome == "TypeError"
    assert all("Content Security Policy" in complaints.pop() for _ in complaints[:])
