"""A flag whose codes only an overlay brings: no packaged code says that consent or capacity is to be settled."""

from datetime import date

from clinical.dates import on_day
from clinical.record import Condition, Patient, PatientRecord, Verification
from guidelines.ta279.red_flags import red_flags
from guidelines.ta279.thresholds import Thresholds

TODAY = date(2026, 11, 22)


def told(verification: Verification) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    problem = Condition(
        reference="Condition/consent", source="bundle", concepts=frozenset({"consent-or-capacity"}), verification=verification,
        onset=on_day(date(2026, 11, 1)),
    )  # fmt: skip
    record = PatientRecord(patient=Patient(id="p", reference="Patient/p", source="bundle"), conditions=(problem,))
    flags = red_flags([], record, TODAY, Thresholds())
    return [(flag.flag, flag.severity, flag.level, [(each.reference, each.date, each.value) for each in flag.evidence]) for flag in flags]


def test_consent_or_capacity_to_be_settled_is_a_caution() -> None:
    line = ("Condition/consent", "2026-11-01", "consent or capacity to be settled")
    assert told(Verification.CONFIRMED) == [("consent-or-capacity", "caution", "", [line])]


def test_refuted_it_is_none() -> None:
    assert told(Verification.REFUTED) == []
