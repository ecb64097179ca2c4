"""Dates as a case writes them, relative to the evaluation date, made into FHIR dates.

`today`, `-23d`, `+3d` are days; `-2mo` and `-1y` are a whole month or year (a partial FHIR date); `2008-11-22` stands as it is.
A day may carry a time and an offset (`-3d 14:30`, `-3d 14:30+01:00`; no offset is UTC). `-30d..-20d`, `..-20d` and `-30d..` are Periods.
`unknown` is a date that the record says it does not know (data-absent-reason).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tests.cases.resource import Resource

_DAYS = re.compile(r"([+-]\d+)d")
_MONTHS = re.compile(r"([+-]\d+)mo")
_YEARS = re.compile(r"([+-]\d+)y")
_ABSOLUTE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_TIME = re.compile(r"(\d\d:\d\d)(:\d\d)?(Z|[+-]\d\d:\d\d)?")

UNKNOWN_DATE: Resource = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


class CaseError(Exception):
    """A case says something that this language does not know."""


@dataclass(frozen=True)
class Calendar:
    """Turns the dates of a case into FHIR strings; `today` is the evaluation date."""

    today: date

    def day(self, text: str) -> str:
        """One FHIR date or dateTime."""
        words = text.split()
        day = self._day(words[0])
        return day + self._time(words[1]) if len(words) > 1 else day

    def period(self, text: str) -> Resource:
        start, end = (part.strip() for part in text.split(".."))
        return {key: self.day(part) for key, part in (("start", start), ("end", end)) if part}

    def put(self, resource: Resource, name: str, text: str | None, separate: str = "DateTime") -> None:
        """Write a choice element: `onset` becomes onsetDateTime, onsetPeriod, or _onsetDateTime when unknown."""
        if text is None:
            return
        if text == "unknown":
            resource[f"_{name}{separate}"] = UNKNOWN_DATE
        elif ".." in text:
            resource[f"{name}Period"] = self.period(text)
        else:
            resource[f"{name}{separate}"] = self.day(text)

    def exact(self, text: str) -> date:
        """The calendar day of a case's date; only for whole days."""
        return date.fromisoformat(self._day(text.split()[0]))

    def _day(self, text: str) -> str:
        if text == "today":
            return self.today.isoformat()
        if found := _DAYS.fullmatch(text):
            return (self.today + timedelta(days=int(found[1]))).isoformat()
        if found := _MONTHS.fullmatch(text):
            months = self.today.year * 12 + self.today.month - 1 + int(found[1])
            return f"{months // 12:04d}-{months % 12 + 1:02d}"
        if found := _YEARS.fullmatch(text):
            return f"{self.today.year + int(found[1]):04d}"
        if _ABSOLUTE.fullmatch(text):
            return text
        raise CaseError(f"not a date: {text!r}")

    def _time(self, text: str) -> str:
        found = _TIME.fullmatch(text)
        if found is None:
            raise CaseError(f"not a time: {text!r}")
        return f"T{found[1]}{found[2] or ':00'}{found[3] or 'Z'}"


def years_before(day: date, years: int) -> date:
    """The same day of the year; 29 February falls back to 28."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
