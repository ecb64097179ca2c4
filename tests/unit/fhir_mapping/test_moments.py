"""FHIR dates as intervals of days (guideline.md G3)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinical.dates import PartialDate
from fhir_mapping.elements import Quantity
from fhir_mapping.moments import at_age, days_of_supply, is_no_end, last_day, moment, span

LONDON = ZoneInfo("Europe/London")
AUCKLAND = ZoneInfo("Pacific/Auckland")


def day(text: str) -> date:
    return date.fromisoformat(text)


def between(first: str, last: str) -> PartialDate:
    return PartialDate(day(first), day(last))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-05-17", "2024-05-17", "2024-05-17"),
    ],
)
def test_a_partial_date_is_all_the_days_it_may_mean(text: str, first: str, last: str) -> None:
    assert moment(text, LONDON) == between(first, last)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-07-01T23:30:00Z", LONDON, "2026-07-02"),
        ("2026-01-01T23:30:00Z", LONDON, "2026-01-01"),
        ("2026-07-01T00:30:00+02:00", LONDON, "2026-06-30"),
        ("2026-07-01T20:00:00-05:00", LONDON, "2026-07-02"),
        ("2026-07-01T13:00:00Z", AUCKLAND, "2026-07-02"),
        ("2026-07-01T13:00:00.123456789+00:00", LONDON, "2026-07-01"),
        ("2026-07-01T13:00Z", LONDON, "2026-07-01"),
        ("2026-07-01T23:59:00", LONDON, "2026-07-01"),
    ],
)
def test_a_time_is_one_day_in_our_zone(text: str, zone: ZoneInfo, expected: str) -> None:
    found = moment(text, zone)
    assert found is not None
    assert (found.earliest, found.latest) == (day(expected), day(expected))


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("2026-07-01T12:00:00+01:00", "2026-07-01T11:00:00+00:00"),
        ("2026-07-01T12:00:00", "2026-07-01T12:00:00+01:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31T23:59:60", "2017-01-01T00:00:00+00:00"),
        ("2026-07-01T12:00:00.5Z", "2026-07-01T12:00:00.500000+00:00"),
    ],
)
def test_the_instant_is_seconds_since_the_epoch(text: str, same_as: str) -> None:
    found = moment(text, LONDON)
    assert found is not None
    assert found.instant == datetime.fromisoformat(same_as).timestamp()


def test_a_day_has_no_instant() -> None:
    assert moment("2026-07-01", LONDON) == PartialDate(day("2026-07-01"), day("2026-07-01"), None)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "2024-13", "2024-00", "2024-02-30", "2023-02-29", "0000", "0000-01-01", "24", "20240501", "2024-5-1", "2024-05-01 ",
        "2024-05-01T", "2024-05-01T24:00:00Z", "2024-05-01T10", "2024-05-01T25:00:00Z", "2024-05-01T10:61:00Z", "2024-05-01T10:00:61Z",
        "2024-05-01T10:00:00+25:00", "2024-W18-3", "2024-123", "next Monday", "٢٠٢٤", "2024-05-01T10:00:00Z[UTC]", "2024-05-01 10:00:00",
        "9999-12-31T23:59:60-14:00", "0001-01-01T00:00:00+14:00", "-2024", "2024-05-01T10:00:00.Z", "2024-05-01\n",
        "0001-01-01", "0001-01-01T00:00:00Z", "0001", "1849-12-31", "2201-01-01", "2201", "9999-12-31", "9999-12-31T23:59:59+00:00",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text, LONDON) is None


def test_the_first_and_the_last_day_that_are_dates() -> None:
    assert moment("1850-01-01", LONDON) == between("1850-01-01", "1850-01-01")
    assert moment("2200-12", LONDON) == between("2200-12-01", "2200-12-31")


@pytest.mark.parametrize("text", [None, "9999-12-31", "9999", "9999-12-31T23:59:59Z", "2201-01-01"])
def test_an_end_that_never_comes_is_none(text: str | None) -> None:
    assert is_no_end(text)


@pytest.mark.parametrize("text", ["2026-11-22", "0001-01-01", "never", "", "9999-12-31 or so"])
def test_any_other_end_is_one(text: str) -> None:
    assert not is_no_end(text)


def test_a_period_runs_from_the_first_possible_day_to_the_last() -> None:
    assert span(moment("2024-05", LONDON), moment("2024-07", LONDON)) == between("2024-05-01", "2024-07-31")


def test_a_period_with_a_missing_bound_is_open_there() -> None:
    start = moment("2024-05-03", LONDON)
    assert span(start, None) == PartialDate(day("2024-05-03"), None)
    assert span(None, start) == PartialDate(None, day("2024-05-03"))
    assert span(None, None) is None


def test_a_period_that_ends_before_it_starts_is_none() -> None:
    assert span(moment("2024-05-03", LONDON), moment("2024-05-02", LONDON)) is None


@pytest.mark.parametrize(
    ("duration", "days"),
    [
        (Quantity(value=28, unit="days", code="d"), 28),
        (Quantity(value=28), 28),
        (Quantity(value=2, unit="weeks"), 14),
        (Quantity(value=2, code="wk"), 14),
        (Quantity(value=1, code="mo"), 30),
        (Quantity(value=1.5, code="d"), 1),
        (Quantity(value=1, unit=" Day "), 1),
        (Quantity(value=0, code="d"), None),
        (Quantity(value=-3, code="d"), None),
        (Quantity(value=0.5, code="d"), 1),
        (Quantity(value=0.1, code="wk"), 1),
        (Quantity(value=12, code="h"), 1),
        (Quantity(value=24, unit="hours"), 1),
        (Quantity(value=25, unit="Hours", code="h"), 2),
        (Quantity(value=336, code="h"), 14),
        (Quantity(value=1, code="min"), 1),
        (Quantity(value=2881, unit="minutes"), 3),
        (Quantity(value=0, code="h"), None),
        (Quantity(value=-24, code="h"), None),
        (Quantity(value=1e300, code="h"), None),
        (Quantity(value=14, code="{days}"), None),
        (Quantity(value=14, unit="Tage"), None),
        (Quantity(value=28, code="{tablet}"), None),
        (Quantity(value=7, code="d", comparator=">"), None),
        (Quantity(value=1e300, code="d"), None),
        (Quantity(code="d"), None),
        (None, None),
    ],
)
def test_days_of_supply(duration: Quantity | None, days: int | None) -> None:
    assert days_of_supply(duration) == days


def test_a_supply_of_n_days_ends_on_its_nth_day() -> None:
    assert last_day(between("2026-11-01", "2026-11-01"), 14) == between("2026-11-14", "2026-11-14")
    assert last_day(between("2026-11-01", "2026-11-30"), 1) == between("2026-11-01", "2026-11-30")
    assert last_day(PartialDate(None, date.max), 2) == PartialDate(None, None)


def years(value: float, unit: str = "a") -> Quantity:
    return Quantity(value=value, code=unit)


BORN = between("1946-05-05", "1946-05-05")


@pytest.mark.parametrize(
    ("birth", "low", "high", "expected"),
    [
        (BORN, years(79), years(79), between("2025-05-05", "2026-05-04")),
        (BORN, years(79.9), years(79.9), between("2025-05-05", "2026-05-04")),
        (BORN, years(70), years(79), between("2016-05-05", "2026-05-04")),
        (BORN, years(70), None, PartialDate(day("2016-05-05"), None)),
        (BORN, None, years(79), between("1946-05-05", "2026-05-04")),
        (between("1946-01-01", "1946-12-31"), years(79), years(79), between("2025-01-01", "2026-12-30")),
        (between("1940-02-29", "1940-02-29"), years(81), years(81), between("2021-03-01", "2022-02-28")),
        (BORN, years(3, "mo"), years(3, "mo"), between("1946-08-05", "1946-09-04")),
        (BORN, years(9, "wk"), years(9, "wk"), None),
        (BORN, Quantity(value=79), Quantity(value=79), None),
        (BORN, years(-1), years(-1), None),
        (BORN, years(1e9), years(1e9), None),
        (BORN, Quantity(value=79, code="a", comparator="<"), None, None),
        (BORN, None, None, None),
        (None, years(79), years(79), None),
    ],
)
def test_an_age_is_the_year_in_which_one_had_it(
    birth: PartialDate | None, low: Quantity | None, high: Quantity | None, expected: PartialDate | None
) -> None:
    assert at_age(birth, low, high) == expected
