"""`unhealed` and `imaging-at-level`: is this fracture still active on imaging, and at this level? (guideline.md 1.4, 1.8)"""

import msgspec

from clinical.assessment import Evidence, Finding
from clinical.dates import PartialDate
from clinical.record import ImagingStudy, Observation
from clinical.status import Status
from guidelines.ta279.case import Case, Last, level_words, superseded, within_a_day
from guidelines.ta279.evidence import evidence, finding
from guidelines.ta279.fractures import ACTIVE_ON_IMAGING
from guidelines.ta279.reasons import CriterionId, Reason

THIS = CriterionId.UNHEALED
HEALED = "healed-vertebral-fracture"
ACUTE = "acute-vertebral-fracture"
READ = ACTIVE_ON_IMAGING | {HEALED}
CROSS_SECTION = frozenset({"mri-study", "spect-study", "bone-scan-study"})
CANNOT_TELL = frozenset({"ct-study", "radiograph-study"})
# A lower rank never overrides a higher one (G5b). A study that is not named ranks lowest.
RANKS = (("mri-study", 4), ("spect-study", 4), ("bone-scan-study", 3), ("ct-study", 2), ("radiograph-study", 1))
WORDS = {
    "marrow-oedema": "marrow oedema", "tracer-uptake": "tracer uptake", "intravertebral-cleft": "intravertebral cleft",
    "progressive-height-loss": "progressive height loss", ACUTE: "acute or unhealed fracture", HEALED: "healed or chronic fracture",
}  # fmt: skip
REASONS = {
    "marrow-oedema": Reason.MARROW_OEDEMA, "tracer-uptake": Reason.TRACER_UPTAKE, "intravertebral-cleft": Reason.INTRAVERTEBRAL_CLEFT,
    "progressive-height-loss": Reason.PROGRESSIVE_HEIGHT_LOSS, ACUTE: Reason.ACUTE_ON_IMAGING,
}  # fmt: skip


class Vote(msgspec.Struct, frozen=True):
    """What one imaging finding says: `active` None where its modality cannot tell."""

    item: Observation
    concept: str
    active: bool | None
    rank: int


def unhealed(case: Case) -> Finding:
    read = [item for item in case.record.observations if item.concepts & READ and not item.study_withdrawn]
    shown = {"imagingMaxAgeDays": case.thresholds.imaging_max_age_days}
    if case.record.gap("Observation"):
        return _unknown(Reason.RECORD_NOT_READ, "The imaging findings could not all be read.", case, read, shown)
    if case.level is None:
        return _unknown(Reason.LEVEL_NOT_RECORDED, "Without the fracture's level no imaging can be matched to it.", case, [], shown)
    here = [item for item in read if item.site.level is case.level]
    votes = [vote(item) for item in here if _usable(item, case)]
    if case.fracture.reopened:
        text = "The fracture was recorded as resolved, and later imaging shows activity."
        return _unknown(Reason.UNHEALED_AFTER_ABATEMENT, text, case, here, shown)
    return _decided(votes, here, case, shown) or _undecided(votes, here, read, case, shown)


def imaging_at_level(case: Case, healing: Finding) -> Finding:
    """The same studies, asked for the level: imaging of the grade that `unhealed` requires, at the level examined."""
    at_level = CriterionId.IMAGING_AT_LEVEL
    if healing.status is Status.MET:
        text = f"Imaging shows an active fracture at {case.level_name}."
        return finding(at_level, Status.MET, Reason.ACTIVE_AT_LEVEL, text, evidence=healing.evidence, thresholds=healing.thresholds)
    if healing.status is Status.NOT_MET:
        text = f"Imaging shows no active fracture at {case.level_name}."
        return finding(at_level, Status.NOT_MET, Reason.NOT_ACTIVE_AT_LEVEL, text, evidence=healing.evidence, thresholds=healing.thresholds)
    passed_on = (Reason.LEVEL_NOT_RECORDED, Reason.IMAGING_WITHOUT_LEVEL, Reason.RECORD_NOT_READ)
    code = next((reason for reason in passed_on if reason == healing.reason_code), Reason.IMAGING_NOT_CONCLUSIVE)
    return finding(
        at_level, Status.UNKNOWN, code, f"No conclusive imaging ties the pain to {case.level_name}.", evidence=healing.evidence,
        thresholds=healing.thresholds, needed=healing.needed,
    )  # fmt: skip


def vote(item: Observation) -> Vote:
    """Oedema is MRI's to say and uptake a bone scan's; CT and radiographs cannot tell acute from healed (guideline.md 1.4)."""
    concept = next(name for name in WORDS if name in item.concepts)
    only_ct = bool(item.modality & CANNOT_TELL) and not item.modality & CROSS_SECTION
    if concept == "marrow-oedema":
        return Vote(item, concept, None if only_ct else item.present, 4)
    if concept == "tracer-uptake":
        return Vote(item, concept, None if only_ct else item.present, 4 if "spect-study" in item.modality else 3)
    if concept == HEALED:
        return Vote(item, concept, False if item.present and not only_ct else None, rank(item))
    if concept == ACUTE:
        return Vote(item, concept, item.present if item.modality & CROSS_SECTION else None, rank(item))
    return Vote(item, concept, True if item.present else None, rank(item))


def rank(item: Observation) -> int:
    return max((value for name, value in RANKS if name in item.modality), default=0)


def _usable(item: Observation, case: Case) -> bool:
    """Final, stated, not before the fracture, and in date (G1, G4)."""
    stated = item.present is not None and not item.preliminary
    return stated and case.in_episode(seen_on(item), 0) and case.no_older_than(seen_on(item), case.thresholds.imaging_max_age_days)


def seen_on(item: Observation) -> PartialDate | None:
    """When the picture was taken, where the study behind a finding says that it was earlier than the finding's own date."""
    if item.studied is None or item.date is None:
        return item.date
    return item.studied if item.studied.certainly_before(item.date) else item.date


def _decided(votes: list[Vote], here: list[Observation], case: Case, shown: dict[str, int]) -> Finding | None:
    telling = [item for item in votes if item.active is not None]
    if not telling:
        return None
    top = max(item.rank for item in telling)
    ranked = sorted((item for item in telling if item.rank == top), key=_newest_first)
    newest = ranked[0]
    lines = _lines([item.item for item in votes])
    last = Last.of(item.item.date for item in ranked if item.active is newest.active)
    against = [item for item in ranked if item.active is not newest.active and not last.replaces(item.item.date)]
    if any(_within_a_day(item, newest) for item in against):
        text = f"Imaging findings at {case.level_name} within a day of each other disagree."
        return _unknown(Reason.CONFLICT, text, case, [item.item for item in ranked], shown)
    doubtful = [item for item in here if item.present is not None and _contradicts(item, newest, case)]
    doubtful += [other.item for other in telling if _may_override(other, newest)]
    if doubtful:
        text = f"A finding at {case.level_name} that is preliminary, inexactly dated or of no named study says otherwise."
        return _unknown(Reason.CONFLICT, text, case, [newest.item, *doubtful], shown)
    if newest.active:
        text = f"{WORDS[newest.concept].capitalize()} at {case.level_name}."
        return finding(THIS, Status.MET, REASONS[newest.concept], text, evidence=lines, thresholds=shown)
    code = Reason.HEALED_ON_IMAGING if newest.concept == HEALED else Reason.NO_ACTIVITY_ON_IMAGING
    text = f"{_words(newest.item).capitalize()} at {case.level_name}."
    return finding(THIS, Status.NOT_MET, code, text, evidence=lines, thresholds=shown)


def _contradicts(item: Observation, newest: Vote, case: Case) -> bool:
    """Says the opposite, is preliminary or not exactly dated, and is of a higher rank, or of the same and not older (G1, G3, G5)."""
    other = vote(item)
    if other.active is None or other.active is newest.active or other.rank < newest.rank or _usable(item, case):
        return False
    older = other.rank == newest.rank and superseded(item, newest.item)
    return case.may_count(item.date, case.thresholds.imaging_max_age_days, 0) and not older


def _may_override(other: Vote, newest: Vote) -> bool:
    """Healed, or cold, on a study that is not named and may be of any rank, and not older: a doubt about an active fracture."""
    unnamed = not other.item.modality and other.concept in (HEALED, "tracer-uptake")
    return bool(newest.active) and other.active is False and unnamed and not superseded(other.item, newest.item)


def _newest_first(item: Vote) -> tuple[float, float, str, str]:
    day, instant = item.item.date.sort_key() if item.item.date is not None else (0, 0.0)
    return (-day, -instant, item.concept, item.item.reference)


def _within_a_day(one: Vote, other: Vote) -> bool:
    return one.item.date is not None and other.item.date is not None and within_a_day(one.item.date, other.item.date)


def _undecided(votes: list[Vote], here: list[Observation], read: list[Observation], case: Case, shown: dict[str, int]) -> Finding:
    limit = case.thresholds.imaging_max_age_days
    stated = [item for item in here if item.present is not None]
    if votes:
        text = "What imaging there is cannot tell an active fracture from a healed one."
        return _unknown(Reason.MODALITY_CANNOT_TELL, text, case, [item.item for item in votes], shown)
    if any(item.preliminary for item in stated):
        return _unknown(Reason.IMAGING_PENDING, "The imaging report is preliminary.", case, stated, shown)
    if any(case.undated(seen_on(item), limit, 0) for item in stated):
        return _unknown(Reason.IMAGING_UNDATED, "The imaging finding is not dated exactly enough.", case, stated, shown)
    if any(case.older_than(seen_on(item), limit) for item in stated):
        return _unknown(Reason.IMAGING_STALE, f"The imaging is more than {limit} days old.", case, stated, shown)
    if stated:
        text = f"The imaging {case.was_before((seen_on(item) for item in stated), 0)}."
        return _unknown(Reason.IMAGING_BEFORE_ONSET, text, case, stated, shown)
    if no_level := [item for item in read if item.present and item.site.level is None]:
        return _unknown(Reason.IMAGING_WITHOUT_LEVEL, "An imaging finding is recorded without its level.", case, no_level, shown)
    return _no_finding(case, shown)


def _no_finding(case: Case, shown: dict[str, int]) -> Finding:
    """A study on record is not a finding: say that it is there, and that its result is not coded."""
    studies = [item for item in case.record.imaging_studies if item.modality & CROSS_SECTION and case.in_episode(item.date, 0)]
    if any(item.preliminary for item in studies):
        return _unknown(Reason.IMAGING_PENDING, "A study is not yet reported.", case, [], shown, studies)
    if studies:
        text = "A study is on record, but no coded finding at this level."
        return _unknown(Reason.NO_IMAGING_FINDING, text, case, [], shown, studies)
    text = f"No imaging finding at {case.level_name} tells an unhealed fracture from a healed one."
    return _unknown(Reason.NO_IMAGING_FINDING, text, case, [], shown)


def _unknown(
    code: Reason, text: str, case: Case, items: list[Observation], shown: dict[str, int], studies: list[ImagingStudy] | None = None
) -> Finding:
    needed = (
        f"MRI of {case.level_name} with a fluid-sensitive sequence (STIR or fat-suppressed T2), or SPECT/CT where MRI is not possible,"
        " its finding coded with level and date."
    )
    lines = _lines(items) + [evidence(study, study.date, "study on record, finding not coded") for study in studies or []]
    return finding(THIS, Status.UNKNOWN, code, text, evidence=lines, thresholds=shown, needed=needed)


def _lines(items: list[Observation]) -> list[Evidence]:
    return [evidence(item, item.date, f"{_words(item)}, {level_words(item)}") for item in items]


def _words(item: Observation) -> str:
    concept = next(name for name in WORDS if name in item.concepts)
    return WORDS[concept] if item.present else f"no {WORDS[concept]}"
