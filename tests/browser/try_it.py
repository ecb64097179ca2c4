"""The try-it page as a person uses it."""

import json
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

EVALUATION = "vertebral-augmentation-cds.evaluation"


class TryIt:
    """One open page. What it asks for waits until it is there."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self, sample: str) -> Self:
        self.page.goto(f"{self.address}/?patient={sample}")
        expect(self.page.locator(".outcome")).to_be_visible()
        return self

    def choose_sample(self, sample: str) -> None:
        self.page.select_option("#patient", sample)

    def hook(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).check(force=True)  # the button that is seen lies over it

    def paste(self, bundle: str) -> None:
        self.page.get_by_text("Or a FHIR Bundle of your own").click()
        self.page.get_by_label("Paste a Bundle").fill(bundle)
        self.page.get_by_role("button", name="Open this Bundle").click()

    def choose_fact(self, reference: str) -> None:
        self.page.select_option("#fact", reference)

    def field(self, label: str) -> Locator:
        """A control of the fact that is chosen."""
        return self.page.locator("#fact-fields").get_by_label(label)

    def add(self, name: str, **fields: str) -> None:
        self.page.locator("#adding details").evaluate("details => details.open = true")
        self.page.select_option("#add-what", name)
        if "level" in fields:
            self.page.select_option("#add-level", fields["level"])
        if "date" in fields:
            self.page.fill("#add-date", fields["date"])
        self.page.get_by_role("button", name="Add to the chart").click()

    def outcome(self, words: str) -> None:
        expect(self.page.locator(".outcome strong")).to_have_text(words)

    def criterion(self, name: str) -> Locator:
        return self.page.locator(f"[data-criterion={name}]").first

    def status(self, criterion: str, words: str) -> None:
        expect(self.criterion(criterion).locator(".tag")).to_contain_text(words)

    def cards(self, *topics: str) -> None:
        """These topics, in this order, and no other card."""
        expect(self.page.locator(".card")).to_have_count(len(topics))
        for index, topic in enumerate(topics):
            expect(self.page.locator(".card").nth(index)).to_have_attribute("data-topic", topic)

    def topics(self) -> list[str]:
        """Of the cards that are shown now."""
        return [card.get_attribute("data-topic") or "" for card in self.page.locator(".card").all()]

    def card(self, topic: str) -> Locator:
        return self.page.locator(f".card[data-topic={topic}]")

    def message(self, title: str) -> Any:
        """The request or the response as it is shown."""
        self.page.locator("#messages").evaluate("messages => messages.open = true")
        return json.loads(self.page.get_by_role("region", name=title, exact=True).inner_text())

    def evaluation(self) -> Any:
        return self.message("Response")["extension"][EVALUATION]
