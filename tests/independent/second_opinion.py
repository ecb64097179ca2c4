"""A second opinion on a whole record, written from guideline.md and contract.md alone: slow, plain, and on nobody's side."""

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from clinical.record import PatientRecord
from tests.independent.second_opinion_analgesia import optimal_pain_management
from tests.independent.second_opinion_cause import age_is_at_least, compression_fracture, has_gap, osteoporotic, recent
from tests.independent.second_opinion_days import MET, NOT_MET, UNKNOWN, all_three, number
from tests.independent.second_opinion_flags import Flag, flags
from tests.independent.second_opinion_fractures import Fracture, fractures_in
from tests.independent.second_opinion_imaging import examination_at_level, imaging_at_level, unhealed
from tests.independent.second_opinion_pain import ongoing_pain, scores, severe_pain


class FractureOpinion(TypedDict):
    level: str
    earliest: str
    latest: str
    criteria: dict[str, str]
    outcome: str


class Opinion(TypedDict):
    outcome: str
    outOfScope: str
    fractures: list[FractureOpinion]
    flags: set[Flag]


def assess(record: PatientRecord, today: date, thresholds: Mapping[str, float | int | bool | str]) -> Opinion:
    found = fractures_in(record, thresholds, today)
    fractures = [opinion_on(record, fracture, thresholds, today) for fracture in found]
    met = {one["level"] for one in fractures if one["outcome"] == MET}
    raised = flags(record, found, met, thresholds, today)
    excluded = {level for _, severity, level in raised if severity == "excluding"}
    met -= excluded
    if len(met) < number(thresholds, "levelsCautionFrom"):
        raised.discard(("multiple-levels", "caution", ""))
    for one in fractures:
        if one["level"] in excluded:
            one["outcome"] = NOT_MET
    outside = out_of_scope(record, found, thresholds, today)
    outcome = outcome_of(fractures, outside, raised)
    return {
        "outcome": outcome,
        "outOfScope": outside if outcome == "out-of-scope" else "",
        "fractures": fractures,
        "flags": raised,
    }


def opinion_on(
    record: PatientRecord, fracture: Fracture, thresholds: Mapping[str, float | int | bool | str], today: date
) -> FractureOpinion:
    pain = scores(record, fracture, thresholds, today)
    healing = unhealed(record, fracture, thresholds, today)
    severe = UNKNOWN if has_gap(record, "Observation") else severe_pain(pain, thresholds, today)
    criteria = {
        "osteoporotic": osteoporotic(record, fracture, thresholds, today),
        "compression-fracture": compression_fracture(record, fracture, today),
        "recent": recent(fracture, thresholds, today),
        "unhealed": healing,
        "severe-pain": severe,
        "ongoing-pain": ongoing_pain(record, fracture, pain, severe, thresholds, today),
        "optimal-pain-management": optimal_pain_management(record, fracture, pain, thresholds, today),
        "examination-at-level": examination_at_level(record, fracture, thresholds, today),
        "imaging-at-level": imaging_at_level(fracture, healing),
    }
    first, last = fracture.onset.first, fracture.onset.last
    return {
        "level": fracture.level or "",
        "earliest": first.isoformat() if first else "",
        "latest": last.isoformat() if last else "",
        "criteria": criteria,
        "outcome": all_three(criteria.values()),
    }


def out_of_scope(record: PatientRecord, found: list[Fracture], thresholds: Mapping[str, float | int | bool | str], today: date) -> str:
    patient = record.patient
    if patient.deceased:
        return "deceased"
    if patient.replaced:
        return "merged-record"
    if not patient.active:
        return "inactive-record"
    if age_is_at_least(record, int(number(thresholds, "minAge")), today) == NOT_MET:
        return "age-under-18"
    return "level-out-of-scope" if found and all(fracture.out_of_scope for fracture in found) else ""


def outcome_of(fractures: list[FractureOpinion], outside: str, raised: set[Flag]) -> str:
    """Contract 6.1: the first that applies."""
    if not fractures:
        return "no-evaluable-fracture"
    if outside:
        return "out-of-scope"
    if any(severity == "blocking" for _, severity, _ in raised):
        return "blocked"
    outcomes = [one["outcome"] for one in fractures]
    if MET in outcomes:
        return "criteria-met"
    return "information-needed" if UNKNOWN in outcomes else "criteria-not-met"
