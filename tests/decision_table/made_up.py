"""Assessments made of statuses alone, to be turned into cards."""

from collections.abc import Sequence
from datetime import date

from clinical.assessment import Assessment, Evidence, Finding, Flag, FractureAssessment, GuidelineReference, Outcome, OutOfScope, Severity
from clinical.status import Status
from guidelines.ta279.reasons import CriterionId, Reason
from guidelines.ta279.recommendation import fracture_outcome, outcome
from tests.decision_table.oracle import Combination

TODAY = date(2026, 11, 22)
LEVELS = ("L1", "T8", "L4")

# One reason code that the vocabulary has for each criterion and status.
REASONS: dict[CriterionId, dict[Status, Reason]] = {
    CriterionId.OSTEOPOROTIC: {
        Status.MET: Reason.OSTEOPOROTIC_FRACTURE_CODED,
        Status.UNKNOWN: Reason.CAUSE_NOT_RECORDED,
        Status.NOT_MET: Reason.NEOPLASTIC_FRACTURE,
    },
    CriterionId.COMPRESSION_FRACTURE: {
        Status.MET: Reason.CODED_AT_ONE_LEVEL,
        Status.UNKNOWN: Reason.TYPE_NOT_STATED,
        Status.NOT_MET: Reason.IMAGING_SHOWS_NO_FRACTURE,
    },
    CriterionId.RECENT: {
        Status.MET: Reason.WITHIN_WINDOW,
        Status.UNKNOWN: Reason.ONSET_NOT_RECORDED,
        Status.NOT_MET: Reason.OUTSIDE_WINDOW,
    },
    CriterionId.UNHEALED: {
        Status.MET: Reason.MARROW_OEDEMA,
        Status.UNKNOWN: Reason.NO_IMAGING_FINDING,
        Status.NOT_MET: Reason.HEALED_ON_IMAGING,
    },
    CriterionId.SEVERE_PAIN: {
        Status.MET: Reason.SCORE_SEVERE,
        Status.UNKNOWN: Reason.NO_PAIN_SCORE,
        Status.NOT_MET: Reason.SCORE_BELOW_CUT,
    },
    CriterionId.ONGOING_PAIN: {
        Status.MET: Reason.SCORES_APART,
        Status.UNKNOWN: Reason.ONE_SCORE_ONLY,
        Status.NOT_MET: Reason.NOT_SEVERE,
    },
    CriterionId.OPTIMAL_PAIN_MANAGEMENT: {
        Status.MET: Reason.OPIOID_EXPOSURE,
        Status.UNKNOWN: Reason.NO_ANALGESIC_RECORDED,
        Status.NOT_MET: Reason.STEP_1_ONLY,
    },
    CriterionId.EXAMINATION_AT_LEVEL: {
        Status.MET: Reason.TENDER_AT_LEVEL,
        Status.UNKNOWN: Reason.EXAMINATION_NOT_RECORDED,
        Status.NOT_MET: Reason.NOT_TENDER_AT_LEVEL,
    },
    CriterionId.IMAGING_AT_LEVEL: {
        Status.MET: Reason.ACTIVE_AT_LEVEL,
        Status.UNKNOWN: Reason.IMAGING_NOT_CONCLUSIVE,
        Status.NOT_MET: Reason.NOT_ACTIVE_AT_LEVEL,
    },
}


def _finding(criterion: CriterionId, status: Status) -> Finding:
    grounds = () if status is Status.UNKNOWN else (Evidence("Observation/o1", "bundle", "seen", "2026-11-15"),)
    needed = "A record of it." if status is Status.UNKNOWN else ""
    return Finding(
        criterion=criterion, status=status, reason="Made up.", reason_code=REASONS[criterion][status], evidence=grounds, needed=needed
    )


FINDINGS = {(criterion, status): _finding(criterion, status) for criterion in CriterionId for status in Status}
CAUTION = Flag("vertebra-plana", Severity.CAUTION, "L1")
BLOCKING = Flag("coagulopathy", Severity.BLOCKING)


def statuses_of(combination: Combination) -> tuple[Status, ...]:
    return tuple(Status(status) for status in combination)


def assessed(combinations: Sequence[Combination], flags: tuple[Flag, ...] = (), out_of_scope: OutOfScope | None = None) -> Assessment:
    """What the service makes of these fractures: its own outcome functions, everything else made up."""
    fractures = tuple(_fracture(level, each) for level, each in zip(LEVELS, combinations, strict=False))
    return Assessment(
        guideline=GuidelineReference("nice-ta279", "https://www.nice.org.uk/guidance/ta279"),
        logic_version="0",
        evaluation_date=TODAY,
        profile="default",
        thresholds={},
        outcome=Outcome(outcome([each.outcome for each in fractures], out_of_scope, flags)),
        out_of_scope=out_of_scope,
        fractures=fractures,
        flags=flags,
    )


def _fracture(level: str, combination: Combination) -> FractureAssessment:
    statuses = statuses_of(combination)
    findings = tuple(FINDINGS[criterion, status] for criterion, status in zip(CriterionId, statuses, strict=True))
    return FractureAssessment(level=level, outcome=fracture_outcome(statuses), criteria=findings)
