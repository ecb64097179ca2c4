"""One fracture before the criteria: the record, the day, the thresholds, and what 'in the episode' means for it (G3, G4)."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from clinical.dates import PartialDate
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

    def no_older_than(self, when: PartialDate | None, days: int) -> bool:
        return when is not None and when.age_at_most(days, self.today) is Status.MET


def latest_first(observations: Iterable[Observation]) -> list[Observation]:
    return sorted(observations, key=lambda item: (item.date.sort_key() if item.date else (0, 0.0), item.reference), reverse=True)


def level_words(item: Observation) -> str:
    return item.site.level.value if item.site.level is not None else "level not recorded"


def may_be_newest(observations: Iterable[Observation]) -> list[Observation]:
    """Those that none of the others certainly replaces: one, or several of the same 24 hours or whose order cannot be told (G5a)."""
    items = list(observations)
    return [item for item in items if not any(_replaces(other, item) for other in items)]


def _replaces(other: Observation, item: Observation) -> bool:
    if item.date is None or other.date is None:
        return item.date is None and other.date is not None
    return item.date.certainly_before(other.date) and not within_a_day(item.date, other.date)


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
    return item.date is not None and newest.date is not None and _replaces(newest, item)


def standing(said: Iterable[Observation], final: Iterable[Observation]) -> list[Observation]:
    """What none of the final statements to the contrary supersedes (G5)."""
    against = list(final)
    return [item for item in said if not any(item.present is not later.present and superseded(item, later) for later in against)]
