"""`compression-fracture` and `recent`: what broke, where, and when (guideline.md 1.2, 1.3)."""

from datetime import date, timedelta

from clinical.assessment import Evidence, Finding
from clinical.dates import PartialDate
from clinical.record import Condition, Observation, Verification
from clinical.status import Status
from guidelines.ta279.case import Case, superseded, within_a_day
from guidelines.ta279.cause import OTHER_CAUSE, when
from guidelines.ta279.evidence import days, evidence, finding
from guidelines.ta279.fractures import NEW_EPISODE_DAYS
from guidelines.ta279.imaging import rank
from guidelines.ta279.reasons import Caution, CriterionId, Reason

COMPRESSION = frozenset({
    "osteoporotic-vertebral-fracture", "vertebral-compression-fracture", "vertebral-fracture-other-cause",
    "osteoporotic-fracture-site-unspecified", "compression-fracture-site-unspecified",
})  # fmt: skip
ANY_FRACTURE = COMPRESSION | {"vertebral-fracture", "burst-vertebral-fracture", "acute-vertebral-fracture"}
SUBACUTE_DAYS = 84
COMPRESSED, TIME = CriterionId.COMPRESSION_FRACTURE, CriterionId.RECENT


def compression_fracture(case: Case) -> Finding:
    cautions = [Caution.UPPER_THORACIC] if case.level is not None and case.level.upper_thoracic else []
    verdict = _excluded(case) or _contradicted(case) or _shown(case, cautions)
    return verdict or _not_established(case, cautions)


def _excluded(case: Case) -> Finding | None:
    if not case.fracture.out_of_scope:
        return None
    lines = [evidence(item, when(item), "fracture of the neck or sacrum") for item in case.fracture.conditions]
    lines += [evidence(item, item.date, "fracture of the neck or sacrum") for item in case.fracture.findings]
    text = "The fracture is outside the thoracic and lumbar spine, where this service does not apply TA279."
    return finding(COMPRESSED, Status.NOT_MET, Reason.LEVEL_OUT_OF_SCOPE, text, evidence=lines)


def _contradicted(case: Case) -> Finding | None:
    """Refuted by a clinician, or by later final imaging at this level."""
    refuted = [item for item in case.record.conditions if _refutes(item, case)]
    absent = [item for item in case.record.observations if _denies(item, case)]
    if not (refuted or absent):
        return None
    lines = [evidence(item, when(item), "fracture refuted") for item in refuted]
    lines += [evidence(item, item.date, "no fracture on imaging") for item in absent]
    if refuted and not _confirming(case):
        return finding(COMPRESSED, Status.NOT_MET, Reason.REFUTED, "The fracture was recorded as refuted.", evidence=lines)
    if refuted or all(_leaves_a_doubt(item, case) for item in absent):
        lines += [evidence(item, when(item), f"fracture recorded at {case.level_name}") for item in _confirming(case)]
        lines += [evidence(item, item.date, f"fracture on imaging at {case.level_name}") for item in case.fracture.findings]
        return finding(
            COMPRESSED, Status.UNKNOWN, Reason.CONFLICT, f"The record both states and denies a fracture at {case.level_name}.",
            evidence=lines, needed="One diagnosis: correct the entry that is wrong.",
        )  # fmt: skip
    text = f"Later imaging shows no fracture at {case.level_name}."
    return finding(COMPRESSED, Status.NOT_MET, Reason.IMAGING_SHOWS_NO_FRACTURE, text, evidence=lines)


def _leaves_a_doubt(denial: Observation, case: Case) -> bool:
    """Not certainly later than the record of the fracture, met by its opposite of the same day, or not all of the record was read."""
    later = all(day is not None and denial.date is not None and day.certainly_before(denial.date) for day in _recorded(case))
    return not later or case.record.gap("Observation") is not None or any(_disagree(denial, seen) for seen in case.fracture.findings)


def _recorded(case: Case) -> list[PartialDate | None]:
    return [item.recorded if item.recorded is not None else item.onset for item in case.fracture.conditions]


def _shown(case: Case, cautions: list[Caution]) -> Finding | None:
    if case.level is None or case.fracture.level_from_imaging:
        return None
    told, seen = _confirming(case), _on_imaging(case)
    lines = [evidence(item, when(item), f"compression fracture, {case.level_name}") for item in told if not item.site.disputed]
    lines += [evidence(item, item.date, f"compression fracture on imaging, {case.level_name}") for item in seen if not item.site.disputed]
    if not lines:
        return None
    text = f"A compression fracture is recorded at {case.level_name}."
    return finding(COMPRESSED, Status.MET, Reason.CODED_AT_ONE_LEVEL, text, evidence=lines, cautions=cautions)


def _not_established(case: Case, cautions: list[Caution]) -> Finding:
    fracture = case.fracture
    lines = [evidence(item, when(item), "vertebral fracture recorded") for item in fracture.conditions]
    lines += [evidence(item, item.date, "vertebral fracture on imaging") for item in fracture.findings]
    if fracture.text_only:
        code, text = Reason.FREE_TEXT_ONLY, "A vertebral fracture is mentioned in words only."
        needed = "The fracture as a coded problem with its vertebral level."
    elif case.level is None:
        code, text = Reason.LEVEL_NOT_RECORDED, "The diagnosis does not name one vertebra."
        needed = "The vertebral level of the fracture, as a coded body site (T1 to L5)."
    elif fracture.level_from_imaging:
        code, text = Reason.LEVEL_ONLY_ON_IMAGING, f"Only imaging names the level, {case.level_name}."
        needed = f"The diagnosis with its level: confirm {case.level_name} as its body site."
    elif any(site.disputed for site in [item.site for item in fracture.conditions] + [item.site for item in fracture.findings]):
        code, text = Reason.LEVELS_DISAGREE, f"The code of the fracture names another vertebra than its body site, {case.level_name}."
        needed = "The vertebral level of the fracture, the same in its code and its body site."
    elif any(item.verification is Verification.UNCONFIRMED for item in fracture.conditions):
        code, text = Reason.UNCONFIRMED_DIAGNOSIS, "The diagnosis is not confirmed."
        needed = f"A confirmed diagnosis, or a final imaging finding of compression fracture at {case.level_name}."
    else:
        code, text = Reason.TYPE_NOT_STATED, "The code does not say that the fracture is a compression fracture."
        needed = f"The type of fracture at {case.level_name}, coded as compression, wedge or collapse if it is one."
    return finding(COMPRESSED, Status.UNKNOWN, code, text, evidence=lines, cautions=cautions, needed=needed)


def _confirming(case: Case) -> list[Condition]:
    return [
        item for item in case.fracture.conditions
        if item.concepts & COMPRESSION and item.verification is Verification.CONFIRMED
        and (item.site.level is not None or case.level is None)
    ]  # fmt: skip


def _on_imaging(case: Case) -> list[Observation]:
    return [item for item in case.fracture.findings if item.concepts & COMPRESSION]


def _refutes(item: Condition, case: Case) -> bool:
    """A refuted entry counts unless it was certainly recorded before the fracture was seen (G1)."""
    if item.verification is not Verification.REFUTED or case.level is None or item.site.level is not case.level:
        return False
    if not item.concepts & ((ANY_FRACTURE | {"fracture-site-unspecified"}) - OTHER_CAUSE):
        return False  # to refute another disease is not to refute the fracture
    if item.onset is not None and _of_another_time(item.onset, case):
        return False
    started = [day for day in (case.fracture.onset, *(seen.date for seen in _on_imaging(case))) if day is not None]
    return not any(item.recorded is not None and item.recorded.certainly_before(day) for day in started)


def _of_another_time(onset: PartialDate, case: Case) -> bool:
    """More than 90 days before or after this fracture began (G8)."""
    last = case.onset_latest + timedelta(days=NEW_EPISODE_DAYS)
    return case.certainly_before_episode(onset, NEW_EPISODE_DAYS) or onset.on_or_before(last) is Status.NOT_MET


def _denies(item: Observation, case: Case) -> bool:
    """Final imaging that states no fracture here, not from before the record of it, and that no other imaging outweighs."""
    if item.present is not False or item.preliminary or not item.concepts & ANY_FRACTURE or item.concepts & {"acute-vertebral-fracture"}:
        return False
    if case.level is None or item.site.level is not case.level or item.date is None:
        return False
    if any(day is not None and item.date.certainly_before(day) for day in _recorded(case)):
        return False
    return not any(_outweighs(seen, item) for seen in case.fracture.findings)


def _outweighs(seen: Observation, denial: Observation) -> bool:
    """A higher rank stands whatever its date; an equal one where it is later; a lower one never overrides (G5)."""
    return rank(seen) > rank(denial) or (rank(seen) == rank(denial) and superseded(denial, seen))


def _disagree(one: Observation, other: Observation) -> bool:
    """Studies of one rank within 24 hours of each other, in some reading (G5a)."""
    return rank(one) == rank(other) and (one.date is None or other.date is None or within_a_day(one.date, other.date))


def recent(case: Case) -> Finding:
    """Inclusive at the window's edge; a bound alone can prove 'not recent' but never 'recent' (G3)."""
    onset, thresholds = case.fracture.onset, case.thresholds
    shown = {"recentMaxDays": thresholds.recent_max_days, "acuteMaxDays": thresholds.acute_max_days}
    lines = [evidence(item, onset if item.onset is not None else item.recorded, _dated(item)) for item in case.fracture.conditions]
    lines += [evidence(item, item.date, "fracture on imaging") for item in case.fracture.findings]
    if onset is None:
        return finding(
            TIME, Status.UNKNOWN, Reason.ONSET_NOT_RECORDED, "No date says when the fracture happened.",
            evidence=lines, thresholds=shown, needed="The date of onset of the fracture.",
        )  # fmt: skip
    status = onset.age_at_most(thresholds.recent_max_days, case.today)
    if status is Status.NOT_MET:
        text = f"Onset at least {days(_days_ago(onset.latest, case))} ago, outside the local window of {days(thresholds.recent_max_days)}."
        return finding(TIME, status, Reason.OUTSIDE_WINDOW, text, evidence=lines, thresholds=shown)
    if status is Status.UNKNOWN:
        return _undecided(case, lines, shown)
    youngest, oldest = _days_ago(onset.latest, case), _days_ago(onset.earliest, case)
    span = days(oldest) if youngest == oldest else f"{youngest} to {oldest} days"
    text = f"Onset {span} ago, within the local window of {days(thresholds.recent_max_days)}."
    return finding(TIME, status, Reason.WITHIN_WINDOW, text, evidence=lines, thresholds=shown, cautions=_late(oldest, case))


def _undecided(case: Case, lines: list[Evidence], shown: dict[str, int]) -> Finding:
    onset = case.fracture.onset
    if onset is not None and onset.earliest is None:
        code, text = Reason.ONSET_ONLY_BOUNDED, "Only when the fracture was recorded is known, not when it happened."
    elif case.fracture.onsets_disagree:
        code, text = Reason.ONSETS_DISAGREE, "Entries for this level give onsets one to three months apart."
    else:
        code, text = Reason.ONSET_SPANS_WINDOW, "The recorded onset is not exact enough to place it in or out of the local window."
    return finding(
        TIME, Status.UNKNOWN, code, text, evidence=lines, thresholds=shown, needed="The date of onset of the fracture, to the day."
    )


def _late(oldest: int, case: Case) -> list[Caution]:
    """Past the acute window is subacute; past twelve weeks, where a profile allows it, is later still (guideline.md 1.3)."""
    if oldest <= case.thresholds.acute_max_days:
        return []
    return [Caution.SUBACUTE if oldest <= SUBACUTE_DAYS else Caution.OLDER_THAN_ACUTE_WINDOW]


def _days_ago(day: date | None, case: Case) -> int:
    """Only asked of a bound that is known."""
    return (case.today - day).days if day is not None else 0


def _dated(item: Condition) -> str:
    return "onset" if item.onset is not None else "recorded, onset not given"
