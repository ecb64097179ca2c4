"""The closed vocabularies of a TA279 Evaluation: criteria, reason codes, cautions, flags (contract section 3)."""

from enum import StrEnum


class CriterionId(StrEnum):
    """In the order of the contract and of guideline.md 1.1 to 1.8."""

    OSTEOPOROTIC = "osteoporotic"
    COMPRESSION_FRACTURE = "compression-fracture"
    RECENT = "recent"
    UNHEALED = "unhealed"
    SEVERE_PAIN = "severe-pain"
    ONGOING_PAIN = "ongoing-pain"
    OPTIMAL_PAIN_MANAGEMENT = "optimal-pain-management"
    EXAMINATION_AT_LEVEL = "examination-at-level"
    IMAGING_AT_LEVEL = "imaging-at-level"


class Reason(StrEnum):
    """Why a criterion has its status. One code keeps one status wherever it is used."""

    # several criteria, unknown
    CONFLICT = "conflict"  # contradictory evidence within 24 hours, or that date and rank cannot settle
    RECORD_NOT_READ = "record-not-read"  # the part of the record that would say so could not be read
    LEVEL_NOT_RECORDED = "level-not-recorded"
    ONSET_NOT_RECORDED = "onset-not-recorded"
    # osteoporotic
    OSTEOPOROTIC_FRACTURE_CODED = "osteoporotic-fracture-coded"
    OSTEOPOROSIS_ON_RECORD = "osteoporosis-on-record"
    T_SCORE_OSTEOPOROTIC = "t-score-osteoporotic"
    LOW_ENERGY_WITH_LOW_T_SCORE = "low-energy-with-low-t-score"
    NEOPLASTIC_FRACTURE = "neoplastic-fracture"
    SPINAL_MALIGNANCY = "spinal-malignancy"
    INFECTIVE_FRACTURE = "infective-fracture"
    HIGH_ENERGY_WITHOUT_OSTEOPOROSIS = "high-energy-without-osteoporosis"
    CAUSE_NOT_RECORDED = "cause-not-recorded"
    CAUSE_UNPROVEN_WITH_MALIGNANCY = "cause-unproven-with-malignancy"
    OTHER_CAUSE_STATED = "other-cause-stated"
    OSTEOPOROSIS_UNCONFIRMED = "osteoporosis-unconfirmed"
    T_SCORE_WITHOUT_MECHANISM = "t-score-without-mechanism"
    T_SCORE_STALE = "t-score-stale"
    T_SCORE_SUPERSEDED = "t-score-superseded"  # in date, and replaced by a newer, better one
    T_SCORE_UNDATED = "t-score-undated"
    T_SCORE_AT_OTHER_SITE = "t-score-at-other-site"
    YOUNG_WITHOUT_OSTEOPOROSIS = "young-without-osteoporosis"
    AGE_NOT_KNOWN = "age-not-known"
    # compression-fracture
    CODED_AT_ONE_LEVEL = "coded-at-one-level"
    REFUTED = "refuted"
    IMAGING_SHOWS_NO_FRACTURE = "imaging-shows-no-fracture"
    LEVEL_OUT_OF_SCOPE = "level-out-of-scope"
    LEVEL_ONLY_ON_IMAGING = "level-only-on-imaging"
    LEVELS_DISAGREE = "levels-disagree"  # the code names one vertebra, the body site another
    UNCONFIRMED_DIAGNOSIS = "unconfirmed-diagnosis"
    FREE_TEXT_ONLY = "free-text-only"
    TYPE_NOT_STATED = "type-not-stated"
    # recent
    WITHIN_WINDOW = "within-window"
    OUTSIDE_WINDOW = "outside-window"
    ONSET_ONLY_BOUNDED = "onset-only-bounded"
    ONSET_SPANS_WINDOW = "onset-spans-window"
    ONSETS_DISAGREE = "onsets-disagree"
    # unhealed
    MARROW_OEDEMA = "marrow-oedema"
    TRACER_UPTAKE = "tracer-uptake"
    INTRAVERTEBRAL_CLEFT = "intravertebral-cleft"
    PROGRESSIVE_HEIGHT_LOSS = "progressive-height-loss"
    ACUTE_ON_IMAGING = "acute-on-imaging"
    NO_ACTIVITY_ON_IMAGING = "no-activity-on-imaging"
    HEALED_ON_IMAGING = "healed-on-imaging"
    NO_IMAGING_FINDING = "no-imaging-finding"
    MODALITY_CANNOT_TELL = "modality-cannot-tell"
    IMAGING_PENDING = "imaging-pending"
    IMAGING_WITHOUT_LEVEL = "imaging-without-level"
    IMAGING_STALE = "imaging-stale"
    IMAGING_BEFORE_ONSET = "imaging-before-onset"
    IMAGING_UNDATED = "imaging-undated"
    UNHEALED_AFTER_ABATEMENT = "unhealed-after-abatement"
    # severe-pain
    SCORE_SEVERE = "score-severe"
    CODED_SEVERE = "coded-severe"
    SCORE_BELOW_CUT = "score-below-cut"
    CODED_NOT_SEVERE = "coded-not-severe"
    NO_PAIN_SCORE = "no-pain-score"
    SCORE_STALE = "score-stale"
    SCORE_UNDATED = "score-undated"
    SCORE_BEFORE_ONSET = "score-before-onset"
    SCORE_INVALID = "score-invalid"
    SCORE_AT_OTHER_SITE = "score-at-other-site"
    SCORE_SITE_REQUIRED = "score-site-required"
    SCORE_PENDING = "score-pending"
    # ongoing-pain
    SCORES_APART = "scores-apart"
    PERSISTENT_PAIN_CODED = "persistent-pain-coded"
    NOT_SEVERE = "not-severe"
    BACK_PAIN_RESOLVED = "back-pain-resolved"
    SEVERITY_UNKNOWN = "severity-unknown"
    ONE_SCORE_ONLY = "one-score-only"
    INTERVENING_LOW_SCORE = "intervening-low-score"
    TOO_EARLY = "too-early"
    # optimal-pain-management
    OPIOID_EXPOSURE = "opioid-exposure"
    INTOLERANCE_WITH_STEP_1 = "intolerance-with-step-1"
    CLINICIAN_STATEMENT = "clinician-statement"
    STEP_1_ONLY = "step-1-only"
    EXPOSURE_TOO_SHORT = "exposure-too-short"
    NO_ANALGESIC_RECORDED = "no-analgesic-recorded"
    AS_NEEDED_ONLY = "as-needed-only"
    MEDICATION_DATES_MISSING = "medication-dates-missing"
    INTOLERANCE_WITHOUT_STEP_1 = "intolerance-without-step-1"
    OPIOID_IN_TEXT_ONLY = "opioid-in-text-only"
    # examination-at-level
    TENDER_AT_LEVEL = "tender-at-level"
    NOT_TENDER_AT_LEVEL = "not-tender-at-level"
    TENDER_ELSEWHERE = "tender-elsewhere"
    TENDER_AT_ADJACENT_LEVEL = "tender-at-adjacent-level"
    EXAMINATION_NOT_RECORDED = "examination-not-recorded"
    EXAMINATION_WITHOUT_LEVEL = "examination-without-level"
    EXAMINATION_STALE = "examination-stale"
    EXAMINATION_BEFORE_ONSET = "examination-before-onset"
    EXAMINATION_UNDATED = "examination-undated"
    EXAMINATION_PENDING = "examination-pending"
    # imaging-at-level
    ACTIVE_AT_LEVEL = "active-at-level"
    NOT_ACTIVE_AT_LEVEL = "not-active-at-level"
    IMAGING_NOT_CONCLUSIVE = "imaging-not-conclusive"


class Caution(StrEnum):
    """Told beside a criterion; never a card of its own (contract 6.4)."""

    SUBACUTE = "subacute"
    OLDER_THAN_ACUTE_WINDOW = "older-than-acute-window"
    IMPROVING = "improving"
    SITE_NOT_RECORDED = "site-not-recorded"
    ORDERED_NOT_CONFIRMED_TAKEN = "ordered-not-confirmed-taken"
    ADJACENT_LEVEL = "adjacent-level"
    AGE_18_49 = "age-18-49"
    UPPER_THORACIC = "upper-thoracic"
    LOW_ENERGY_INFERRED = "low-energy-inferred"


class FlagId(StrEnum):
    SPINAL_INFECTION = "spinal-infection"
    SYSTEMIC_INFECTION = "systemic-infection"
    NEUROLOGICAL_COMPROMISE = "neurological-compromise"
    MALIGNANCY = "malignancy"
    COAGULOPATHY = "coagulopathy"
    ANTITHROMBOTIC_THERAPY = "antithrombotic-therapy"
    POSTERIOR_WALL_OR_RETROPULSION = "posterior-wall-or-retropulsion"
    CEMENT_ALLERGY = "cement-allergy"
    PREGNANCY = "pregnancy"
    VERTEBRA_PLANA = "vertebra-plana"
    MULTIPLE_LEVELS = "multiple-levels"
    CARDIOPULMONARY_OR_POSITIONING = "cardiopulmonary-or-positioning"
    PREVIOUS_AUGMENTATION_AT_LEVEL = "previous-augmentation-at-level"
    CONSENT_OR_CAPACITY = "consent-or-capacity"
