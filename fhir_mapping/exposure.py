"""When somebody took, had or was to take a medication (guideline.md 5), and whether it was stopped for intolerance.

`start` and `stop` are inclusive. A prescription that was stopped ran from its start to some day up to its planned end, not longer.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from clinical.dates import PartialDate
from clinical.record import MedicationKind
from fhir_mapping.elements import Codes, Quantity, concepts_of, listed
from fhir_mapping.moments import days_of_supply, is_no_end, last_day, span
from fhir_mapping.reading import Reading
from fhir_mapping.resources.medication import (
    Dosage,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Reasons,
    Repeat,
)

INTOLERANCE = frozenset({"status-reason-intolerance", "opioid-intolerance"})
NOT_ORDERED = frozenset({"proposal", "plan", "option"})
_TAKEN = frozenset({"active", "completed", "stopped", "on-hold"})
COUNTED = {
    MedicationKind.ADMINISTRATION: frozenset({"completed", "in-progress", "stopped"}),
    MedicationKind.DISPENSE: frozenset({"completed"}),
    MedicationKind.STATEMENT: _TAKEN,
    MedicationKind.REQUEST: _TAKEN,
}
_CUT_SHORT = frozenset({"stopped", "on-hold"})

Given: TypeAlias = MedicationAdministration | MedicationDispense | MedicationRequest | MedicationStatement


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    kind: MedicationKind
    start: PartialDate | None = None
    stop: PartialDate | None = None
    ongoing: bool = False
    as_needed: bool = False
    intolerance: bool = False


def exposure_of(given: Given, reading: Reading) -> Exposure:
    match given:
        case MedicationAdministration():
            return _administered(given, reading)
        case MedicationDispense():
            return _dispensed(given, reading)
        case MedicationStatement():
            return _stated(given, reading)
        case MedicationRequest():
            return _requested(given, reading)


def kind_of(given: Given) -> MedicationKind:
    match given:
        case MedicationAdministration():
            return MedicationKind.ADMINISTRATION
        case MedicationDispense():
            return MedicationKind.DISPENSE
        case MedicationStatement():
            return MedicationKind.STATEMENT
        case MedicationRequest():
            return MedicationKind.REQUEST


def refusal(given: Given) -> str:
    """Why it does not count (G1), or nothing."""
    if given.status == "entered-in-error":
        return "entered-in-error"
    if given.status not in COUNTED[kind_of(given)]:
        return "status"
    if isinstance(given, MedicationRequest) and given.do_not_perform:
        return "do-not-perform"
    return "intent" if isinstance(given, MedicationRequest) and given.intent in NOT_ORDERED else ""


def _administered(given: MedicationAdministration, reading: Reading) -> Exposure:
    day = reading.date(given.effective_date_time)
    period = given.effective_period
    start = day or (reading.date(period.start) if period is not None else None)
    stop = day or (reading.end(period.end) if period is not None else None)
    return Exposure(
        kind=MedicationKind.ADMINISTRATION,
        start=start,
        stop=stop,
        ongoing=given.status == "in-progress" and stop is None and (period is None or is_no_end(period.end)),
        intolerance=_for_intolerance(given.status_reason, reading),
    )


def _stated(given: MedicationStatement, reading: Reading) -> Exposure:
    period = given.effective_period
    start = reading.date(given.effective_date_time) or (reading.date(period.start) if period is not None else None)
    stop = reading.end(period.end) if period is not None else None
    return Exposure(
        kind=MedicationKind.STATEMENT,
        start=start,
        stop=stop,
        ongoing=given.status == "active" and stop is None and (period is None or is_no_end(period.end)),
        as_needed=_as_needed(given.dosage),
        intolerance=_for_intolerance(given.status_reason, reading),
    )


def _dispensed(given: MedicationDispense, reading: Reading) -> Exposure:
    start = reading.date(given.when_handed_over) or reading.date(given.when_prepared)
    return Exposure(
        kind=MedicationKind.DISPENSE,
        start=start,
        stop=_supplied_until(start, given.days_supply),
        as_needed=_as_needed(given.dosage_instruction),
        intolerance=_for_intolerance(given.status_reason_codeable_concept, reading),
    )


def _requested(given: MedicationRequest, reading: Reading) -> Exposure:
    authored = reading.date(given.authored_on)
    start, stop = _bounds(given, authored, reading)
    supply = given.dispense_request.expected_supply_duration if given.dispense_request is not None else None
    stop = stop or _supplied_until(start, supply)
    limited = supply is not None or _is_limited(given.dosage_instruction)
    if stop is not None and given.status in _CUT_SHORT:
        stop = span(start, stop) or stop
    return Exposure(
        kind=MedicationKind.REQUEST,
        start=start,
        stop=stop,
        ongoing=given.status == "active" and stop is None and not limited,
        as_needed=_as_needed(given.dosage_instruction),
        intolerance=_for_intolerance(given.status_reason, reading),
    )


def _bounds(given: MedicationRequest, authored: PartialDate | None, reading: Reading) -> tuple[PartialDate | None, PartialDate | None]:
    """First start and last stop of its dosage instructions; without a start, the day it was written. One open instruction: no stop."""
    dosages = list(listed(given.dosage_instruction))
    spans = [_bound(repeat, authored, reading) for repeat in _bounded(dosages)]
    starts = [start for start, _ in spans if start is not None]
    stops = [stop for _, stop in spans if stop is not None]
    last = max(stops, key=PartialDate.sort_key) if stops and len(stops) == len(dosages) else None
    return min(starts, key=PartialDate.sort_key, default=authored), last


def _bound(repeat: Repeat, authored: PartialDate | None, reading: Reading) -> tuple[PartialDate | None, PartialDate | None]:
    if repeat.bounds_period is not None:
        return reading.date(repeat.bounds_period.start) or authored, reading.end(repeat.bounds_period.end)
    least = repeat.bounds_duration or (repeat.bounds_range.low if repeat.bounds_range is not None else None)
    return authored, _supplied_until(authored, least)


def _bounded(dosages: Iterable[Dosage]) -> Iterator[Repeat]:
    """The timings that are bounded in time."""
    for dosage in dosages:
        repeat = dosage.timing.repeat if dosage.timing is not None else None
        if repeat is not None and (repeat.bounds_period or repeat.bounds_duration or repeat.bounds_range):
            yield repeat


def _is_limited(dosages: list[Dosage | None] | None) -> bool:
    """Does every instruction end, were it on a day that cannot be told? An end that cannot be read is not the lack of one."""
    given = list(listed(dosages))
    bounded = list(_bounded(given))
    return bool(bounded) and len(bounded) == len(given) and not any(_is_open(repeat) for repeat in bounded)


def _is_open(repeat: Repeat) -> bool:
    """Only a period goes on where it says no end; a duration is one, whatever its unit."""
    return repeat.bounds_period is not None and is_no_end(repeat.bounds_period.end)


def _supplied_until(start: PartialDate | None, supply: Quantity | None) -> PartialDate | None:
    days = days_of_supply(supply)
    return last_day(start, days) if start is not None and days is not None else None


def _as_needed(dosages: list[Dosage | None] | None) -> bool:
    """Only as needed: one regular dosage beside it makes it regular."""
    all_dosages = list(listed(dosages))
    return bool(all_dosages) and all(dosage.as_needed_boolean or dosage.as_needed_codeable_concept is not None for dosage in all_dosages)


def _for_intolerance(reasons: Reasons, reading: Reading) -> bool:
    some: Iterable[Codes] = listed(reasons) if isinstance(reasons, list) else listed([reasons])
    return bool(INTOLERANCE & concepts_of(reading.terminology, *some))
