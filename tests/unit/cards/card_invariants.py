"""What every card must be, whatever it says: Inferno's card checks V1 to V11, S-60 to S-72 and S-02 of cds-hooks.md, and the contract."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cards.card import Card

Json = dict[str, Any]

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
INDICATORS = {"info", "warning", "critical"}
CARD_MEMBERS = {"uuid", "summary", "indicator", "source", "detail", "suggestions", "selectionBehavior", "overrideReasons", "links"}
REASON_CODES = {
    "cds-not-applicable", "cds-suboptimal-context", "recipient-disagrees-evidence", "recipient-concerns-outcomes",
    "does-not-align-preferences", "not-convenient-feasible", "action-completed", "patient-contraindication", "patient-refuses",
    "too-costly-uncovered", "service-not-available", "recipient-does-not-understand",
}  # fmt: skip
NEVER_SAID = re.compile(
    r"\b(perform\w*|approved|certified|diagnos(es|ed))\b|NICE(?:'s)? threshold|\b(edema|color|center|\w+ization)\b", re.IGNORECASE
)
UNSEEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def on_the_wire(cards: list[Card]) -> list[Json]:
    """The cards as an EHR decodes them."""
    decoded: list[Json] = json.loads(msgspec.json.encode(cards))
    return decoded


def assert_valid_cards(cards: list[Json]) -> None:
    """V1 and the contract: an array, one card per topic, no uuid twice."""
    assert isinstance(cards, list)
    for card in cards:
        assert_valid_card(card)
    topics = [card["source"]["topic"]["code"] for card in cards]
    assert len(topics) == len(set(topics))
    assert len({card["uuid"] for card in cards}) == len(cards)


def assert_valid_card(card: Json) -> None:
    assert_nothing_null_or_empty(card)
    assert set(card) <= CARD_MEMBERS
    assert UUID4.fullmatch(card["uuid"])  # S-60
    assert_valid_summary(card["summary"])
    assert isinstance(card["detail"], str)  # S-62
    assert UNSEEN.search(card["detail"]) is None
    assert card["indicator"] in INDICATORS  # V4, S-63
    assert_valid_source(card["source"])
    assert_valid_override_reasons(card["overrideReasons"])
    assert_valid_links(card["links"])
    assert_valid_suggestions(card)
    assert_says_what_every_card_says(card)


def assert_valid_summary(summary: object) -> None:
    """V2, V3, S-61: one plain sentence, at most 139 characters."""
    assert isinstance(summary, str)
    assert summary == summary.strip() != ""
    assert len(summary) < 140
    assert summary.isprintable()
    assert not set(summary) & set("*`[]<>|#_")


def assert_valid_source(source: Json) -> None:
    """V5, V6, S-64 to S-68."""
    assert source["label"] == "NICE TA279"
    assert source["url"] == "https://www.nice.org.uk/guidance/ta279"
    assert source["topic"]["system"] == "https://vertebral-augmentation-cds.example/fhir/CodeSystem/card-topic"
    assert re.fullmatch(r"ta279[A-Za-z]{1,95}", source["topic"]["code"])


def assert_valid_override_reasons(reasons: list[Json]) -> None:
    """V9, S-71: code, system and display; codes of the value set non-adherence-reason-clinical only."""
    assert all(set(reason) == {"code", "system", "display"} for reason in reasons)
    assert {reason["system"] for reason in reasons} == {"http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"}
    assert {reason["code"] for reason in reasons} <= REASON_CODES
    assert all(reason["display"].strip() for reason in reasons)


def assert_valid_links(links: list[Json]) -> None:
    """V10, V11, S-85 to S-88: https, each address once, and without appContext."""
    for link in links:
        assert set(link) == {"label", "url", "type"}
        assert link["type"] in {"absolute", "smart"}
        assert link["label"].strip()
        address = urlsplit(link["url"])
        assert (address.scheme, bool(address.hostname), address.username) == ("https", True, None)
    addresses = [link["url"] for link in links]
    assert len(addresses) == len(set(addresses))
    assert "https://www.nice.org.uk/guidance/ta279" in addresses


def assert_valid_suggestions(card: Json) -> None:
    """V7, V8, S-70: suggestions need a selection behaviour."""
    assert ("suggestions" in card) == ("selectionBehavior" in card)
    assert card.get("selectionBehavior", "any") in {"at-most-one", "any"}
    assert all(suggestion["label"].strip() and suggestion["uuid"] for suggestion in card.get("suggestions", []))


def assert_says_what_every_card_says(card: Json) -> None:
    """Contract section 2, and the words that never stand on a card."""
    detail = card["detail"]
    assert "supports, does not decide" in detail
    assert "set locally; NICE gives no number" in detail
    assert "https://www.nice.org.uk/guidance/ta279" in detail
    assert NEVER_SAID.search(card["summary"] + detail) is None


def assert_nothing_null_or_empty(value: object) -> None:
    """S-02, S-03, at every depth."""
    assert value is not None
    assert value not in ("", [], {})
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        assert_nothing_null_or_empty(member)
