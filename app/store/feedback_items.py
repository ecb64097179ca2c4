"""Feedback as clients send it (cds-hooks.md 1.10, 5.1; sandbox.md 6): read item by item, whatever shape each has.

Kept of an item: the card, the outcome, when, which suggestions, the reason as a code. Words that a user typed only where that is asked for.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from app.errors import BadRequest
from app.store.text import bounded
from hooks.envelope import Array, read_members
from hooks.errors import BadCall

OUTCOMES = ("accepted", "overridden")
MOST_ITEMS = 1_000
MOST_SUGGESTIONS = 20
CARD_LENGTH = 255
ID_LENGTH = 64
CODE_LENGTH = 200
SYSTEM_LENGTH = 255
COMMENT_LENGTH = 2_000
EPIC_REASON = "com.epic.cdshooks.feedback.overrideReason."
EPIC_PARTS = ("reasonTitle", "reasonDisplay", "reasonCategory")  # most telling first


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What a user did with one card."""

    card: str
    outcome: str
    timestamp: str
    suggestions: tuple[str, ...]
    reason_code: str
    reason_system: str
    comment: str

    def digest(self, client: str) -> str:
        """Equal for two items that tell the same."""
        told = (client, self.card, self.outcome, self.timestamp, sorted(self.suggestions), self.reason_code, self.reason_system)
        return sha256(msgspec.json.encode(told)).hexdigest()

    @property
    def moment(self) -> datetime | None:
        """When the user did it, if the client says so in a way that can be read."""
        try:
            moment = datetime.fromisoformat(self.timestamp)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def read_feedback(body: bytes) -> list[Any]:
    """The items, none of them looked at; BadCall or BadRequest where there is no list of them."""
    if not isinstance(read_members(body).get("feedback"), Array):
        raise BadRequest("must be an array", "feedback")
    try:
        items: list[Any] = msgspec.json.decode(body)["feedback"]
    except (msgspec.DecodeError, RecursionError):
        raise BadCall("the body is not JSON, or is nested too deeply") from None
    if len(items) > MOST_ITEMS:
        raise BadRequest(f"holds more than {MOST_ITEMS} items: send them in parts", "feedback")
    return items


def read_item(value: Any) -> Item | None:
    """None where it does not say which card, or not what became of it."""
    item = _members(value)
    card = item.get("card")
    outcome = bounded(item.get("outcome"), ID_LENGTH).lower()
    if not isinstance(card, str) or not card.strip() or len(card) > CARD_LENGTH or outcome not in OUTCOMES:
        return None
    override = _members(_first(item.get("overrideReason") or item.get("overrideReasons")))
    code, system = _reason(override)
    return Item(
        card=bounded(card, CARD_LENGTH),
        outcome=outcome,
        timestamp=bounded(item.get("outcomeTimestamp"), ID_LENGTH),
        suggestions=tuple(_suggestions(item.get("acceptedSuggestions")))[:MOST_SUGGESTIONS],
        reason_code=code,
        reason_system=system,
        comment=bounded(override.get("userComment"), COMMENT_LENGTH),
    )


def _suggestions(value: Any) -> Iterator[str]:
    """Ids, from a list of objects as specified; of ids; or from one alone."""
    for each in value if isinstance(value, list) else [value]:
        found = bounded(each.get("id") if isinstance(each, dict) else each, ID_LENGTH)
        if found:
            yield found


def _reason(override: Mapping[str, Any]) -> tuple[str, str]:
    """Code and system: of a Coding; of a CodeableConcept's first; a bare code; or what Epic says in an extension alone."""
    reason = _first(override.get("reason"))
    coding = _members(_first(_members(reason).get("coding"))) or _members(reason)
    code = bounded(coding.get("code") or reason, CODE_LENGTH)
    if code:
        return code, bounded(coding.get("system"), SYSTEM_LENGTH)
    extension = _members(override.get("extension"))
    for name in (EPIC_REASON + part for part in EPIC_PARTS):
        if title := bounded(extension.get(name), CODE_LENGTH):
            return title, name
    return "", ""


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value
