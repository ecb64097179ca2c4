"""Words for the nine criteria: short names, what record would settle them, cautions, and how a local threshold reads in a table."""

from clinical.assessment import Finding, ThresholdValue
from clinical.status import Status

COMPRESSION_FRACTURE = "compression-fracture"
RECENT = "recent"
UNHEALED = "unhealed"
OPTIMAL_PAIN_MANAGEMENT = "optimal-pain-management"
EXAMINATION_AT_LEVEL = "examination-at-level"

STATUS = {Status.MET: "✓ met", Status.NOT_MET: "✗ not met", Status.UNKNOWN: "? unknown"}

# Their status is worked out from several entries, so the reason says more than the entries do.
RECKONED = frozenset((RECENT, "ongoing-pain", OPTIMAL_PAIN_MANAGEMENT))

SHORT = {
    "osteoporotic": "osteoporotic cause",
    COMPRESSION_FRACTURE: "compression fracture",
    RECENT: "recent fracture",
    UNHEALED: "unhealed fracture",
    "severe-pain": "severe pain",
    "ongoing-pain": "ongoing pain",
    OPTIMAL_PAIN_MANAGEMENT: "optimal pain management",
    EXAMINATION_AT_LEVEL: "examination at the level",
    "imaging-at-level": "imaging at the level",
}

FRACTURE_AND_LEVEL, VERTEBRAL_LEVEL = "fracture type and level", "vertebral level"

# For the summary: the one thing that somebody can look for, do or record.
MISSING = {
    "osteoporotic": "cause of the fracture",
    COMPRESSION_FRACTURE: FRACTURE_AND_LEVEL,
    RECENT: "date of onset",
    UNHEALED: "MRI or SPECT/CT",
    "severe-pain": "current pain score",
    "ongoing-pain": "earlier pain score",
    OPTIMAL_PAIN_MANAGEMENT: "analgesia taken",
    EXAMINATION_AT_LEVEL: "tenderness at the level",
    "imaging-at-level": "MRI or SPECT/CT",
}

# Reasons for which the same thing is missing, whichever criterion they leave open.
MISSING_BY_REASON = {
    "level-not-recorded": VERTEBRAL_LEVEL,
    "levels-disagree": VERTEBRAL_LEVEL,
    "onset-not-recorded": "date of onset",
    "age-not-known": "date of birth",
}

CAUTIONS = {
    "subacute": "The fracture is subacute: some local policies stop at 6 weeks.",
    "older-than-acute-window": "The fracture is past the acute window: oedema can persist; ask the specialist team if it is still active.",
    "improving": "Pain is improving: re-score it before any referral.",
    "site-not-recorded": "The pain score does not say where the pain is: confirm that it is the back.",
    "ordered-not-confirmed-taken": "Analgesia was prescribed; nothing confirms that it was taken: ask.",
    "adjacent-level": "Tenderness is one level away: counting errors are common, so confirm the level.",
    "age-18-49": "Age 18 to 49, or perhaps so: look for a secondary cause of osteoporosis.",
    "upper-thoracic": "T1 to T4: the trials treated T5 to L5.",
    "low-energy-inferred": "A low-energy injury is inferred, not recorded: ask how it happened.",
}

# Only what helps to read the row; the note under the table lists every threshold used.
LOCAL_THRESHOLDS = {
    "tScoreOsteoporosis": "T-score {} or lower",
    "recentMaxDays": "{} days or less",
    "imagingMaxAgeDays": "imaging within {} days",
    "painSevereMin": "{}/10 or more",
    "painMaxAgeDays": "scored within {} days",
    "ongoingPriorMin": "earlier score {}/10 or more",
    "ongoingMinEpisodeDays": "episode of {} days or more",
    "opmMinDays": "{} days or more",
    "opmMinWhoStep": "WHO step {} or more",
    "examMaxAgeDays": "within {} days",
}


def short(criterion: str) -> str:
    return SHORT.get(criterion) or criterion.replace("-", " ")


def missing(finding: Finding) -> str:
    return MISSING_BY_REASON.get(finding.reason_code) or MISSING.get(finding.criterion) or short(finding.criterion)


def caution(code: str) -> str:
    return CAUTIONS.get(code) or f"{code.replace('-', ' ').capitalize()}."


def amount(value: ThresholdValue) -> str:
    """A threshold's value as people write it: 7, not 7.0; yes, not True."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.lower() if isinstance(value, str) else f"{value:g}"
