"""Pain scores on one 0 to 10 scale, those of this fracture's episode, and the newest that counts (guideline.md 1.5; terminology.md 4a)."""

import msgspec

from clinical.record import Observation, Site
from clinical.status import Status
from guidelines.ta279.case import Case

NUMERIC = frozenset({"pain-nrs", "pain-vas", "pain-faces", "pain-reported", "pain-score-scale-unstated"})
SCALE_UNSTATED = "pain-score-scale-unstated"
TOP = 10.0
# What one unit is worth on the 0 to 10 scale, and whether the unit alone states the scale.
UNITS = {
    "": (1.0, False), "1": (1.0, False), "{score}": (1.0, False), "score": (1.0, False), "points": (1.0, False), "{points}": (1.0, False),
    "/10": (1.0, True), "{score}/10": (1.0, True), "cm": (1.0, True), "mm": (0.1, True), "%": (0.1, True), "/100": (0.1, True),
}  # fmt: skip


class PainScore(msgspec.Struct, frozen=True):
    """`low`..`high` on 0 to 10; None for both where pain was coded in words. `severe` against the local cut."""

    item: Observation
    low: float | None
    high: float | None
    severe: Status

    @property
    def words(self) -> str:
        if self.low is None or self.high is None:
            return f"pain coded as {_coded(self.item)}" if _coded(self.item) else "pain score, inexact"
        return f"pain {self.low:g}/10" if self.low == self.high else f"pain {self.low:g} to {self.high:g}/10"

    @property
    def site_recorded(self) -> bool:
        return self.item.site.site is not Site.ABSENT


class PainHistory(msgspec.Struct, frozen=True):
    """`scores`: valid, final, of the back, in the episode, newest first. `index`: the newest that is in date.

    `others` are the pain observations that do not count, for saying why.
    """

    scores: tuple[PainScore, ...]
    index: PainScore | None
    contradicting: tuple[PainScore, ...]
    others: tuple[Observation, ...]

    def before(self, index: PainScore) -> list[PainScore]:
        return [score for score in self.scores if _certainly_before(score, index)]


def pain_history(case: Case) -> PainHistory:
    reported = [item for item in case.record.observations if item.concepts & NUMERIC]
    valid = [(item, score) for item in reported if (score := read_score(item, case)) is not None]
    counted = [score for item, score in valid if _counts(item, case)]
    counted.sort(key=_newest_first)
    in_date = [score for score in counted if case.no_older_than(score.item.date, case.thresholds.pain_max_age_days)]
    index = in_date[0] if in_date else None
    contradicting = tuple(score for score in in_date[1:] if index is not None and _contradicts(score, index, case))
    contradicting += tuple(score for item, score in valid if index is not None and _in_doubt(item, case) and _denies(score, index))
    used = {id(score.item) for score in counted}
    return PainHistory(tuple(counted), index, contradicting, tuple(item for item in reported if id(item) not in used))


def read_score(item: Observation, case: Case) -> PainScore | None:
    """The observation as a score, or None where its scale cannot be told (mm and 0-100 are never guessed)."""
    cut = case.thresholds.pain_severe_min
    if word := _coded(item):
        return PainScore(item, None, None, Status.MET if word == "severe" else Status.NOT_MET)
    scaled = _scaled(item)
    if scaled is None:
        return None
    low, high = scaled
    if low is not None and low >= cut:
        return PainScore(item, low, high, Status.MET)
    below = high is not None and (high < cut or (high == cut and item.quantity is not None and not item.quantity.high_inclusive))
    return PainScore(item, low, high, Status.NOT_MET if below else Status.UNKNOWN)


def on_back(item: Observation) -> bool:
    """A recorded site must be the back or a thoracic or lumbar vertebra; an unrecorded one may be."""
    if item.site.site is Site.LEVEL:
        return item.site.level is not None and item.site.level.in_scope
    return item.site.site in (Site.ABSENT, Site.SPINE)


def _coded(item: Observation) -> str:
    if "pain-reported" not in item.concepts:
        return ""
    return next((word for word in ("severe", "moderate", "mild") if f"severity-{word}" in item.value_concepts), "")


def _scaled(item: Observation) -> tuple[float | None, float | None] | None:
    quantity = item.quantity
    if quantity is None or quantity.unit not in UNITS:
        return None
    factor, stated = UNITS[quantity.unit]
    if not stated and quantity.scale_high is not None:
        factor, stated = TOP / quantity.scale_high, True
    if SCALE_UNSTATED in item.concepts and item.concepts.isdisjoint(NUMERIC - {SCALE_UNSTATED}) and not stated:
        return None
    low = None if quantity.low is None else quantity.low * factor
    high = None if quantity.high is None else quantity.high * factor
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds or any(not 0 <= bound <= TOP for bound in bounds):
        return None
    return (low, high)


def _counts(item: Observation, case: Case) -> bool:
    if item.preliminary or not on_back(item) or not case.in_episode(item.date):
        return False
    return item.site.site is not Site.ABSENT or not case.thresholds.require_pain_body_site


def _in_doubt(item: Observation, case: Case) -> bool:
    """Of the back, and preliminary or not exactly dated: too little to be the index score, enough to doubt it (G1, G3)."""
    if not on_back(item) or (item.site.site is Site.ABSENT and case.thresholds.require_pain_body_site):
        return False
    limit = case.thresholds.pain_max_age_days
    certain = _counts(item, case) and case.no_older_than(item.date, limit)
    return not certain and case.may_count(item.date, limit)


def _denies(score: PainScore, index: PainScore) -> bool:
    return score.severe is not index.severe and not _certainly_before(score, index)


def _contradicts(score: PainScore, index: PainScore, case: Case) -> bool:
    """Within 24 hours, on the other side of the cut, and far enough apart; or in an order that cannot be told (G5a, 1.5)."""
    if score.item.date is None or index.item.date is None or score.severe is index.severe:
        return False
    if not _certainly_before(score, index):
        return True
    if not score.item.date.may_be_within_a_day_of(index.item.date):
        return False
    return _distance(score, index) >= case.thresholds.pain_conflict_delta


def _distance(one: PainScore, other: PainScore) -> float:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return TOP
    return max(abs(one.high - other.low), abs(other.high - one.low))


def _certainly_before(score: PainScore, index: PainScore) -> bool:
    return score.item.date is not None and index.item.date is not None and score.item.date.certainly_before(index.item.date)


def _newest_first(score: PainScore) -> tuple[float, float, float, str]:
    day, instant = score.item.date.sort_key() if score.item.date is not None else (0, 0.0)
    return (-day, -instant, score.low if score.low is not None else -1.0, score.item.reference)
