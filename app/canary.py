"""A patient evaluated from inside: a rule that has died makes no noise, a canary that stops singing does (trust.md 1)."""

import logging

import msgspec

from app import reference_patient
from hooks.registry import CDSService

log = logging.getLogger(__name__)


class _Source(msgspec.Struct, frozen=True):
    topic: dict[str, str]


class _Card(msgspec.Struct, frozen=True):
    summary: str
    detail: str
    source: _Source


class _Answer(msgspec.Struct, frozen=True):
    """What must not change from one answer to the next: everything a clinician reads."""

    cards: list[_Card]


class Canary:
    """Compares the service's answer about the reference patient with its answer at start."""

    def __init__(self, service: CDSService) -> None:
        self._service = service
        self._request = msgspec.json.encode(reference_patient.hook_request(reference_patient.prefetch()))
        self._at_start = self._answer()

    @property
    def topics(self) -> list[str]:
        """The topics of the cards given at start."""
        return [card.source.topic["code"] for card in self._at_start.cards]

    def sings(self) -> bool:
        try:
            sings = self._answer() == self._at_start
        except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
            log.error("the canary failed", extra={"event": "canary", "error": type(error).__name__})
            return False
        if not sings:
            log.error("the canary patient is answered otherwise than at start", extra={"event": "canary"})
        return sings

    def _answer(self) -> _Answer:
        return msgspec.json.decode(self._service.answer(self._request, reference_patient.DAY), type=_Answer)
