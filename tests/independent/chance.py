"""A seeded source of days, dates of every precision, sites and names for made-up patients."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from clinical.dates import PartialDate
from clinical.record import BodySite, Site, Source
from clinical.vertebra import VertebralLevel

T = TypeVar("T")

BOUNDARIES = (0, 3, 7, 14, 28, 30, 42, 84, 90, 365)
SOURCES: tuple[Source, ...] = ("prefetch", "fetched", "bundle")


class Chance:
    """All that is left to chance in one patient. `care` is how often a fact is what the criteria ask for."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.today = self.of((date(2026, 11, 22), date(2026, 3, 1), date(2028, 2, 29), date(2027, 1, 10)))
        self.care = self.of((0.99, 0.96, 0.9, 0.75, 0.4))
        self.numbered = 0

    def yes(self, probability: float) -> bool:
        return self.random.random() < probability

    def careful(self) -> bool:
        return self.yes(self.care)

    def of(self, things: Sequence[T]) -> T:
        return self.random.choice(things)

    def weighted(self, things: dict[T, float]) -> T:
        return self.random.choices(list(things), list(things.values()))[0]

    def number(self, first: int, last: int) -> int:
        return self.random.randint(first, last)

    def near(self, *cuts: int) -> int:
        """A number of days at a cut, or one beside it."""
        return max(0, self.of(cuts) + self.of((-1, 0, 0, 1)))

    def reference(self, resource_type: str) -> str:
        self.numbered += 1
        return f"{resource_type}/{self.numbered}"

    def source(self) -> Source:
        return self.of(SOURCES)

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days_ago)

    def exactly(self, days_ago: int) -> PartialDate:
        day = self.day(days_ago)
        return PartialDate(day, day, self.instant(day)) if self.yes(0.25) else PartialDate(day, day)

    def instant(self, day: date) -> float:
        return datetime(day.year, day.month, day.day, self.number(0, 23), self.of((0, 30)), tzinfo=UTC).timestamp()

    def when(self, days_ago: int, vague: float = 0.08) -> PartialDate | None:
        """That day; now and then only its month, its year, a bound, a few days, or nothing. Never all in the future."""
        if not self.yes(vague):
            return self.exactly(days_ago)
        day = self.day(days_ago)
        month_end = (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        return self.of(
            (
                PartialDate(day.replace(day=1), month_end),
                PartialDate(date(day.year, 1, 1), date(day.year, 12, 31)),
                PartialDate(None, day),
                PartialDate(day, None),
                PartialDate(day - timedelta(self.number(1, 20)), day),
                None,
            )
        )

    def level_near(self, level: VertebralLevel) -> VertebralLevel:
        every = list(VertebralLevel)
        return every[min(max(every.index(level) + self.of((-3, -2, -1, 1, 2, 3)), 0), len(every) - 1)]


def at(level: VertebralLevel | None) -> BodySite:
    return BodySite(Site.ABSENT) if level is None else BodySite(Site.LEVEL, level)


SPINE = BodySite(Site.SPINE)
NECK_OR_SACRUM = BodySite(Site.OUT_OF_SCOPE)
HIP = BodySite(Site.HIP)
ELSEWHERE = BodySite(Site.OTHER)
NOT_UNDERSTOOD = BodySite(Site.UNREAD)
NOT_SAID = BodySite()
