"""INR, platelets, CRP and temperature, in the units they come in (guideline.md 3, F2 and F5)."""

from collections.abc import Iterator
from datetime import date

from clinical.assessment import Evidence, Flag, Severity
from clinical.record import Condition, Observation, PatientRecord, Quantity
from clinical.status import Status
from guidelines.ta279.case import latest_first
from guidelines.ta279.cause import when
from guidelines.ta279.evidence import evidence, in_order
from guidelines.ta279.reasons import FlagId
from guidelines.ta279.thresholds import Thresholds

FLAG = FlagId.COAGULOPATHY.value
# Factors to x10^9/L, mg/L. A unit that is not listed is not read: a wrong factor would be worse than no number.
PLATELET_UNITS = {
    "10*9/l": 1.0, "10^9/l": 1.0, "x10^9/l": 1.0, "10*3/ul": 1.0, "10^3/ul": 1.0, "k/ul": 1.0, "g/l": 1.0, "thou/ul": 1.0, "10*3/mm3": 1.0,
    "/ul": 0.001, "/mm3": 0.001, "{cells}/ul": 0.001, "cells/ul": 0.001, "": 1.0,
}  # fmt: skip
CRP_UNITS = {"mg/l": 1.0, "mg/dl": 10.0, "ug/ml": 1.0, "": 1.0}
INR_UNITS = {"": 1.0, "1": 1.0, "{inr}": 1.0, "inr": 1.0, "{ratio}": 1.0, "ratio": 1.0}
FAHRENHEIT = ("[degf]", "degf", "f", "°f")
CELSIUS = ("cel", "c", "°c", "degc", "")


def coagulopathy(conditions: list[Condition], record: PatientRecord, today: date, thresholds: Thresholds) -> Iterator[Flag]:
    """INR above, or platelets below, the blocking figure; a coagulation disorder; figures in between are a caution."""
    inr = newest(record, "inr", today, thresholds.inr_max_age_days)
    platelets = newest(record, "platelets", today, thresholds.platelet_max_age_days)
    blocking = [evidence(item, when(item), "coagulation disorder, active") for item in conditions if "coagulopathy" in item.concepts]
    caution: list[Evidence] = []
    count = scaled(platelets, PLATELET_UNITS)
    ratio = scaled(inr, INR_UNITS)
    if inr is not None and ratio is not None and not ratio.below(thresholds.inr_caution_from):
        (blocking if ratio.above(thresholds.inr_block_above) else caution).append(evidence(inr, inr.date, f"INR {words(ratio)}"))
    if platelets is not None and count is not None and not count.at_least(thresholds.platelet_caution_below):
        line = evidence(platelets, platelets.date, f"platelets {words(count)} x10^9/L")
        (blocking if count.below(thresholds.platelet_block_below) else caution).append(line)
    if count is None or not count.at_least(thresholds.platelet_block_below):
        blocking += [evidence(item, when(item), "thrombocytopenia, active") for item in conditions if "thrombocytopenia" in item.concepts]
    if blocking:
        yield Flag(FLAG, Severity.BLOCKING, "", in_order(blocking + caution))
    elif caution:
        yield Flag(FLAG, Severity.CAUTION, "", in_order(caution))


def infection_markers(record: PatientRecord, today: date, thresholds: Thresholds) -> list[Evidence]:
    limit = thresholds.infection_marker_max_age_days
    lines = []
    crp = newest(record, "crp", today, limit)
    protein = scaled(crp, CRP_UNITS)
    if crp is not None and protein is not None and protein.above(thresholds.crp_caution_above):
        lines.append(evidence(crp, crp.date, f"CRP {words(protein)} mg/L"))
    fever = newest(record, "temperature", today, limit)
    heat = _celsius(fever)
    if fever is not None and heat is not None and heat.at_least(thresholds.temperature_caution_from):
        lines.append(evidence(fever, fever.date, f"temperature {words(heat)} degrees Celsius"))
    return lines


def newest(record: PatientRecord, concept: str, today: date, limit: int) -> Observation | None:
    """The newest final result, if it is in date (G4: a stale one is no evidence)."""
    results = [item for item in record.observations if concept in item.concepts and item.quantity is not None and not item.preliminary]
    in_date = [item for item in results if item.date is not None and item.date.age_at_most(limit, today) is Status.MET]
    ordered = latest_first(in_date)
    return ordered[0] if ordered else None


def scaled(item: Observation | None, units: dict[str, float]) -> Quantity | None:
    quantity = item.quantity if item is not None else None
    if quantity is None or quantity.unit not in units:
        return None
    factor = units[quantity.unit]
    return _times(quantity, factor)


def words(quantity: Quantity) -> str:
    if quantity.low is not None and quantity.low == quantity.high:
        return f"{quantity.low:g}"
    if quantity.low is not None:
        return f"over {quantity.low:g}" if not quantity.low_inclusive else f"at least {quantity.low:g}"
    return f"under {quantity.high:g}" if not quantity.high_inclusive else f"at most {quantity.high:g}"


def _times(quantity: Quantity, factor: float, shift: float = 0) -> Quantity:
    low = None if quantity.low is None else round((quantity.low - shift) * factor, 6)
    high = None if quantity.high is None else round((quantity.high - shift) * factor, 6)
    return Quantity(low, high, quantity.low_inclusive, quantity.high_inclusive, quantity.unit)


def _celsius(item: Observation | None) -> Quantity | None:
    quantity = item.quantity if item is not None else None
    if quantity is None:
        return None
    if quantity.unit in FAHRENHEIT:
        return _times(quantity, 5 / 9, 32)
    return quantity if quantity.unit in CELSIUS and not quantity.above(45) else None
