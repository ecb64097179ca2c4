"""What must hold of every answer, whatever was asked: invariants of the specification, card checks of Inferno (cds-hooks.md 1, 4)."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from app.outcomes import OperationOutcome
from hooks.evaluation import Evaluation
from hooks.messages import EVALUATION, CDSResponse, Discovery

MAY_BE_EMPTY = ("cards", "services", "fractures")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


def broken_rules(status: int, media_type: str, body: bytes) -> list[str]:
    """Empty where the answer keeps them all."""
    if status >= 400:
        return list(_outcome(media_type, body))
    if media_type != "application/json":
        return []
    answer = json.loads(body)
    if not isinstance(answer, dict) or "resourceType" in answer:
        return []
    if "cards" in answer:
        return [*_fits(CDSResponse, body), *_empties(answer), *_response(answer)]
    if "services" in answer:
        return [*_fits(Discovery, body), *_empties(answer)]
    if "fractures" in answer:
        return [*_fits(Evaluation, body), *_empties(answer)]
    return []


def _outcome(media_type: str, body: bytes) -> Iterator[str]:
    if media_type not in ("application/json", "application/fhir+json"):
        yield f"an error is JSON, not {media_type}"
        return
    yield from _fits(OperationOutcome, body)
    yield from _empties(json.loads(body))


def _fits(model: type[BaseModel], body: bytes) -> Iterator[str]:
    """The body is what the OpenAPI document says, and has no member besides."""
    try:
        model.model_validate_json(body, extra="forbid")
    except ValidationError as error:
        yield from (f"{model.__name__} {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


def _empties(value: Any, name: str = "") -> Iterator[str]:
    """S-02: no null, empty string, array or object, but for the arrays that may be empty."""
    if value in (None, "", [], {}) and not (name in MAY_BE_EMPTY and value == []):
        yield f"{name} is empty"
    inner = value.items() if isinstance(value, dict) else ((name, each) for each in value) if isinstance(value, list) else ()
    for inner_name, each in inner:
        yield from _empties(each, inner_name)


def _response(answer: dict[str, Any]) -> Iterator[str]:
    """cds-resp-1 to -7 and V1 to V16, as far as a response of cards can break them."""
    cards = answer["cards"]
    if "systemActions" in answer:
        yield "no systemActions are given (contract 6.15)"
    if len({card["uuid"] for card in cards}) != len(cards):
        yield "a card's uuid is its own"
    if len({card["source"]["topic"]["code"] for card in cards}) != len(cards):
        yield "one card per topic"
    for card in cards:
        yield from _card(card)
    if not isinstance(answer.get("extension", {}), dict) or set(answer.get("extension", {})) - {EVALUATION}:
        yield "the extension holds the Evaluation and nothing else"


def _card(card: dict[str, Any]) -> Iterator[str]:
    if not UUID.fullmatch(card["uuid"]):
        yield "uuid is a random lower-case UUID"
    if len(card["summary"]) >= 140 or "\n" in card["summary"]:
        yield "summary is one sentence below 140 characters"
    if card["indicator"] not in ("info", "warning", "critical"):
        yield "indicator"
    if re.search(r"<[a-zA-Z/!]", card["detail"]):
        yield "detail holds HTML"
    yield from _suggestions(card)
    if not card["source"]["topic"]["code"].isalnum() or len(card["source"]["topic"]["code"]) > 100:
        yield "topic code is short and alphanumeric"
    yield from _coded_and_linked(card)


def _suggestions(card: dict[str, Any]) -> Iterator[str]:
    """V8, V12 to V14, S-70 to S-83, D-05."""
    suggestions = card.get("suggestions", [])
    if bool(suggestions) != (card.get("selectionBehavior") in ("at-most-one", "any")):
        yield "suggestions need a selectionBehavior, and it needs suggestions"
    if len({suggestion["uuid"] for suggestion in suggestions} | {card["uuid"]}) != len(suggestions) + 1:
        yield "a suggestion's uuid is its own"
    if card.get("selectionBehavior") == "at-most-one" and sum(suggestion.get("isRecommended", False) for suggestion in suggestions) > 1:
        yield "one at most is recommended where one at most may be taken"
    for suggestion in suggestions:
        if not UUID.fullmatch(suggestion["uuid"]) or not suggestion["label"].strip() or not suggestion["actions"]:
            yield "a suggestion has a uuid, a label and actions"
        for action in suggestion["actions"]:
            yield from _action(action)


def _action(action: dict[str, Any]) -> Iterator[str]:
    if not action["description"].strip():
        yield "an action has a description"
    if action["type"] == "delete":
        if not re.fullmatch(r"ServiceRequest/[A-Za-z0-9.-]{1,64}", action.get("resourceId", "")) or "resource" in action:
            yield "what is deleted is named, and not shown"
        return
    resource = action["resource"]
    if (resource["resourceType"], resource["status"], resource["intent"]) != ("ServiceRequest", "draft", "proposal"):
        yield "what is created is a draft proposal"
    if "resourceId" in action or not re.fullmatch(r"[A-Za-z0-9.-]{1,64}", resource["id"]):
        yield "what is created has an id of its own"
    if not resource["subject"]["reference"].startswith("Patient/"):
        yield "what is created has its patient"


def _coded_and_linked(card: dict[str, Any]) -> Iterator[str]:
    for reason in card["overrideReasons"]:
        if reason["system"] != REASONS or not reason.get("display"):
            yield "an override reason has its display"
    for link in [*card["links"], {"url": card["source"]["url"], "type": "absolute"}]:
        address = urlsplit(link["url"])
        if (address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1")) or not address.hostname:
            yield "a link is https, but for the demo's own on this machine"
        if link["type"] not in ("absolute", "smart") or "appContext" in link or address.query:
            yield "a link opens a page or a SMART app, and tells it nothing of the patient"
