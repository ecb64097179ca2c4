"""Numbers as intervals, with the unit and the scale that the resource states (guideline.md 1.5)."""

import re
from collections.abc import Iterable

from clinical.record import Quantity as Interval
from fhir_mapping.elements import Quantity, Range

UCUM = "http://unitsofmeasure.org"
SCALES = (10.0, 100.0)
_PLAIN = re.compile(r"\s*(<=|>=|<|>)?\s*(\d{1,6}(?:\.\d{1,6})?)\s*", re.ASCII)


def interval(quantity: Quantity | None, scale_high: float | None = None) -> Interval | None:
    """`> 8` is 8 exclusive and up. None without a number or with a comparator we do not know."""
    if quantity is None or quantity.value is None:
        return None
    value, unit = quantity.value, unit_of(quantity)
    if quantity.comparator is None:
        return Interval(value, value, True, True, unit, scale_high)
    match quantity.comparator:
        case "<" | "<=" as comparator:
            return Interval(None, value, high_inclusive=comparator == "<=", unit=unit, scale_high=scale_high)
        case ">" | ">=" as comparator:
            return Interval(value, None, low_inclusive=comparator == ">=", unit=unit, scale_high=scale_high)
        case _:
            return None


def plain_number(text: str) -> Interval | None:
    """`< 5` and `1.0`: a number with nothing beside it but a comparator."""
    found = _PLAIN.fullmatch(text)
    return interval(Quantity(value=float(found[2]), comparator=found[1])) if found is not None else None


def number(value: float | None, scale_high: float | None = None) -> Interval | None:
    return Interval(value, value, scale_high=scale_high) if value is not None else None


def between(limits: Range | None, scale_high: float | None = None) -> Interval | None:
    """A Range; None where it states no bound, compares, runs backwards or mixes units."""
    if limits is None:
        return None
    ends = [end for end in (limits.low, limits.high) if end is not None and end.value is not None]
    if not ends or any(end.comparator for end in ends) or len({unit_of(end) for end in ends}) > 1:
        return None
    low = limits.low.value if limits.low is not None else None
    high = limits.high.value if limits.high is not None else None
    if low is not None and high is not None and high < low:
        return None
    return Interval(low, high, unit=unit_of(ends[0]), scale_high=scale_high)


def unit_of(quantity: Quantity) -> str:
    """The UCUM code if given, else the unit's text; lower case."""
    code = quantity.code if quantity.system in (None, UCUM) else None
    return (code or quantity.unit or "").strip().lower()


def scale_high(ranges: Iterable[Range]) -> float | None:
    """The top of the scale, 10 or 100, where the reference ranges state one and only one that begins at 0 or nowhere."""
    tops = {_top(limits) for limits in ranges} - {None}
    return tops.pop() if len(tops) == 1 else None


def _top(limits: Range) -> float | None:
    low = limits.low.value if limits.low is not None else None
    high = limits.high.value if limits.high is not None else None
    return high if high in SCALES and low in (None, 0) else None
