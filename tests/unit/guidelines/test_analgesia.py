"""A dose that was given once has no end; a record may hold it so."""

from datetime import date, timedelta

from clinical.dates import on_day
from clinical.record import BodySite, Condition, Medication, MedicationKind, Patient, PatientRecord, Site, Verification
from clinical.vertebra import VertebralLevel
from guidelines.ta279.guideline import ta279

TODAY = date(2026, 11, 22)
FRACTURE = Condition(
    reference="Condition/fracture", source="bundle", concepts=frozenset({"osteoporotic-vertebral-fracture"}),
    verification=Verification.CONFIRMED, site=BodySite(Site.LEVEL, VertebralLevel.L1), onset=on_day(TODAY - timedelta(days=30)),
)  # fmt: skip


def reason(days_ago: int) -> str:
    """Of optimal pain management, where codeine was given once, so many days ago."""
    dose = Medication(
        reference="MedicationAdministration/codeine", source="bundle", concepts=frozenset({"weak-opioid"}),
        kind=MedicationKind.ADMINISTRATION, start=on_day(TODAY - timedelta(days=days_ago)),
    )  # fmt: skip
    record = PatientRecord(patient=Patient(id="p", reference="Patient/p", source="bundle"), conditions=(FRACTURE,), medications=(dose,))
    (fracture,) = ta279().assess(record, TODAY).fractures
    return next(finding.reason_code for finding in fracture.criteria if finding.criterion == "optimal-pain-management")


def test_one_dose_before_the_fracture_is_none_of_it() -> None:
    assert reason(31) == "no-analgesic-recorded"


def test_one_dose_since_the_fracture_is_too_little() -> None:
    assert reason(30) == "exposure-too-short"
