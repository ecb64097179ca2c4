"""Which of many is newest is found in one pass; it is what comparing every one with every other gives (guideline.md G5, G5a)."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.dates import PartialDate
from clinical.record import Observation
from guidelines.ta279.case import may_be_newest, standing, superseded

FIRST = date(2026, 3, 1)


def timed(minutes: int) -> PartialDate:
    """In quarter days around a fixed one, so that 24 hours to the second come up often."""
    when = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes * 360)
    return PartialDate(when.date(), when.date(), when.timestamp())


def days(start: int | None, length: int | None) -> PartialDate:
    earliest = None if start is None else FIRST + timedelta(days=start)
    latest = None if length is None else FIRST + timedelta(days=(start or 0) + length)
    return PartialDate(earliest, latest)


small = st.integers(0, 8)
dates = st.one_of(st.none(), small.map(timed), st.builds(days, st.none() | small, st.none() | small))
said = st.lists(st.tuples(dates, st.sampled_from([True, False, None])), max_size=6)


def observations(statements: list[tuple[PartialDate | None, bool | None]]) -> list[Observation]:
    return [
        Observation(reference=f"Observation/{number}", source="prefetch", date=when, present=present)
        for number, (when, present) in enumerate(statements)
    ]


@settings(deadline=None)
@given(said)
def test_what_may_be_newest_is_what_no_other_certainly_replaces(statements: list[tuple[PartialDate | None, bool | None]]) -> None:
    items = observations(statements)
    is_dated = any(item.date is not None for item in items)
    expected = [item for item in items if not any(superseded(item, other) for other in items) and (item.date is not None or not is_dated)]
    assert may_be_newest(items) == expected


@settings(deadline=None)
@given(said, said)
def test_what_stands_is_what_nothing_to_the_contrary_supersedes(
    statements: list[tuple[PartialDate | None, bool | None]], later: list[tuple[PartialDate | None, bool | None]]
) -> None:
    items, against = observations(statements), observations(later)
    expected = [item for item in items if not any(item.present is not other.present and superseded(item, other) for other in against)]
    assert standing(items, against) == expected
