"""Evidence lines and findings, built in one way by every criterion."""

from collections.abc import Iterable, Mapping

from clinical.assessment import Evidence, Finding, ThresholdValue
from clinical.dates import PartialDate
from clinical.record import Allergy, Condition, ImagingStudy, Medication, Observation, Patient, Procedure
from clinical.status import Status
from guidelines.ta279.reasons import Caution, CriterionId, Reason

Fact = Allergy | Condition | ImagingStudy | Medication | Observation | Patient | Procedure
NO_THRESHOLDS: Mapping[str, ThresholdValue] = {}


def evidence(fact: Fact, when: PartialDate | None, value: str) -> Evidence:
    """One datum. `value` is our own words: text from the record never passes."""
    return Evidence(fact.reference, fact.source, value, str(when) if when is not None else "")


def in_order(lines: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each line once, oldest first, in an order that does not depend on the record's."""
    lines = tuple(lines)
    if len(lines) < 2:
        return lines
    unique = {(line.date, line.reference, line.value): line for line in lines}
    return tuple(unique[key] for key in sorted(unique))


def finding(
    criterion: CriterionId,
    status: Status,
    code: Reason,
    reason: str,
    *,
    evidence: Iterable[Evidence] = (),
    thresholds: Mapping[str, ThresholdValue] = NO_THRESHOLDS,
    cautions: Iterable[Caution] = (),
    needed: str = "",
) -> Finding:
    """The verdict on one criterion. An UNKNOWN must say what is `needed`."""
    return Finding(
        criterion=criterion,
        status=status,
        reason=reason,
        reason_code=code,
        evidence=in_order(evidence),
        thresholds=thresholds,
        cautions=tuple(cautions),
        needed=needed,
    )


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
