"""An onset as the Evaluation tells it."""

from datetime import date

from clinical.assessment import Onset
from clinical.dates import PartialDate, not_after, on_day

DAY = date(2026, 3, 1)


def test_a_bound_that_is_not_known_is_left_out() -> None:
    assert Onset.of(on_day(DAY)) == Onset("2026-03-01", "2026-03-01")
    assert Onset.of(not_after(DAY)) == Onset("", "2026-03-01")
    assert Onset.of(PartialDate(DAY)) == Onset("2026-03-01", "")
