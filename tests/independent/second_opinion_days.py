"""Days, three values and "which result stands", written again from guideline.md 1.0: nothing here is shared with the rules under test.

A `Span` is the days a thing may have happened on. A missing bound is open, as in the record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clinical.dates import PartialDate

Thresholds = Mapping[str, float | int | bool | str]

MET = "met"
NOT_MET = "not-met"
UNKNOWN = "unknown"

LONG_AGO = date(1850, 1, 1)
SECONDS_IN_24_HOURS = 24 * 60 * 60


@dataclass(frozen=True)
class Span:
    """First and last possible day, and the second within the day if the record has one."""

    first: date | None = None
    last: date | None = None
    second: float | None = None


NEVER_SAID = Span()


def span_of(when: PartialDate | None) -> Span:
    return NEVER_SAID if when is None else Span(when.earliest, when.latest, when.instant)


def is_undated(when: Span) -> bool:
    """Nothing says when: such evidence is passed over."""
    return when.first is None and when.last is None


def number(thresholds: Thresholds, name: str) -> float:
    return float(thresholds[name])


def is_future(when: Span, today: date) -> bool:
    """Every possible day is after today (G3)."""
    return when.first is not None and when.first > today


def age_within(when: Span, days: float, today: date) -> str:
    """At most so many days old: met on every possible day, not met on none of them, else unknown."""
    last = today if when.last is None else min(when.last, today)
    if (today - last).days > days:
        return NOT_MET
    if when.first is not None and (today - when.first).days <= days:
        return MET
    return UNKNOWN


def in_episode(when: Span, onset: Span, today: date, tolerance: int = 0) -> str:
    """Not before the onset (G3: judged by the latest possible onset; G4: does not belong if it is before every possible onset)."""
    latest_onset = today if onset.last is None else onset.last
    if when.first is not None and when.first >= latest_onset - timedelta(tolerance):
        return MET
    if onset.first is not None and when.last is not None and when.last < onset.first - timedelta(tolerance):
        return NOT_MET
    return UNKNOWN


def within_24_hours(one: Span, other: Span) -> bool:
    """May they be within a day of each other? By the second where both have one, else by calendar days, in any reading (G5a)."""
    if one.second is not None and other.second is not None:
        return abs(one.second - other.second) <= SECONDS_IN_24_HOURS
    return smallest_gap(one, other) <= 1


def smallest_gap(one: Span, other: Span) -> int:
    """The fewest days that may lie between the two; 0 where they may overlap."""
    gap = 0
    if one.first is not None and other.last is not None:
        gap = max(gap, (one.first - other.last).days)
    if other.first is not None and one.last is not None:
        gap = max(gap, (other.first - one.last).days)
    return gap


def surely_earlier(one: Span, other: Span) -> bool:
    if one.second is not None and other.second is not None:
        return one.second < other.second
    return one.last is not None and other.first is not None and one.last < other.first


def all_three(values: Iterable[str]) -> str:
    seen = list(values)
    if NOT_MET in seen:
        return NOT_MET
    if UNKNOWN in seen:
        return UNKNOWN
    return MET


@dataclass(frozen=True)
class Result:
    """One result that speaks for (`yes`) or against.

    `counts` is False where it may only be asked about: preliminary, or its date too vague.
    """

    yes: bool
    when: Span
    counts: bool
    rank: int = 0
    unnamed: bool = False


def what_stands(results: list[Result]) -> str:
    """G5: a lower rank never overrides a higher; of one rank the latest stands, and contradiction within 24 hours leaves it open."""
    standing = [result for result in results if not any(_overrides(other, result) for other in results)]
    for_it = [result for result in standing if result.yes]
    against = [result for result in standing if not result.yes]
    if for_it and against:
        return UNKNOWN
    if any(result.counts for result in for_it):
        return MET
    if any(result.counts for result in against):
        return NOT_MET
    return UNKNOWN


def _overrides(winner: Result, loser: Result) -> bool:
    if not winner.counts or winner.yes == loser.yes:
        return False
    if winner.rank == loser.rank:
        return surely_earlier(loser.when, winner.when) and not within_24_hours(winner.when, loser.when)
    return winner.rank > loser.rank
