"""Osteoporotic, compression fracture, recent: guideline.md 1.1 to 1.3, in the order of its sentences."""

from datetime import date

from clinical.record import Condition, Observation, PatientRecord
from tests.independent.second_opinion_days import (
    MET,
    NOT_MET,
    UNKNOWN,
    Result,
    Span,
    Thresholds,
    age_within,
    in_episode,
    is_future,
    is_undated,
    number,
    smallest_gap,
    span_of,
    surely_earlier,
    what_stands,
    within_24_hours,
)
from tests.independent.second_opinion_fractures import APART_BEYOND, SAME_WITHIN, Fracture
from tests.independent.second_opinion_tales import (
    COMPRESSION,
    is_future_condition,
    is_over,
    level_of,
    onset_of_condition,
    tells_of_a_fracture,
)

OSTEOPOROTIC = {"osteoporotic-vertebral-fracture", "osteoporotic-fracture-site-unspecified"}
NEOPLASTIC = {"neoplastic-vertebral-fracture", "neoplastic-fracture-site-unspecified"}
RANKS = {"mri-study": 4, "spect-study": 4, "bone-scan-study": 3, "ct-study": 2, "radiograph-study": 1}


def rank_of(modality: frozenset[str]) -> int:
    return max((RANKS[name] for name in modality if name in RANKS), default=0)


def has_gap(record: PatientRecord, *types: str) -> bool:
    return any(gap.resource_type in types for gap in record.data_gaps)


def active(record: PatientRecord, concept: str, today: date) -> list[Condition]:
    """Not over, not refuted, not of the future. May be unconfirmed."""
    return [condition for condition in active_or_cause(record, concept, today) if concept in condition.concepts]


def active_or_cause(record: PatientRecord, concept: str, today: date) -> list[Condition]:
    """Active, or what an active condition is recorded as due to."""
    return [
        condition
        for condition in record.conditions
        if concept in condition.concepts | condition.cause_concepts
        and condition.verification.value != "refuted"
        and not is_over(condition, today)
        and not is_future_condition(condition, today)
    ]


def said_active_and_ended(record: PatientRecord, concept: str, today: date) -> list[Condition]:
    """The record contradicts itself: whether the disease is over is not known."""
    return [
        condition
        for condition in record.conditions
        if concept in condition.concepts
        and condition.verification.value != "refuted"
        and condition.said_active
        and not condition.inactive
        and is_over(condition, today)
        and not is_future_condition(condition, today)
    ]


def confirmed(conditions: list[Condition]) -> list[Condition]:
    return [condition for condition in conditions if condition.verification.value == "confirmed"]


def age_is_at_least(record: PatientRecord, years: int, today: date) -> str:
    """By birthdays. Unknown where the birth date does not say."""
    born = span_of(record.patient.birth_date)
    try:
        latest_birth = today.replace(year=today.year - years)
    except ValueError:
        latest_birth = date(today.year - years, 2, 28)
    if born.last is not None and born.last <= latest_birth:
        return MET
    return NOT_MET if born.first is not None and born.first > latest_birth else UNKNOWN


# osteoporotic


def osteoporotic(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    against = competing_cause(record, fracture, thresholds, today)
    if against == MET:
        return NOT_MET
    if against == UNKNOWN:
        return UNKNOWN
    shown = supported(record, fracture, thresholds, today)
    if shown == MET and age_is_at_least(record, int(number(thresholds, "minAge")), today) == UNKNOWN:
        return UNKNOWN  # G10 asks for an adult
    return shown


def supported(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    adult_of_50 = age_is_at_least(record, int(number(thresholds, "cautionAgeBelow")), today) == MET
    if confirmed(active(record, "osteoporosis", today)):
        return MET
    scores = t_scores(record, thresholds, today)
    if any(high <= number(thresholds, "tScoreOsteoporosis") for _, high in scores):
        return MET
    if adult_of_50 and coded_osteoporotic(record, fracture, today):
        return MET
    low_enough = any(high <= number(thresholds, "tScoreWithLowEnergy") for _, high in scores)
    if adult_of_50 and low_enough and mechanism(record, fracture, "low-energy-mechanism", today) == MET:
        return MET
    return UNKNOWN


def coded_osteoporotic(record: PatientRecord, fracture: Fracture, today: date) -> bool:
    by_condition = any(
        condition.concepts & OSTEOPOROTIC and condition.verification.value == "confirmed" for condition in fracture.conditions
    )
    return by_condition or any(tale.sighting.concepts & OSTEOPOROTIC for tale in fracture.tales if tale.sighting is not None)


def reports_of_osteoporotic(record: PatientRecord, fracture: Fracture, today: date) -> list[Observation]:
    """Final, present, at this very level, in this episode."""
    return [
        seen
        for seen in record.observations
        if "osteoporotic-vertebral-fracture" in seen.concepts
        and seen.present is True
        and not seen.preliminary
        and fracture.level is not None
        and level_of(seen) == fracture.level
        and not is_future(span_of(seen.date), today)
        and in_episode(span_of(seen.date), fracture.onset, today) == MET
    ]


def t_scores(record: PatientRecord, thresholds: Thresholds, today: date) -> list[tuple[float, float]]:
    """The lowest of the latest in-date T-scores, as (low, high); empty where there is none or Observations could not be read."""
    years = int(number(thresholds, "dxaMaxAgeYears"))
    try:
        oldest = today.replace(year=today.year - years)
    except ValueError:
        oldest = date(today.year - years, 3, 1)
    found: list[tuple[Span, float, float]] = []
    for seen in record.observations:
        when = span_of(seen.date)
        if "dxa-t-score" not in seen.concepts or seen.quantity is None or seen.preliminary or is_future(when, today):
            continue
        if seen.site.site.value in ("other", "out-of-scope", "unread"):  # 1.1: hip or spine
            continue
        if when.first is not None and when.first >= oldest:
            low = float("-inf") if seen.quantity.low is None else seen.quantity.low
            found.append((when, low, float("inf") if seen.quantity.high is None else seen.quantity.high))
    if has_gap(record, "Observation"):
        return []
    latest = [
        one for one in found if not any(surely_earlier(one[0], other[0]) and not within_24_hours(one[0], other[0]) for other in found)
    ]
    return [min(((low, high) for _, low, high in latest), key=lambda pair: pair[1])] if latest else []


def mechanism(record: PatientRecord, fracture: Fracture, concept: str, today: date) -> str:
    """Does the record say that this fracture came about so? Not met here means: nothing says it."""
    if any(concept in condition.cause_concepts | condition.concepts for condition in fracture.conditions):
        return MET
    grace = 3 if concept == "high-energy-mechanism" else 0  # G4 gives grace to pain and examination only; it may speak against
    answers = []
    for condition in active_or_over(record, concept, today):
        when = span_of(condition.onset or condition.recorded)
        if smallest_gap(when, fracture.onset) <= SAME_WITHIN:
            fits = in_episode(when, fracture.onset, today, grace)
            answers.append(UNKNOWN if fits == MET and condition.verification.value != "confirmed" else fits)
    for seen in record.observations:
        if concept in seen.concepts and seen.present is True and not is_future(span_of(seen.date), today):
            fits = in_episode(span_of(seen.date), fracture.onset, today, grace)
            doubtful = seen.preliminary or has_gap(record, "Observation")
            answers.append(UNKNOWN if fits == MET and doubtful else fits)
    if MET in answers:
        return MET
    return UNKNOWN if UNKNOWN in answers else NOT_MET


def active_or_over(record: PatientRecord, concept: str, today: date) -> list[Condition]:
    """A fall that is over still caused what it caused."""
    return [
        condition
        for condition in record.conditions
        if concept in condition.concepts
        and condition.verification.value != "refuted"
        and not is_future_condition(condition, today)
        and not tells_of_a_fracture(condition)
    ]


def competing_cause(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    """MET: another cause is proven. UNKNOWN: another cause is not ruled out. NOT_MET: none on record."""
    answers = [NOT_MET, high_energy(record, fracture, thresholds, today), infection(record, fracture, today)]
    for condition in fracture.conditions:
        if condition.concepts & NEOPLASTIC:
            answers.append(MET if condition.verification.value == "confirmed" else UNKNOWN)
        if condition.concepts & {"vertebral-fracture-other-cause", "fracture-other-cause-site-unspecified"}:
            answers.append(UNKNOWN)
    spinal = active(record, "spinal-malignancy", today)
    if spinal or said_active_and_ended(record, "spinal-malignancy", today):
        answers.append(MET if confirmed(spinal) else UNKNOWN)
    if unproven_cancer(record, fracture, today):
        answers.append(UNKNOWN)
    return MET if MET in answers else UNKNOWN if UNKNOWN in answers else NOT_MET


def unproven_cancer(record: PatientRecord, fracture: Fracture, today: date) -> bool:
    """Another active cancer, and no final report after its diagnosis that states an osteoporotic fracture at this level."""
    told = ("active-malignancy", *sorted(NEOPLASTIC))  # what breaks in a tumour tells of the tumour
    found = [one for name in told for one in active(record, name, today) + said_active_and_ended(record, name, today)]
    cancers = [one for one in found if "inactive-malignancy" not in one.concepts]
    reports = [span_of(seen.date) for seen in reports_of_osteoporotic(record, fracture, today)]
    return any(not any(surely_earlier(diagnosed(cancer), report) for report in reports) for cancer in cancers)


def diagnosed(cancer: Condition) -> Span:
    days = [span_of(told).last for told in (cancer.onset, cancer.recorded) if told is not None]
    known = [day for day in days if day is not None]
    return Span(None, max(known)) if known and len(known) == len(days) else Span()


def infection(record: PatientRecord, fracture: Fracture, today: date) -> str:
    """Of the fracture's own code, or a confirmed one at the very vertebra."""
    infective = {"spinal-infection", "osteomyelitis-site-unspecified"}
    if any(condition.cause_concepts & infective for condition in fracture.conditions):
        return MET
    infected = [one for name in ("spinal-infection", "osteomyelitis-site-unspecified") for one in confirmed(active(record, name, today))]
    return MET if any(level_of(one) is not None and level_of(one) == fracture.level for one in infected) else NOT_MET


def high_energy(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    high = mechanism(record, fracture, "high-energy-mechanism", today)
    if high != MET:
        return high
    if has_gap(record, "Observation"):
        return UNKNOWN
    scores = t_scores(record, thresholds, today)
    if any(low > number(thresholds, "tScoreWithLowEnergy") for low, _ in scores):
        return MET
    coded = any(condition.concepts & OSTEOPOROTIC for condition in fracture.conditions)
    documented = bool(active(record, "osteoporosis", today)) or coded or coded_osteoporotic(record, fracture, today)
    thin = any(high_end <= number(thresholds, "tScoreOsteoporosis") for _, high_end in scores)
    return UNKNOWN if documented or thin else MET


# compression-fracture


def compression_fracture(record: PatientRecord, fracture: Fracture, today: date) -> str:
    if fracture.out_of_scope:
        return NOT_MET
    refuted = is_refuted(record, fracture, today)
    if refuted != NOT_MET:
        return NOT_MET if refuted == MET else UNKNOWN
    if fracture.level is None:
        return UNKNOWN
    typed = [one for one in fracture.conditions if one.concepts & COMPRESSION and level_of(one) and not one.site.disputed]
    seen = fracture_on_imaging(record, fracture, COMPRESSION, today)
    if seen == NOT_MET:
        return NOT_MET
    if fracture.level_from_imaging:
        return UNKNOWN
    if confirmed(typed):
        return UNKNOWN if seen == "contested" else MET
    return seen if seen == MET else UNKNOWN


def fracture_on_imaging(record: PatientRecord, fracture: Fracture, findings: set[str], today: date) -> str:
    """What imaging in the episode says of a fracture here; 'contested' where it neither confirms nor is silent.

    "No fracture" counts only where the imaging is surely later than the record of the fracture.
    """
    sightings = [tale.sighting for tale in fracture.tales if tale.sighting is not None]
    results = [Result(True, span_of(seen.date), True, rank_of(seen.modality)) for seen in sightings]
    for seen in record.observations:
        when = span_of(seen.date)
        if not seen.concepts & findings or level_of(seen) != fracture.level or seen.present is not False or is_future(when, today):
            continue
        fits = after_the_record(when, fracture)
        if fits != NOT_MET and not seen.preliminary and not is_undated(when):
            usable = fits == MET and not has_gap(record, "Observation")
            results.append(Result(False, when, usable, rank_of(seen.modality)))
    answer = what_stands(results)
    if answer == MET and not any(seen.concepts & findings for seen in sightings):
        return UNKNOWN
    if answer == UNKNOWN and any(not result.yes for result in results):
        return "contested"
    return answer


def after_the_record(when: Span, fracture: Fracture) -> str:
    """Imaging after the record of the fracture: after its recordedDate, else after its onset."""
    marks = [span_of(condition.recorded or condition.onset) for condition in fracture.conditions]
    if all(surely_earlier(mark, when) for mark in marks):
        return MET
    return NOT_MET if any(surely_earlier(when, mark) for mark in marks) else UNKNOWN


def is_refuted(record: PatientRecord, fracture: Fracture, today: date) -> str:
    """A refuted fracture at this level, of this episode. Beside a confirmed record of it: unknown. Not met: none."""
    refuted = [
        condition
        for condition in record.conditions
        if condition.verification.value == "refuted"
        and tells_of_a_fracture(condition)
        and condition.concepts - NEOPLASTIC - {"vertebral-fracture-other-cause", "fracture-other-cause-site-unspecified"}
        and not is_future_condition(condition, today)
        and fracture.level is not None
        and level_of(condition) == fracture.level
        and smallest_gap(onset_of_condition(condition, today), fracture.onset) <= APART_BEYOND
        and not surely_earlier(span_of(condition.recorded), fracture.onset)
        and not any(
            tale.sighting.concepts & COMPRESSION and surely_earlier(span_of(condition.recorded), span_of(tale.sighting.date))
            for tale in fracture.tales
            if tale.sighting is not None
        )
    ]
    if not refuted:
        return NOT_MET
    return UNKNOWN if confirmed([one for one in fracture.conditions if one.concepts & COMPRESSION and level_of(one)]) else MET


# recent


def recent(fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    """By the joint onset, which spans every onset told where they contradict each other (G8)."""
    return age_within(fracture.onset, number(thresholds, "recentMaxDays"), today)
