"""INR, platelets, CRP and temperature, in the units they come in (guideline.md 3, F2 and F5)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from clinical.assessment import Evidence, Flag, Severity
from clinical.record import Condition, Observation, PatientRecord, Quantity
from clinical.status import Status
from guidelines.ta279.case import may_be_newest
from guidelines.ta279.cause import when
from guidelines.ta279.evidence import evidence, in_order
from guidelines.ta279.reasons import FlagId
from guidelines.ta279.thresholds import Thresholds

FLAG = FlagId.COAGULOPATHY.value
# Factors to x10^9/L and mg/L, by unit as `_spelling` leaves it. A unit that is not listed is read by its size, the way that flags.
PLATELET_UNITS = {
    "10*9/l": 1.0, "10*3/ul": 1.0, "10*3/mm3": 1.0, "k/ul": 1.0, "k/mm3": 1.0, "k/cumm": 1.0, "g/l": 1.0, "gpt/l": 1.0, "bil/l": 1.0,
    "thou/ul": 1.0, "thousand/ul": 1.0, "/nl": 1.0, "thou/mm3": 1.0, "thousand/mm3": 1.0, "10*4/ul": 10.0, "10*5/ul": 100.0,
    "10*6/ml": 1.0, "10*6/ul": 1000.0, "10*12/l": 1000.0,
    "/ul": 0.001, "/mm3": 0.001, "{cells}/ul": 0.001, "cells/ul": 0.001,
}  # fmt: skip
CRP_UNITS = {"mg/l": 1.0, "mg/dl": 10.0, "ug/ml": 1.0, "ug/l": 0.001}
INR_UNITS = frozenset({"", "1", "inr", "{inr}", "ratio", "{ratio}", "unit", "units", "inrunits", "{inr}units"})
MOST_PLATELETS = 3000  # x10^9/L: a larger bare number counts single cells per microlitre
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹µμ\u00d7", "0123456789uux")
_POWER = re.compile(r"^x?10(?:\^|e|\*\*|\*|x)?\(?([0-9]{1,2})\)?(?=/)")
FAHRENHEIT = ("[degf]", "degf", "f", "°f")
CELSIUS = ("cel", "c", "°c", "degc")
CELSIUS_SIZE, FAHRENHEIT_SIZE = (30, 45), (86, 113)


def coagulopathy(conditions: list[Condition], record: PatientRecord, today: date, thresholds: Thresholds) -> Iterator[Flag]:
    """INR above, or platelets below, the blocking figure; a coagulation disorder; figures in between are a caution."""
    ratios = newest(record, "inr", _ratio, today, thresholds.inr_max_age_days)
    counts = newest(record, "platelets", _count, today, thresholds.platelet_max_age_days)
    blocking = [evidence(item, when(item), "coagulation disorder, active") for item in conditions if "coagulopathy" in item.concepts]
    caution = unread_lines(record, "platelets", in_a_unit_of(PLATELET_UNITS), today, thresholds.platelet_max_age_days)
    caution += unread_lines(record, "INR", lambda item: _ratio(item) is not None, today, thresholds.inr_max_age_days)
    for item, ratio in ratios:
        if not ratio.below(thresholds.inr_caution_from):
            (blocking if ratio.above(thresholds.inr_block_above) else caution).append(evidence(item, item.date, f"INR {words(ratio)}"))
    for item, count in counts:
        if not count.at_least(thresholds.platelet_caution_below):
            line = evidence(item, item.date, f"platelets {words(count)} x10^9/L")
            (blocking if count.below(thresholds.platelet_block_below) else caution).append(line)
    if not counts or any(not count.at_least(thresholds.platelet_block_below) for _, count in counts):
        blocking += [evidence(item, when(item), "thrombocytopenia, active") for item in conditions if "thrombocytopenia" in item.concepts]
    if blocking:
        yield Flag(FLAG, Severity.BLOCKING, "", in_order(blocking + caution))
    elif caution:
        yield Flag(FLAG, Severity.CAUTION, "", in_order(caution))


def infection_markers(record: PatientRecord, today: date, thresholds: Thresholds) -> list[Evidence]:
    limit = thresholds.infection_marker_max_age_days
    lines = [
        evidence(item, item.date, f"CRP {words(protein)} mg/L")
        for item, protein in newest(record, "crp", _protein, today, limit)
        if protein.above(thresholds.crp_caution_above)
    ]
    lines += [
        evidence(item, item.date, f"temperature {words(heat)} degrees Celsius")
        for item, heat in newest(record, "temperature", _celsius, today, limit)
        if heat.at_least(thresholds.temperature_caution_from)
    ]
    lines += unread_lines(record, "CRP", in_a_unit_of(CRP_UNITS), today, limit)
    return lines + unread_lines(record, "temperature", lambda item: _celsius(item) is not None, today, limit)


def unread_lines(record: PatientRecord, name: str, is_read: Callable[[Observation], bool], today: date, limit: int) -> list[Evidence]:
    """Results that are given and cannot be read, unless one that can is certainly later: what they would have told is not known."""
    results = _in_date(record, name.lower(), today, limit)
    days = [item.date for item in results if item.date is not None and is_read(item)]
    doubts = [item for item in results if (item.unread or item.quantity is not None) and not is_read(item)]
    open_still = [item for item in doubts if item.date is not None and not any(item.date.certainly_before(day) for day in days)]
    return [evidence(item, item.date, f"{name} that cannot be read") for item in open_still]


def in_a_unit_of(units: Mapping[str, float]) -> Callable[[Observation], bool]:
    """Whether a result is a number in one of these units, or in none. In any other it is read by its size, and a doubt stays."""
    return lambda item: item.quantity is not None and (not item.quantity.unit or _spelling(item.quantity.unit) in units)


def newest(
    record: PatientRecord, concept: str, read: Callable[[Observation], Quantity | None], today: date, limit: int
) -> list[tuple[Observation, Quantity]]:
    """The newest final result that is read; several where their order cannot be told, so that the worst of them counts."""
    results = may_be_newest(item for item in _in_date(record, concept, today, limit) if read(item) is not None)
    return [(item, quantity) for item in results if (quantity := read(item)) is not None]


def _in_date(record: PatientRecord, concept: str, today: date, limit: int) -> list[Observation]:
    """A result that may be in date counts: a doubt about its day does not make it harmless. A stale one is no evidence (G4)."""
    results = [item for item in record.observations if concept in item.concepts and not item.preliminary]
    return [item for item in results if item.date is not None and item.date.age_at_most(limit, today) is not Status.NOT_MET]


def _ratio(item: Observation) -> Quantity | None:
    """An INR has no unit: seconds and per cent are another measure of clotting. 0 is none."""
    quantity = item.quantity
    return quantity if quantity is not None and _spelling(quantity.unit) in INR_UNITS and quantity.high != 0 else None


def _count(item: Observation) -> Quantity | None:
    """A bare or unknown unit is taken as x10^9/L, or as single cells where the number is so large."""
    if item.quantity is None:
        return None
    large = any(bound is not None and bound > MOST_PLATELETS for bound in (item.quantity.low, item.quantity.high))
    return _times(item.quantity, PLATELET_UNITS.get(_spelling(item.quantity.unit), 0.001 if large else 1.0))


def _protein(item: Observation) -> Quantity | None:
    return _times(item.quantity, CRP_UNITS.get(_spelling(item.quantity.unit), 1.0)) if item.quantity is not None else None


def _spelling(unit: str) -> str:
    """One spelling of a unit: `x10E9/L`, `10^9/L` and `10⁹/L` are `10*9/l`; `mcL` is `ul`."""
    plain = unit.translate(_SUPERSCRIPTS).lower().replace(" ", "").replace("mcl", "ul").replace("mcg", "ug")
    return _POWER.sub(r"10*\1", plain)


def words(quantity: Quantity) -> str:
    if quantity.low is not None and quantity.low == quantity.high:
        return f"{quantity.low:g}"
    if quantity.low is not None:
        return f"over {quantity.low:g}" if not quantity.low_inclusive else f"at least {quantity.low:g}"
    return f"under {quantity.high:g}" if not quantity.high_inclusive else f"at most {quantity.high:g}"


def _times(quantity: Quantity, factor: float, shift: float = 0) -> Quantity:
    low = None if quantity.low is None else round((quantity.low - shift) * factor, 6)
    high = None if quantity.high is None else round((quantity.high - shift) * factor, 6)
    return msgspec.structs.replace(quantity, low=low, high=high)


def _celsius(item: Observation) -> Quantity | None:
    """In an unknown or no unit it is read by its size, where that is a body's in one of the two."""
    quantity = item.quantity
    if quantity is None:
        return None
    unit, size = _spelling(quantity.unit), quantity.low if quantity.low is not None else quantity.high
    if unit in FAHRENHEIT or (unit not in CELSIUS and _is_within(FAHRENHEIT_SIZE, size)):
        return _times(quantity, 5 / 9, 32)
    return quantity if (unit in CELSIUS and not quantity.above(45)) or _is_within(CELSIUS_SIZE, size) else None


def _is_within(limits: tuple[float, float], size: float | None) -> bool:
    return size is not None and limits[0] <= size <= limits[1]
