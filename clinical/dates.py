"""Dates as the record knows them: an interval of days, with an instant where a time was given (guideline.md G3)."""

from datetime import date

import msgspec

from clinical.status import Status, status_of

DAY_SECONDS = 86_400


class PartialDate(msgspec.Struct, frozen=True, gc=False):
    """`2024-05` is 1 May 2024 to 31 May 2024. Bounds are inclusive days in the service's time zone; a missing bound is open.

    `instant` is seconds since the epoch, only where the source gave a time of day.
    """

    earliest: date | None = None
    latest: date | None = None
    instant: float | None = None

    @property
    def exact(self) -> bool:
        return self.earliest is not None and self.earliest == self.latest

    def on_or_after(self, day: date) -> Status:
        certainly = self.earliest is not None and self.earliest >= day
        possibly = self.latest is None or self.latest >= day
        return status_of(certainly, possibly)

    def on_or_before(self, day: date) -> Status:
        certainly = self.latest is not None and self.latest <= day
        possibly = self.earliest is None or self.earliest <= day
        return status_of(certainly, possibly)

    def age_at_most(self, days: int, today: date) -> Status:
        """Is it at most `days` old on `today`? MET only if the whole interval is, NOT_MET only if none of it is."""
        certainly = self.earliest is not None and (today - self.earliest).days <= days
        possibly = self.latest is None or (today - self.latest).days <= days
        return status_of(certainly, possibly)

    def certainly_before(self, other: "PartialDate") -> bool:
        """Every reading of this is earlier than every reading of the other (by instant where both have one)."""
        if self.instant is not None and other.instant is not None:
            return self.instant < other.instant
        return self.latest is not None and other.earliest is not None and self.latest < other.earliest

    def may_be_within_a_day_of(self, other: "PartialDate") -> bool:
        """24 hours where both carry a time; else one calendar day, in any reading (G5a)."""
        if self.instant is not None and other.instant is not None:
            return abs(self.instant - other.instant) <= DAY_SECONDS
        if self.earliest is None or self.latest is None or other.earliest is None or other.latest is None:
            return True
        return (self.earliest - other.latest).days <= 1 and (other.earliest - self.latest).days <= 1

    def sort_key(self) -> tuple[int, float]:
        """Total order for display and tie-breaking: latest possible day, then instant. An open end may be now: it sorts last."""
        day = self.latest.toordinal() if self.latest else date.max.toordinal()
        return (day, self.instant if self.instant is not None else 0.0)

    def __str__(self) -> str:
        """ISO form for the Evaluation: one day, `from/to`, or the known bound."""
        if self.earliest == self.latest and self.latest is not None:
            return self.latest.isoformat()
        start = self.earliest.isoformat() if self.earliest else ""
        end = self.latest.isoformat() if self.latest else ""
        return f"{start}/{end}"


def on_day(day: date) -> PartialDate:
    return PartialDate(day, day)


def not_after(day: date) -> PartialDate:
    """Known only to lie on or before a day, as an onset does before its recordedDate (G3)."""
    return PartialDate(None, day)
