"""`examination-at-level`: has an examination found the pain at this vertebra? (guideline.md 1.8)

What the person says of where it hurts is not an examination: it is often below the fracture.
"""

from clinical.assessment import Evidence, Finding
from clinical.record import Observation
from clinical.status import Status
from clinical.vertebra import VertebralLevel
from guidelines.ta279.case import Case, latest_first, level_words, may_be_newest, standing
from guidelines.ta279.evidence import evidence, finding
from guidelines.ta279.reasons import Caution, CriterionId, Reason

THIS = CriterionId.EXAMINATION_AT_LEVEL
TENDERNESS = "vertebral-tenderness"


def examination_at_level(case: Case) -> Finding:
    examined = [item for item in case.record.observations if TENDERNESS in item.concepts]
    usable = [item for item in examined if _usable(item, case)]
    shown = {"examMaxAgeDays": case.thresholds.exam_max_age_days}
    if case.record.gap("Observation"):
        return _unknown(Reason.RECORD_NOT_READ, "The examination findings could not all be read.", case, examined, shown)
    if case.level is None:
        return _unknown(Reason.LEVEL_NOT_RECORDED, "Without the fracture's level no examination can be matched to it.", case, usable, shown)
    verdict = _at_level(usable, examined, case, shown) or _elsewhere(usable, examined, case, shown)
    return verdict or _nothing_usable(examined, case, shown)


def _usable(item: Observation, case: Case) -> bool:
    """Final, says present or absent, of this episode and in date (G1, G4)."""
    stated = item.present is not None and not item.preliminary
    return stated and case.in_episode(item.date) and case.no_older_than(item.date, case.thresholds.exam_max_age_days)


def _at_level(usable: list[Observation], examined: list[Observation], case: Case, shown: dict[str, int]) -> Finding | None:
    here = latest_first([item for item in usable if item.site.level is case.level])
    if not here:
        return None
    stands = _stands(case.level, usable, examined, case)
    if len({item.present for item in stands}) > 1:
        text = f"Examinations at {case.level_name} disagree: within a day of each other, or one is preliminary or not exactly dated."
        return _unknown(Reason.CONFLICT, text, case, stands, shown)
    if stands[0].present:
        text = f"Tender at {case.level_name} on examination."
        return finding(THIS, Status.MET, Reason.TENDER_AT_LEVEL, text, evidence=_lines(here), thresholds=shown)
    text = f"Not tender at {case.level_name} on examination."
    return finding(THIS, Status.NOT_MET, Reason.NOT_TENDER_AT_LEVEL, text, evidence=_lines(here), thresholds=shown)


def _stands(level: VertebralLevel | None, usable: list[Observation], examined: list[Observation], case: Case) -> list[Observation]:
    """What is found at a level and not superseded; what is preliminary or not exactly dated contradicts too (G1, G3, G5)."""
    limit = case.thresholds.exam_max_age_days
    said = [item for item in examined if item.site.level is level and item.present is not None and case.may_count(item.date, limit)]
    return standing(said, [item for item in usable if item.site.level is level])


def _elsewhere(usable: list[Observation], examined: list[Observation], case: Case, shown: dict[str, int]) -> Finding | None:
    """Tender only two or more levels away decides against; one level away may be a counting error."""
    tender = _tender_levels(usable, examined, case)
    if case.level is None or not tender:
        return None
    lines = [item for item in usable if item.present]
    if any(level.distance_to(case.level) == 1 for level in _perhaps_tender_levels(usable)):
        return _unknown(
            Reason.TENDER_AT_ADJACENT_LEVEL, f"Tender one level away from {case.level_name}: levels are easily miscounted.",
            case, lines, shown, [Caution.ADJACENT_LEVEL],
        )  # fmt: skip
    if any(_may_be_nearer(item, usable, examined, case) for item in examined):
        return None
    names = " and ".join(level.value for level in sorted(tender, key=lambda level: level.position))
    text = f"Tender at {names}, not at {case.level_name}."
    return finding(THIS, Status.NOT_MET, Reason.TENDER_ELSEWHERE, text, evidence=_lines(lines), thresholds=shown)


def _may_be_nearer(item: Observation, usable: list[Observation], examined: list[Observation], case: Case) -> bool:
    """Tenderness at this level, beside it or at none that is named, that may, but need not, be of this episode and in date."""
    if not item.present or item.date is None or case.level is None:
        return bool(item.present) and _beside_or_unnamed(item, case)
    if item.site.level is None:
        return case.may_count(item.date, case.thresholds.exam_max_age_days)
    return _beside_or_unnamed(item, case) and item not in usable and item in _stands(item.site.level, usable, examined, case)


def _beside_or_unnamed(item: Observation, case: Case) -> bool:
    return item.site.level is None or case.level is None or item.site.level.distance_to(case.level) <= 1


def _tender_levels(usable: list[Observation], examined: list[Observation], case: Case) -> set[VertebralLevel]:
    """Levels certainly tender: nothing that stands says otherwise."""
    levels = {item.site.level for item in usable if item.site.level is not None}
    return {level for level in levels if all(item.present for item in _stands(level, usable, examined, case))}


def _perhaps_tender_levels(usable: list[Observation]) -> set[VertebralLevel]:
    """Levels of which some newest examination found tenderness."""
    levels = {item.site.level for item in usable if item.site.level is not None}
    return {level for level in levels if any(item.present for item in may_be_newest(item for item in usable if item.site.level is level))}


def _nothing_usable(examined: list[Observation], case: Case, shown: dict[str, int]) -> Finding:
    limit = case.thresholds.exam_max_age_days
    here = [item for item in examined if item.site.level is case.level]
    stated = [item for item in here if item.present is not None]
    if any(item.preliminary for item in stated):
        return _unknown(Reason.EXAMINATION_PENDING, "The examination at this level is preliminary.", case, stated, shown)
    if any(case.undated(item.date, limit) for item in stated):
        return _unknown(Reason.EXAMINATION_UNDATED, "The examination at this level is not dated exactly enough.", case, stated, shown)
    if any(case.older_than(item.date, limit) for item in stated):
        return _unknown(Reason.EXAMINATION_STALE, f"The examination at this level is more than {limit} days old.", case, stated, shown)
    if stated:
        text = f"The examination {case.was_before(item.date for item in stated)}."
        return _unknown(Reason.EXAMINATION_BEFORE_ONSET, text, case, stated, shown)
    if no_level := [item for item in examined if item.present and item.site.level is None]:
        return _unknown(Reason.EXAMINATION_WITHOUT_LEVEL, "Tenderness is recorded without its level.", case, no_level, shown)
    return _unknown(Reason.EXAMINATION_NOT_RECORDED, f"No examination of {case.level_name} is recorded.", case, [], shown)


def _unknown(
    code: Reason, text: str, case: Case, items: list[Observation], shown: dict[str, int], cautions: list[Caution] | None = None
) -> Finding:
    needed = f"Percussion or palpation of {case.level_name}, recorded as tender or not tender with its level and date."
    return finding(THIS, Status.UNKNOWN, code, text, evidence=_lines(items), thresholds=shown, cautions=cautions or [], needed=needed)


def _lines(items: list[Observation]) -> list[Evidence]:
    return [evidence(item, item.date, f"{'tender' if item.present else 'not tender'}, {level_words(item)}") for item in items]
