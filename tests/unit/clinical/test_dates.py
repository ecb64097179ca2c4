"""Dates are intervals: what is said of one is what holds in every reading, in none, or in some (guideline.md G3)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from clinical.dates import DAY_SECONDS, PartialDate, not_after, on_day
from clinical.status import Status

FIRST = date(2026, 3, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(5)]
BEYOND = 4
BOUNDS = [
    PartialDate(earliest, latest)
    for earliest, latest in product([None, *DAYS], repeat=2)
    if earliest is None or latest is None or earliest <= latest
]


def readings(interval: PartialDate) -> list[date]:
    """Every day that it may be; an open end reaches beyond every day that is asked about."""
    first = interval.earliest or DAYS[0] - timedelta(days=BEYOND)
    last = interval.latest or DAYS[-1] + timedelta(days=BEYOND)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def in_every_reading(interval: PartialDate, holds: Callable[[date], bool]) -> Status:
    said = {holds(day) for day in readings(interval)}
    return Status.UNKNOWN if len(said) == 2 else Status.MET if said == {True} else Status.NOT_MET


@pytest.mark.parametrize("interval", BOUNDS, ids=str)
def test_on_or_after_a_day_on_or_before_it_and_of_an_age(interval: PartialDate) -> None:
    for day in DAYS:
        assert interval.on_or_after(day) is in_every_reading(interval, lambda read, day=day: read >= day)  # type: ignore[misc]
        assert interval.on_or_before(day) is in_every_reading(interval, lambda read, day=day: read <= day)  # type: ignore[misc]
        for days in range(3):
            at_most = in_every_reading(interval, lambda read, day=day, days=days: (day - read).days <= days)  # type: ignore[misc]
            assert interval.age_at_most(days, day) is at_most


def pairs() -> Iterator[tuple[PartialDate, PartialDate]]:
    yield from product(BOUNDS, repeat=2)


def test_one_date_is_certainly_before_another_if_it_is_in_every_reading_of_both() -> None:
    for one, other in pairs():
        every = all(read < another for read, another in product(readings(one), readings(other)))
        assert one.certainly_before(other) is every, (str(one), str(other))


def test_two_dates_may_be_within_a_day_if_they_are_in_some_reading_of_both() -> None:
    """A date with an open end may be any day."""
    for one, other in pairs():
        open_ended = None in (one.earliest, one.latest, other.earliest, other.latest)
        some = any(abs((read - another).days) <= 1 for read, another in product(readings(one), readings(other)))
        assert one.may_be_within_a_day_of(other) is (open_ended or some), (str(one), str(other))


def timed(seconds: float) -> PartialDate:
    return PartialDate(FIRST, FIRST, seconds)


def test_where_both_have_a_time_the_time_decides() -> None:
    assert timed(10.0).certainly_before(timed(11.0))
    assert not timed(11.0).certainly_before(timed(10.0))
    assert not timed(10.0).certainly_before(timed(10.0))
    assert timed(0.0).may_be_within_a_day_of(timed(DAY_SECONDS))
    assert timed(DAY_SECONDS).may_be_within_a_day_of(timed(0.0))
    assert not timed(0.0).may_be_within_a_day_of(timed(DAY_SECONDS + 1.0))


def test_where_one_has_a_time_the_days_decide() -> None:
    for day in DAYS:
        assert timed(10.0).certainly_before(on_day(day)) is (day > FIRST)
        assert on_day(FIRST).may_be_within_a_day_of(PartialDate(day, day, 10.0)) is (day - FIRST <= timedelta(days=1))
        assert PartialDate(day, day, 10.0).may_be_within_a_day_of(on_day(FIRST)) is (day - FIRST <= timedelta(days=1))


def test_they_sort_by_the_latest_day_then_by_the_time_and_an_open_end_last() -> None:
    in_order = [not_after(FIRST), timed(0.5), timed(10.0), PartialDate(FIRST, DAYS[1]), on_day(DAYS[2]), PartialDate(FIRST)]
    keys = [each.sort_key() for each in in_order]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_they_are_written_as_one_day_or_as_what_is_known_of_both_ends() -> None:
    assert str(on_day(FIRST)) == "2026-03-01"
    assert str(PartialDate(FIRST, DAYS[1])) == "2026-03-01/2026-03-02"
    assert str(PartialDate(FIRST)) == "2026-03-01/"
    assert str(not_after(FIRST)) == "/2026-03-01"
    assert str(PartialDate()) == "/"


def test_only_one_known_day_is_exact() -> None:
    assert [each.exact for each in (on_day(FIRST), PartialDate(FIRST, DAYS[1]), PartialDate(FIRST), PartialDate())] == [
        True,
        False,
        False,
        False,
    ]
