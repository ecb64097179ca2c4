"""`optimal-pain-management`: has the pain been severe in spite of it? (guideline.md 1.7, 5)

TA279 leaves 'optimal' undefined. Here: days of a step 2 or 3 analgesic in the episode up to the newest pain score, or step 1 where an
opioid is not tolerated, or a clinician's coded statement. Adjuvants are shown and never suffice.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from clinical.assessment import Evidence, Finding, ThresholdValue
from clinical.record import Medication, MedicationKind, Observation, Verification
from clinical.status import Status
from guidelines.ta279.case import Case, standing
from guidelines.ta279.cause import active, when
from guidelines.ta279.evidence import days, evidence, finding
from guidelines.ta279.pain_scores import PainHistory
from guidelines.ta279.reasons import Caution, CriterionId, Reason

THIS = CriterionId.OPTIMAL_PAIN_MANAGEMENT
STEPS = {"paracetamol": 1, "nsaid": 1, "weak-opioid": 2, "strong-opioid": 3}
NAMES = {
    "paracetamol": "paracetamol", "nsaid": "NSAID", "weak-opioid": "weak opioid", "strong-opioid": "strong opioid",
    "gabapentinoid": "gabapentinoid", "calcitonin": "calcitonin",
}  # fmt: skip
MANNER = {
    MedicationKind.ADMINISTRATION: "given", MedicationKind.DISPENSE: "dispensed", MedicationKind.STATEMENT: "reported taken",
    MedicationKind.REQUEST: "ordered",
}  # fmt: skip
INTOLERANT = "opioid not tolerated, contraindicated or declined"
UNCONTROLLED = "uncontrolled-despite-optimal-analgesia"
INTOLERANCE_SOURCES = ("AllergyIntolerance", "Observation")
SOURCES = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")


class Exposure(msgspec.Struct, frozen=True):
    """Calendar days taken: `least` in every reading of the dates, `most` in some; `least_without_orders` leaves out mere orders."""

    least: int
    most: int
    least_without_orders: int


class Until(msgspec.Struct, frozen=True):
    """The day of the newest valid score, or today: the first and the last that it may be."""

    surely: date
    possibly: date


def optimal_pain_management(case: Case, history: PainHistory) -> Finding:
    thresholds = case.thresholds
    shown: dict[str, ThresholdValue] = {"opmMinDays": thresholds.opm_min_days, "opmMinWhoStep": thresholds.opm_min_who_step}
    until = _until(history, case)
    taken = [item for item in case.record.medications if _may_be_in_episode(item, case)]
    strong = [item for item in taken if _step(item) >= thresholds.opm_min_who_step]
    enough = exposure(strong, case, until)
    lines = [_line(item) for item in taken if item.concepts & NAMES.keys()]
    if enough.least >= thresholds.opm_min_days:
        return _by_exposure(case, enough, lines, shown)
    statement, perhaps = _statements(case)
    if statement:
        shown["assertionMaxAgeDays"] = thresholds.assertion_max_age_days
        text = "A clinician has recorded pain uncontrolled despite optimal analgesia."
        return finding(THIS, Status.MET, Reason.CLINICIAN_STATEMENT, text, evidence=[*statement, *lines], thresholds=shown)
    short = _by_intolerance(case, taken, lines, until, shown) or _short_of_it(case, taken, strong, enough, lines, shown)
    if perhaps and short.status is Status.NOT_MET:
        text = "A statement that pain is uncontrolled despite optimal analgesia is preliminary, contradicted or not exactly dated."
        return _unknown(Reason.CONFLICT, text, [*perhaps, *lines], shown)
    return short


def _by_exposure(case: Case, enough: Exposure, lines: list[Evidence], shown: dict[str, ThresholdValue]) -> Finding:
    least = case.thresholds.opm_min_days
    cautions = [] if enough.least_without_orders >= least else [Caution.ORDERED_NOT_CONFIRMED_TAKEN]
    step = case.thresholds.opm_min_who_step
    text = f"Step {step} or stronger analgesia on {days(enough.least)} of this episode (local minimum {least})."
    return finding(THIS, Status.MET, Reason.OPIOID_EXPOSURE, text, evidence=lines, thresholds=shown, cautions=cautions)


def _by_intolerance(
    case: Case, taken: list[Medication], lines: list[Evidence], until: Until, shown: dict[str, ThresholdValue]
) -> Finding | None:
    """Opioid not tolerated, contraindicated or declined, and step 1 taken regularly for as long."""
    intolerance = opioid_intolerance(case)
    if not intolerance:
        return None
    step_1 = [item for item in taken if item.concepts & {"paracetamol", "nsaid"} and not item.as_needed]
    enough = exposure(step_1, case, until)
    least = case.thresholds.opm_min_days
    if enough.least < least:
        return None
    cautions = [] if enough.least_without_orders >= least else [Caution.ORDERED_NOT_CONFIRMED_TAKEN]
    text = f"An opioid is not an option, and step 1 analgesia was taken on {days(enough.least)} of this episode (local minimum {least})."
    return finding(
        THIS, Status.MET, Reason.INTOLERANCE_WITH_STEP_1, text, evidence=[*intolerance, *lines], thresholds=shown, cautions=cautions
    )


def _short_of_it(
    case: Case,
    taken: list[Medication],
    strong: list[Medication],
    enough: Exposure,
    lines: list[Evidence],
    shown: dict[str, ThresholdValue],
) -> Finding:
    analgesics = [item for item in taken if _step(item) >= 1]
    intolerance = opioid_intolerance(case)
    named = [item for item in taken if "text-opioid" in item.hints and _step(item) < case.thresholds.opm_min_who_step]
    if named:
        text = "An opioid is named in words only, without a code that is known here."
        return _unknown(Reason.OPIOID_IN_TEXT_ONLY, text, [*lines, *(_line(item) for item in named)], shown)
    if not analgesics:
        code = Reason.RECORD_NOT_READ if case.record.gap(*SOURCES) else Reason.NO_ANALGESIC_RECORDED
        text = "No analgesic is recorded for this episode in what could be read."
        return _unknown(code, text, [*lines, *intolerance], shown)
    if strong and enough.most >= case.thresholds.opm_min_days:
        return _undated(strong, lines, shown)
    if all(item.as_needed and item.kind is MedicationKind.REQUEST for item in analgesics):
        text = "Analgesia is ordered as needed only, with no record that it was taken."
        return _unknown(Reason.AS_NEEDED_ONLY, text, lines, shown)
    if not any(_certainly_in_episode(item, case) for item in analgesics):
        text = "No analgesic is certainly of this episode: the dates of the fracture or of the drugs do not tell."
        return _unknown(Reason.MEDICATION_DATES_MISSING, text, lines, shown)
    intolerance = intolerance or perhaps_intolerant(case)
    if intolerance and not any(_certainly_in_episode(item, case) for item in strong):
        text = "An opioid is not an option, but regular step 1 analgesia for long enough is not on record."
        return _unknown(Reason.INTOLERANCE_WITHOUT_STEP_1, text, [*intolerance, *lines], shown)
    if gap := case.record.gap(*SOURCES, *INTOLERANCE_SOURCES):
        text = f"{gap.resource_type} could not all be read, so that what was taken and tolerated is not fully known."
        return _unknown(Reason.RECORD_NOT_READ, text, lines, shown)
    if not strong:
        text = f"Recorded analgesia for this episode: {_named(analgesics)} only."
        return finding(THIS, Status.NOT_MET, Reason.STEP_1_ONLY, text, evidence=lines, thresholds=shown)
    step, least = case.thresholds.opm_min_who_step, case.thresholds.opm_min_days
    text = f"Step {step} or stronger analgesia on {days(enough.most)} only (local minimum {least})."
    return finding(THIS, Status.NOT_MET, Reason.EXPOSURE_TOO_SHORT, text, evidence=lines, thresholds=shown)


def _undated(strong: list[Medication], lines: list[Evidence], shown: dict[str, ThresholdValue]) -> Finding:
    if all(item.as_needed and item.kind is MedicationKind.REQUEST for item in strong):
        text = "Stronger analgesia is ordered as needed only, with no record that it was taken."
        return _unknown(Reason.AS_NEEDED_ONLY, text, lines, shown)
    text = "The dates recorded for stronger analgesia do not tell for how many days it was taken."
    return _unknown(Reason.MEDICATION_DATES_MISSING, text, lines, shown)


def _unknown(code: Reason, text: str, lines: Iterable[Evidence], shown: dict[str, ThresholdValue]) -> Finding:
    needed = (
        "Analgesics taken since the fracture with their dates (other hospital and over the counter too), opioid intolerance if any,"
        " or a coded statement that pain is uncontrolled despite optimal analgesia."
    )
    return finding(THIS, Status.UNKNOWN, code, text, evidence=lines, thresholds=shown, needed=needed)


def exposure(items: Iterable[Medication], case: Case, until: Until) -> Exposure:
    """Union of the stretches, clipped to the episode and to the newest score, counted in calendar days."""
    sure: set[int] = set()
    possible: set[int] = set()
    sure_taken: set[int] = set()
    first = case.onset_earliest.toordinal() if case.onset_earliest is not None else 0
    for item in items:
        least, most = _days_taken(item, case.today)
        possible |= set(range(max(most.start, first), min(most.stop, until.possibly.toordinal() + 1)))
        if item.as_needed and item.kind is MedicationKind.REQUEST:
            continue
        certain = set(range(max(least.start, case.onset_latest.toordinal()), min(least.stop, until.surely.toordinal() + 1)))
        sure |= certain
        if item.kind is not MedicationKind.REQUEST:
            sure_taken |= certain
    return Exposure(len(sure), len(possible | sure), len(sure_taken))


LONG_AGO_DAYS = 400
NEVER = range(0)


def _days_taken(item: Medication, today: date) -> tuple[range, range]:
    """Ordinals taken in every reading, and in some. A missing date leaves nothing certain and everything possible."""
    start, stop = item.start, item.stop
    end = today.toordinal()
    first_possible = start.earliest.toordinal() if start is not None and start.earliest is not None else end - LONG_AGO_DAYS
    once = stop is None and item.kind is MedicationKind.ADMINISTRATION and not item.ongoing
    finish = start if once else stop
    last_possible = finish.latest.toordinal() if finish is not None and finish.latest is not None else end
    most = range(first_possible, last_possible + 1)
    if start is None or start.latest is None:
        return NEVER, most
    if stop is not None and stop.earliest is not None:
        return range(start.latest.toordinal(), stop.earliest.toordinal() + 1), most
    if item.ongoing:
        return range(start.latest.toordinal(), end + 1), most
    return range(start.latest.toordinal(), start.latest.toordinal() + 1) if start.exact else NEVER, most


def _may_be_in_episode(item: Medication, case: Case) -> bool:
    """Not certainly over before the fracture began."""
    end = item.stop
    if end is None and item.kind is MedicationKind.ADMINISTRATION and not item.ongoing:
        end = item.start
    began = case.onset_earliest
    return began is None or end is None or end.latest is None or end.latest >= began


def _certainly_in_episode(item: Medication, case: Case) -> bool:
    """Taken or supplied on at least one day that is certainly after the fracture began; an order 'as needed' is neither."""
    if item.as_needed and item.kind is MedicationKind.REQUEST:
        return False
    least, _ = _days_taken(item, case.today)
    began_in_it = item.start is not None and item.start.on_or_after(case.onset_latest) is Status.MET
    return began_in_it or (bool(least) and least[-1] >= case.onset_latest.toordinal())


def _until(history: PainHistory, case: Case) -> Until:
    """The newest valid score, else today (guideline.md 1.7); a score that could not be read may be of today."""
    days = [score.item.date for score in history.newest if score.item.date is not None]
    first = min((day.earliest for day in days if day.earliest is not None), default=case.today)
    last = max((day.latest if day.latest is not None else case.today for day in days), default=case.today)
    return Until(first, case.today if case.record.gap("Observation") else min(last, case.today))


def opioid_intolerance(case: Case) -> list[Evidence]:
    """Allergy or intolerance, a coded problem or statement, or a drug stopped for a side effect."""
    lines = [
        evidence(item, item.recorded, "opioid allergy or intolerance")
        for item in case.record.allergies
        if item.concepts & {"opioid-agent", "opioid-intolerance"} and not item.inactive and item.verification is not Verification.REFUTED
    ]
    lines += [
        evidence(item, when(item), INTOLERANT)
        for item in active(case.record, case.today)
        if "opioid-intolerance" in item.concepts and item.verification is Verification.CONFIRMED
    ]
    said = _intolerance_said(case)
    if all(item.present for item in said):
        lines += [evidence(item, item.date, INTOLERANT) for item in said if not item.preliminary]
    lines += [
        evidence(item, item.start, "opioid stopped for a side effect")
        for item in case.record.medications
        if item.stopped_for_intolerance and _step(item) >= 2
    ]
    return lines


def perhaps_intolerant(case: Case) -> list[Evidence]:
    """Intolerance that is not confirmed, or denied within a day: enough to ask, not to convince (G1, G5)."""
    problems = [item for item in active(case.record, case.today) if "opioid-intolerance" in item.concepts]
    lines = [evidence(item, when(item), INTOLERANT) for item in problems]
    return lines + [evidence(item, item.date, INTOLERANT) for item in _intolerance_said(case) if item.present]


def _intolerance_said(case: Case) -> list[Observation]:
    """What is said of opioid tolerance and is not taken back later."""
    said = [item for item in case.record.observations if "opioid-intolerance" in item.concepts and item.present is not None]
    return standing(said, [item for item in said if not item.preliminary])


def _statements(case: Case) -> tuple[list[Evidence], list[Evidence]]:
    """The newest statements, where nothing denies them; and those that may count, or are denied within a day (G1, G3, G5)."""
    limit = case.thresholds.assertion_max_age_days
    said = [item for item in case.record.observations if UNCONTROLLED in item.concepts and item.present is not None]
    said = [item for item in said if case.may_count(item.date, limit)]
    usable = [item for item in said if not item.preliminary and case.in_episode(item.date) and case.no_older_than(item.date, limit)]
    stands = standing(said, usable)
    lines = [evidence(item, item.date, "pain uncontrolled despite optimal analgesia") for item in stands if item.present]
    convincing = any(item in usable for item in stands) and all(item.present for item in stands)
    return (lines, []) if convincing else ([], lines)


def _step(item: Medication) -> int:
    return max((step for name, step in STEPS.items() if name in item.concepts), default=0)


def _named(items: Iterable[Medication]) -> str:
    names = {name for item in items for name in NAMES if name in item.concepts}
    return " and ".join(NAMES[name] for name in NAMES if name in names)


def _line(item: Medication) -> Evidence:
    name = _named([item]) or "opioid named in words"
    manner = ", as needed" if item.as_needed else ""
    last = item.stop.latest if item.stop is not None else None
    end = f", until {last.day} {last:%b} {last.year}" if last is not None else (", ongoing" if item.ongoing else "")
    return evidence(item, item.start, f"{name}, {MANNER[item.kind]}{manner}{end}")
