"""Red flags, exclusions and contraindications that the record shows (guideline.md 3). 'Not recorded' is no flag.

Each flag stands for itself; none changes a fracture's own criteria (contract 6.1, 6.5).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

import msgspec

from clinical.assessment import Evidence, Flag, Severity
from clinical.codes import NONE
from clinical.dates import PartialDate
from clinical.record import Allergy, Condition, MedicationKind, Observation, PatientRecord, Procedure, Site, Verification
from clinical.status import Status
from clinical.vertebra import VertebralLevel
from guidelines.ta279.case import Case, may_be_newest
from guidelines.ta279.cause import (
    NEOPLASTIC_FRACTURE,
    active,
    is_active_malignancy,
    is_spinal_malignancy,
    neoplastic,
    unexplained_malignancies,
    when,
)
from guidelines.ta279.evidence import evidence, in_order
from guidelines.ta279.laboratory import coagulopathy, infection_markers
from guidelines.ta279.reasons import FlagId
from guidelines.ta279.thresholds import Thresholds

BLOCKING, EXCLUDING, CAUTION = Severity.BLOCKING, Severity.EXCLUDING, Severity.CAUTION
BURST = "burst-vertebral-fracture"
CEMENT, PERHAPS_CEMENT = "text-bone-cement", "text-bone-cement-perhaps"
AUGMENTATION = frozenset({"vertebroplasty", "balloon-kyphoplasty", "kyphoplasty-with-stent"})
SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
ORDER = {flag_id.value: rank for rank, flag_id in enumerate(FlagId)}
POSITIONING = frozenset({"cardiopulmonary-or-positioning", "unable-to-lie-prone"})


class Chart(msgspec.Struct, frozen=True):
    """What the flags are read from: the evaluable fractures, the conditions that are there now, the record, the day, the thresholds."""

    cases: list[Case]
    conditions: list[Condition]
    record: PatientRecord
    today: date
    thresholds: Thresholds


def red_flags(cases: list[Case], record: PatientRecord, today: date, thresholds: Thresholds) -> tuple[Flag, ...]:
    """Blocking first, then by flag and level. A flag is looked for only where the record holds a concept that could raise it."""
    facts = (record.conditions, record.observations, record.medications, record.allergies, record.procedures)
    causes = (condition.cause_concepts for condition in record.conditions)
    words = (allergy.hints for allergy in record.allergies)
    present = NONE.union(*(fact.concepts for group in facts for fact in group), *causes, *words)
    if not present:
        return ()
    chart = Chart(cases, active(record, today), record, today, thresholds)
    flags = [found for needs, look in LOOKS if not present.isdisjoint(needs) for found in look(chart)]
    return tuple(sorted(flags, key=lambda item: (SEVERITIES[item.severity], ORDER[item.flag], item.level)))


def flag(which: FlagId, severity: Severity, lines: Iterable[Evidence], level: VertebralLevel | None = None) -> Iterator[Flag]:
    """One flag if there is evidence for it, none otherwise."""
    if found := in_order(lines):
        yield Flag(which.value, severity, level.value if level is not None else "", found)


def multiple_levels(levels: list[VertebralLevel], lines: Iterable[Evidence], thresholds: Thresholds) -> Iterator[Flag]:
    if len(levels) >= thresholds.levels_caution_from:
        yield from flag(FlagId.MULTIPLE_LEVELS, CAUTION, lines)


def _conditions(conditions: Iterable[Condition], concept: str, value: str) -> list[Evidence]:
    return [evidence(item, when(item), value) for item in conditions if concept in item.concepts]


def _infections(chart: Chart) -> Iterator[Flag]:
    told = [(item, item.concepts | item.cause_concepts) for item in chart.conditions]
    spinal = [evidence(item, when(item), "spinal infection, active") for item, said in told if "spinal-infection" in said]
    spinal += [
        evidence(item, when(item), "osteomyelitis, spine not excluded")
        for item, said in told
        if "osteomyelitis-site-unspecified" in said and item.site.site not in (Site.HIP, Site.OTHER)
    ]
    yield from flag(FlagId.SPINAL_INFECTION, BLOCKING, spinal)
    start = chart.today - timedelta(days=chart.thresholds.systemic_infection_max_days)
    systemic = [
        evidence(item, when(item), "systemic infection, active")
        for item in chart.conditions
        if "systemic-infection" in item.concepts and _told_since(item, start)
    ]
    yield from flag(FlagId.SYSTEMIC_INFECTION, BLOCKING, systemic)
    yield from flag(FlagId.SYSTEMIC_INFECTION, CAUTION, infection_markers(chart.record, chart.today, chart.thresholds))


def _may_be_since(day: PartialDate | None, start: date) -> bool:
    return day is None or day.on_or_after(start) is not Status.NOT_MET


def _told_since(item: Condition, start: date) -> bool:
    """Began, or was recorded while it was there, on that day or later; or at no stated time."""
    days = [day for day in (item.onset, item.recorded) if day is not None]
    return not days or any(_may_be_since(day, start) for day in days)


def _neurology(chart: Chart) -> Iterator[Flag]:
    lines = _conditions(chart.conditions, "neurological-compromise", "cord or cauda equina compromise, active")
    yield from flag(FlagId.NEUROLOGICAL_COMPROMISE, BLOCKING, lines)
    yield from flag(FlagId.NEUROLOGICAL_COMPROMISE, CAUTION, _conditions(chart.conditions, "radiculopathy", "radicular syndrome, active"))


def _malignancy(chart: Chart) -> Iterator[Flag]:
    """A malignant fracture, myeloma or bone metastasis, or an active cancer with a fracture whose cause is unproven."""
    lines = [
        evidence(item, when(item), "myeloma, plasmacytoma or bone metastasis, active")
        for item in chart.conditions
        if is_spinal_malignancy(item)
    ]
    if chart.cases:
        unproven = [item for case in chart.cases if not case.fracture.out_of_scope for item in unexplained_malignancies(case)]
    else:
        unproven = [item for item in chart.conditions if is_active_malignancy(item)]
    lines += [evidence(item, when(item), "active malignancy, cause of fracture unproven") for item in unproven]
    yield from flag(FlagId.MALIGNANCY, BLOCKING, lines)
    for case in chart.cases:
        own = [evidence(item, when(item), "coded as a fracture due to neoplasm") for item in neoplastic(case)]
        yield from flag(FlagId.MALIGNANCY, BLOCKING, own, case.level)


def _antithrombotic(chart: Chart) -> Iterator[Flag]:
    start = chart.today - timedelta(days=chart.thresholds.antithrombotic_lookback_days)
    lines = _conditions(chart.conditions, "long-term-antithrombotic", "long-term antithrombotic use")
    for item in chart.record.medications:
        kinds = [name for name in ("anticoagulant", "antiplatelet") if name in item.concepts]
        last = item.stop if item.stop is not None else item.start
        if item.kind is MedicationKind.DISPENSE or item.kind is MedicationKind.ADMINISTRATION:
            current = item.ongoing or (last is not None and last.on_or_after(start) is not Status.NOT_MET)
        else:
            current = item.ongoing or (item.stop is not None and item.stop.on_or_after(chart.today) is not Status.NOT_MET)
        if kinds and current:
            lines.append(evidence(item, item.start, f"{kinds[0]}, current"))
    yield from flag(FlagId.ANTITHROMBOTIC_THERAPY, CAUTION, lines)


def _posterior_wall(chart: Chart) -> Iterator[Flag]:
    """A caution by itself; blocking together with neurological compromise."""
    severity = BLOCKING if any("neurological-compromise" in item.concepts for item in chart.conditions) else CAUTION
    lines = _structural("retropulsion", "retropulsion or posterior wall defect", chart.cases, chart.record)
    for case in chart.cases:
        burst = [evidence(item, when(item), "burst fracture") for item in case.fracture.conditions if BURST in item.concepts]
        burst += [evidence(item, item.date, "burst fracture on imaging") for item in case.fracture.findings if BURST in item.concepts]
        lines.setdefault(case.level, []).extend(burst)
    for level, found in lines.items():
        yield from flag(FlagId.POSTERIOR_WALL_OR_RETROPULSION, severity, found, level)


def _vertebra_plana(chart: Chart) -> Iterator[Flag]:
    for level, lines in _structural("vertebra-plana", "collapse of 70 % or more", chart.cases, chart.record).items():
        yield from flag(FlagId.VERTEBRA_PLANA, CAUTION, lines, level)


def _structural(concept: str, value: str, cases: list[Case], record: PatientRecord) -> dict[VertebralLevel | None, list[Evidence]]:
    """What imaging shows of the bone at an evaluable fracture's level, newest finding per level; not from before that fracture."""
    seen = [item for item in record.observations if concept in item.concepts and item.present is not None and not item.preliminary]
    found: dict[VertebralLevel | None, list[Evidence]] = {}
    for level in {item.site.level for item in seen}:
        here = [case for case in cases if case.level is level or level is None or case.level is None]
        of_these = [item for item in seen if item.site.level is level and (not cases or any(not _before(item, case) for case in here))]
        relevant = [item for item in may_be_newest(of_these) if item.present]
        if relevant:
            found[level] = [evidence(item, item.date, value) for item in relevant]
    return found


def _before(item: Observation, case: Case) -> bool:
    return (
        item.date is not None
        and case.onset_earliest is not None
        and item.date.latest is not None
        and item.date.latest < case.onset_earliest
    )


def _allergy(chart: Chart) -> Iterator[Flag]:
    """From the allergy list, or coded as a problem. Bone cement has hardly a code: on the allergy list its name in words will do."""
    current = [item for item in chart.record.allergies if not item.inactive and item.verification is not Verification.REFUTED]
    cement = _of_allergy(chart, current, "pmma-allergy", "bone cement (PMMA) allergy")
    uncoded = [item for item in current if "pmma-allergy" not in item.concepts]
    in_words = "bone cement (PMMA) allergy, named in words only"
    cement += [evidence(item, item.recorded, in_words) for item in uncoded if CEMENT in item.hints]
    yield from flag(FlagId.CEMENT_ALLERGY, BLOCKING, cement)
    cautions = _of_allergy(chart, current, "iodinated-contrast-allergy", "contrast allergy")
    perhaps = "bone cement (PMMA) named in words, not plainly an allergy"
    cautions += [evidence(item, item.recorded, perhaps) for item in uncoded if PERHAPS_CEMENT in item.hints]
    yield from flag(FlagId.CEMENT_ALLERGY, CAUTION, cautions)


def _of_allergy(chart: Chart, current: list[Allergy], concept: str, value: str) -> list[Evidence]:
    listed = [evidence(item, item.recorded, value) for item in current if concept in item.concepts]
    return listed + _conditions(chart.conditions, concept, value)


def _pregnancy(chart: Chart) -> Iterator[Flag]:
    start = chart.today - timedelta(days=chart.thresholds.pregnancy_max_age_days)
    lines = [
        evidence(item, when(item), "pregnancy, active")
        for item in chart.conditions
        if item.concepts & {"pregnancy", "pregnant"} and _may_be_since(when(item), start)
    ]
    states = [item for item in chart.record.observations if "pregnancy-status" in item.concepts and not item.preliminary]
    dated = [item for item in states if item.date is not None and _may_be_since(item.date, start)]
    standing = may_be_newest(item for item in states if _is_answer(item))
    told = [item for item in standing if item in dated and ("pregnant" in item.value_concepts or item.present)]
    lines += [evidence(item, item.date, "pregnant") for item in told]
    answered = [item.date for item in standing if item.date is not None]
    unread = [item for item in dated if item.unread and item.date and not any(item.date.certainly_before(day) for day in answered)]
    doubts = [evidence(item, item.date, "pregnancy status without a known answer") for item in unread]
    yield from flag(FlagId.PREGNANCY, BLOCKING if lines else CAUTION, lines or doubts)


def _is_answer(item: Observation) -> bool:
    return item.present is not None or not item.value_concepts.isdisjoint({"pregnant", "not-pregnant"})


def _positioning(chart: Chart) -> Iterator[Flag]:
    value = "severe cardiopulmonary disease, or cannot be positioned or sedated"
    lines = [evidence(item, when(item), value) for item in chart.conditions if item.concepts & POSITIONING]
    final = [item for item in chart.record.observations if not item.preliminary]
    prone = may_be_newest(item for item in final if item.concepts & POSITIONING and item.present is not None)
    lines += [evidence(item, item.date, "unable to lie prone") for item in prone if item.present]
    asa = may_be_newest(item for item in final if "asa-class" in item.concepts and (item.value_concepts or item.quantity))
    lines += [evidence(item, item.date, "ASA class 4 or above") for item in asa if _asa_high(item)]
    yield from flag(FlagId.CARDIOPULMONARY_OR_POSITIONING, CAUTION, lines)


def _asa_high(item: Observation) -> bool:
    return "asa-4-or-5" in item.value_concepts or (item.quantity is not None and item.quantity.at_least(4))


def _previous_augmentation(chart: Chart) -> Iterator[Flag]:
    """Done before at a fracture's level: excluding there. Elsewhere, at no named level, or not said to be completed: a caution."""
    done = [item for item in chart.record.procedures if item.concepts & AUGMENTATION]
    fractured = {case.level for case in chart.cases if case.level is not None}
    for level in {item.site.level for item in done}:
        there = [item for item in done if item.site.level is level]
        severity = EXCLUDING if level in fractured and any(item.completed for item in there) else CAUTION
        lines = [_augmented(item) for item in there]
        yield from flag(FlagId.PREVIOUS_AUGMENTATION_AT_LEVEL, severity, lines, level)


def _augmented(item: Procedure) -> Evidence:
    level = item.site.level.value if item.site.level is not None else "level not recorded"
    return evidence(item, item.performed, f"vertebral augmentation, {level}{'' if item.completed else ', not said to be completed'}")


def _consent(chart: Chart) -> Iterator[Flag]:
    yield from flag(
        FlagId.CONSENT_OR_CAPACITY, CAUTION, _conditions(chart.conditions, "consent-or-capacity", "consent or capacity to be settled")
    )


def _coagulopathy(chart: Chart) -> Iterator[Flag]:
    return coagulopathy(chart.conditions, chart.record, chart.today, chart.thresholds)


# Which concepts can raise a flag, and who looks. A new flag is one line here.
LOOKS: tuple[tuple[frozenset[str], Callable[[Chart], Iterator[Flag]]], ...] = (
    (frozenset({"spinal-infection", "osteomyelitis-site-unspecified", "systemic-infection", "crp", "temperature"}), _infections),
    (frozenset({"neurological-compromise", "radiculopathy"}), _neurology),
    (frozenset({"spinal-malignancy", "active-malignancy"}) | NEOPLASTIC_FRACTURE, _malignancy),
    (frozenset({"coagulopathy", "thrombocytopenia", "inr", "platelets"}), _coagulopathy),
    (frozenset({"anticoagulant", "antiplatelet", "long-term-antithrombotic"}), _antithrombotic),
    (frozenset({"retropulsion", BURST}), _posterior_wall),
    (frozenset({"pmma-allergy", "iodinated-contrast-allergy", CEMENT, PERHAPS_CEMENT}), _allergy),
    (frozenset({"pregnancy", "pregnant", "pregnancy-status"}), _pregnancy),
    (frozenset({"vertebra-plana"}), _vertebra_plana),
    (POSITIONING | {"asa-class"}, _positioning),
    (AUGMENTATION, _previous_augmentation),
    (frozenset({"consent-or-capacity"}), _consent),
)
