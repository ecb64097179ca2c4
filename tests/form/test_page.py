"""GET /form: the Questionnaire drawn whole, every control labelled, nothing from elsewhere and nothing inline."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.form.drawing import form_fields
from app.main import create_app
from app.settings import Mode, Settings
from tests.form.answers import TODAY
from tests.service import serving

QUESTIONNAIRE = msgspec.json.decode((Path(__file__).parents[2] / "guidelines/ta279/questionnaire.json").read_bytes())


class Seen(HTMLParser):
    """What a page is made of: tags with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str, *tags: str) -> list[str]:
        return [told for tag, attributes in self.tags if (not tags or tag in tags) and (told := attributes.get(name)) is not None]


@pytest.fixture(scope="module")
def service() -> Iterator[httpx.Client]:
    app = create_app(Settings(mode=Mode.DEMO), today=lambda: TODAY)
    with serving(app) as running, httpx.Client(base_url=f"http://127.0.0.1:{running.port}") as client:
        yield client


@pytest.fixture(scope="module")
def page(service: httpx.Client) -> Seen:
    answer = service.get("/form")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return Seen(answer.text)


def items(within: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in within.get("item", ()):
        yield item
        yield from items(item)


def test_every_question_is_on_the_page_once_in_its_order(page: Seen) -> None:
    assert page.values("data-link") == [item["linkId"] for item in items(QUESTIONNAIRE)]


def test_every_option_can_be_chosen(page: Seen) -> None:
    offered = [option["valueCoding"] for item in items(QUESTIONNAIRE) for option in item.get("answerOption", ())]
    values = page.values("value", "option", "input")
    assert [f"{coding['system']}|{coding['code']}" for coding in offered] == [value for value in values if "|" in value]


def test_every_control_has_a_label(page: Seen) -> None:
    labelled = page.values("for", "label")
    controls = [attributes for tag, attributes in page.tags if tag in ("select", "input") and attributes.get("type") != "radio"]
    assert sorted(control["id"] or "" for control in controls) == sorted(labelled)
    assert len(set(labelled)) == len(labelled)


def test_every_group_that_repeats_can_be_added(page: Seen) -> None:
    assert page.values("data-add") == [item["linkId"] for item in items(QUESTIONNAIRE) if item.get("repeats")]


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(service: httpx.Client, page: Seen) -> None:
    policy = service.get("/form").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.values("style") == []
    assert [name for _, attributes in page.tags for name in attributes if name.startswith("on")] == []
    files = [*page.values("src", "script"), *page.values("href", "link")]
    assert [file for file in files if not file.startswith(("form/", "data:image/svg+xml"))] == []
    assert {service.get("/" + file).status_code for file in files if file.startswith("form/")} == {200}


def test_what_is_asked_for_in_the_address_is_not_written_into_the_page(service: httpx.Client) -> None:
    assert "spoon" not in service.get("/form", params={"patient": "<script>spoon</script>"}).text


def test_text_of_the_questionnaire_is_text_on_the_page() -> None:
    odd = {"item": [{"linkId": "a", "type": "group", "text": "<b>", "item": [{"linkId": "a.b", "type": "date", "text": '"&'}]}]}
    fields = form_fields(odd)
    assert "<b>" not in fields
    assert "&lt;b&gt;" in fields
    assert "&quot;&amp;" in fields
