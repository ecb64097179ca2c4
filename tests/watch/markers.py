"""Strings that occur nowhere else, and the bodies that are full of them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from app import reference_patient
from tests.service import Json

MARK = re.compile(rb"zq7leak[0-9]{6}z")
DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?")
REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)")
NEEDED = {
    "resourceType", "hook", "system", "code", "status", "type", "mode", "intent", "use", "unit", "url", "criticality", "category",
    "fhirServer", "token_type", "linkId", "questionnaire", "clinicalStatus", "verificationStatus", "relation", "outcome",
}  # fmt: skip
"""Members whose words decide how far a call gets: kept where all others are replaced, replaced one at a time besides."""


class Markers:
    """Each is made once. `of` tells which are in some bytes."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.made = 0

    def new(self) -> str:
        self.made = next(self._numbers)
        return f"zq7leak{self.made:06}z"

    def of(self, *texts: bytes) -> set[bytes]:
        return {mark for text in texts for mark in MARK.findall(text)}


class Filler:
    """One body's: an id is replaced by the same marker wherever it stands, so that what belongs together stays together."""

    def __init__(self, markers: Markers) -> None:
        self._markers = markers
        self._ids: dict[str, str] = {}

    def filled(self, value: Json, name: str = "") -> Json:
        """Every string a marker, where the call gets as far with it as without; and a member besides in every object."""
        if isinstance(value, dict):
            inner = {key: self.filled(each, key) for key, each in value.items()}
            return inner if name == "prefetch" else {**inner, self._markers.new(): self._markers.new()}
        if isinstance(value, list):
            return [self.filled(each, name) for each in value]
        return self._word(value, name) if isinstance(value, str) else value

    def _word(self, word: str, name: str) -> str:
        if DATE.fullmatch(word) or name in NEEDED:
            return word
        if name in ("id", "patientId", "encounterId"):
            return self.id_of(word)
        if (found := REFERENCE.fullmatch(word)) is not None:
            return f"{found[1]}/{self.id_of(found[2])}"
        return self._markers.new()

    def id_of(self, known: str) -> str:
        return self._ids.setdefault(known, self._markers.new())


def one_by_one(value: Json, markers: Markers) -> Iterator[Json]:
    """The body once for each of its strings, that one replaced, and once for each of its members, that one's name replaced."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield {(markers.new() if name == key else name): inner for name, inner in value.items()}
            yield from ({**value, key: changed} for changed in one_by_one(each, markers))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in one_by_one(each, markers))
    elif isinstance(value, str):
        yield markers.new()


def as_of_today(value: Json) -> Json:
    """The reference patient's dates, moved so that today is her day: the service under test has no other clock than the machine's."""
    days = datetime.now(UTC).date() - reference_patient.DAY
    if isinstance(value, dict):
        return {key: as_of_today(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_of_today(each) for each in value]
    return _moved(value, days) if isinstance(value, str) else value


def _moved(word: str, days: timedelta) -> str:
    found = DATE.fullmatch(word)
    return f"{date.fromisoformat(found[1]) + days}{word[10:]}" if found else word


def strings_in(value: Any) -> int:
    """How many strings there are to replace."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, str) + sum(map(strings_in, inner))
