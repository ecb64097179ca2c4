"""FHIR dates to intervals of days in the service's time zone (guideline.md G3)."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, tzinfo

from clinical.dates import PartialDate
from fhir_mapping.elements import Quantity

_DATE_TIME = re.compile(
    r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
_PLAIN = len("2024-05-01T10:00:00+00:00")
_LONGEST_DATE = len("2024-05-01")
_TO_THE_SECOND = len("2024-05-01T10:00:00")
_LEAP = ":60"
FIRST_YEAR, LAST_YEAR = "1850", "2200"
"""A date outside of these years tells of no patient: `0001-01-01` is what some programs write for no date, `9999-12-31` for no end."""
_DAYS_IN = {
    "d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30, "month": 30, "months": 30, "a": 365, "year": 365, "years": 365,
}  # fmt: skip
"""Days in a unit of supply; a month is counted short, so that exposure is never made up."""
_IN_A_DAY = {"h": 24, "hr": 24, "hrs": 24, "hour": 24, "hours": 24, "min": 1440, "minute": 1440, "minutes": 1440}
_YEARS = frozenset({"a", "yr", "yrs", "year", "years", "y"})
_MONTHS = frozenset({"mo", "month", "months"})


def moment(text: str, zone: tzinfo) -> PartialDate | None:
    """A FHIR date, dateTime or instant; None where it is none. `2024-05` is the whole month; a time without offset is local."""
    if not FIRST_YEAR <= text[:4] <= LAST_YEAR or not (_is_plain(text) or _DATE_TIME.fullmatch(text)):
        return None
    try:
        return _days(text) if len(text) <= _LONGEST_DATE else _instant(text, zone)
    except (ValueError, OverflowError):
        return None


def is_no_end(text: str | None) -> bool:
    """Is this end of a period none: not given, or a date that never comes?"""
    return text is None or (text[:4] > LAST_YEAR and _DATE_TIME.fullmatch(text) is not None)


def _is_plain(text: str) -> bool:
    """`2024-05-01T10:00:00+00:00`, as most servers write: `fromisoformat` checks the rest of it."""
    return (
        len(text) == _PLAIN
        and text[10] == "T"
        and text[19] in "+-"
        and text[4] == text[7] == "-"
        and text[13] == text[16] == text[22] == ":"
    )


def _days(text: str) -> PartialDate:
    if len(text) == _LONGEST_DATE:
        day = date.fromisoformat(text)
        return PartialDate(day, day)
    year, month = int(text[:4]), text[5:]
    if month:
        first = date(year, int(month), 1)
        return PartialDate(first, first.replace(day=monthrange(year, int(month))[1]))
    return PartialDate(date(year, 1, 1), date(year, 12, 31))


def _instant(text: str, zone: tzinfo) -> PartialDate:
    leap = text[16:_TO_THE_SECOND] == _LEAP
    when = datetime.fromisoformat(text[:16] + ":59" + text[_TO_THE_SECOND:] if leap else text)
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    if leap:
        when += timedelta(seconds=1)
    day = when.astimezone(zone).date()
    return PartialDate(day, day, when.timestamp())


def span(start: PartialDate | None, end: PartialDate | None) -> PartialDate | None:
    """From the first to the last possible day; a missing bound is open. None where nothing is known or the end precedes the start."""
    first = start.earliest if start is not None else None
    last = end.latest if end is not None else None
    if (first is None and last is None) or (first is not None and last is not None and last < first):
        return None
    return PartialDate(first, last)


def days_of_supply(duration: Quantity | None) -> int | None:
    """Whole days a supply lasts, rounded down, but hours fill the days they begin and some supply is at least a day; a number without a
    unit is days. None where that cannot be told.
    """
    if duration is None or duration.value is None or duration.comparator or duration.value <= 0:
        return None
    unit = (duration.code or duration.unit or "d").strip().lower()
    if unit in _IN_A_DAY:
        length = -(-duration.value // _IN_A_DAY[unit])
    else:
        length = duration.value * _DAYS_IN.get(unit, 0)
    return max(1, int(length)) if 0 < length <= MOST_DAYS else None


MOST_DAYS = 36_525


def last_day(start: PartialDate, days: int) -> PartialDate:
    """The day on which `days` days that begin at `start` end; the first day counts."""
    return PartialDate(_later(start.earliest, days - 1), _later(start.latest, days - 1))


def _later(day: date | None, days: int) -> date | None:
    if day is None or date.max.toordinal() - day.toordinal() < days:
        return None
    return day + timedelta(days=days)


def at_age(birth: PartialDate | None, low: Quantity | None, high: Quantity | None) -> PartialDate | None:
    """When somebody born then had an age from `low` to `high`: aged 79 is from the 79th birthday to the day before the 80th."""
    first, last = _age(low), _age(high)
    if birth is None or (first is None and last is None):
        return None
    earliest = _aged(birth.earliest, first) if first is not None else birth.earliest
    turned = _aged(birth.latest, (last[0] + 1, last[1])) if last is not None else None
    latest = turned - timedelta(days=1) if turned is not None else None
    return span(PartialDate(earliest, earliest), PartialDate(latest, latest))


def _age(age: Quantity | None) -> tuple[int, str] | None:
    """Whole units and the unit's kind: 'years' or 'months'; other units and comparators are not read."""
    if age is None or age.value is None or age.comparator or not 0 <= age.value <= 12 * 150:
        return None
    unit = (age.code or age.unit or "").strip().lower()
    if unit in _YEARS:
        return int(age.value), "years"
    return (int(age.value), "months") if unit in _MONTHS else None


def _aged(birth: date | None, age: tuple[int, str]) -> date | None:
    if birth is None:
        return None
    months = birth.month - 1 + age[0] * (12 if age[1] == "years" else 1)
    year, month = birth.year + months // 12, months % 12 + 1
    if year > date.max.year:
        return None
    overflow = birth.day > monthrange(year, month)[1]
    return date(year, month, monthrange(year, month)[1]) + timedelta(days=1) if overflow else date(year, month, birth.day)
