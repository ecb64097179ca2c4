"""Where forgetting one resource may decide a criterion: the criterion rests on an absence, on the newest of several, or on a doubt.

Each row: the paragraph of the decision logic that says so, and from which reason codes to which. A row without criteria holds for all.
"""

from collections.abc import Iterable

import msgspec

from guidelines.ta279 import reasons

C, R = reasons.CriterionId, reasons.Reason

NEWEST_SCORE = {R.SCORE_SEVERE, R.SCORE_BELOW_CUT, R.CODED_SEVERE, R.CODED_NOT_SEVERE, R.SCORE_INVALID}
ONGOING = {R.SCORES_APART, R.PERSISTENT_PAIN_CODED, R.NOT_SEVERE, R.BACK_PAIN_RESOLVED}
TENDER = {R.TENDER_AT_LEVEL, R.NOT_TENDER_AT_LEVEL}
ACTIVE = {R.MARROW_OEDEMA, R.TRACER_UPTAKE, R.INTRAVERTEBRAL_CLEFT, R.PROGRESSIVE_HEIGHT_LOSS, R.ACUTE_ON_IMAGING}
INACTIVE = {R.NO_ACTIVITY_ON_IMAGING, R.HEALED_ON_IMAGING}
AT_LEVEL = {R.ACTIVE_AT_LEVEL, R.NOT_ACTIVE_AT_LEVEL}
SHOWN_OSTEOPOROTIC = {
    R.OSTEOPOROTIC_FRACTURE_CODED, R.OSTEOPOROSIS_ON_RECORD, R.T_SCORE_OSTEOPOROTIC, R.LOW_ENERGY_WITH_LOW_T_SCORE,
}  # fmt: skip
OTHER_CAUSE = {
    R.NEOPLASTIC_FRACTURE, R.SPINAL_MALIGNANCY, R.INFECTIVE_FRACTURE, R.HIGH_ENERGY_WITHOUT_OSTEOPOROSIS, R.CAUSE_UNPROVEN_WITH_MALIGNANCY,
    R.OTHER_CAUSE_STATED,
}  # fmt: skip
NOT_ENOUGH = {R.STEP_1_ONLY, R.EXPOSURE_TOO_SHORT}
ENOUGH = {R.OPIOID_EXPOSURE, R.INTOLERANCE_WITH_STEP_1, R.CLINICIAN_STATEMENT}
SOME_ANALGESIC = {
    *ENOUGH, *NOT_ENOUGH, R.AS_NEEDED_ONLY, R.MEDICATION_DATES_MISSING, R.INTOLERANCE_WITHOUT_STEP_1, R.OPIOID_IN_TEXT_ONLY,
}  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """`forgotten`: the resource type whose loss does it; empty for any."""

    paragraph: str
    why: str
    criterion: reasons.CriterionId
    before: frozenset[str]
    after: frozenset[str]
    forgotten: str = ""


def row(paragraph: str, why: str, criterion: reasons.CriterionId, before: Iterable[str], after: Iterable[str], forgotten: str = "") -> Row:
    return Row(paragraph, why, criterion, frozenset(before), frozenset(after), forgotten)


EXCEPTIONS = (
    row("G5", "the newest score decides: without it the one before does", C.SEVERE_PAIN, NEWEST_SCORE, NEWEST_SCORE, "Observation"),
    row("G5", "the newest examination decides", C.EXAMINATION_AT_LEVEL, TENDER, TENDER, "Observation"),
    row("G5", "the newest study of the highest rank decides", C.UNHEALED, ACTIVE | INACTIVE, ACTIVE | INACTIVE),
    row("1.8", "the same studies, asked for the level", C.IMAGING_AT_LEVEL, AT_LEVEL, AT_LEVEL),
    row("G5a", "of two that contradict one is gone", C.SEVERE_PAIN, {R.CONFLICT}, NEWEST_SCORE, "Observation"),
    row("G5a", "of two that contradict one is gone", C.EXAMINATION_AT_LEVEL, {R.CONFLICT}, TENDER, "Observation"),
    row("G5a", "of two that contradict one is gone", C.UNHEALED, {R.CONFLICT}, ACTIVE | INACTIVE),
    row("1.8", "the same studies, asked for the level", C.IMAGING_AT_LEVEL, {R.IMAGING_NOT_CONCLUSIVE}, AT_LEVEL),
    row("1.4", "the study that cannot tell acute from healed is gone", C.UNHEALED, {R.MODALITY_CANNOT_TELL}, ACTIVE | INACTIVE),
    row("G2", "the entry that called it resolved is gone", C.UNHEALED, {R.UNHEALED_AFTER_ABATEMENT}, ACTIVE | INACTIVE, "Condition"),
    row("1.1", "no competing cause is left", C.OSTEOPOROTIC, OTHER_CAUSE, SHOWN_OSTEOPOROTIC),
    row("1.1", "of two other causes one is left", C.OSTEOPOROTIC, OTHER_CAUSE, OTHER_CAUSE),
    row("1.1", "no osteoporosis on record", C.OSTEOPOROTIC, SHOWN_OSTEOPOROTIC | OTHER_CAUSE, {R.HIGH_ENERGY_WITHOUT_OSTEOPOROSIS}),
    row("1.2", "what denied it is gone, or what stated it beside a denial", C.COMPRESSION_FRACTURE,
        {R.CONFLICT, R.REFUTED, R.IMAGING_SHOWS_NO_FRACTURE, R.CODED_AT_ONE_LEVEL},
        {R.CODED_AT_ONE_LEVEL, R.REFUTED, R.IMAGING_SHOWS_NO_FRACTURE}),
    row("1.2", "the doubtful entry is gone, or the one that states no type", C.COMPRESSION_FRACTURE,
        {R.UNCONFIRMED_DIAGNOSIS, R.TYPE_NOT_STATED}, {R.CODED_AT_ONE_LEVEL, R.REFUTED, R.IMAGING_SHOWS_NO_FRACTURE}),
    row("1.6", "follows severe pain", C.ONGOING_PAIN, ONGOING | {R.SEVERITY_UNKNOWN, R.ONE_SCORE_ONLY, R.TOO_EARLY}, {R.NOT_SEVERE}),
    row("1.6", "severe pain is known again", C.ONGOING_PAIN, {R.SEVERITY_UNKNOWN, R.NOT_SEVERE}, ONGOING),
    row("1.6", "no score below 4 in between", C.ONGOING_PAIN, {R.INTERVENING_LOW_SCORE}, ONGOING),
    row("1.6", "the entry that called the pain resolved, or not persistent, is gone; or the score after it", C.ONGOING_PAIN,
        {R.CONFLICT, R.BACK_PAIN_RESOLVED}, ONGOING),
    row("1.7", "analgesics are on record, none stronger or for longer", C.OPTIMAL_PAIN_MANAGEMENT, SOME_ANALGESIC, NOT_ENOUGH),
    row("1.7", "days are counted up to the newest score: without it, up to today", C.OPTIMAL_PAIN_MANAGEMENT, SOME_ANALGESIC, ENOUGH,
        "Observation"),
    row("1.8", "tender only two or more levels away", C.EXAMINATION_AT_LEVEL,
        {*TENDER, R.CONFLICT, R.TENDER_AT_ADJACENT_LEVEL, R.EXAMINATION_WITHOUT_LEVEL}, {R.TENDER_ELSEWHERE}, "Observation"),
    row("1.8", "what was there instead of an examination with a level", C.EXAMINATION_AT_LEVEL,
        {R.EXAMINATION_PENDING, R.EXAMINATION_STALE, R.EXAMINATION_BEFORE_ONSET}, {R.TENDER_ELSEWHERE}, "Observation"),
)  # fmt: skip
"""A fracture whose own dates are forgotten is another episode (G8), against which everything is measured anew: it is not compared."""
