"""`osteoporotic`: is osteoporosis what broke this vertebra? (guideline.md 1.1)"""

from collections.abc import Mapping
from datetime import date, timedelta

from clinical.assessment import Evidence, Finding, ThresholdValue
from clinical.dates import PartialDate
from clinical.record import Condition, Observation, PatientRecord, Verification
from clinical.status import Status
from guidelines.ta279.bone_density import above, at_most, t_score_evidence, t_scores_by_age, t_scores_elsewhere, t_scores_in_date
from guidelines.ta279.case import EPISODE_TOLERANCE_DAYS, Case
from guidelines.ta279.evidence import evidence, finding
from guidelines.ta279.fractures import closed
from guidelines.ta279.reasons import Caution, CriterionId, Reason

OSTEOPOROTIC_FRACTURE = frozenset({"osteoporotic-vertebral-fracture", "osteoporotic-fracture-site-unspecified"})
NEOPLASTIC_FRACTURE = frozenset({"neoplastic-vertebral-fracture", "neoplastic-fracture-site-unspecified"})
OTHER_CAUSE = frozenset({"vertebral-fracture-other-cause", "fracture-other-cause-site-unspecified"})
MALIGNANCY = NEOPLASTIC_FRACTURE | {"active-malignancy"}
NEOPLASTIC_CAUSE = frozenset({"spinal-malignancy", "active-malignancy", *NEOPLASTIC_FRACTURE})
INFECTIVE_CAUSE = frozenset({"spinal-infection", "osteomyelitis-site-unspecified"})
MECHANISM_LINK_DAYS = 30
LOW_ENERGY = "low-energy-mechanism"
HIGH_ENERGY = "high-energy-mechanism"
INJURY = {LOW_ENERGY: "low-energy injury", HIGH_ENERGY: "high-energy injury"}
THIS = CriterionId.OSTEOPOROTIC
T_SCORE_NEEDED = {
    Reason.T_SCORE_UNDATED: "The date of the bone density T-score.",
    Reason.T_SCORE_STALE: "A bone density T-score that is in date.",
    Reason.T_SCORE_AT_OTHER_SITE: "A bone density T-score of hip or spine.",
}


def osteoporotic(case: Case) -> Finding:
    verdict = _verdict(case)
    if verdict.status is Status.MET and case.record.gap("Condition"):
        return finding(
            THIS, Status.UNKNOWN, Reason.RECORD_NOT_READ, "Not every problem on record could be read: another cause is possible.",
            evidence=verdict.evidence, thresholds=verdict.thresholds, needed="Every problem on record in a form that can be read.",
        )  # fmt: skip
    if verdict.status is Status.MET and _may_be_minor(case):
        return finding(
            THIS, Status.UNKNOWN, Reason.AGE_NOT_KNOWN, "The date of birth is not recorded, or too vague to tell an adult from a child.",
            evidence=verdict.evidence, thresholds={**verdict.thresholds, "minAge": case.thresholds.min_age},
            needed="The date of birth: no recommendation is made for a child.",
        )  # fmt: skip
    return verdict


def _verdict(case: Case) -> Finding:
    injury = _by_mechanism(case)
    if injury is not None and injury.status is Status.NOT_MET:
        return _not_osteoporotic(case) or injury
    return _not_osteoporotic(case) or _cause_in_doubt(case) or injury or _osteoporosis_shown(case) or _unproven(case)


def age_certainly_at_least(record: PatientRecord, years: int, today: date) -> bool:
    born = record.patient.birth_date
    return born is not None and born.latest is not None and _age(born.latest, today) >= years


def age_certainly_below(record: PatientRecord, years: int, today: date) -> bool:
    born = record.patient.birth_date
    return born is not None and born.earliest is not None and _age(born.earliest, today) < years


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _may_be_minor(case: Case) -> bool:
    """Neither certainly of age nor certainly a child, who is out of scope anyway (G10)."""
    limit = case.thresholds.min_age
    return not (age_certainly_at_least(case.record, limit, case.today) or age_certainly_below(case.record, limit, case.today))


def unexplained_malignancies(case: Case) -> list[Condition]:
    """Active cancers, other than of the spine, that no later report clears as the cause at this level."""
    cancers = [item for item in perhaps_active(case.record, case.today) if is_active_malignancy(item)]
    return [item for item in cancers if not any(_clears(report, item, case) for report in case.record.observations)]


def is_active_malignancy(condition: Condition) -> bool:
    """Not-active codes (history, remission, non-melanoma skin) are tested first (terminology.md 2h). A tumour's fracture tells of one."""
    return bool(condition.concepts & MALIGNANCY) and "inactive-malignancy" not in condition.concepts


def is_spinal_malignancy(condition: Condition) -> bool:
    return "spinal-malignancy" in condition.concepts and "inactive-malignancy" not in condition.concepts


def when(fact: Condition | Observation) -> PartialDate | None:
    """The date to show, and to compare: when it began, else when it was recorded or observed."""
    if isinstance(fact, Observation):
        return fact.date
    return fact.onset if fact.onset is not None else fact.recorded


def active(record: PatientRecord, today: date) -> list[Condition]:
    """Conditions that are there now: neither resolved, nor abated, nor refuted."""
    return [item for item in record.conditions if item.verification is not Verification.REFUTED and not closed(item, today)]


def perhaps_active(record: PatientRecord, today: date) -> list[Condition]:
    """These, and those said both to be active and to have ended: such a cancer is not known to be gone."""
    return [
        item for item in record.conditions
        if item.verification is not Verification.REFUTED and (not closed(item, today) or (item.said_active and not item.inactive))
    ]  # fmt: skip


def neoplastic(case: Case) -> list[Condition | Observation]:
    """What states that this very fracture is neoplastic."""
    own: list[Condition | Observation] = [
        item for item in case.fracture.conditions if item.concepts & NEOPLASTIC_FRACTURE or item.cause_concepts & NEOPLASTIC_CAUSE
    ]
    own += [item for item in case.fracture.findings if item.concepts & NEOPLASTIC_FRACTURE]
    return own


def _not_osteoporotic(case: Case) -> Finding | None:
    if own := [item for item in neoplastic(case) if not _unconfirmed(item)]:
        lines = [evidence(item, when(item), "coded as a fracture due to neoplasm") for item in own]
        return finding(THIS, Status.NOT_MET, Reason.NEOPLASTIC_FRACTURE, "The fracture is coded as due to neoplasm.", evidence=lines)
    spinal = [item for item in active(case.record, case.today) if is_spinal_malignancy(item)]
    if confirmed := [item for item in spinal if item.verification is Verification.CONFIRMED]:
        lines = [evidence(item, when(item), "myeloma, plasmacytoma or bone metastasis, active") for item in confirmed]
        text = "Active myeloma, plasmacytoma or bone metastasis is on record."
        return finding(THIS, Status.NOT_MET, Reason.SPINAL_MALIGNANCY, text, evidence=lines)
    infective = [item for item in case.fracture.conditions if item.cause_concepts & INFECTIVE_CAUSE]
    infective += [item for item in active(case.record, case.today) if _infects(item, case)]
    if infective:
        lines = [evidence(item, when(item), "infection of this vertebra") for item in infective]
        return finding(THIS, Status.NOT_MET, Reason.INFECTIVE_FRACTURE, "This vertebra is recorded as infected.", evidence=lines)
    return None


def _unconfirmed(item: Condition | Observation) -> bool:
    return isinstance(item, Condition) and item.verification is not Verification.CONFIRMED


def _infects(item: Condition, case: Case) -> bool:
    """A confirmed spinal infection at the very level of the fracture is a competing cause."""
    at_level = case.level is not None and item.site.level is case.level
    return at_level and bool(item.concepts & INFECTIVE_CAUSE) and item.verification is Verification.CONFIRMED


def _cause_in_doubt(case: Case) -> Finding | None:
    suspected = [item for item in perhaps_active(case.record, case.today) if is_spinal_malignancy(item)]
    lines = [evidence(item, when(item), "active malignancy") for item in unexplained_malignancies(case) + suspected]
    lines += [evidence(item, when(item), "coded as a fracture due to neoplasm, not confirmed") for item in neoplastic(case)]
    if lines:
        return finding(
            THIS, Status.UNKNOWN, Reason.CAUSE_UNPROVEN_WITH_MALIGNANCY,
            "An active malignancy is on record, and no later report calls this fracture osteoporotic.", evidence=lines,
            needed=f"A final report dated after the cancer diagnosis that codes a benign, osteoporotic fracture at {case.level_name}.",
        )  # fmt: skip
    if other := [item for item in case.fracture.conditions if item.concepts & OTHER_CAUSE]:
        lines = [evidence(item, when(item), "fracture coded as due to another disease") for item in other]
        return finding(
            THIS, Status.UNKNOWN, Reason.OTHER_CAUSE_STATED, "The fracture is coded as due to a disease classified elsewhere.",
            evidence=lines, needed="The cause of the fracture, coded: osteoporosis, or the other disease.",
        )  # fmt: skip
    return None


def _by_mechanism(case: Case) -> Finding | None:
    """A high-energy injury is a competing cause: with no osteoporosis on record it decides, with osteoporosis it leaves a doubt."""
    high, possible = _mechanism(case, HIGH_ENERGY), _possible_high_energy(case)
    if not high:
        return _injury_in_doubt(possible) if possible else None
    scores = t_scores_in_date(case)
    limit = case.thresholds.t_score_with_low_energy
    normal, low = above(scores, limit), at_most(scores, case.thresholds.t_score_osteoporosis)
    told: list[Condition | Observation] = [*case.fracture.conditions, *case.fracture.findings]
    osteoporosis = [*_osteoporosis(case), *(item for item in told if item.concepts & OSTEOPOROTIC_FRACTURE)]
    shown = {"tScoreWithLowEnergy": limit}
    if (normal and not low) or not (osteoporosis or low):
        if case.record.gap("Observation"):
            return _not_read(high)
        lines = [*high, *t_score_evidence(normal)]
        text = "A high-energy injury is recorded, and no osteoporosis."
        return finding(THIS, Status.NOT_MET, Reason.HIGH_ENERGY_WITHOUT_OSTEOPOROSIS, text, evidence=lines, thresholds=shown)
    lines = [*high, *(evidence(item, when(item), "osteoporosis") for item in osteoporosis), *t_score_evidence(low)]
    return finding(
        THIS, Status.UNKNOWN, Reason.OTHER_CAUSE_STATED, "A high-energy injury is recorded beside osteoporosis.",
        evidence=lines, thresholds=shown, needed="A clinician's coded diagnosis of the cause: osteoporotic or traumatic.",
    )  # fmt: skip


def _injury_in_doubt(lines: list[Evidence]) -> Finding:
    return finding(
        THIS, Status.UNKNOWN, Reason.OTHER_CAUSE_STATED, "A high-energy injury is recorded that may be what caused this fracture.",
        evidence=lines, needed="A clinician's coded diagnosis of the cause: osteoporotic or traumatic.",
    )  # fmt: skip


def _not_read(lines: list[Evidence]) -> Finding:
    return finding(
        THIS, Status.UNKNOWN, Reason.RECORD_NOT_READ, "Bone density results could not be read.", evidence=lines,
        needed="The Observations of this record, so that bone density can be seen.",
    )  # fmt: skip


def _may_be_young(case: Case) -> bool:
    """Below the age from which osteoporosis is the expected cause, or of an age that is not known (G10)."""
    return not age_certainly_at_least(case.record, case.thresholds.caution_age_below, case.today)


def _age_caution(case: Case) -> list[Caution]:
    minor = age_certainly_below(case.record, case.thresholds.min_age, case.today)
    return [Caution.AGE_18_49] if _may_be_young(case) and not minor else []


def _osteoporosis_shown(case: Case) -> Finding | None:
    young, cautions = _may_be_young(case), _age_caution(case)
    coded = [
        item for item in case.fracture.conditions
        if item.concepts & OSTEOPOROTIC_FRACTURE and item.verification is Verification.CONFIRMED
    ]  # fmt: skip
    seen = [item for item in case.fracture.findings if item.concepts & OSTEOPOROTIC_FRACTURE]
    if (coded or seen) and not young:
        lines = [evidence(item, when(item), "coded as an osteoporotic vertebral fracture") for item in coded]
        lines += [evidence(item, item.date, "osteoporotic fracture on imaging") for item in seen]
        text = "The fracture is coded as osteoporotic."
        return finding(THIS, Status.MET, Reason.OSTEOPOROTIC_FRACTURE_CODED, text, evidence=lines)
    confirmed = [item for item in _osteoporosis(case) if item.verification is Verification.CONFIRMED]
    due = [item for item in case.fracture.conditions if "osteoporosis" in item.cause_concepts]
    confirmed += [item for item in due if item.verification is Verification.CONFIRMED]
    if confirmed:
        lines = [evidence(item, when(item), "osteoporosis, active") for item in confirmed]
        text = "Osteoporosis is on record, and no competing cause."
        return finding(THIS, Status.MET, Reason.OSTEOPOROSIS_ON_RECORD, text, evidence=lines, cautions=cautions)
    return _by_t_score(case)


def _by_t_score(case: Case) -> Finding | None:
    thresholds = case.thresholds
    scores = t_scores_in_date(case)
    shown = {"tScoreOsteoporosis": thresholds.t_score_osteoporosis, "dxaMaxAgeYears": thresholds.dxa_max_age_years}
    if low := at_most(scores, thresholds.t_score_osteoporosis):
        text = f"A bone density T-score is at or below {thresholds.t_score_osteoporosis:g}."
        return finding(
            THIS,
            Status.MET,
            Reason.T_SCORE_OSTEOPOROTIC,
            text,
            evidence=t_score_evidence(low),
            thresholds=shown,
            cautions=_age_caution(case),
        )
    fall = _mechanism(case, LOW_ENERGY)
    reduced = at_most(scores, thresholds.t_score_with_low_energy)
    if not fall or not reduced or _may_be_young(case):
        return None
    stated = any(LOW_ENERGY in item.concepts | item.cause_concepts for item in case.fracture.conditions)
    inferred = [] if stated else [Caution.LOW_ENERGY_INFERRED]
    return finding(
        THIS, Status.MET, Reason.LOW_ENERGY_WITH_LOW_T_SCORE,
        f"A low-energy injury with a T-score at or below {thresholds.t_score_with_low_energy:g}.",
        evidence=[*fall, *t_score_evidence(reduced)], cautions=inferred,
        thresholds={**shown, "tScoreWithLowEnergy": thresholds.t_score_with_low_energy, "cautionAgeBelow": thresholds.caution_age_below},
    )  # fmt: skip


def _unproven(case: Case) -> Finding:
    thresholds = case.thresholds
    needed = "Osteoporosis as a coded, confirmed problem, or a bone density T-score with its date."
    conditions = [item for item in case.fracture.conditions if item.concepts & OSTEOPOROTIC_FRACTURE]
    if conditions and _may_be_young(case):
        lines = [evidence(item, when(item), "coded as an osteoporotic vertebral fracture") for item in conditions]
        text = f"Below {thresholds.caution_age_below} years, or of unknown age, osteoporosis must be documented in its own right."
        shown = {"cautionAgeBelow": thresholds.caution_age_below}
        return finding(
            THIS, Status.UNKNOWN, Reason.YOUNG_WITHOUT_OSTEOPOROSIS, text,
            evidence=lines, thresholds=shown, cautions=_age_caution(case), needed=_needed_of_the_young(case, needed),
        )  # fmt: skip
    if unconfirmed := [*_osteoporosis(case), *conditions]:
        lines = [evidence(item, when(item), "osteoporosis, not confirmed") for item in unconfirmed]
        text = "Osteoporosis is on record, but not confirmed."
        return finding(THIS, Status.UNKNOWN, Reason.OSTEOPOROSIS_UNCONFIRMED, text, evidence=lines, needed=needed)
    return _unproven_by_density(case, needed)


def _needed_of_the_young(case: Case, needed: str) -> str:
    """Of who may be old enough, the date of birth first."""
    limit = case.thresholds.caution_age_below
    if age_certainly_below(case.record, limit, case.today):
        return needed
    return f"The date of birth; below {limit} years also {needed[0].lower()}{needed[1:]}"


def _unproven_by_density(case: Case, needed: str) -> Finding:
    thresholds = case.thresholds
    shown = {"tScoreOsteoporosis": thresholds.t_score_osteoporosis, "dxaMaxAgeYears": thresholds.dxa_max_age_years}
    scores = t_scores_in_date(case)
    reduced = at_most(scores, thresholds.t_score_with_low_energy)
    if reduced and (fall := _mechanism(case, LOW_ENERGY)):
        text = (
            f"Below {thresholds.caution_age_below} years, or of unknown age, a low-energy injury with reduced bone density is not enough."
        )
        return finding(
            THIS, Status.UNKNOWN, Reason.YOUNG_WITHOUT_OSTEOPOROSIS, text, evidence=[*fall, *t_score_evidence(reduced)],
            thresholds={**shown, "cautionAgeBelow": thresholds.caution_age_below}, cautions=_age_caution(case),
            needed=_needed_of_the_young(case, needed),
        )  # fmt: skip
    if reduced:
        return finding(
            THIS, Status.UNKNOWN, Reason.T_SCORE_WITHOUT_MECHANISM, "Bone density is reduced, but how the injury came about is not coded.",
            evidence=t_score_evidence(reduced), thresholds=shown, needed="The mechanism of injury, coded as low or high energy.",
        )  # fmt: skip
    if case.record.gap("Observation"):
        return _not_read([])
    return _t_score_that_does_not_count(case, scores, shown, needed) or finding(
        THIS, Status.UNKNOWN, Reason.CAUSE_NOT_RECORDED, "Nothing on record says that the fracture is osteoporotic.", needed=needed
    )


def _t_score_that_does_not_count(case: Case, newest: list[Observation], shown: Mapping[str, ThresholdValue], needed: str) -> Finding | None:
    """A low one that a better one has replaced, that is too old or not exactly dated, or that is of another site: the first there is."""
    by_age, years = t_scores_by_age(case), case.thresholds.dxa_max_age_years
    kinds = (
        (Reason.T_SCORE_SUPERSEDED, by_age[Status.MET], "A newer bone density result is better than the low one, and stands."),
        (Reason.T_SCORE_UNDATED, by_age[Status.UNKNOWN], "The bone density result is not dated exactly enough."),
        (Reason.T_SCORE_STALE, by_age[Status.NOT_MET], f"The bone density result is more than {years} years old."),
        (Reason.T_SCORE_AT_OTHER_SITE, t_scores_elsewhere(case), "The bone density result is not of a site known as hip or spine."),
    )
    for reason, items, text in kinds:
        if low := at_most(items, case.thresholds.t_score_with_low_energy):
            lines = t_score_evidence([*low, *newest])
            return finding(THIS, Status.UNKNOWN, reason, text, evidence=lines, thresholds=shown, needed=T_SCORE_NEEDED.get(reason, needed))
    return None


def _osteoporosis(case: Case) -> list[Condition]:
    """Myeloma-related osteoporosis is a malignancy and not in the set (terminology.md, trap 17)."""
    there = active(case.record, case.today)
    return [item for item in there if "osteoporosis" in item.concepts and "history-of-vertebral-fracture" not in item.concepts]


def _mechanism(case: Case, concept: str) -> list[Evidence]:
    """From the fracture's own codes and cause, else from a fact certainly of this episode (terminology.md 1i)."""
    grace = EPISODE_TOLERANCE_DAYS if concept == HIGH_ENERGY else 0
    lines = [
        evidence(item, when(item), INJURY[concept]) for item in case.fracture.conditions if concept in item.concepts | item.cause_concepts
    ]
    lines += [
        evidence(item, item.date, INJURY[concept])
        for item in case.record.observations
        if item.present and concept in item.concepts and not item.preliminary and case.in_episode(item.date, grace)
    ]
    lines += [
        evidence(item, when(item), INJURY[concept])
        for item in _injuries(case, concept)
        if item.verification is Verification.CONFIRMED and case.in_episode(when(item), grace)
    ]
    return lines


def _possible_high_energy(case: Case) -> list[Evidence]:
    """A competing cause that is preliminary, unconfirmed or not exactly dated leaves a doubt (G1, G3)."""
    seen = [
        item for item in case.record.observations if item.present and HIGH_ENERGY in item.concepts and _may_be_since_onset(case, item.date)
    ]
    lines = [evidence(item, item.date, INJURY[HIGH_ENERGY]) for item in seen]
    injuries = [item for item in _injuries(case, HIGH_ENERGY) if _may_be_since_onset(case, when(item))]
    return lines + [evidence(item, when(item), INJURY[HIGH_ENERGY]) for item in injuries]


def _injuries(case: Case, concept: str) -> list[Condition]:
    """Injuries coded on their own, over or not, that may be dated not long after the fracture began."""
    return [
        item for item in case.record.conditions
        if concept in item.concepts and item.verification is not Verification.REFUTED
        and item not in case.fracture.conditions and _soon_after(case, when(item))
    ]  # fmt: skip


def _may_be_since_onset(case: Case, day: PartialDate | None) -> bool:
    return day is None or not case.certainly_before_episode(day)


def _soon_after(case: Case, day: PartialDate | None) -> bool:
    """A fall coded on its own is this fracture's if it is dated, or was recorded, not long after the fracture began."""
    end = case.onset_latest + timedelta(days=MECHANISM_LINK_DAYS)
    return day is None or day.on_or_before(end) is not Status.NOT_MET


def _clears(report: Observation, cancer: Condition, case: Case) -> bool:
    """A final finding of this fracture, dated after the cancer began and was recorded, that codes it as osteoporotic."""
    if not (report.present and report.concepts & OSTEOPOROTIC_FRACTURE) or report.preliminary or report.date is None:
        return False
    known = [day for day in (cancer.onset, cancer.recorded) if day is not None]
    here = case.level is not None and report.site.level is case.level and case.in_episode(report.date, 0)
    return here and bool(known) and all(day.certainly_before(report.date) for day in known)
