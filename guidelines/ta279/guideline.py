"""NICE TA279, whole: from one patient's record and a day to an Assessment.

Pure: the same record, day and thresholds give the same answer.
"""

from collections.abc import Sequence
from datetime import date

from clinical.assessment import (
    Assessment,
    Criterion,
    Finding,
    Flag,
    FractureAssessment,
    Guideline,
    GuidelineReference,
    Onset,
    Severity,
)
from clinical.record import PatientRecord
from clinical.status import Status
from clinical.vertebra import VertebralLevel
from guidelines.ta279.adverse_reactions import ADVERSE_REACTIONS, CONTESTED_EVIDENCE, LINKS, REPORTED_FREQUENCIES
from guidelines.ta279.analgesia import optimal_pain_management
from guidelines.ta279.case import Case
from guidelines.ta279.cause import osteoporotic
from guidelines.ta279.examination import examination_at_level
from guidelines.ta279.fracture_criteria import compression_fracture, recent
from guidelines.ta279.fractures import ON_IMAGING, SITE_UNSPECIFIED, TEXT, VertebralFracture, find_fractures
from guidelines.ta279.imaging import imaging_at_level, unhealed
from guidelines.ta279.pain import ongoing_pain, severe_pain
from guidelines.ta279.pain_scores import pain_history
from guidelines.ta279.reasons import CriterionId
from guidelines.ta279.recommendation import fracture_outcome, outcome, scope
from guidelines.ta279.red_flags import multiple_levels, red_flags
from guidelines.ta279.thresholds import DESCRIPTIONS, Thresholds, load_profile

GUIDELINE_ID = "nice-ta279"
URL = "https://www.nice.org.uk/guidance/ta279"
LOGIC_VERSION = "1.0.0"

CRITERIA = (
    Criterion(CriterionId.OSTEOPOROTIC, "Osteoporotic fracture", "1.1"),
    Criterion(CriterionId.COMPRESSION_FRACTURE, "Compression fracture at a known level", "1.2"),
    Criterion(CriterionId.RECENT, "Recent", "1.3"),
    Criterion(CriterionId.UNHEALED, "Unhealed", "1.4"),
    Criterion(CriterionId.SEVERE_PAIN, "Severe pain", "1.5"),
    Criterion(CriterionId.ONGOING_PAIN, "Ongoing pain", "1.6"),
    Criterion(CriterionId.OPTIMAL_PAIN_MANAGEMENT, "Despite optimal pain management", "1.7"),
    Criterion(CriterionId.EXAMINATION_AT_LEVEL, "Examination confirms the level", "1.8"),
    Criterion(CriterionId.IMAGING_AT_LEVEL, "Imaging confirms the level", "1.8"),
)


def ta279(profile: str = "default") -> Guideline:
    """The guideline with one threshold profile: a shipped name or a TOML file's path. Raises ProfileError."""
    name, thresholds = load_profile(profile)
    evaluate = _Evaluator(name, thresholds)
    return Guideline(
        id=GUIDELINE_ID,
        label="NICE TA279",
        title="Percutaneous vertebroplasty and percutaneous balloon kyphoplasty for osteoporotic vertebral compression fractures",
        url=URL,
        logic_version=LOGIC_VERSION,
        criteria=CRITERIA,
        thresholds=DESCRIPTIONS,
        adverse_reactions=ADVERSE_REACTIONS,
        reported_frequencies=REPORTED_FREQUENCIES,
        contested_evidence=CONTESTED_EVIDENCE,
        links=LINKS,
        assess=evaluate,
        subjects=ON_IMAGING | SITE_UNSPECIFIED | {TEXT},
    )


class _Evaluator:
    """`assess(record, today)` with its thresholds bound."""

    def __init__(self, profile: str, thresholds: Thresholds) -> None:
        self._profile = profile
        self._thresholds = thresholds
        self._published = thresholds.by_name()

    def __call__(self, record: PatientRecord, today: date) -> Assessment:
        thresholds = self._thresholds
        fractures = find_fractures(record, today, thresholds)
        cases = [Case(fracture, record, today, thresholds) for fracture in fractures]
        flags = red_flags(cases, record, today, thresholds)
        excluded = {flag.level for flag in flags if flag.severity is Severity.EXCLUDING}
        assessed = tuple(_assess(case, excluded) for case in cases)
        flags = (*flags, *_multiple(assessed, thresholds))
        out_of_scope = scope(record, fractures, today, thresholds)
        return Assessment(
            guideline=GuidelineReference(GUIDELINE_ID, URL),
            logic_version=LOGIC_VERSION,
            evaluation_date=today,
            profile=self._profile,
            thresholds=self._published,
            outcome=outcome([item.outcome for item in assessed], out_of_scope, flags),
            out_of_scope=out_of_scope if assessed else None,
            fractures=assessed,
            flags=flags,
            data_gaps=record.data_gaps,
        )


def _assess(case: Case, excluded: set[str]) -> FractureAssessment:
    findings = criteria_of(case)
    level = case.level.value if case.level is not None else ""
    return FractureAssessment(
        level=level,
        onset=_onset(case.fracture),
        outcome=fracture_outcome([finding.status for finding in findings], bool(level) and level in excluded),
        criteria=findings,
    )


def criteria_of(case: Case) -> tuple[Finding, ...]:
    """The nine findings, in the contract's order."""
    history = pain_history(case)
    severe = severe_pain(case, history)
    healing = unhealed(case)
    return (
        osteoporotic(case),
        compression_fracture(case),
        recent(case),
        healing,
        severe,
        ongoing_pain(case, history, severe),
        optimal_pain_management(case, history),
        examination_at_level(case),
        imaging_at_level(case, healing),
    )


def _onset(fracture: VertebralFracture) -> Onset | None:
    return Onset.of(fracture.onset) if fracture.onset is not None else None


def _multiple(assessed: Sequence[FractureAssessment], thresholds: Thresholds) -> tuple[Flag, ...]:
    met = [item for item in assessed if item.outcome is Status.MET]
    levels = [VertebralLevel(item.level) for item in met]
    lines = [line for item in met for finding in item.criteria[1:2] for line in finding.evidence]
    return tuple(multiple_levels(levels, lines, thresholds))
