"""Which Conditions and findings at one level tell of the same fracture, and since when it may be there (guideline.md G3, G8).

Every step is near linear in what the record holds: thousands of entries for one vertebra cost no more than as many elsewhere.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate

import msgspec

from clinical.dates import PartialDate, not_after
from clinical.record import Condition, Observation

SAME_FRACTURE_DAYS = 30
NEW_EPISODE_DAYS = 90


class Episode(msgspec.Struct):
    """What one level is told of one fracture: stated onsets, and days by which it was there; mutable only while being gathered.

    `first` and `last` are its place in time: of its onset as stated, else of the days that only bound it.
    """

    conditions: list[Condition] = msgspec.field(default_factory=list)
    stated: list[PartialDate] = msgspec.field(default_factory=list)
    bounds: list[date] = msgspec.field(default_factory=list)
    findings: list[Observation] = msgspec.field(default_factory=list)
    first: date = date.min
    last: date = date.min

    @property
    def onset(self) -> PartialDate | None:
        return joint_onset(self.stated, self.bounds)

    @property
    def disagree(self) -> bool:
        starts = [onset.earliest for onset in self.stated if onset.earliest is not None]
        ends = [onset.latest for onset in self.stated if onset.latest is not None] + self.bounds
        return bool(starts and ends) and (max(starts) - min(ends)).days > SAME_FRACTURE_DAYS

    def add(self, condition: Condition, onset: PartialDate | None) -> None:
        self.conditions.append(condition)
        if onset is not None and onset.earliest is not None:
            self.stated.append(onset)
        elif onset is not None and onset.latest is not None:
            self.bounds.append(onset.latest)


def onset_of(condition: Condition, today: date) -> PartialDate | None:
    """Onset, narrowed by what is certain: not after it was recorded, not after today. Only bounded where no onset is given (G3)."""
    recorded = condition.recorded.latest if condition.recorded is not None else None
    bound = today if recorded is None else min(recorded, today)
    if condition.onset is None:
        return not_after(bound) if recorded is not None else None
    earliest, latest = condition.onset.earliest, condition.onset.latest
    if earliest is not None and earliest > bound:
        return PartialDate(bound, today if latest is None else min(latest, today))  # recorded before it is said to have begun
    return PartialDate(earliest, bound if latest is None else min(latest, bound), condition.onset.instant)


def episodes_of(conditions: Iterable[Condition], today: date) -> list[Episode]:
    """Onsets at most 30 days apart are one fracture, more than 90 two; in between one, with a doubt about its onset (G8)."""
    dated = sorted(((onset_of(condition, today), condition) for condition in conditions), key=_by_onset)
    episodes = _stated_episodes([(onset, item) for onset, item in dated if onset is not None and onset.earliest is not None])
    for onset, condition in [pair for pair in dated if pair[0] is None or pair[0].earliest is None]:
        day = onset.latest if onset else None
        host = _host(episodes, day, NEW_EPISODE_DAYS)
        if host is None:
            host = Episode(first=day or date.min)
            insort(episodes, host, key=_first_day)
        host.add(condition, onset)
        if not host.stated and day is not None:
            host.last = day
    return episodes


def _stated_episodes(dated: Sequence[tuple[PartialDate, Condition]]) -> list[Episode]:
    """A new one wherever all that is still to come, in order of the latest day, began more than 90 days after what came before."""
    episodes: list[Episode] = []
    starts = [onset.earliest or date.min for onset, _ in reversed(dated)]
    for (onset, condition), start in zip(dated, reversed(list(accumulate(starts, min))), strict=True):
        if not episodes or days_apart(episodes[-1].stated[-1], PartialDate(start, onset.latest)) > NEW_EPISODE_DAYS:
            episodes.append(Episode())
        episodes[-1].add(condition, onset)
    for episode in episodes:
        joint = episode.onset or PartialDate()
        episode.first, episode.last = joint.earliest or date.min, joint.latest or date.max
    return episodes


def join_findings(episodes: Sequence[Episode], seen: Sequence[Observation], today: date) -> list[Observation]:
    """Give each imaging finding to the latest episode it can show; return those that belong to none."""
    hosts = [(_host(episodes, item.date.latest if item.date else None, None), item) for item in sorted(seen, key=by_day)]
    for host, item in hosts:
        if host is not None:
            host.findings.append(item)
    for host, item in hosts:
        if host is not None and item.date is not None and item.date.latest is not None:
            host.bounds.append(min(item.date.latest, today))
    return [item for host, item in hosts if host is None]


def _host(episodes: Sequence[Episode], day: date | None, days_after: int | None) -> Episode | None:
    """The latest fracture that may be what was recorded or seen that day: begun by then or within 30 days after, else within 90 (G8).

    `episodes` follow one another in time, so only the last that has begun can be it.
    """
    if day is None:
        return episodes[-1] if episodes else None
    for days_before in (SAME_FRACTURE_DAYS, NEW_EPISODE_DAYS):
        begun = bisect_right(episodes, day.toordinal() + days_before, key=_first_day)
        if begun and (days_after is None or (day - episodes[begun - 1].last).days <= days_after):
            return episodes[begun - 1]
    return None


def _first_day(episode: Episode) -> int:
    return episode.first.toordinal()


def _by_onset(pair: tuple[PartialDate | None, Condition]) -> tuple[tuple[int, float], str]:
    onset, condition = pair
    return (onset if onset is not None else PartialDate()).sort_key(), condition.reference


def by_day(item: Observation) -> tuple[tuple[int, float], str]:
    """By the last possible day; an undated finding comes last."""
    return (item.date if item.date is not None else PartialDate()).sort_key(), item.reference


def days_apart(one: PartialDate | None, other: PartialDate | None) -> int:
    """The least number of days that can lie between the two; 0 where they overlap or a bound is open."""
    if one is None or other is None:
        return 0
    gaps = [
        (later.earliest - earlier.latest).days
        for earlier, later in ((one, other), (other, one))
        if later.earliest is not None and earlier.latest is not None
    ]
    return max([0, *gaps])


def joint_onset(stated: Sequence[PartialDate], bounds: Sequence[date]) -> PartialDate | None:
    """The days that all stated onsets share, else from the first to the last; as early as the fracture was already there (G3, G8)."""
    if not stated:
        return not_after(min(bounds)) if bounds else None
    starts = [onset.earliest for onset in stated if onset.earliest is not None]
    ends = [onset.latest for onset in stated if onset.latest is not None]
    start, end = max(starts), min(ends)
    if start > end:
        start, end = min(starts), max(ends)
    instants = {onset.instant for onset in stated}
    return PartialDate(min([start, *bounds]), end, instants.pop() if len(instants) == 1 else None)
