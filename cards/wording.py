"""The sentences of the cards themselves. Words for single criteria and flags stand in criterion_wording and flag_wording.

A card supports, it does not decide: criteria 'appear met', procedures 'may be options to discuss', numbers are 'local thresholds'.
"""

from collections.abc import Iterable, Sequence

from cards.card import OVERRIDE_REASON_SYSTEM, SUMMARY_LIMIT, Coding
from clinical.record import DataGap

LEVEL_NOT_RECORDED = "level not recorded"

NOT_A_REFUSAL = "This is not a refusal: the record may be incomplete, and the decision stays with the person and their clinicians."
REVIEW_ANALGESIA = "Review analgesia; if pain stays severe, re-score it, and TA279 can be judged again."
AFTER_MET = (
    "**Whatever is chosen:** start secondary prevention now (Fracture Liaison Service; see the links), follow up in 2 to 4 weeks "
    "(RAND/UCLA), and image again if pain is new or worse after a procedure."
)
AFTER_NOT_MET = (
    "**Meanwhile:** review analgesia, offer exercise or physiotherapy, re-score the pain, and start secondary prevention "
    "(Fracture Liaison Service; see the links)."
)
OLDER_BUT_UNHEALED = (
    "TA279 sets no number for recent: an older fracture that has not healed is one to discuss with the specialist spinal team."
)
ABSENT_IS_NOT_NONE = "What depends on it is shown as unknown; not read is not the same as none."
WHAT_NICE_SAYS = (
    "**What NICE says:** both procedures are options only in severe, ongoing pain after a recent, unhealed osteoporotic fracture, where "
    "optimal pain management has not been enough and examination and imaging both place the pain at the fracture. Kyphoplasty with a stent "
    "is not recommended."
)
NO_NUMBERS_USED = "Any number in this service is a local threshold: set locally; NICE gives no number."
SUPPORTS = "This card supports, does not decide. It reads coded entries only and may miss what is written in free text or held elsewhere."
REPORTED = "Reported in other people, not this person's risk"

OVERRIDE_REASONS = tuple(
    Coding(code, OVERRIDE_REASON_SYSTEM, display)
    for code, display in (
        ("cds-not-applicable", "Does not apply to this person"),
        ("action-completed", "Already done or referred"),
        ("patient-refuses", "Person declines"),
        ("does-not-align-preferences", "Does not fit the person's goals"),
        ("patient-contraindication", "Contraindicated for this person"),
        ("recipient-concerns-outcomes", "Concern about benefit or harm"),
        ("recipient-disagrees-evidence", "Disagree with the evidence"),
        ("service-not-available", "Service not available here"),
        ("not-convenient-feasible", "Not feasible now"),
        ("too-costly-uncovered", "Not funded"),
        ("cds-suboptimal-context", "Wrong moment or wrong reader"),
        ("recipient-does-not-understand", "Card not clear"),
    )
)

OUT_OF_SCOPE = {
    "age-under-18": ("the person is under 18", "The age limit is a local threshold: TA279 states no age."),
    "deceased": ("the record marks the person as deceased", "If that is wrong, correct the patient record."),
    "merged-record": ("this record was merged into another", "Open the record that replaced it."),
    "inactive-record": ("this record is marked inactive", "If it is the right record, make it active again."),
    "level-out-of-scope": (
        "the fracture is cervical or sacral",
        "This service evaluates T1 to L5; that limit is set locally. Ask the spinal team about other levels.",
    ),
}

RESOURCES = {
    "AllergyIntolerance": "allergies",
    "Condition": "the problem list",
    "DiagnosticReport": "reports",
    "ImagingStudy": "imaging studies",
    "MedicationAdministration": "medicines given",
    "MedicationDispense": "medicines dispensed",
    "MedicationRequest": "prescriptions",
    "MedicationStatement": "medicines reported as taken",
    "Observation": "observations (pain scores, examination, tests)",
    "Patient": "patient details",
    "Procedure": "procedures",
    "QuestionnaireResponse": "assessment forms of this service",
}

GAPS = {
    "not-supported": "not offered by the record system",
    "not-authorised": "access not granted",
    "failed": "the request failed",
    "truncated": "only part of it arrived",
}


def fit(candidates: Iterable[str]) -> str:
    """The first summary that keeps to the limit; the last is cut to it if none does."""
    candidate = ""
    for candidate in candidates:
        if len(candidate) < SUMMARY_LIMIT:
            return candidate
    return f"{candidate[: SUMMARY_LIMIT - 2]}…"


def places(levels: Sequence[str]) -> str:
    """'at T12, L1', also where one fracture or all have no recorded level ('' in `levels`)."""
    named = ", ".join(dict.fromkeys(level for level in levels if level))
    if all(levels):
        return f"at {named}"
    return f"at {named} and one more ({LEVEL_NOT_RECORDED})" if named else f"({LEVEL_NOT_RECORDED})"


def several_places(levels: Sequence[str]) -> str:
    return f"at {len(set(levels))} levels"


def lower_first(text: str) -> str:
    """A sentence as it reads after a comma; 'MRI', 'T-score' and 'L1' keep their capital."""
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def and_list(items: Sequence[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def criteria_met_summary(levels: Sequence[str]) -> str:
    return fit(
        f"NICE TA279 criteria appear met {where}: vertebroplasty or balloon kyphoplasty without stenting may be options to discuss"
        for where in (places(levels), several_places(levels))
    )


def information_needed_summary(levels: Sequence[str], met: int, total: int, missing: Sequence[str], gaps: bool) -> str:
    """As many missing things as fit, most useful first; that part of the record was not read comes before a second missing thing."""
    endings = ("; some records could not be read", "") if gaps else ("",)
    shown = [f"{', '.join(missing[:count])}{_more(len(missing) - count)}" for count in range(len(missing), 0, -1)] or ["see detail"]
    return fit(
        f"NICE TA279 {where}: {met} of {total} criteria appear met; still needed: {things}{ending}"
        for where in (places(levels), several_places(levels))
        for ending in endings
        for things in shown
    )


def criteria_not_met_summary(levels: Sequence[str], not_met: Sequence[str]) -> str:
    where = places(levels)
    return fit((
        f"NICE TA279 criteria do not appear met {where}: {', '.join(not_met) or 'see detail'}",
        f"NICE TA279 criteria do not appear met {where}: {len(not_met)} criteria, see detail",
        f"NICE TA279 criteria do not appear met {several_places(levels)}: see detail",
    ))  # fmt: skip


def pain_management_summary(levels: Sequence[str]) -> str:
    return fit(
        f"NICE TA279 {where}: only optimal pain management is recorded as not met; review analgesia, then re-score pain"
        for where in (places(levels), several_places(levels))
    )


def out_of_scope_summary(reason: str) -> str:
    return f"NICE TA279 was not applied: {reason}"


def blocking_summary(titles: Sequence[str], act: str) -> str:
    """`titles` and `act` in the order of urgency: the first decides what to do."""
    named = [titles[0], *map(lower_first, titles[1:])]
    return fit((
        f"{and_list(named)} recorded: no TA279 option for now. {act}",
        f"{titles[0]} and {_others(len(titles) - 1)} recorded: no TA279 option for now. {act}",
        f"{titles[0]} recorded: no TA279 option for now. See detail.",
    ))  # fmt: skip


def caution_summary(titles: Sequence[str]) -> str:
    named = [lower_first(title) for title in titles]
    return fit((
        f"Check before any TA279 referral: {', '.join(named)}",
        f"Check before any TA279 referral: {named[0]} and {len(titles) - 1} more",
    ))  # fmt: skip


def gap_text(gap: DataGap) -> str:
    """'imaging studies (the request failed)'; a type without words of ours is named by its FHIR name, which the caller makes inert."""
    return f"{RESOURCES.get(gap.resource_type, gap.resource_type)} ({GAPS[gap.reason]})"


def _others(count: int) -> str:
    return "one more flag" if count == 1 else f"{count} more flags"


def _more(count: int) -> str:
    return f" +{count} more" if count else ""
