"""One fracture before the criteria: the record, the day, the thresholds, and what 'in the episode' means for it (G3, G4)."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from clinical.dates import DAY_SECONDS, PartialDate
from clinical.record import Observation, PatientRecord
from clinical.status import Status
from clinical.vertebra import VertebralLevel
from guidelines.ta279.fractures import VertebralFracture
from guidelines.ta279.thresholds import Thresholds

EPISODE_TOLERANCE_DAYS = 3


class Case(msgspec.Struct, frozen=True):
    fracture: VertebralFracture
    record: PatientRecord
    today: date
    thresholds: Thresholds

    @property
    def level(self) -> VertebralLevel | None:
        return self.fracture.level

    @property
    def level_name(self) -> str:
        return self.fracture.level.value if self.fracture.level is not None else "the fracture's level"

    @property
    def onset_latest(self) -> date:
        return self.fracture.onset_latest(self.today)

    @property
    def onset_earliest(self) -> date | None:
        return self.fracture.onset.earliest if self.fracture.onset is not None else None

    def in_episode(self, when: PartialDate | None, tolerance_days: int = EPISODE_TOLERANCE_DAYS) -> bool:
        """Certainly not before the latest possible onset; pain and examination have three days' grace (G4)."""
        start = self.onset_latest - timedelta(days=tolerance_days)
        return when is not None and when.on_or_after(start) is Status.MET

    def certainly_before_episode(self, when: PartialDate, tolerance_days: int = EPISODE_TOLERANCE_DAYS) -> bool:
        """In no reading of either date does it belong to this episode."""
        if self.onset_earliest is None:
            return False
        return when.on_or_after(self.onset_earliest - timedelta(days=tolerance_days)) is Status.NOT_MET

    def may_count(self, when: PartialDate | None, days: int, tolerance_days: int = EPISODE_TOLERANCE_DAYS) -> bool:
        """Dated, and in some reading of this episode and in date: enough to contradict, not enough to convince."""
        if when is None or self.certainly_before_episode(when, tolerance_days):
            return False
        return when.age_at_most(days, self.today) is not Status.NOT_MET

    def undated(self, when: PartialDate | None, days: int, tolerance_days: int = EPISODE_TOLERANCE_DAYS) -> bool:
        """Of what does not count: without a day of its own, so that it may be of this episode and in date."""
        return when is None or (when.earliest != when.latest and self.may_count(when, days, tolerance_days))

    def was_before(self, dates: Iterable[PartialDate | None], tolerance_days: int = EPISODE_TOLERANCE_DAYS) -> str:
        """Of what was not certainly after the onset, which may be vague: 'was before this fracture', if that is certain."""
        certain = all(when is not None and self.certainly_before_episode(when, tolerance_days) for when in dates)
        return f"{'was' if certain else 'may have been'} before this fracture"

    def older_than(self, when: PartialDate | None, days: int) -> bool:
        return when is not None and when.age_at_most(days, self.today) is Status.NOT_MET

    def no_older_than(self, when: PartialDate | None, days: int) -> bool:
        return when is not None and when.age_at_most(days, self.today) is Status.MET


def latest_first(observations: Iterable[Observation]) -> list[Observation]:
    return sorted(observations, key=lambda item: (item.date.sort_key() if item.date else (0, 0.0), item.reference), reverse=True)


def level_words(item: Observation) -> str:
    return item.site.level.value if item.site.level is not None else "level not recorded"


class Last(msgspec.Struct, frozen=True):
    """Of some dates all that decides whether one of them certainly replaces another date: later by more than a day (G5a).

    `instant` is the last of those with a time of day, `untimed` the last day on which one without may begin, `day` that of all.
    """

    instant: float | None
    untimed: date | None
    day: date | None

    @classmethod
    def of(cls, dates: Iterable[PartialDate | None]) -> "Last":
        known = [when for when in dates if when is not None]
        days = [(when.earliest, when.instant is None) for when in known if when.earliest is not None]
        return cls(
            instant=max((when.instant for when in known if when.instant is not None), default=None),
            untimed=max((day for day, untimed in days if untimed), default=None),
            day=max((day for day, _ in days), default=None),
        )

    def replaces(self, when: PartialDate | None) -> bool:
        """Two times are 24 hours apart or more; else the days have one between them. What has no date is not known to be older."""
        if when is None:
            return False
        if when.instant is not None and self.instant is not None and self.instant - when.instant > DAY_SECONDS:
            return True
        day = self.day if when.instant is None else self.untimed
        return day is not None and when.latest is not None and (day - when.latest).days > 1


def may_be_newest(observations: Iterable[Observation]) -> list[Observation]:
    """Those that none of the others certainly replaces: one, or several of the same 24 hours or whose order cannot be told (G5a).

    What has no date is replaced by anything that has one.
    """
    items = list(observations)
    dated = [item for item in items if item.date is not None]
    last = Last.of(item.date for item in dated)
    return [item for item in dated if not last.replaces(item.date)] if dated else items


def within_a_day(one: PartialDate, other: PartialDate) -> bool:
    """In some reading: 24 hours where both carry a time, else one calendar day; an open end may be any day beyond it (G5a)."""
    if one.instant is not None and other.instant is not None:
        return one.may_be_within_a_day_of(other)
    return not (_days_later(one, other) > 1 or _days_later(other, one) > 1)


def _days_later(one: PartialDate, other: PartialDate) -> int:
    """Days from the last possible day of the other to the first of this one; 0 where a bound is open."""
    return (one.earliest - other.latest).days if one.earliest is not None and other.latest is not None else 0


def superseded(item: Observation, newest: Observation) -> bool:
    """Certainly older, by more than a day."""
    if item.date is None or newest.date is None:
        return False
    return item.date.certainly_before(newest.date) and not within_a_day(item.date, newest.date)


def standing(said: Iterable[Observation], final: Iterable[Observation]) -> list[Observation]:
    """What none of the final statements to the contrary supersedes (G5)."""
    against = list(final)
    last = {present: Last.of(item.date for item in against if item.present is not present) for present in (True, False, None)}
    return [item for item in said if not last[item.present].replaces(item.date)]
