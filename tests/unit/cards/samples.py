"""A guideline and typical assessments, written by hand: cards are tested without the rules that make real ones."""

from datetime import date
from typing import Any

import msgspec

from clinical.assessment import (
    AdverseReaction,
    Assessment,
    Criterion,
    Evidence,
    Finding,
    Flag,
    FractureAssessment,
    Guideline,
    GuidelineReference,
    Onset,
    Outcome,
    Reference,
    ReportedFrequency,
    Severity,
    Threshold,
    ThresholdValue,
)
from clinical.record import DataGap, PatientRecord
from clinical.status import Status, all_of

TODAY = date(2026, 11, 22)
MET, NOT_MET, UNKNOWN = Status.MET, Status.NOT_MET, Status.UNKNOWN
BOTH = ("vertebroplasty", "balloon-kyphoplasty")

CRITERIA = {
    "osteoporotic": "Osteoporotic cause",
    "compression-fracture": "Compression fracture at a known level",
    "recent": "Recent fracture",
    "unhealed": "Unhealed fracture",
    "severe-pain": "Severe pain",
    "ongoing-pain": "Ongoing pain",
    "optimal-pain-management": "Despite optimal pain management",
    "examination-at-level": "Pain at this level on examination",
    "imaging-at-level": "Pain at this level on imaging",
}
THRESHOLDS: dict[str, ThresholdValue] = {
    "recentMaxDays": 84, "acuteMaxDays": 42, "imagingMaxAgeDays": 30, "painSevereMin": 7.0, "painMaxAgeDays": 14, "ongoingPriorMin": 5.0,
    "ongoingMinEpisodeDays": 14, "opmMinDays": 14, "opmMinWhoStep": 2, "examMaxAgeDays": 28, "tScoreOsteoporosis": -2.5,
    "inrBlockAbove": 1.8, "inrCautionFrom": 1.5, "inrMaxAgeDays": 7, "plateletBlockBelow": 50.0, "plateletCautionBelow": 100.0,
    "plateletMaxAgeDays": 30, "antithromboticLookbackDays": 30, "requirePainBodySite": False, "adjacentLevel": "UNKNOWN",
}  # fmt: skip
ADVERSE_REACTIONS = (
    AdverseReaction("needle insertion: local or systemic infection, bleeding, damage to neural or other structures", BOTH),
    AdverseReaction("leakage of bone cement", BOTH),
    AdverseReaction("displacement of bone marrow and other material by the cement", BOTH),
    AdverseReaction("systemic reactions to the cement, such as hypotension and death", BOTH),
    AdverseReaction("complications of anaesthesia and positioning, such as further fractures of a rib or the sternum", BOTH),
    AdverseReaction(
        "a small risk that the balloon ruptures, which can leave fragments of it in the vertebral body", ("balloon-kyphoplasty",)
    ),
)


def never(_record: PatientRecord, _today: date) -> Assessment:
    raise AssertionError("cards do not assess")


GUIDELINE = Guideline(
    id="nice-ta279",
    label="NICE TA279",
    title="Vertebroplasty and balloon kyphoplasty for osteoporotic vertebral compression fractures",
    url="https://www.nice.org.uk/guidance/ta279",
    logic_version="0.1.0",
    criteria=tuple(Criterion(name, title, "1") for name, title in CRITERIA.items()),
    thresholds=(
        Threshold("recentMaxDays", "recent: onset at most", "days ago", 14, 365, "local judgement"),
        Threshold("acuteMaxDays", "acute: onset at most", "days ago", 7, 365, "local judgement"),
        Threshold("imagingMaxAgeDays", "imaging at most", "days old", 7, 60, "local judgement"),
        Threshold("painSevereMin", "severe pain: score at least", "of 10", 3, 10, "VAPOUR"),
        Threshold("painMaxAgeDays", "pain score at most", "days old", 1, 60, "local judgement"),
        Threshold("opmMinDays", "optimal pain management: analgesia for at least", "days", 1, 42, "local judgement"),
        Threshold("inrBlockAbove", "INR blocks above", "", 1, 5, "SIR 2019"),
    ),
    adverse_reactions=ADVERSE_REACTIONS,
    reported_frequencies=(
        ReportedFrequency("cement leakage on imaging", "54.7% vertebroplasty, 18.4% balloon kyphoplasty", "22 studies, 2,872 people", BOTH),
        ReportedFrequency("spinal infection", "0.32% after vertebroplasty", "https://pmc.ncbi.nlm.nih.gov/articles/PMC6233540", BOTH),
    ),
    contested_evidence="Sham-controlled trials mostly found no benefit over sham; VAPOUR and VERTOS V found benefit.",
    links=(
        Reference("Bone health: NOGG guideline", "https://www.nogg.org.uk"),
        Reference("Fragility fracture risk: NICE CG146", "https://www.nice.org.uk/guidance/cg146"),
        Reference("NICE TA279 again", "https://www.nice.org.uk/guidance/ta279"),
    ),
    subjects=frozenset(),
    assess=never,
)


ONSET = Onset("2026-10-23", "2026-10-23")


def evidence(reference: str, value: str = "", day: str = "") -> Evidence:
    return Evidence(reference, "prefetch", value, day)


def eligible(level: str = "L1") -> dict[str, Finding]:
    """The nine findings of an eligible fracture, by criterion, in the guideline's order."""
    coded = evidence("Condition/fracture", "osteoporotic compression fracture", "2026-10-23")
    mri = evidence("Observation/mri", f"marrow oedema, {level}", "2026-11-12")
    scores = (evidence("Observation/pain-1", "8 of 10", "2026-11-05"), evidence("Observation/pain-2", "8 of 10", "2026-11-20"))
    opioid = evidence("MedicationStatement/codeine", "weak opioid", "2026-10-26/2026-11-20")
    tender = evidence("Observation/exam", f"tender, {level}", "2026-11-18")
    rows: tuple[tuple[str, str, dict[str, float], tuple[Evidence, ...]], ...] = (
        ("osteoporotic", "A fragility fracture is recorded.", {}, (coded,)),
        ("compression-fracture", f"A compression fracture is recorded at {level}.", {}, (coded,)),
        ("recent", "Onset 30 days ago, within the local window.", {"recentMaxDays": 84, "acuteMaxDays": 42}, (coded,)),
        ("unhealed", f"Marrow oedema at {level}.", {"imagingMaxAgeDays": 30}, (mri,)),
        ("severe-pain", "Pain score 8 of 10.", {"painSevereMin": 7.0, "painMaxAgeDays": 14}, scores[1:]),
        ("ongoing-pain", "Scores 15 days apart, none low between.", {"ongoingPriorMin": 5.0, "ongoingMinEpisodeDays": 14}, scores),
        ("optimal-pain-management", "Opioid for 25 days.", {"opmMinDays": 14, "opmMinWhoStep": 2}, (opioid,)),
        ("examination-at-level", f"Tender at {level} on examination.", {"examMaxAgeDays": 28}, (tender,)),
        ("imaging-at-level", f"Imaging shows an active fracture at {level}.", {"imagingMaxAgeDays": 30}, (mri,)),
    )
    return {
        name: Finding(criterion=name, status=MET, reason=reason, reason_code="code", thresholds=numbers, evidence=lines)
        for name, reason, numbers, lines in rows
    }


def unknown(criterion: str, reason: str, needed: str) -> Finding:
    return Finding(criterion=criterion, status=UNKNOWN, reason=reason, reason_code="code", needed=needed)


def not_met(criterion: str, reason: str, *lines: Evidence) -> Finding:
    return Finding(criterion=criterion, status=NOT_MET, reason=reason, reason_code="code", evidence=lines)


def fracture(level: str = "L1", *changed: Finding, onset: Onset | None = ONSET, excluded: bool = False) -> FractureAssessment:
    """An eligible fracture, but for the findings given."""
    findings = eligible(level or "the fracture") | {finding.criterion: finding for finding in changed}
    outcome = NOT_MET if excluded else all_of(finding.status for finding in findings.values())
    return FractureAssessment(level=level, onset=onset, outcome=outcome, criteria=tuple(findings.values()))


def outcome_of(fractures: tuple[FractureAssessment, ...], flags: tuple[Flag, ...], out_of_scope: str | None) -> Outcome:
    """Contract 6.1: the first that applies."""
    statuses = {fracture.outcome for fracture in fractures}
    rules = (
        (not fractures and out_of_scope is None, Outcome.NO_EVALUABLE_FRACTURE),
        (out_of_scope is not None, Outcome.OUT_OF_SCOPE),
        (any(flag.severity is Severity.BLOCKING for flag in flags), Outcome.BLOCKED),
        (MET in statuses, Outcome.CRITERIA_MET),
        (UNKNOWN in statuses, Outcome.INFORMATION_NEEDED),
        (True, Outcome.CRITERIA_NOT_MET),
    )
    return next(outcome for applies, outcome in rules if applies)


def assessment(*fractures: FractureAssessment, flags: tuple[Flag, ...] = (), gaps: tuple[DataGap, ...] = (), **more: Any) -> Assessment:
    whole = Assessment(
        guideline=GuidelineReference(GUIDELINE.id, GUIDELINE.url),
        logic_version=GUIDELINE.logic_version,
        evaluation_date=TODAY,
        profile="default",
        thresholds=THRESHOLDS,
        outcome=outcome_of(fractures, flags, more.get("out_of_scope")),
        fractures=fractures,
        flags=flags,
        data_gaps=gaps,
    )
    return msgspec.structs.replace(whole, **more)


ANTICOAGULANT = Flag(
    "antithrombotic-therapy", Severity.CAUTION, evidence=(evidence("MedicationRequest/apixaban", "anticoagulant, active", "2026-09-01"),)
)
CAUDA_EQUINA = Flag(
    "neurological-compromise", Severity.BLOCKING, evidence=(evidence("Condition/cauda", "cauda equina syndrome", "2026-11-21"),)
)
DISCITIS = Flag("spinal-infection", Severity.BLOCKING, evidence=(evidence("Condition/discitis", "discitis", "2026-11-18"),))
HIGH_INR = Flag("coagulopathy", Severity.BLOCKING, evidence=(evidence("Observation/inr", "INR 3.2", "2026-11-20"),))
MYELOMA = Flag("malignancy", Severity.BLOCKING, evidence=(evidence("Condition/myeloma", "myeloma, active", "2025-03-01"),))
DONE_AT_L1 = Flag(
    "previous-augmentation-at-level", Severity.EXCLUDING, "L1", (evidence("Procedure/vp", "vertebroplasty, L1", "2026-06-01"),)
)
DONE_AT_T8 = Flag("previous-augmentation-at-level", Severity.CAUTION, "T8", (evidence("Procedure/vp", "vertebroplasty, T8", "2024-06-01"),))
NO_IMAGING = DataGap("ImagingStudy", "not-supported")

NO_MRI = unknown(
    "unhealed",
    "No imaging finding is recorded at L1.",
    "MRI of L1 with a fluid-sensitive sequence, or SPECT/CT, coded with level and date.",
)
NO_MRI_AT_LEVEL = unknown(
    "imaging-at-level", "No conclusive imaging ties the pain to L1.", "MRI of L1 with a fluid-sensitive sequence, or SPECT/CT."
)
NO_EXAM = unknown(
    "examination-at-level",
    "No examination of L1 is recorded.",
    "Percussion or palpation of L1, recorded as tender or not tender with date.",
)
ONE_SCORE = unknown("ongoing-pain", "Only one pain score is recorded.", "A second back-pain score at least 7 days apart.")
TOO_OLD = not_met("recent", "Onset 120 days ago, outside the local window.", evidence("Condition/fracture", "onset", "2026-07-25"))
HEALED = not_met("unhealed", "No marrow oedema at L1.", evidence("Observation/mri", "no marrow oedema, L1", "2026-11-12"))
PARACETAMOL = not_met(
    "optimal-pain-management",
    "Paracetamol only, since 26 Oct 2026.",
    evidence("MedicationRequest/paracetamol", "paracetamol", "2026-10-26/2026-11-20"),
)
SUBACUTE = msgspec.structs.replace(eligible()["recent"], reason="Onset 60 days ago, within the local window.", cautions=("subacute",))

TYPICAL: dict[str, Assessment] = {
    "eligible at L1": assessment(fracture()),
    "eligible, anticoagulant, subacute": assessment(fracture("L1", SUBACUTE), flags=(ANTICOAGULANT,)),
    "eligible at two levels, a third lacks the examination, a fourth is old": assessment(
        fracture("T12"), fracture("L1"), fracture("L3", NO_EXAM), fracture("T7", TOO_OLD, HEALED), flags=(DONE_AT_T8,)
    ),
    "no MRI, imaging not readable": assessment(fracture("L1", NO_MRI, NO_MRI_AT_LEVEL), gaps=(NO_IMAGING,)),
    "no examination, one score": assessment(fracture("L1", NO_EXAM, ONE_SCORE)),
    "level not recorded": assessment(
        fracture(
            "",
            unknown("compression-fracture", "The level is not recorded.", "The fracture's vertebral level."),
            NO_MRI,
            NO_EXAM,
            onset=None,
        )
    ),
    "paracetamol only": assessment(fracture("L1", PARACETAMOL)),
    "too old and healed": assessment(fracture("L1", TOO_OLD, HEALED)),
    "augmented before at the level": assessment(fracture("L1", excluded=True), flags=(DONE_AT_L1,)),
    "cauda equina, criteria met": assessment(fracture(), flags=(ANTICOAGULANT, HIGH_INR, CAUDA_EQUINA)),
    "discitis, no MRI": assessment(fracture("L1", NO_MRI, NO_MRI_AT_LEVEL), flags=(DISCITIS,)),
    "myeloma": assessment(
        fracture("L1", not_met("osteoporotic", "Active myeloma is recorded.", evidence("Condition/myeloma", "myeloma"))), flags=(MYELOMA,)
    ),
    "high INR": assessment(fracture(), flags=(HIGH_INR, ANTICOAGULANT)),
    "under 18": assessment(fracture(), out_of_scope="age-under-18"),
    "deceased, discitis": assessment(fracture(), flags=(DISCITIS,), out_of_scope="deceased"),
    "no evaluable fracture": assessment(flags=(DISCITIS,)),
}
