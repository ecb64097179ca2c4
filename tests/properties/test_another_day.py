"""Nothing hangs on which day it is: all dates and today moved together give the same verdict with moved dates."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.cohort.chart import Chart
from tests.properties.charts import charts, held
from tests.properties.service import TODAY, Json, evaluation, mapped

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INEXACT = re.compile(r"\d{4}(-\d{2})?")
SPOKEN = re.compile(r", until \d{1,2} [A-Z][a-z]{2} \d{4}")
FOUR_YEARS = 1461


def moved(value: Json, days: int) -> Json:
    def shift(text: str) -> str:
        return DAY.sub(lambda found: (date.fromisoformat(found[0]) + timedelta(days=days)).isoformat(), text)

    return mapped(value, shift)


def silent(value: Json) -> Json:
    """Without the days that stand in words, which do not move as strings do."""
    return mapped(value, lambda text: SPOKEN.sub("", text))


def texts_in(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(inner)


def in_exact_days(value: Json) -> bool:
    return not any(INEXACT.fullmatch(text) for text in texts_in(value))


@held
@given(charts(), st.integers(-40, 40))
def test_moving_everything_by_days_moves_only_the_dates(chart: Chart, days: int) -> None:
    """The birth date is left out of it: a year is not always as long, and age is by the calendar."""
    assume(in_exact_days(chart.resources))
    age = {"birthDate": chart.resources[0]["birthDate"]}
    assume(not near_a_birthday(chart, days))
    later = [{**moved(chart.resources[0], days), **age}, *moved(chart.resources[1:], days)]
    expected = moved(evaluation(chart.resources), days)
    assert silent(evaluation(later, TODAY + timedelta(days=days))) == silent(expected)


def near_a_birthday(chart: Chart, days: int) -> bool:
    born = date.fromisoformat(chart.resources[0]["birthDate"])
    ages = {day.year - born.year - ((day.month, day.day) < (born.month, born.day)) for day in (TODAY, TODAY + timedelta(days=days))}
    return len(ages) > 1


@held
@given(charts(), st.integers(-3, 3))
def test_four_years_are_the_same_for_everything(chart: Chart, times: int) -> None:
    """1461 days have one leap day wherever they begin (from 1901 to 2099): here the age moves with the rest."""
    assume(in_exact_days(chart.resources))
    expected = moved(evaluation(chart.resources), times * FOUR_YEARS)
    later = evaluation(moved(chart.resources, times * FOUR_YEARS), TODAY + timedelta(days=times * FOUR_YEARS))
    assert silent(later) == silent(expected)
