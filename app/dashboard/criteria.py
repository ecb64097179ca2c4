"""Which criteria the record left open, why, and what would let the service read them: what a site should map next."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.cli.explained import explained
from app.dashboard.table import Row, Share
from cards.criterion_wording import MISSING, short
from clinical.status import Status
from guidelines.ta279.reasons import CriterionId, Reason

MOST_REASONS = 3

NOT_SENT = "See the data gaps below: this part of the record is not sent, or not whole."
NOT_KNOWN = "If it is on record, its codes are not known here: map those for {} (docs/overlays.md)."
WITHOUT_LEVEL = "Map the local codes of body sites to vertebral levels (docs/overlays.md)."
NO_DATE = "It is read, but out of date or undated: nothing to map. Ask for an entry with its date."
NOT_YET = "It is read, and not final yet, or too early: nothing to map."
IN_DOUBT = "It is read, and leaves a doubt: nothing to map. A clinician has to settle it."
ADVICE: Mapping[str, frozenset[Reason]] = {
    NOT_SENT: frozenset((Reason.RECORD_NOT_READ,)),
    NOT_KNOWN: frozenset((
        Reason.CAUSE_NOT_RECORDED, Reason.T_SCORE_WITHOUT_MECHANISM, Reason.FREE_TEXT_ONLY, Reason.TYPE_NOT_STATED,
        Reason.NO_IMAGING_FINDING, Reason.MODALITY_CANNOT_TELL, Reason.NO_PAIN_SCORE, Reason.SCORE_INVALID, Reason.SEVERITY_UNKNOWN,
        Reason.ONE_SCORE_ONLY, Reason.NO_ANALGESIC_RECORDED, Reason.OPIOID_IN_TEXT_ONLY, Reason.EXAMINATION_NOT_RECORDED,
        Reason.YOUNG_WITHOUT_OSTEOPOROSIS, Reason.INTOLERANCE_WITHOUT_STEP_1,
    )),
    WITHOUT_LEVEL: frozenset((
        Reason.LEVEL_NOT_RECORDED, Reason.IMAGING_WITHOUT_LEVEL, Reason.EXAMINATION_WITHOUT_LEVEL, Reason.LEVEL_ONLY_ON_IMAGING,
        Reason.SCORE_SITE_REQUIRED, Reason.SCORE_AT_OTHER_SITE, Reason.T_SCORE_AT_OTHER_SITE,
    )),
    NO_DATE: frozenset((
        Reason.T_SCORE_STALE, Reason.IMAGING_STALE, Reason.IMAGING_BEFORE_ONSET, Reason.IMAGING_UNDATED, Reason.SCORE_STALE,
        Reason.SCORE_BEFORE_ONSET, Reason.EXAMINATION_STALE, Reason.EXAMINATION_BEFORE_ONSET, Reason.EXAMINATION_UNDATED,
        Reason.MEDICATION_DATES_MISSING, Reason.ONSET_NOT_RECORDED, Reason.ONSET_ONLY_BOUNDED, Reason.ONSET_SPANS_WINDOW,
        Reason.AGE_NOT_KNOWN, Reason.T_SCORE_UNDATED, Reason.SCORE_UNDATED,
    )),
    NOT_YET: frozenset((Reason.IMAGING_PENDING, Reason.SCORE_PENDING, Reason.EXAMINATION_PENDING, Reason.TOO_EARLY)),
    IN_DOUBT: frozenset((
        Reason.CONFLICT, Reason.CAUSE_UNPROVEN_WITH_MALIGNANCY, Reason.OSTEOPOROSIS_UNCONFIRMED, Reason.OTHER_CAUSE_STATED,
        Reason.UNCONFIRMED_DIAGNOSIS, Reason.ONSETS_DISAGREE, Reason.UNHEALED_AFTER_ABATEMENT, Reason.INTERVENING_LOW_SCORE,
        Reason.AS_NEEDED_ONLY, Reason.TENDER_AT_ADJACENT_LEVEL, Reason.IMAGING_NOT_CONCLUSIVE,
        Reason.T_SCORE_SUPERSEDED, Reason.LEVELS_DISAGREE,
    )),
}  # fmt: skip
"""What to do about a reason for not knowing; a test holds that each has its one place."""


def unknown(calls: Iterable[Sequence[Mapping[str, Any]]]) -> Sequence[Row]:
    """A row for each criterion that was unknown of some fracture, most often first: how often, the commonest reasons, what to do."""
    evaluated: Counter[str] = Counter()
    why: dict[str, Counter[str]] = {}
    for fracture in (fracture for fractures in calls for fracture in fractures):
        for criterion, found in fracture["criteria"].items():
            evaluated[criterion] += 1
            if found["status"] == Status.UNKNOWN:
                why.setdefault(criterion, Counter())[found["reason"]] += 1
    often = sorted(why, key=lambda criterion: (-why[criterion].total(), criterion))
    return [_row(criterion, why[criterion], evaluated[criterion]) for criterion in often]


def _row(criterion: str, why: Counter[str], evaluated: int) -> Row:
    commonest = sorted(why.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS]
    told = tuple(f"{count} times: {meaning(criterion, reason)} ({reason})" for reason, count in commonest)
    return short(criterion), why.total(), evaluated, Share(why.total(), evaluated), told, advice(criterion, commonest[0][0])


def meaning(criterion: str, reason: str) -> str:
    """The reason in plain words; the code itself where a version without it wrote it."""
    try:
        return explained()[CriterionId(criterion)].unknown[Reason(reason)]
    except (KeyError, ValueError):
        return reason.replace("-", " ")


def advice(criterion: str, reason: str) -> str:
    """By the commonest reason; of a reason that is not of this version, nothing."""
    words = next((words for words, reasons in ADVICE.items() if reason in reasons), "")
    return words.format(MISSING.get(criterion, criterion))
