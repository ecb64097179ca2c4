"""Pain scores on one 0 to 10 scale, those of this fracture's episode, and the newest that counts (guideline.md 1.5; terminology.md 4a)."""

import msgspec

from clinical.dates import PartialDate
from clinical.record import Observation, Site
from clinical.status import Status
from guidelines.ta279.case import Case, within_a_day

NUMERIC = frozenset({"pain-nrs", "pain-vas", "pain-faces", "pain-reported", "pain-score-scale-unstated"})
LOCATION = "pain-location"
SCALE_UNSTATED = "pain-score-scale-unstated"
TOP = 10.0
UNDATED = PartialDate()
# What one unit is worth on the 0 to 10 scale, and whether the unit alone states the scale.
UNITS = {
    "": (1.0, False), "1": (1.0, False), "{score}": (1.0, False), "score": (1.0, False), "points": (1.0, False), "{points}": (1.0, False),
    "/10": (1.0, True), "{score}/10": (1.0, True), "cm": (1.0, True), "mm": (0.1, True), "%": (0.1, True), "/100": (0.1, True),
}  # fmt: skip


class PainScore(msgspec.Struct, frozen=True):
    """`low`..`high` on 0 to 10; None for both where pain was coded in words. `severe` against the local cut. No date is any date."""

    item: Observation
    date: PartialDate
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
    """`scores`: valid, final, of the back, in the episode, newest first. `index`: the newest that is in date, `newest`: all that may be.

    `possible` are these and what is preliminary, or only possibly of the episode. `others` are the observations that do not count, for
    saying why.
    """

    scores: tuple[PainScore, ...]
    index: PainScore | None
    newest: tuple[PainScore, ...]
    possible: tuple[PainScore, ...]
    contradicting: tuple[PainScore, ...]
    others: tuple[Observation, ...]

    def before(self, index: PainScore) -> list[PainScore]:
        return [score for score in self.scores if score.date.certainly_before(index.date)]


def pain_history(case: Case) -> PainHistory:
    reported = [item for item in case.record.observations if item.concepts & NUMERIC]
    valid = [(item, score) for item in reported if (score := read_score(item, case)) is not None]
    counted = sorted((score for item, score in valid if _counts(item, case)), key=_newest_first)
    possible = tuple(score for item, score in valid if _may_be_of_episode(item, case))
    limit = case.thresholds.pain_max_age_days
    in_date = [score for score in counted if case.no_older_than(score.date, limit)]
    newest = [score for score in in_date if not any(score.date.certainly_before(other.date) for other in in_date)]
    perhaps = [score for score in possible if case.may_count(score.date, limit)]
    perhaps = [score for score in perhaps if not any(score.date.certainly_before(other.date) for other in newest)]
    used = {id(score.item) for score in counted}
    others = tuple(item for item in reported if id(item) not in used)
    contradicting = _contradicting(newest, perhaps, possible, case)
    return PainHistory(tuple(counted), in_date[0] if in_date else None, tuple(newest), possible, contradicting, others)


def _contradicting(newest: list[PainScore], perhaps: list[PainScore], possible: tuple[PainScore, ...], case: Case) -> tuple[PainScore, ...]:
    """What says otherwise than the index: of those that may be newer, any; of those of the same 24 hours, if far enough (G5a, 1.5)."""
    if not newest:
        return ()
    index = newest[0]
    say_otherwise = [score for score in perhaps if score.severe is not index.severe]
    of_the_day = [score for score in possible if score.severe is not index.severe and any(_conflict(score, one, case) for one in newest)]
    return tuple(sorted({id(score.item): score for score in say_otherwise + of_the_day}.values(), key=_newest_first))


def read_score(item: Observation, case: Case) -> PainScore | None:
    """The observation as a score, or None where its scale cannot be told (mm and 0-100 are never guessed)."""
    cut = case.thresholds.pain_severe_min
    date = item.date if item.date is not None else UNDATED
    if word := _coded(item):
        return PainScore(item, date, None, None, Status.MET if word == "severe" else Status.NOT_MET)
    scaled = _scaled(item)
    if scaled is None:
        return None
    low, high = scaled
    if low is not None and low >= cut:
        return PainScore(item, date, low, high, Status.MET)
    below = high is not None and (high < cut or (high == cut and item.quantity is not None and not item.quantity.high_inclusive))
    return PainScore(item, date, low, high, Status.NOT_MET if below else Status.UNKNOWN)


def on_back(item: Observation) -> bool:
    """A recorded site must be the back or a thoracic or lumbar vertebra; an unrecorded one may be."""
    if item.site.site is Site.LEVEL:
        return item.site.level is not None and item.site.level.in_scope
    return item.site.site in (Site.ABSENT, Site.SPINE)


def told_elsewhere(item: Observation, case: Case) -> bool:
    """No site is stated, and the main place of the pain was told to be elsewhere within 24 hours: the score may be of that place."""
    if item.site.site is not Site.ABSENT or item.date is None:
        return False
    places = (each for each in case.record.observations if LOCATION in each.concepts and not on_back(each))
    return any(place.date is not None and within_a_day(item.date, place.date) for place in places)


def _coded(item: Observation) -> str | None:
    if "pain-reported" not in item.concepts:
        return None
    return next((word for word in ("severe", "moderate", "mild") if f"severity-{word}" in item.value_concepts), None)


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
    if item.preliminary or not on_back(item) or not case.in_episode(item.date) or told_elsewhere(item, case):
        return False
    return item.site.site is not Site.ABSENT or not case.thresholds.require_pain_body_site


def _may_be_of_episode(item: Observation, case: Case) -> bool:
    """Of the back, dated, and in some reading of this episode: enough to doubt the index score (G1, G3)."""
    if not on_back(item) or (item.site.site is Site.ABSENT and case.thresholds.require_pain_body_site):
        return False
    return item.date is not None and not case.certainly_before_episode(item.date)


def _conflict(score: PainScore, newest: PainScore, case: Case) -> bool:
    return within_a_day(score.date, newest.date) and _distance(score, newest) >= case.thresholds.pain_conflict_delta


def _distance(one: PainScore, other: PainScore) -> float:
    """The most by which they may differ; a coded word differs from anything that says otherwise."""
    if _coded(one.item) or _coded(other.item):
        return TOP
    low, high = _ends(one)
    other_low, other_high = _ends(other)
    return max(high - other_low, other_high - low)


def _ends(score: PainScore) -> tuple[float, float]:
    return (0.0 if score.low is None else score.low, TOP if score.high is None else score.high)


def _newest_first(score: PainScore) -> tuple[float, float, float, str]:
    day, instant = score.date.sort_key()
    return (-day, -instant, score.low if score.low is not None else -1.0, score.item.reference)
