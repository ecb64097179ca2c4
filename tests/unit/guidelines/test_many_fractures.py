"""Thousands of entries for one vertebra cost in proportion to their number: the steps of the interpreter are counted, not the time."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from types import FrameType
from typing import Any

import pytest

from clinical.dates import PartialDate, not_after, on_day
from clinical.record import BodySite, Condition, Observation, Patient, PatientRecord, Site
from clinical.vertebra import VertebralLevel
from guidelines.ta279.fractures import find_fractures
from guidelines.ta279.thresholds import Thresholds

TODAY = date(2026, 6, 1)
AT_L1, SPINE = BodySite(Site.LEVEL, VertebralLevel.L1), BodySite(Site.SPINE)
FRACTURE, OEDEMA = frozenset({"vertebral-fracture"}), frozenset({"marrow-oedema"})
MANY = 150

Entries = Callable[[int], PatientRecord]


def told(number: int, onset: PartialDate | None, site: BodySite = AT_L1, abatement: PartialDate | None = None) -> Condition:
    gone = abatement is not None
    return Condition(
        reference=f"Condition/{number}", source="prefetch", concepts=FRACTURE, site=site, onset=onset, abated=gone, abatement=abatement
    )


def seen(number: int, day: date) -> Observation:
    return Observation(reference=f"Observation/{number}", source="prefetch", concepts=OEDEMA, present=True, site=AT_L1, date=on_day(day))


def record(conditions: list[Condition], observations: list[Observation] | None = None) -> PatientRecord:
    patient = Patient(id="1", reference="Patient/1", source="prefetch")
    return PatientRecord(patient=patient, conditions=tuple(conditions), observations=tuple(observations or ()))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def the_same_onset(count: int) -> PatientRecord:
    return record([told(number, on_day(ago(20))) for number in range(count)])


def onsets_at_other_seconds(count: int) -> PatientRecord:
    return record([told(number, PartialDate(ago(20), ago(20), float(number))) for number in range(count)])


def an_episode_each(count: int) -> PatientRecord:
    return record([told(number, on_day(ago(100 * number))) for number in range(count)])


def an_episode_each_that_is_only_bounded(count: int) -> PatientRecord:
    return record([told(number, not_after(ago(100 * number))) for number in range(count)])


def bounds_beside_episodes(count: int) -> PatientRecord:
    dated = [told(number, on_day(ago(200 * number))) for number in range(count)]
    return record(dated + [told(count + number, not_after(ago(200 * number + 20))) for number in range(count)])


def findings_beside_closed_episodes(count: int) -> PatientRecord:
    closed = [told(number, on_day(ago(100 * number)), abatement=on_day(ago(100 * number))) for number in range(count)]
    return record(closed, [seen(number, ago(100 * count)) for number in range(count)])


def without_level_beside_levels(count: int) -> PatientRecord:
    dated = [told(number, on_day(ago(200 * number))) for number in range(count)]
    return record(dated + [told(count + number, on_day(ago(200 * number + 50)), SPINE) for number in range(count)])


def findings_without_level_beside_levels(count: int) -> PatientRecord:
    fractures = [told(number, on_day(ago(100 * number)), SPINE) for number in range(count)]
    return record(fractures, [seen(number, ago(number)) for number in range(count)])


def steps(given: PatientRecord) -> int:
    """Of the interpreter, while the fractures are found."""
    count = 0

    def each(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return each

    thresholds, before = Thresholds(), sys.gettrace()
    sys.settrace(each)
    try:
        find_fractures(given, TODAY, thresholds)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "entries",
    [
        the_same_onset,
        onsets_at_other_seconds,
        an_episode_each,
        an_episode_each_that_is_only_bounded,
        bounds_beside_episodes,
        findings_beside_closed_episodes,
        without_level_beside_levels,
        findings_without_level_beside_levels,
    ],
)
def test_twice_the_entries_cost_about_twice_the_work(entries: Entries) -> None:
    assert 0 < steps(entries(2 * MANY)) < 2.5 * steps(entries(MANY))
