"""`severe-pain` and `ongoing-pain` (guideline.md 1.5, 1.6)."""

from datetime import timedelta

from clinical.assessment import Evidence, Finding, ThresholdValue
from clinical.record import Condition, Observation, Verification
from clinical.status import Status
from guidelines.ta279.case import Case, Last
from guidelines.ta279.cause import when
from guidelines.ta279.evidence import days, evidence, finding
from guidelines.ta279.fractures import closed
from guidelines.ta279.pain_scores import PainHistory, PainScore, on_back, read_score, told_elsewhere
from guidelines.ta279.reasons import Caution, CriterionId, Reason

SEVERE, ONGOING = CriterionId.SEVERE_PAIN, CriterionId.ONGOING_PAIN
PERSISTENT = "persistent-back-pain"
SCORE_NEEDED = "A pain score for the back on a 0 to 10 scale, dated"
NOT_DATED = "The pain score is not dated exactly enough."


def severe_pain(case: Case, history: PainHistory) -> Finding:
    thresholds = case.thresholds
    shown: dict[str, ThresholdValue] = {"painSevereMin": thresholds.pain_severe_min, "painMaxAgeDays": thresholds.pain_max_age_days}
    index = history.index
    if case.record.gap("Observation"):
        return _not_scored(case, Reason.RECORD_NOT_READ, "The pain scores could not all be read.", _seen(history), shown)
    if index is None:
        return _no_index(case, history, shown)
    if history.contradicting or index.severe is Status.UNKNOWN:
        shown["painConflictDelta"] = thresholds.pain_conflict_delta
        lines = _lines([index, *history.contradicting])
        code = Reason.CONFLICT if history.contradicting else Reason.SCORE_INVALID
        text = "Pain scores within a day of each other disagree." if history.contradicting else "The pain score is not an exact number."
        return _not_scored(case, code, text, lines, shown)
    cautions = [] if index.site_recorded else [Caution.SITE_NOT_RECORDED]
    code, text = _verdict(index, thresholds.pain_severe_min)
    return finding(SEVERE, index.severe, code, text, evidence=_lines([index]), thresholds=shown, cautions=cautions)


def _verdict(index: PainScore, cut: float) -> tuple[Reason, str]:
    if index.low is None and index.high is None:
        if index.severe is Status.MET:
            return Reason.CODED_SEVERE, "Pain is coded as severe."
        return Reason.CODED_NOT_SEVERE, "Pain is coded as less than severe."
    if index.severe is Status.MET:
        return Reason.SCORE_SEVERE, f"The newest score, {index.words}, is at or above the local cut of {cut:g}."
    note = " The VERTOS trials took 5 or more as severe." if index.low is not None and index.low >= 5 else ""
    return Reason.SCORE_BELOW_CUT, f"The newest score, {index.words}, is below the local cut of {cut:g}.{note}"


def _no_index(case: Case, history: PainHistory, shown: dict[str, ThresholdValue]) -> Finding:
    """Why no score counts, the most useful reason first."""
    limit = case.thresholds.pain_max_age_days
    if history.scores:
        code, text = Reason.SCORE_UNDATED, NOT_DATED
        if case.older_than(history.scores[0].date, limit):
            code, text = Reason.SCORE_STALE, f"The newest pain score is more than {limit} days old."
        return _not_scored(case, code, text, _lines(history.scores[:1]), shown)
    for code, text, items in _reasons_not_counted(case, history):
        if items:
            return _not_scored(case, code, text, [_plain(item) for item in items], shown)
    return _not_scored(case, Reason.NO_PAIN_SCORE, "No pain score is recorded.", [], shown)


def _reasons_not_counted(case: Case, history: PainHistory) -> list[tuple[Reason, str, list[Observation]]]:
    back = [item for item in history.others if on_back(item)]
    readable = [item for item in back if read_score(item, case) is not None]
    site_missing = "The pain score does not state its site, which this site's settings require."
    elsewhere = "The pain score does not state its site, and the main pain was told to be elsewhere."
    in_episode = [item for item in readable if case.in_episode(item.date)]
    limit = case.thresholds.pain_max_age_days
    return [
        (Reason.SCORE_PENDING, "The pain score is preliminary.", [item for item in in_episode if item.preliminary]),
        (Reason.SCORE_AT_OTHER_SITE, elsewhere, [item for item in in_episode if told_elsewhere(item, case)]),
        (Reason.SCORE_SITE_REQUIRED, site_missing, [item for item in in_episode if not item.preliminary]),
        (Reason.SCORE_INVALID, "The pain score's scale or unit cannot be told.", [item for item in back if item not in readable]),
        (Reason.SCORE_UNDATED, NOT_DATED, [item for item in readable if case.undated(item.date, limit)]),
        (Reason.SCORE_BEFORE_ONSET, f"The pain score {case.was_before(item.date for item in readable)}.", readable),
        (Reason.SCORE_AT_OTHER_SITE, "The pain score is for another part of the body.", [i for i in history.others if not on_back(i)]),
    ]


def _not_scored(case: Case, code: Reason, text: str, lines: list[Evidence], shown: dict[str, ThresholdValue]) -> Finding:
    needed = f"{SCORE_NEEDED} within the last {days(case.thresholds.pain_max_age_days)}."
    return finding(SEVERE, Status.UNKNOWN, code, text, evidence=lines, thresholds=shown, needed=needed)


def ongoing_pain(case: Case, history: PainHistory, severe: Finding) -> Finding:
    thresholds = case.thresholds
    shown: dict[str, ThresholdValue] = {
        "ongoingPriorMin": thresholds.ongoing_prior_min, "ongoingGapDays": thresholds.ongoing_gap_days,
        "ongoingMinEpisodeDays": thresholds.ongoing_min_episode_days, "ongoingInterveningMin": thresholds.ongoing_intervening_min,
    }  # fmt: skip
    if severe.status is Status.NOT_MET:
        text = "The pain is not severe now."
        return finding(ONGOING, Status.NOT_MET, Reason.NOT_SEVERE, text, evidence=severe.evidence, thresholds=shown)
    resolved, perhaps = _resolved_back_pain(case)
    if resolved and not case.record.gap("Observation"):
        return _resolved(resolved, history, severe, shown)
    if severe.status is Status.UNKNOWN or history.index is None:
        text = "Whether the pain is severe now is not known."
        return finding(
            ONGOING, Status.UNKNOWN, Reason.SEVERITY_UNKNOWN, text, evidence=severe.evidence, thresholds=shown, needed=severe.needed
        )
    if perhaps:
        lines = [evidence(item, item.abatement, "back pain, resolved") for item in perhaps]
        return _not_ongoing(case, Reason.CONFLICT, "Back pain has ended, and whether within this episode is not known.", lines, shown, [])
    return _over_time(case, history, history.index, shown)


def _over_time(case: Case, history: PainHistory, index: PainScore, shown: dict[str, ThresholdValue]) -> Finding:
    thresholds = case.thresholds
    cautions = _trend(history, index, thresholds.trend_caution_drop)
    if cautions:
        shown["trendCautionDrop"] = thresholds.trend_caution_drop
    earlier = history.before(index)
    lines = _lines([index, *earlier])
    if (case.today - case.onset_latest).days < thresholds.ongoing_min_episode_days:
        text = f"Too early to call ongoing: the episode is not certainly {days(thresholds.ongoing_min_episode_days)} old."
        return _not_ongoing(case, Reason.TOO_EARLY, text, lines, shown, cautions)
    stated, denied = _persistence(case)
    if denied:
        text = "A clinician's statement that the pain does not persist stands beside severe scores."
        return _not_ongoing(case, Reason.CONFLICT, text, [*lines, *denied], shown, cautions)
    by_scores = _by_scores(case, history, index, shown, cautions)
    low = [score for score in history.possible if _may_be_below(score, thresholds.ongoing_intervening_min)]
    if stated and low and by_scores.status is Status.UNKNOWN:
        text = "Persistent back pain is coded, and a low score lies in between."
        return _not_ongoing(case, Reason.INTERVENING_LOW_SCORE, text, [*lines, *stated], shown, cautions)
    if stated and by_scores.status is Status.UNKNOWN:
        text = f"Persistent back pain is coded for at least {days(thresholds.ongoing_min_episode_days)}."
        return finding(
            ONGOING, Status.MET, Reason.PERSISTENT_PAIN_CODED, text, evidence=[*lines, *stated], thresholds=shown, cautions=cautions
        )
    return by_scores


def _by_scores(case: Case, history: PainHistory, index: PainScore, shown: dict[str, ThresholdValue], cautions: list[Caution]) -> Finding:
    """An earlier score of at least 5, a week or more before, and none below 4 in between; so for each that may be the newest."""
    thresholds = case.thresholds
    lines = _lines([index, *history.before(index)])
    carried = [_carried(case, history, newest) for newest in history.newest]
    if all(carried):
        text = f"Scores at least {days(thresholds.ongoing_gap_days)} apart, none low in between."
        lines = _lines([index, *(score for scores in carried for score in scores)])
        return finding(ONGOING, Status.MET, Reason.SCORES_APART, text, evidence=lines, thresholds=shown, cautions=cautions)
    if all(_prior(case, history, newest) for newest in history.newest):
        return _not_ongoing(case, Reason.INTERVENING_LOW_SCORE, "A low score lies between the high ones.", lines, shown, cautions)
    text = f"No earlier score of {thresholds.ongoing_prior_min:g} or more, {days(thresholds.ongoing_gap_days)} or more before."
    return _not_ongoing(case, Reason.ONE_SCORE_ONLY, text, lines, shown, cautions)


def _prior(case: Case, history: PainHistory, newest: PainScore) -> list[PainScore]:
    thresholds = case.thresholds
    apart = [score for score in history.before(newest) if _days_between(score, newest) >= thresholds.ongoing_gap_days]
    return [score for score in apart if _at_least(score, thresholds.ongoing_prior_min)]


def _carried(case: Case, history: PainHistory, newest: PainScore) -> list[PainScore]:
    """The earlier score that shows the pain to be ongoing, and those in between; none where a low one may lie there."""
    for score in _prior(case, history, newest):
        among = [item for item in history.possible if item is not score and item is not newest]
        between = [item for item in among if _between(score, item, newest)]
        if not any(_may_be_below(item, case.thresholds.ongoing_intervening_min) for item in between):
            return [score, *between]
    return []


def _resolved(resolved: list[Condition], history: PainHistory, severe: Finding, shown: dict[str, ThresholdValue]) -> Finding:
    """A resolved back pain decides, unless a severe score is newer than its end: the index, or one that may be of the back."""
    lines = [evidence(item, item.abatement or when(item), "back pain, resolved") for item in resolved]
    if severe.status is Status.MET and history.index is not None:
        scores = [score for score in history.possible if score.severe is Status.MET]
        newer = [score for score in scores if any(_ended_before(item, score) for item in resolved)]
        if newer:
            return finding(
                ONGOING, Status.UNKNOWN, Reason.CONFLICT, "Back pain was recorded as resolved, and a later score is severe.",
                evidence=[*lines, *_lines(newer)], thresholds=shown, needed="Whether the pain has been continuous since the fracture.",
            )  # fmt: skip
    text = "The back pain is recorded as resolved."
    return finding(ONGOING, Status.NOT_MET, Reason.BACK_PAIN_RESOLVED, text, evidence=lines, thresholds=shown)


def _ended_before(back_pain: Condition, score: PainScore) -> bool:
    ended, scored = back_pain.abatement, score.item.date
    return ended is not None and scored is not None and ended.certainly_before(scored)


def _resolved_back_pain(case: Case) -> tuple[list[Condition], list[Condition]]:
    """Back pain of this episode that has ended: it ended after the fracture, or it began with it; and what may have ended in it."""
    over = [
        item for item in case.record.conditions
        if item.concepts & {"back-pain", PERSISTENT} and item.verification is Verification.CONFIRMED and closed(item, case.today)
    ]  # fmt: skip
    ended = [item for item in over if case.in_episode(item.abatement if item.abatement is not None else when(item))]
    perhaps = [item for item in over if item.abatement is not None and not case.certainly_before_episode(item.abatement)]
    return ended, [item for item in perhaps if item not in ended]


def _persistence(case: Case) -> tuple[list[Evidence], list[Evidence]]:
    """Statements for back pain that has lasted since the fracture, and those against it that nothing later takes back (G1, G3, G5)."""
    least, limit = case.thresholds.ongoing_min_episode_days, case.thresholds.assertion_max_age_days
    lasting = case.onset_latest + timedelta(days=least)
    said = [item for item in case.record.observations if PERSISTENT in item.concepts and item.present is not None]
    said = [item for item in said if case.may_count(item.date, limit)]
    usable = [item for item in said if not item.preliminary and case.in_episode(item.date) and case.no_older_than(item.date, limit)]
    held = [item for item in usable if item.present and item.date is not None and item.date.on_or_after(lasting) is Status.MET]
    stated = [evidence(item, item.date, "back pain persistent since the fracture") for item in held]
    stated += [
        evidence(item, item.onset, "back pain, active")
        for item in case.record.conditions
        if item.concepts & {"back-pain", PERSISTENT} and item.verification is Verification.CONFIRMED and not closed(item, case.today)
        and item.onset is not None and case.in_episode(item.onset) and _has_lasted(item, case, least)
    ]  # fmt: skip
    last = Last.of(item.date for item in held)
    against = [item for item in said if not item.present and not last.replaces(item.date)]
    return stated, [evidence(item, item.date, "back pain not persistent") for item in against]


def _has_lasted(item: Condition, case: Case, least: int) -> bool:
    """Has this pain certainly lasted that many days by now?"""
    return item.onset is not None and item.onset.on_or_before(case.today - timedelta(days=least)) is Status.MET


def _trend(history: PainHistory, index: PainScore, drop: float) -> list[Caution]:
    earlier = history.before(index)
    if not earlier or earlier[0].low is None or index.high is None:
        return []
    return [Caution.IMPROVING] if earlier[0].low - index.high >= drop else []


def _at_least(score: PainScore, cut: float) -> bool:
    return score.low >= cut if score.low is not None else score.severe is Status.MET and score.high is None


def _may_be_below(score: PainScore, cut: float) -> bool:
    if score.low is None and score.high is None:
        return "severity-mild" in score.item.value_concepts
    return score.low is None or score.low < cut


def _days_between(score: PainScore, newest: PainScore) -> int:
    """At the least; 0 where an end is open."""
    first, last = newest.date.earliest, score.date.latest
    return (first - last).days if first is not None and last is not None else 0


def _between(prior: PainScore, item: PainScore, index: PainScore) -> bool:
    return not item.date.certainly_before(prior.date) and not index.date.certainly_before(item.date)


def _not_ongoing(
    case: Case,
    code: Reason,
    text: str,
    lines: list[Evidence],
    shown: dict[str, ThresholdValue],
    cautions: list[Caution],
) -> Finding:
    needed = (
        f"{SCORE_NEEDED} at least {days(case.thresholds.ongoing_gap_days)} before the newest,"
        " or a coded statement that back pain has persisted since the fracture."
    )
    return finding(ONGOING, Status.UNKNOWN, code, text, evidence=lines, thresholds=shown, cautions=cautions, needed=needed)


def _seen(history: PainHistory) -> list[Evidence]:
    return _lines(history.scores) + [_plain(item) for item in history.others]


def _lines(scores: tuple[PainScore, ...] | list[PainScore]) -> list[Evidence]:
    return [evidence(score.item, score.item.date, score.words) for score in scores]


def _plain(item: Observation) -> Evidence:
    return evidence(item, item.date, "pain score, not counted")
