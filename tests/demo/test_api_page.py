"""GET /docs: the whole OpenAPI document as a page that runs nothing and loads nothing from elsewhere."""

import re
from typing import Any

import httpx
import pytest

from app.api_page import drawing
from tests.demo.test_page import Tags


@pytest.fixture(scope="module")
def document(service: httpx.Client) -> dict[str, Any]:
    described: dict[str, Any] = service.get("/openapi.json").json()
    return described


@pytest.fixture(scope="module")
def html(service: httpx.Client) -> str:
    return service.get("/docs").text


def test_it_may_run_and_load_nothing_but_its_style(service: httpx.Client, html: str) -> None:
    policy = service.get("/docs").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script" not in policy
    tags = Tags(html).found
    assert [tag for tag, _ in tags if tag in ("script", "img", "iframe", "style")] == []
    assert [attributes["href"] for tag, attributes in tags if attributes.get("rel") == "stylesheet"] == ["docs/api.css"]
    assert service.get("/docs/api.css").headers["content-type"].startswith("text/css")


def test_every_operation_and_every_answer_is_told(document: dict[str, Any], html: str) -> None:
    articles = dict(re.findall(r'<article id="([^"]+)">(.*?)</article>', html, re.DOTALL))
    for found in drawing.operations(document).values():
        for operation in found:
            told = articles[operation.anchor]
            assert f"<code>{operation.path}</code>" in told
            assert [status for status in operation.told["responses"] if f"<code>{status}</code>" not in told] == []
            examples = operation.told.get("requestBody", {}).get("content", {}).values()
            assert told.count("<details>") == sum(len(content.get("examples", {})) for content in examples)
    assert set(articles) >= {f"schema-{name}" for name in document["components"]["schemas"]}


def test_every_link_within_the_page_leads_somewhere(html: str) -> None:
    tags = Tags(html).found
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    asked = {
        (attributes["href"] or "").removeprefix("#")
        for tag, attributes in tags
        if tag == "a" and (attributes["href"] or "").startswith("#")
    }
    assert asked <= ids
    assert len(ids) == sum("id" in attributes for _, attributes in tags)


def test_text_of_the_document_is_text_on_the_page() -> None:
    told = {"tags": ["<i>"], "description": "<script>x</script> `<b>`", "responses": {"200": {"description": "<u>"}}}
    examples = {"odd": {"summary": "<s>", "value": {"a": "</pre><script>"}}}
    body = {"content": {"application/json": {"schema": {"enum": ["<q>"]}, "examples": examples}}}
    odd = {"paths": {"/<x>": {"post": {**told, "requestBody": body}}}, "components": {"schemas": {"<Y>": {"type": "<z>"}}}}
    drawn = drawing.described(odd) + drawing.contents(odd) + drawing.schemas(odd)
    for raw in ("<i>", "<script>", "<u>", "<s>", "<q>", "<x>", "<Y>", "<z>"):
        assert raw not in drawn
