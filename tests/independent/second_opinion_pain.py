"""Severe pain and ongoing pain: guideline.md 1.5 and 1.6."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinical.record import Observation, PatientRecord, Quantity
from tests.independent.second_opinion_cause import has_gap
from tests.independent.second_opinion_days import (
    MET,
    NOT_MET,
    UNKNOWN,
    Result,
    Span,
    Thresholds,
    age_within,
    all_three,
    in_episode,
    is_future,
    is_undated,
    number,
    span_of,
    surely_earlier,
    what_stands,
    within_24_hours,
)
from tests.independent.second_opinion_fractures import Fracture
from tests.independent.second_opinion_tales import is_future_condition, is_over

TOLERANCE = 3
LOW_BETWEEN = 4


@dataclass(frozen=True)
class Score:
    """Pain from `low` to `high` of 10. `counts` is False where it may only be asked about."""

    low: float
    high: float
    when: Span
    counts: bool
    coded: bool = False


def out_of_ten(seen: Observation) -> tuple[float, float] | None:
    """The score on 0 to 10, or nothing where the scale is not sure or the number lies outside it."""
    if seen.quantity is None:
        return None
    top = scale_of(seen.concepts, seen.quantity)
    if top is None:
        return None
    low = 0.0 if seen.quantity.low is None else seen.quantity.low
    high = float(top) if seen.quantity.high is None else seen.quantity.high
    if low < 0 or low > top or high < 0 or (seen.quantity.high is not None and high > top):
        return None
    just_below = 0 if seen.quantity.high_inclusive else 1e-6
    return low * 10 / top, high * 10 / top - just_below


def scale_of(concepts: frozenset[str], quantity: Quantity) -> int | None:
    """10, 100, or nothing. A unit that says the scale (mm, cm, %) must not contradict a stated top."""
    by_unit = {"mm": 100, "%": 100, "cm": 10}.get(quantity.unit)
    stated = None if quantity.scale_high is None else int(quantity.scale_high)
    if stated not in (None, 10, 100) or (by_unit and stated and by_unit != stated):
        return None
    scale = by_unit or stated
    if concepts & {"pain-nrs", "pain-vas", "pain-faces", "pain-reported"}:
        return scale or 10
    return scale if "pain-score-scale-unstated" in concepts else None


def at_the_back(seen: Observation, thresholds: Thresholds) -> bool:
    level = seen.site.level
    if level is not None:
        return level.value[0] in "TL"
    if seen.site.site.value == "absent":
        return not thresholds["requirePainBodySite"]
    return seen.site.site.value in ("spine", "level")


def scores(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> list[Score]:
    """Every valid back-pain score that may belong to this episode, however old."""
    found = []
    for seen in record.observations:
        when = span_of(seen.date)
        if is_undated(when) or is_future(when, today) or not at_the_back(seen, thresholds):
            continue
        fits = in_episode(when, fracture.onset, today, TOLERANCE)
        if fits == NOT_MET:
            continue
        counts = fits == MET and not seen.preliminary and not pain_is_elsewhere(seen, record)
        value = out_of_ten(seen)
        if value is not None:
            found.append(Score(value[0], value[1], when, counts))
        elif "pain-reported" in seen.concepts and seen.value_concepts & {"severity-severe", "severity-moderate", "severity-mild"}:
            low, high = coded_severity(seen.value_concepts, number(thresholds, "painSevereMin"))
            found.append(Score(low, high, when, counts, coded=True))
    return found


def pain_is_elsewhere(seen: Observation, record: PatientRecord) -> bool:
    """A score that names no site may be of the part of the body that was named as the main place of pain in the same 24 hours."""
    if seen.site.site.value != "absent":
        return False
    named = [
        one
        for one in record.observations
        if "pain-location" in one.concepts and one.site.site.value in ("other", "hip", "out-of-scope", "unread")
    ]
    return any(not is_undated(span_of(one.date)) and within_24_hours(span_of(seen.date), span_of(one.date)) for one in named)


def coded_severity(said: frozenset[str], cut: float) -> tuple[float, float]:
    """Severe is at or over the cut, moderate and mild under it; only mild may be under 4."""
    if "severity-severe" in said:
        return cut, 10
    return (min(LOW_BETWEEN, cut - 0.1) if "severity-moderate" in said else 0), cut - 0.1


def severity(score: Score, cut: float) -> str:
    if score.low >= cut:
        return MET
    return NOT_MET if score.high < cut else UNKNOWN


def index_scores(found: list[Score], thresholds: Thresholds, today: date) -> list[Score]:
    """The latest valid scores in date: several where none is surely the last. Empty where only doubtful ones are left."""
    fresh = []
    for score in found:
        age = age_within(score.when, number(thresholds, "painMaxAgeDays"), today)
        if age != NOT_MET:
            fresh.append(Score(score.low, score.high, score.when, score.counts and age == MET, score.coded))
    last = [one for one in fresh if not any(other.counts and surely_earlier(one.when, other.when) for other in fresh)]
    return last if any(score.counts for score in last) else []


def severe_pain(found: list[Score], thresholds: Thresholds, today: date) -> str:
    cut = number(thresholds, "painSevereMin")
    last = index_scores(found, thresholds, today)
    answers = {severity(score, cut) for score in last}
    if len(answers) != 1:
        return UNKNOWN
    for index in [score for score in last if score.counts]:
        for other in found:
            if within_24_hours(index.when, other.when) and severity(other, cut) not in answers and conflicting(index, other, thresholds):
                return UNKNOWN
    return answers.pop()


def conflicting(one: Score, other: Score, thresholds: Thresholds) -> bool:
    """Three or more apart in some reading; a coded word and a number on different sides of the cut always."""
    apart = max(one.high - other.low, other.high - one.low)
    return apart >= number(thresholds, "painConflictDelta") or one.coded != other.coded


# ongoing-pain


def ongoing_pain(record: PatientRecord, fracture: Fracture, found: list[Score], severe: str, thresholds: Thresholds, today: date) -> str:
    if has_gap(record, "Observation"):
        return UNKNOWN
    resolved = back_pain_resolved(record, fracture, today)
    if severe == NOT_MET:
        return NOT_MET
    if resolved == MET:
        return UNKNOWN if severe == MET and severe_after_the_end(record, found, thresholds, today) else NOT_MET
    if severe == UNKNOWN or resolved == UNKNOWN or episode_is_old_enough(fracture, thresholds, today) != MET:
        return UNKNOWN
    index = [score for score in index_scores(found, thresholds, today) if score.counts]
    said = said_to_persist(record, fracture, thresholds, today)
    if said == NOT_MET:  # or may have been denied
        return UNKNOWN
    if all(any(carries(prior, last, found, thresholds) for prior in found) for last in index):
        return MET
    low_ever = any(score.low < LOW_BETWEEN for score in found)
    return MET if said == MET and not low_ever else UNKNOWN


def episode_is_old_enough(fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    last = fracture.onset.last
    if last is None:
        return UNKNOWN
    return MET if (today - last).days >= number(thresholds, "ongoingMinEpisodeDays") else UNKNOWN


def carries(prior: Score, index: Score, found: list[Score], thresholds: Thresholds) -> bool:
    """An earlier score of 5 or more, 7 or more days before, and none under 4 in between."""
    if not prior.counts or prior.low < number(thresholds, "ongoingPriorMin"):
        return False
    if prior.when.last is None or index.when.first is None:
        return False
    if (index.when.first - prior.when.last).days < number(thresholds, "ongoingGapDays"):
        return False
    between = [one for one in found if not surely_earlier(one.when, prior.when) and not surely_earlier(index.when, one.when)]
    return not any(one.low < LOW_BETWEEN for one in between)


def back_pain_resolved(record: PatientRecord, fracture: Fracture, today: date) -> str:
    """Back pain that ended within the episode, and no back pain that still is. Not met: nothing says so."""
    spoken = [one for one in record.conditions if one.concepts & {"back-pain", "persistent-back-pain"}]
    spoken = [one for one in spoken if one.verification.value == "confirmed" and not is_future_condition(one, today)]
    over = [one for one in spoken if is_over(one, today)]
    ended = [in_episode(span_of(one.abatement), fracture.onset, today, TOLERANCE) for one in over if one.abatement is not None]
    began = [span_of(one.onset or one.recorded) for one in over if one.abatement is None]
    ended += [MET for start in began if in_episode(start, fracture.onset, today, TOLERANCE) == MET]
    return MET if MET in ended else UNKNOWN if UNKNOWN in ended else NOT_MET


def severe_after_the_end(record: PatientRecord, found: list[Score], thresholds: Thresholds, today: date) -> bool:
    """A severe index score surely later than a dated end of back pain: the two contradict each other."""
    ends = [span_of(one.abatement) for one in record.conditions if one.concepts & {"back-pain", "persistent-back-pain"} and one.abatement]
    return any(surely_earlier(end, score.when) for end in ends for score in index_scores(found, thresholds, today))


def said_to_persist(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    """Persistent back pain, stated within the episode and at least 14 days into it. Not met: stated absent."""
    needed = int(number(thresholds, "ongoingMinEpisodeDays"))
    if fracture.onset.last is None:
        return UNKNOWN
    due = fracture.onset.last + timedelta(needed)
    results = []
    for seen in record.observations:
        when = span_of(seen.date)
        if "persistent-back-pain" not in seen.concepts or seen.present is None or is_undated(when) or is_future(when, today):
            continue
        days = [age_within(when, number(thresholds, "assertionMaxAgeDays"), today), in_episode(when, fracture.onset, today, TOLERANCE)]
        if NOT_MET in days:
            continue
        late_enough = not seen.present or (when.first is not None and when.first >= due)
        results.append(Result(seen.present, when, all_three(days) == MET and not seen.preliminary and late_enough))
    denied = [result for result in results if not result.yes]
    if denied and (what_stands(results) != MET or any(not surely_over(one, results) for one in denied)):
        return NOT_MET
    return MET if what_stands(results) == MET or persists_as_condition(record, fracture, needed, today) else UNKNOWN


def surely_over(denial: Result, results: list[Result]) -> bool:
    """Taken back by a later statement."""
    later = [one for one in results if one.yes and one.counts and not within_24_hours(one.when, denial.when)]
    return any(surely_earlier(denial.when, one.when) for one in later)


def persists_as_condition(record: PatientRecord, fracture: Fracture, needed: int, today: date) -> bool:
    for one in record.conditions:
        if not one.concepts & {"back-pain", "persistent-back-pain"} or one.verification.value != "confirmed":
            continue
        if is_over(one, today) or is_future_condition(one, today):
            continue
        start = span_of(one.onset)
        long_enough = start.last is not None and (today - start.last).days >= needed
        if long_enough and in_episode(start, fracture.onset, today, TOLERANCE) == MET:
            return True
    return False
