"""Optimal pain management: guideline.md 1.7 and 5. The days of exposure are written out one by one and counted."""

from datetime import date, timedelta

from clinical.record import Medication, PatientRecord
from tests.independent.second_opinion_cause import active as active_conditions
from tests.independent.second_opinion_cause import confirmed, has_gap
from tests.independent.second_opinion_days import (
    LONG_AGO,
    MET,
    NOT_MET,
    UNKNOWN,
    Result,
    Thresholds,
    age_within,
    all_three,
    in_episode,
    is_future,
    is_undated,
    number,
    span_of,
    what_stands,
)
from tests.independent.second_opinion_fractures import Fracture
from tests.independent.second_opinion_pain import TOLERANCE, Score, index_scores

STEP_OF = {"paracetamol": 1, "nsaid": 1, "weak-opioid": 2, "strong-opioid": 3}
MEDICATION_TYPES = ("Medication", "MedicationAdministration", "MedicationDispense", "MedicationStatement", "MedicationRequest")


def step_of(medication: Medication) -> int:
    return max((STEP_OF[concept] for concept in medication.concepts if concept in STEP_OF), default=0)


def every_day(first: date, last: date) -> set[date]:
    return {first + timedelta(n) for n in range((last - first).days + 1)}


def sure_days(medication: Medication, first: date, last: date) -> set[date]:
    """The days of intake that hold in every reading, from `first` to `last`."""
    start, stop = span_of(medication.start), span_of(medication.stop)
    if start.last is None:
        return set()
    if stop.first is None and not medication.ongoing and start.first != start.last:
        return set()
    if medication.stop is not None:
        end = stop.first or start.last
    else:
        end = last if medication.ongoing else start.last
    return every_day(max(start.last, first), min(end, last))


def possible_days(medication: Medication, first: date, last: date) -> set[date]:
    """The days of intake that hold in some reading."""
    start, stop = span_of(medication.start), span_of(medication.stop)
    end = stop.last or last
    if medication.stop is None and medication.kind.value == "administration" and not medication.ongoing:
        end = start.last or last
    return every_day(max(start.first or LONG_AGO, first), min(end, last))


def only_if_needed(medication: Medication) -> bool:
    """An order 'as needed' says nothing of intake; a supply, an administration or a statement does."""
    return medication.as_needed and medication.kind.value == "request"


def optimal_pain_management(record: PatientRecord, fracture: Fracture, found: list[Score], thresholds: Thresholds, today: date) -> str:
    needed = number(thresholds, "opmMinDays")
    index = [score.when for score in index_scores(found, thresholds, today) if score.counts]
    sure_end = min((when.first for when in index if when.first is not None), default=today)
    possible_end = max((when.last or today for when in index), default=today)
    if has_gap(record, "Observation"):
        possible_end = today
    onset = fracture.onset
    sure_start, possible_start = onset.last or today, onset.first or LONG_AGO
    if len(strong_enough_days(record, thresholds, sure_start, sure_end)) >= needed:
        return MET
    intolerant = intolerance(record, today)
    if intolerant == MET and len(regular_step_1_days(record, sure_start, sure_end)) >= needed:
        return MET
    stated = clinician_says_uncontrolled(record, fracture, thresholds, today)
    if stated == MET:
        return MET
    opioids = [
        one
        for one in record.medications
        if step_of(one) >= number(thresholds, "opmMinWhoStep")
        and not only_if_needed(one)
        and (sure_days(one, sure_start, today) or began_within(one, sure_start))
    ]
    if (
        (intolerant != NOT_MET and not opioids)
        or stated == UNKNOWN
        or has_gap(record, *MEDICATION_TYPES, "Observation", "AllergyIntolerance")
    ):
        return UNKNOWN
    named = [one for one in record.medications if "text-opioid" in one.hints and step_of(one) < number(thresholds, "opmMinWhoStep")]
    if any(possible_days(one, possible_start, today) for one in named):
        return UNKNOWN
    if len(perhaps_strong_enough_days(record, thresholds, possible_start, min(possible_end, today))) >= needed:
        return UNKNOWN
    return NOT_MET if any_analgesic(record, sure_start, today) else UNKNOWN


def strong_enough_days(record: PatientRecord, thresholds: Thresholds, first: date, last: date) -> set[date]:
    days: set[date] = set()
    for medication in record.medications:
        if step_of(medication) >= number(thresholds, "opmMinWhoStep") and not only_if_needed(medication):
            days |= sure_days(medication, first, last)
    return days


def perhaps_strong_enough_days(record: PatientRecord, thresholds: Thresholds, first: date, last: date) -> set[date]:
    days: set[date] = set()
    for medication in record.medications:
        if step_of(medication) >= number(thresholds, "opmMinWhoStep"):
            days |= possible_days(medication, first, last)
    return days


def regular_step_1_days(record: PatientRecord, first: date, last: date) -> set[date]:
    days: set[date] = set()
    for medication in record.medications:
        if medication.concepts & {"paracetamol", "nsaid"} and not medication.as_needed:
            days |= sure_days(medication, first, last)
    return days


def any_analgesic(record: PatientRecord, first: date, last: date) -> bool:
    return any(
        step_of(medication) > 0
        and not only_if_needed(medication)
        and (sure_days(medication, first, last) or began_within(medication, first))
        for medication in record.medications
    )


def began_within(medication: Medication, first: date) -> bool:
    return medication.start is not None and medication.start.earliest is not None and medication.start.earliest >= first


def intolerance(record: PatientRecord, today: date) -> str:
    """An opioid not tolerated, contraindicated or refused. Unknown: it may be. Not met: nothing says so."""
    for allergy in record.allergies:
        known = allergy.concepts & {"opioid-agent", "opioid-intolerance"} and not allergy.inactive
        if known and allergy.verification.value != "refuted" and not is_future(span_of(allergy.recorded), today):
            return MET
    for medication in record.medications:
        opioid = medication.concepts & {"weak-opioid", "strong-opioid"}
        if opioid and medication.stopped_for_intolerance and not is_future(span_of(medication.start), today):
            return MET
    conditions = active_conditions(record, "opioid-intolerance", today)
    if confirmed(conditions):
        return MET
    results = [
        Result(seen.present, span_of(seen.date), not seen.preliminary)
        for seen in record.observations
        if "opioid-intolerance" in seen.concepts and seen.present is not None and not is_future(span_of(seen.date), today)
    ]
    if what_stands(results) == MET:
        return MET
    return UNKNOWN if conditions or (any(result.yes for result in results) and what_stands(results) != NOT_MET) else NOT_MET


def clinician_says_uncontrolled(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    """Not met: nothing in date says so."""
    results = []
    for seen in record.observations:
        when = span_of(seen.date)
        if (
            "uncontrolled-despite-optimal-analgesia" not in seen.concepts
            or seen.present is None
            or is_undated(when)
            or is_future(when, today)
        ):
            continue
        days = [age_within(when, number(thresholds, "assertionMaxAgeDays"), today), in_episode(when, fracture.onset, today, TOLERANCE)]
        if NOT_MET not in days:
            results.append(Result(seen.present, when, all_three(days) == MET and not seen.preliminary))
    answer = what_stands(results)
    if answer == MET:
        return MET
    return UNKNOWN if answer == UNKNOWN and any(result.yes for result in results) else NOT_MET
