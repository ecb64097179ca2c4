"""INR, platelets, CRP and temperature, in the units they come in (guideline.md 3, F2 and F5)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from clinical.assessment import Evidence, Flag, Severity
from clinical.record import Condition, Observation, PatientRecord, Quantity
from clinical.status import Status
from guidelines.ta279.case import Last, may_be_newest
from guidelines.ta279.cause import when
from guidelines.ta279.evidence import evidence, in_order
from guidelines.ta279.reasons import FlagId
from guidelines.ta279.thresholds import Thresholds

FLAG = FlagId.COAGULOPATHY.value
# Factors to x10^9/L and mg/L, by unit as `_spelling` leaves it. A unit that is not listed is read by its size, the way that flags.
PLATELET_UNITS = {
    "10*9/l": 1.0, "10*3/ul": 1.0, "10*3/mm3": 1.0, "k/ul": 1.0, "k/mm3": 1.0, "k/cumm": 1.0, "g/l": 1.0, "gpt/l": 1.0, "bil/l": 1.0,
    "thou/ul": 1.0, "thousand/ul": 1.0, "/nl": 1.0, "10*6/ml": 1.0, "10*6/ul": 1000.0, "10*12/l": 1000.0,
    "/ul": 0.001, "/mm3": 0.001, "{cells}/ul": 0.001, "cells/ul": 0.001,
}  # fmt: skip
CRP_UNITS = {"mg/l": 1.0, "mg/dl": 10.0, "ug/ml": 1.0, "ug/l": 0.001}
INR_UNITS: dict[str, float] = {}
MOST_PLATELETS = 3000  # x10^9/L: a larger bare number counts single cells per microlitre
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹µμ\u00d7", "0123456789uux")
_POWER = re.compile(r"^x?10(?:\^|e|\*\*|\*)?([0-9]{1,2})(?=/)")
FAHRENHEIT = ("[degf]", "degf", "f", "°f")
CELSIUS = ("cel", "c", "°c", "degc", "")


def coagulopathy(conditions: list[Condition], record: PatientRecord, today: date, thresholds: Thresholds) -> Iterator[Flag]:
    """INR above, or platelets below, the blocking figure; a coagulation disorder; figures in between are a caution."""
    ratios = newest(record, "inr", INR_UNITS, today, thresholds.inr_max_age_days)
    counts = newest(record, "platelets", PLATELET_UNITS, today, thresholds.platelet_max_age_days)
    unread = unread_lines(record, "platelets", in_a_unit_of(PLATELET_UNITS), today, thresholds.platelet_max_age_days)
    blocking = [evidence(item, when(item), "coagulation disorder, active") for item in conditions if "coagulopathy" in item.concepts]
    caution = [*unread, *unread_lines(record, "INR", _is_number, today, thresholds.inr_max_age_days)]
    for item, ratio in ratios:
        if not ratio.below(thresholds.inr_caution_from):
            (blocking if ratio.above(thresholds.inr_block_above) else caution).append(evidence(item, item.date, f"INR {words(ratio)}"))
    for item, count in counts:
        if not count.at_least(thresholds.platelet_caution_below):
            line = evidence(item, item.date, f"platelets {words(count)} x10^9/L")
            (blocking if count.below(thresholds.platelet_block_below) else caution).append(line)
    if not counts or unread or any(not count.at_least(thresholds.platelet_block_below) for _, count in counts):
        blocking += [evidence(item, when(item), "thrombocytopenia, active") for item in conditions if "thrombocytopenia" in item.concepts]
    if blocking:
        yield Flag(FLAG, Severity.BLOCKING, "", in_order(blocking + caution))
    elif caution:
        yield Flag(FLAG, Severity.CAUTION, "", in_order(caution))


def infection_markers(record: PatientRecord, today: date, thresholds: Thresholds) -> list[Evidence]:
    limit = thresholds.infection_marker_max_age_days
    proteins = newest(record, "crp", CRP_UNITS, today, limit)
    lines = [
        evidence(item, item.date, f"CRP {words(protein)} mg/L") for item, protein in proteins if protein.above(thresholds.crp_caution_above)
    ]
    fevers = [(item, heat) for item in _newest(record, "temperature", today, limit) if (heat := _celsius(item)) is not None]
    lines += [
        evidence(item, item.date, f"temperature {words(heat)} degrees Celsius")
        for item, heat in fevers
        if heat.at_least(thresholds.temperature_caution_from)
    ]
    lines += unread_lines(record, "CRP", in_a_unit_of(CRP_UNITS), today, limit)
    return lines + unread_lines(record, "temperature", lambda item: _celsius(item) is not None, today, limit)


def unread_lines(record: PatientRecord, name: str, is_read: Callable[[Observation], bool], today: date, limit: int) -> list[Evidence]:
    """Results that are there and cannot be read, unless one that can is certainly later: what they would have told is not known."""
    results = _in_date(record, name.lower(), today, limit)
    last = Last.of(item.date for item in results if is_read(item))
    return [evidence(item, item.date, f"{name} that cannot be read") for item in results if not (is_read(item) or last.replaces(item.date))]


def in_a_unit_of(units: Mapping[str, float]) -> Callable[[Observation], bool]:
    """Whether a result is a number in one of these units, or in none. In any other it is read by its size, and a doubt stays."""
    return lambda item: item.quantity is not None and (not item.quantity.unit or _spelling(item.quantity.unit) in units)


def _is_number(item: Observation) -> bool:
    return item.quantity is not None


def newest(record: PatientRecord, concept: str, units: Mapping[str, float], today: date, limit: int) -> list[tuple[Observation, Quantity]]:
    """The newest final result in a unit that is read; several where their order cannot be told, so that the worst of them counts."""
    results = _newest(record, concept, today, limit)
    return [(item, quantity) for item in results if (quantity := scaled(item, units)) is not None]


def _newest(record: PatientRecord, concept: str, today: date, limit: int) -> list[Observation]:
    return may_be_newest(item for item in _in_date(record, concept, today, limit) if item.quantity is not None)


def _in_date(record: PatientRecord, concept: str, today: date, limit: int) -> list[Observation]:
    """A result that may be in date counts: a doubt about its day does not make it harmless. A stale one is no evidence (G4)."""
    results = [item for item in record.observations if concept in item.concepts and not item.preliminary]
    return [item for item in results if item.date is not None and item.date.age_at_most(limit, today) is not Status.NOT_MET]


def scaled(item: Observation, units: Mapping[str, float]) -> Quantity | None:
    """The result in the flag's unit. A bare or unknown unit is taken as that unit, or as single cells where the number is so large."""
    quantity = item.quantity
    if quantity is None:
        return None
    factor = units.get(_spelling(quantity.unit))
    if factor is None:
        large = any(bound is not None and bound > MOST_PLATELETS for bound in (quantity.low, quantity.high))
        factor = 0.001 if large and units is PLATELET_UNITS else 1.0
    return _times(quantity, factor)


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
    quantity = item.quantity
    if quantity is None:
        return None
    if quantity.unit in FAHRENHEIT:
        return _times(quantity, 5 / 9, 32)
    return quantity if quantity.unit in CELSIUS and not quantity.above(45) else None
