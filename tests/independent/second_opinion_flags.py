"""Red flags, row by row of guideline.md 3. Unconfirmed diagnoses and preliminary results raise a flag: the doubt is the spine's."""

from collections.abc import Sequence
from datetime import date

from clinical.record import Medication, Observation, PatientRecord
from tests.independent.second_opinion_cause import NEOPLASTIC, active, active_or_cause, unproven_cancer
from tests.independent.second_opinion_days import (
    NOT_MET,
    Thresholds,
    age_within,
    is_future,
    is_undated,
    number,
    span_of,
    surely_earlier,
    within_24_hours,
)
from tests.independent.second_opinion_fractures import Fracture
from tests.independent.second_opinion_tales import level_of

Flag = tuple[str, str, str]  # id, severity, level or ""

SYSTEMIC_INFECTION_DAYS = 14
MARKER_DAYS = 7
GIVEN_WITHIN_DAYS = 30
CRP_ABOVE = 50.0
FEVER_FROM = 38.0


def flags(record: PatientRecord, fractures: list[Fracture], eligible: set[str], thresholds: Thresholds, today: date) -> set[Flag]:
    raised = infection(record, today) | neurology(record, today) | malignancy(record, fractures, today)
    raised |= (
        bleeding(record, thresholds, today) | antithrombotic(record, today) | allergy(record, today) | pregnancy(record, thresholds, today)
    )
    blocked_by_nerves = ("neurological-compromise", "blocking", "") in raised
    raised |= (
        at_levels(record, fractures, blocked_by_nerves, today) | positioning(record, today) | augmented_before(record, fractures, today)
    )
    if len(eligible) >= number(thresholds, "levelsCautionFrom"):
        raised.add(("multiple-levels", "caution", ""))
    return raised


def infection(record: PatientRecord, today: date) -> set[Flag]:
    raised: set[Flag] = set()
    bone = [one for one in active_or_cause(record, "osteomyelitis-site-unspecified", today) if one.site.site.value not in ("other", "hip")]
    if bone or active_or_cause(record, "spinal-infection", today):
        raised.add(("spinal-infection", "blocking", ""))
    for condition in active(record, "systemic-infection", today):
        dated = [span_of(one) for one in (condition.onset, condition.recorded) if one is not None]
        if not dated or any(age_within(when, SYSTEMIC_INFECTION_DAYS, today) != NOT_MET for when in dated):
            raised.add(("systemic-infection", "blocking", ""))
    for seen in last_results(results(record, "crp", MARKER_DAYS, today)):
        protein = low_end(seen, {"mg/l": 1, "mg/dl": 10, "": 1}) or 0
        over = seen.quantity is not None and not seen.quantity.low_inclusive
        if protein > CRP_ABOVE or (protein == CRP_ABOVE and over):
            raised.add(("systemic-infection", "caution", ""))
    for seen in last_results(results(record, "temperature", MARKER_DAYS, today)):
        if (celsius(seen) or 0) >= FEVER_FROM:
            raised.add(("systemic-infection", "caution", ""))
    if unread(record, "crp", MARKER_DAYS, today) or unread(record, "temperature", MARKER_DAYS, today):
        raised.add(("systemic-infection", "caution", ""))
    return raised


KNOWN_UNITS = {
    "inr": ("", "{inr}"), "platelets": ("10*9/l", "10*3/ul", "k/ul", "/ul", ""), "crp": ("mg/l", "mg/dl", ""),
}  # fmt: skip


def is_read(seen: Observation, concept: str) -> bool:
    """Is it a number in a known unit?"""
    if seen.quantity is None or (concept == "inr" and seen.quantity.high == 0):
        return False
    return celsius(seen) is not None if concept == "temperature" else seen.quantity.unit in KNOWN_UNITS[concept]


def unread(record: PatientRecord, concept: str, days: float, today: date) -> bool:
    """Is there a result in date that says something and cannot be read, and none that can surely after it?"""
    found = dated(record, concept, days, today)
    readable = [span_of(one.date) for one in found if is_read(one, concept)]
    return any(
        not any(surely_earlier(span_of(one.date), when) for when in readable)
        for one in found
        if (one.unread or one.quantity is not None) and not is_read(one, concept)
    )


def results(record: PatientRecord, concept: str, days: float, today: date) -> list[Observation]:
    """What has a number that can be taken: a count or a protein in any unit, the others only where they can be read."""
    found = [seen for seen in dated(record, concept, days, today) if seen.quantity is not None]
    return [seen for seen in found if concept in ("platelets", "crp") or is_read(seen, concept)]


def dated(record: PatientRecord, concept: str, days: float, today: date) -> list[Observation]:
    """Every result that may be in date."""
    return [
        seen
        for seen in record.observations
        if concept in seen.concepts
        and not seen.preliminary
        and not is_undated(span_of(seen.date))
        and not is_future(span_of(seen.date), today)
        and age_within(span_of(seen.date), days, today) != NOT_MET
    ]


def last_results(found: list[Observation]) -> list[Observation]:
    """Those that no final result is surely later than by more than a day."""
    return [
        one
        for one in found
        if not any(not other.preliminary and is_undated(span_of(one.date)) and not is_undated(span_of(other.date)) for other in found)
        and not any(
            not other.preliminary
            and surely_earlier(span_of(one.date), span_of(other.date))
            and not within_24_hours(span_of(one.date), span_of(other.date))
            for other in found
        )
    ]


def low_end(seen: Observation, factors: dict[str, float]) -> float | None:
    quantity = seen.quantity
    if quantity is None or quantity.low is None or quantity.unit not in factors:
        return None
    return quantity.low * factors[quantity.unit]


def celsius(seen: Observation) -> float | None:
    quantity = seen.quantity
    if quantity is None or quantity.low is None:
        return None
    if quantity.unit == "[degf]" or (quantity.unit != "cel" and 86 <= quantity.low <= 113):
        return round((quantity.low - 32) / 1.8, 6)
    return quantity.low if quantity.unit == "cel" or 30 <= quantity.low <= 45 else None


def neurology(record: PatientRecord, today: date) -> set[Flag]:
    raised: set[Flag] = set()
    if active(record, "neurological-compromise", today):
        raised.add(("neurological-compromise", "blocking", ""))
    if active(record, "radiculopathy", today):
        raised.add(("neurological-compromise", "caution", ""))
    return raised


def malignancy(record: PatientRecord, fractures: list[Fracture], today: date) -> set[Flag]:
    """At the level of a fracture coded as neoplastic; of the whole patient for the rest."""
    raised: set[Flag] = set()
    for fracture in fractures:
        if any(one.concepts & NEOPLASTIC for one in fracture.conditions):
            raised.add(("malignancy", "blocking", fracture.level or ""))
        if not fracture.out_of_scope and unproven_cancer(record, fracture, today):
            raised.add(("malignancy", "blocking", ""))
    told = ("active-malignancy", *sorted(NEOPLASTIC))
    cancers = [one for name in told for one in active(record, name, today) if "inactive-malignancy" not in one.concepts]
    if active(record, "spinal-malignancy", today) or (cancers and not fractures):
        raised.add(("malignancy", "blocking", ""))
    return raised


def bleeding(record: PatientRecord, thresholds: Thresholds, today: date) -> set[Flag]:
    severities: set[str] = set()
    if active(record, "coagulopathy", today):
        severities.add("blocking")
    platelets = last_results(results(record, "platelets", number(thresholds, "plateletMaxAgeDays"), today))
    platelets_unread = unread(record, "platelets", number(thresholds, "plateletMaxAgeDays"), today)
    if platelets_unread or unread(record, "inr", number(thresholds, "inrMaxAgeDays"), today):
        severities.add("caution")
    perhaps_low = not platelets or any(perhaps_too_few(one, thresholds) for one in platelets)
    if active(record, "thrombocytopenia", today) and perhaps_low:
        severities.add("blocking")
    severities |= {inr_says(seen, thresholds) for seen in last_results(results(record, "inr", number(thresholds, "inrMaxAgeDays"), today))}
    severities |= {platelets_say(seen, thresholds) for seen in platelets}
    for severity in ("blocking", "caution"):
        if severity in severities:
            return {("coagulopathy", severity, "")}
    return set()


def inr_says(seen: Observation, thresholds: Thresholds) -> str:
    assert seen.quantity is not None
    block, caution = number(thresholds, "inrBlockAbove"), number(thresholds, "inrCautionFrom")
    low = seen.quantity.low
    if low is not None and (low > block or (low == block and not seen.quantity.low_inclusive)):
        return "blocking"
    return "caution" if seen.quantity.high is None or seen.quantity.high >= caution else ""


def platelets_say(seen: Observation, thresholds: Thresholds) -> str:
    assert seen.quantity is not None
    factor = {"/ul": 0.001}.get(seen.quantity.unit, 1)
    high = float("inf") if seen.quantity.high is None else seen.quantity.high * factor
    block, caution = number(thresholds, "plateletBlockBelow"), number(thresholds, "plateletCautionBelow")
    if high < block or (high == block and not seen.quantity.high_inclusive):
        return "blocking"
    return "" if seen.quantity.low is not None and seen.quantity.low * factor >= caution else "caution"


def perhaps_too_few(seen: Observation, thresholds: Thresholds) -> bool:
    count = low_end(seen, {"10*9/l": 1, "10*3/ul": 1, "k/ul": 1, "/ul": 0.001, "per field": 1, "": 1})
    return count is None or count < number(thresholds, "plateletBlockBelow")


def antithrombotic(record: PatientRecord, today: date) -> set[Flag]:
    taking = any(one.concepts & {"anticoagulant", "antiplatelet"} and is_taken(one, today) for one in record.medications)
    return {("antithrombotic-therapy", "caution", "")} if taking or active(record, "long-term-antithrombotic", today) else set()


def is_taken(medication: Medication, today: date) -> bool:
    if is_future(span_of(medication.start), today):
        return False
    if medication.kind.value in ("dispense", "administration") and not medication.ongoing:
        last_known = span_of(medication.stop or medication.start)
        return age_within(last_known, GIVEN_WITHIN_DAYS, today) != NOT_MET
    if medication.stop is None:
        return medication.ongoing
    last = medication.stop.latest
    return last is None or last >= today


def allergy(record: PatientRecord, today: date) -> set[Flag]:
    raised: set[Flag] = set()
    for one in record.allergies:
        if one.inactive or one.verification.value == "refuted" or is_future(span_of(one.recorded), today):
            continue
        if "pmma-allergy" in one.concepts or "text-bone-cement" in one.hints:
            raised.add(("cement-allergy", "blocking", ""))
        if "iodinated-contrast-allergy" in one.concepts or ("text-bone-cement-perhaps" in one.hints and "pmma-allergy" not in one.concepts):
            raised.add(("cement-allergy", "caution", ""))
    return raised


def pregnancy(record: PatientRecord, thresholds: Thresholds, today: date) -> set[Flag]:
    every = [one for one in record.observations if "pregnancy-status" in one.concepts and not is_future(span_of(one.date), today)]
    stated = [one for one in every if one.present is not None or one.value_concepts & {"pregnant", "not-pregnant"}]
    said = [one for one in last_results(stated) if "pregnant" in one.value_concepts or one.present is True]
    limit = number(thresholds, "pregnancyMaxAgeDays")
    days = [span_of(one.date) for one in said if one.date is not None]
    days += [span_of(one.onset or one.recorded) for one in active(record, "pregnancy", today)]
    if any(age_within(when, limit, today) != NOT_MET for when in days):
        return {("pregnancy", "blocking", "")}
    answered = [span_of(one.date) for one in stated if one.date is not None]
    open_since = [span_of(one.date) for one in every if one.unread and one.date is not None and not one.preliminary]
    unanswered = any(
        age_within(when, limit, today) != NOT_MET and not any(surely_earlier(when, later) for later in answered) for when in open_since
    )
    return {("pregnancy", "caution", "")} if unanswered else set()


def at_levels(record: PatientRecord, fractures: list[Fracture], nerves: bool, today: date) -> set[Flag]:
    raised: set[Flag] = set()
    wall = "blocking" if nerves else "caution"
    for seen in seen_and_not_taken_back(record, "retropulsion", today, fractures):
        raised.add(("posterior-wall-or-retropulsion", wall, level_of(seen) or ""))
    for fracture in fractures:
        if any("burst-vertebral-fracture" in one.concepts for one in fracture.conditions):
            raised.add(("posterior-wall-or-retropulsion", wall, fracture.level or ""))
    for seen in seen_and_not_taken_back(record, "vertebra-plana", today, fractures):
        raised.add(("vertebra-plana", "caution", level_of(seen) or ""))
    return raised


def at_a_fracture(found: list[Observation], fractures: Sequence[Fracture]) -> list[Observation]:
    """Of an evaluable fracture, its level or the finding's being unknown included, and not surely from before it (G4)."""
    if not fractures:
        return found
    return [
        seen
        for seen in found
        if any(
            (level_of(seen) in (None, fracture.level) or fracture.level is None) and not surely_earlier(span_of(seen.date), fracture.onset)
            for fracture in fractures
        )
    ]


def seen_and_not_taken_back(record: PatientRecord, concept: str, today: date, fractures: Sequence[Fracture] = ()) -> list[Observation]:
    said = [one for one in record.observations if concept in one.concepts and one.present is not None and not one.preliminary]
    said = at_a_fracture([one for one in said if not is_future(span_of(one.date), today)], fractures)
    levels = {level_of(one) for one in said}
    return [one for level in levels for one in last_results([seen for seen in said if level_of(seen) == level]) if one.present]


def positioning(record: PatientRecord, today: date) -> set[Flag]:
    concept = "cardiopulmonary-or-positioning"
    asa = [one for one in record.observations if "asa-class" in one.concepts and not is_future(span_of(one.date), today)]
    high = any("asa-4-or-5" in one.value_concepts for one in last_results(asa))
    if high or active(record, concept, today) or seen_and_not_taken_back(record, concept, today):
        return {(concept, "caution", "")}
    return set()


def augmented_before(record: PatientRecord, fractures: list[Fracture], today: date) -> set[Flag]:
    here = {fracture.level for fracture in fractures if fracture.level is not None}
    raised: set[Flag] = set()
    for procedure in record.procedures:
        augmentation = procedure.concepts & {"vertebroplasty", "balloon-kyphoplasty", "kyphoplasty-with-stent"}
        if not augmentation or is_future(span_of(procedure.performed), today):
            continue
        level = None if procedure.site.level is None else str(procedure.site.level.value)
        raised.add(("previous-augmentation-at-level", "excluding" if level in here and procedure.completed else "caution", level or ""))
    return {one for one in raised if one[1] == "excluding" or (one[0], "excluding", one[2]) not in raised}
