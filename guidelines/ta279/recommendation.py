"""The decision table (contract 6.1): from nine statuses to a fracture's outcome, from fractures and flags to the record's."""

from collections.abc import Iterable, Sequence
from datetime import date

from clinical.assessment import Flag, Outcome, OutOfScope, Severity
from clinical.record import PatientRecord
from clinical.status import Status, all_of
from guidelines.ta279.cause import age_certainly_below
from guidelines.ta279.fractures import VertebralFracture
from guidelines.ta279.thresholds import Thresholds


def fracture_outcome(statuses: Iterable[Status], excluded: bool = False) -> Status:
    """Both recommendations need every criterion; an excluding flag stops its level."""
    return Status.NOT_MET if excluded else all_of(statuses)


def outcome(outcomes: Sequence[Status], out_of_scope: OutOfScope | None, flags: Iterable[Flag]) -> Outcome:
    """The first row that applies."""
    rows = (
        (not outcomes, Outcome.NO_EVALUABLE_FRACTURE),
        (out_of_scope is not None, Outcome.OUT_OF_SCOPE),
        (any(flag.severity is Severity.BLOCKING for flag in flags), Outcome.BLOCKED),
        (Status.MET in outcomes, Outcome.CRITERIA_MET),
        (Status.UNKNOWN in outcomes, Outcome.INFORMATION_NEEDED),
    )
    return next((result for applies, result in rows if applies), Outcome.CRITERIA_NOT_MET)


def scope(record: PatientRecord, fractures: Sequence[VertebralFracture], today: date, thresholds: Thresholds) -> OutOfScope | None:
    """Why TA279 is not applied to this person at all (G10; trust.md 2.6)."""
    patient = record.patient
    if patient.deceased:
        return "deceased"
    if patient.replaced:
        return "merged-record"
    if not patient.active:
        return "inactive-record"
    if age_certainly_below(record, thresholds.min_age, today):
        return "age-under-18"
    if fractures and all(fracture.out_of_scope for fracture in fractures):
        return "level-out-of-scope"
    return None
