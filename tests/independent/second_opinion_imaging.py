"""Unhealed, imaging at level, examination at level: guideline.md 1.4 and 1.8."""

from datetime import date

from clinical.record import Observation, PatientRecord
from tests.independent.second_opinion_cause import has_gap, rank_of
from tests.independent.second_opinion_days import (
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
    surely_earlier,
    what_stands,
    within_24_hours,
)
from tests.independent.second_opinion_fractures import Fracture
from tests.independent.second_opinion_tales import level_of

FROM_TOP_TO_BOTTOM = [f"C{n}" for n in range(1, 8)] + [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)] + ["S1"]
TOLERANCE = 3


def unhealed(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    if fracture.level is None or has_gap(record, "Observation"):
        return UNKNOWN
    results = []
    for seen in record.observations:
        if level_of(seen) != fracture.level or is_undated(span_of(seen.date)) or is_future(span_of(seen.date), today):
            continue
        days = [age_within(span_of(seen.date), number(thresholds, "imagingMaxAgeDays"), today)]
        days.append(in_episode(span_of(seen.date), fracture.onset, today))
        if NOT_MET in days:
            continue
        for rank, yes in what_it_says(seen):
            results.append(Result(yes, span_of(seen.date), all_three(days) == MET and not seen.preliminary, rank, not seen.modality))
    answer = what_stands(results)
    if answer == MET and any(may_outrank(result, results) for result in results):
        answer = UNKNOWN
    return UNKNOWN if fracture.said_to_be_over else answer


def may_outrank(denial: Result, results: list[Result]) -> bool:
    """Healed, or cold, on a study that is not named may be of any rank: it leaves a doubt unless an active finding is surely later (G5)."""
    if denial.yes or not denial.counts or not denial.unnamed:
        return False
    active = [result for result in results if result.yes and result.counts]
    top = [result for result in active if result.rank == max(one.rank for one in active)]
    return not any(surely_earlier(denial.when, one.when) and not within_24_hours(one.when, denial.when) for one in top)


def what_it_says(seen: Observation) -> list[tuple[int, bool]]:
    """(rank, is it active?) for each thing the finding says of healing."""
    said: list[tuple[int, bool]] = []
    if seen.present is None:
        return said
    shows_marrow_or_uptake = seen.modality & {"mri-study", "spect-study", "bone-scan-study"}
    only_bone_pictures = bool(seen.modality) and seen.modality <= {"ct-study", "radiograph-study"}
    if "marrow-oedema" in seen.concepts and not only_bone_pictures:
        said.append((4, seen.present))
    if "tracer-uptake" in seen.concepts and not only_bone_pictures:
        said.append((4 if "spect-study" in seen.modality else 3, seen.present))
    if seen.concepts & {"intravertebral-cleft", "progressive-height-loss"} and seen.present:
        said.append((rank_of(seen.modality), True))
    if "acute-vertebral-fracture" in seen.concepts and shows_marrow_or_uptake:
        said.append((rank_of(seen.modality), seen.present))
    if "healed-vertebral-fracture" in seen.concepts and seen.present and not only_bone_pictures:
        said.append((rank_of(seen.modality), False))
    return said


def imaging_at_level(fracture: Fracture, healing: str) -> str:
    """The imaging that `unhealed` rests on is taken at this fracture's level only, which is where a met examination is too."""
    return UNKNOWN if fracture.level is None else healing


def examination_at_level(record: PatientRecord, fracture: Fracture, thresholds: Thresholds, today: date) -> str:
    if fracture.level is None or has_gap(record, "Observation"):
        return UNKNOWN
    by_level: dict[str | None, list[Result]] = {}
    undated = set()
    for seen in record.observations:
        when = span_of(seen.date)
        if "vertebral-tenderness" not in seen.concepts or seen.present is None or is_future(when, today):
            continue
        if is_undated(when):
            undated |= {level_of(seen)} if seen.present else set()
            continue
        days = [age_within(span_of(seen.date), number(thresholds, "examMaxAgeDays"), today)]
        days.append(in_episode(span_of(seen.date), fracture.onset, today, TOLERANCE))
        if NOT_MET not in days:
            usable = all_three(days) == MET and not seen.preliminary
            by_level.setdefault(level_of(seen), []).append(Result(seen.present, span_of(seen.date), usable))
    here = by_level.get(fracture.level, [])
    if any(result.counts for result in here):
        return what_stands(here)
    return UNKNOWN if any(result.yes for result in here) else tender_elsewhere(fracture.level, by_level, undated)


def tender_elsewhere(level: str, by_level: dict[str | None, list[Result]], undated: set[str | None]) -> str:
    """Not met only where tenderness is surely present, and only two or more vertebrae away."""
    here = FROM_TOP_TO_BOTTOM.index(level)
    tender = {other: what_stands(results) for other, results in by_level.items() if any(result.yes for result in results)}
    perhaps = undated | {other for other, answer in tender.items() if answer != NOT_MET or other is None}
    if any(other is None or abs(FROM_TOP_TO_BOTTOM.index(other) - here) < 2 for other in perhaps):
        return UNKNOWN
    return NOT_MET if MET in tender.values() else UNKNOWN
