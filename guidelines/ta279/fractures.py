"""Which fractures this record holds: one vertebral level, one episode each (guideline.md G2, G8, G9, G10; contract 6.2)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import msgspec

from clinical.dates import PartialDate, not_after
from clinical.record import Condition, Observation, PatientRecord, Site, Verification
from clinical.status import Status
from clinical.vertebra import VertebralLevel
from guidelines.ta279.thresholds import Thresholds

SAME_FRACTURE_DAYS = 30
NEW_EPISODE_DAYS = 90

VERTEBRAL = frozenset({
    "osteoporotic-vertebral-fracture", "vertebral-compression-fracture", "vertebral-fracture", "burst-vertebral-fracture",
    "vertebral-fracture-other-cause", "neoplastic-vertebral-fracture", "out-of-scope-vertebral-fracture",
})  # fmt: skip
SITE_UNSPECIFIED = frozenset({
    "osteoporotic-fracture-site-unspecified", "compression-fracture-site-unspecified", "fracture-site-unspecified",
    "neoplastic-fracture-site-unspecified",
})  # fmt: skip
ON_IMAGING = VERTEBRAL | {"acute-vertebral-fracture"}
ACTIVE_ON_IMAGING = frozenset({
    "marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss", "acute-vertebral-fracture",
})  # fmt: skip
TEXT = "text-vertebral-fracture"


class VertebralFracture(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluable fracture. `onset` is None where nothing is known, has no `earliest` where it is only bounded (G3)."""

    level: VertebralLevel | None = None
    out_of_scope: bool = False
    conditions: tuple[Condition, ...] = ()
    findings: tuple[Observation, ...] = ()
    onset: PartialDate | None = None
    onsets_disagree: bool = False
    level_from_imaging: bool = False
    reopened: bool = False

    @property
    def text_only(self) -> bool:
        return not self.findings and all(is_text_only(condition) for condition in self.conditions)

    def onset_latest(self, today: date) -> date:
        """The latest possible onset: what 'after onset' and 'in the episode' are tested against (G3)."""
        return self.onset.latest if self.onset is not None and self.onset.latest is not None else today

    def possible_since(self, day: date) -> bool:
        """May the fracture have been there on that day?"""
        return self.onset is None or self.onset.earliest is None or self.onset.earliest <= day


class _Episode(msgspec.Struct):
    """What one level is told of one fracture: stated onsets, and days by which it was there; mutable only while being gathered."""

    conditions: list[Condition] = msgspec.field(default_factory=list)
    stated: list[PartialDate] = msgspec.field(default_factory=list)
    bounds: list[date] = msgspec.field(default_factory=list)
    findings: list[Observation] = msgspec.field(default_factory=list)

    @property
    def onset(self) -> PartialDate | None:
        return joint_onset(self.stated, self.bounds)

    @property
    def disagree(self) -> bool:
        earliest = [onset.earliest for onset in self.stated if onset.earliest is not None]
        reaches_back = any((start - day).days > SAME_FRACTURE_DAYS for start in earliest for day in self.bounds)
        return reaches_back or any(_days_apart(one, other) > SAME_FRACTURE_DAYS for one in self.stated for other in self.stated)

    def add(self, condition: Condition, onset: PartialDate | None) -> None:
        self.conditions.append(condition)
        if onset is not None and onset.earliest is not None:
            self.stated.append(onset)
        elif onset is not None and onset.latest is not None:
            self.bounds.append(onset.latest)


def find_fractures(record: PatientRecord, today: date, thresholds: Thresholds) -> tuple[VertebralFracture, ...]:
    """Every evaluable fracture, head to sacrum, unknown level last; what only words tell of where nothing else does (contract 6.14)."""
    told = [condition for condition in record.conditions if is_fracture(condition)]
    conditions = [condition for condition in told if not is_text_only(condition)]
    seen = [item for item in record.observations if item.present and not item.preliminary and item.concepts & ON_IMAGING]
    found = list(_at_levels(conditions, seen, record, today))
    found += _without_level(conditions, found, record, today, thresholds)
    found += _seen_without_level([item for item in seen if item.site.level is None], found, today)
    evaluable = [fracture for fracture in found if _evaluable(fracture, today, thresholds)]
    if not evaluable:
        in_words = [condition for condition in told if is_text_only(condition)]
        named = [_fracture(episode, None, record, today) for episode in _episodes(in_words, today)]
        evaluable = [fracture for fracture in named if fracture is not None and _evaluable(fracture, today, thresholds)]
    return tuple(sorted(evaluable, key=_position))


def is_fracture(condition: Condition) -> bool:
    """Does this Condition say, in code or in text, that a vertebra is or may be fractured now? (a history does not)"""
    if condition.verification is Verification.REFUTED or "history-of-vertebral-fracture" in condition.concepts:
        return False
    return _is_coded(condition) or is_text_only(condition)


def _is_coded(condition: Condition) -> bool:
    """A fracture of a vertebra by its code, or by its code for an unnamed bone and its site."""
    of_the_spine = condition.site.site in (Site.LEVEL, Site.SPINE, Site.OUT_OF_SCOPE)
    return bool(condition.concepts & VERTEBRAL) or (of_the_spine and bool(condition.concepts & SITE_UNSPECIFIED))


def is_text_only(condition: Condition) -> bool:
    return TEXT in condition.hints and not _is_coded(condition)


def closed(condition: Condition, today: date) -> bool:
    """Resolved, inactive, in remission, or abated by today (G2)."""
    if condition.inactive:
        return True
    if not condition.abated:
        return False
    return condition.abatement is None or condition.abatement.on_or_after(today + timedelta(days=1)) is not Status.MET


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


def _at_levels(
    conditions: Sequence[Condition], seen: Sequence[Observation], record: PatientRecord, today: date
) -> Iterator[VertebralFracture]:
    named = [item.site.level for item in conditions] + [item.site.level for item in seen]
    for level in {level for level in named if level is not None}:
        episodes = _episodes([item for item in conditions if item.site.level is level], today)
        alone = _join_findings(episodes, [item for item in seen if item.site.level is level])
        for episode in episodes:
            fracture = _fracture(episode, level, record, today)
            if fracture is not None:
                yield fracture
        yield from _imaging_only(alone, level, today)


def _episodes(conditions: Iterable[Condition], today: date) -> list[_Episode]:
    """Onsets at most 30 days apart are one fracture, more than 90 two; in between one, with a doubt about its onset (G8)."""
    episodes: list[_Episode] = []
    dated = sorted(((onset_of(condition, today), condition) for condition in conditions), key=_by_onset)
    for onset, condition in [pair for pair in dated if pair[0] is not None and pair[0].earliest is not None]:
        near = [item for item in episodes if any(_days_apart(one, onset) <= NEW_EPISODE_DAYS for one in item.stated)]
        joined = _Episode([one for item in near for one in item.conditions], [one for item in near for one in item.stated])
        joined.add(condition, onset)
        episodes = [item for item in episodes if not any(item is one for one in near)] + [joined]
    for onset, condition in [pair for pair in dated if pair[0] is None or pair[0].earliest is None]:
        host = _host(episodes, onset.latest if onset else None, NEW_EPISODE_DAYS)
        if host is None:
            host = _Episode()
            episodes.append(host)
        host.add(condition, onset)
    return episodes


def _join_findings(episodes: Sequence[_Episode], seen: Sequence[Observation]) -> list[Observation]:
    """Give each imaging finding to the latest episode it can show; return those that belong to none."""
    hosts = [(_host(episodes, item.date.latest if item.date else None, None), item) for item in sorted(seen, key=_by_day)]
    for host, item in hosts:
        if host is not None:
            host.findings.append(item)
    for host, item in hosts:
        if host is not None and item.date is not None and item.date.latest is not None:
            host.bounds.append(item.date.latest)
    return [item for host, item in hosts if host is None]


def _host(episodes: Sequence[_Episode], day: date | None, days_after: int | None) -> _Episode | None:
    """The latest fracture that may be what was recorded or seen that day: begun by then or within 30 days after, else within 90."""
    for days_before in (SAME_FRACTURE_DAYS, NEW_EPISODE_DAYS):
        hosts = [item for item in episodes if _can_host(item, day, days_before, days_after)]
        if hosts:
            return max(hosts, key=_last_known)
    return None


def _can_host(episode: _Episode, day: date | None, days_before: int, days_after: int | None) -> bool:
    """May this fracture be what was recorded or seen on that day? Not if it began more than 90 days later (G8)."""
    onset = joint_onset(episode.stated, [] if episode.stated else episode.bounds)
    if onset is None or onset.latest is None or day is None:
        return True
    if ((onset.earliest or onset.latest) - day).days > days_before:
        return False
    return days_after is None or (day - _last_known(episode)).days <= days_after


def _last_known(episode: _Episode) -> date:
    """The latest day its onset may be, or the last of the days that only bound it."""
    onset = joint_onset(episode.stated, [])
    if onset is not None and onset.latest is not None:
        return onset.latest
    return max(episode.bounds, default=date.min)


def _imaging_only(seen: Sequence[Observation], level: VertebralLevel | None, today: date) -> Iterator[VertebralFracture]:
    """Fractures that only imaging shows: each cluster of dates is one, its onset bounded by the first (G3, G9)."""
    cluster: list[Observation] = []
    for item in sorted(seen, key=_by_day):
        if cluster and _days_apart(cluster[-1].date, item.date) > NEW_EPISODE_DAYS:
            yield _seen(cluster, level, today)
            cluster = []
        cluster.append(item)
    if cluster:
        yield _seen(cluster, level, today)


def _seen(cluster: Sequence[Observation], level: VertebralLevel | None, today: date) -> VertebralFracture:
    days = [item.date.latest for item in cluster if item.date is not None and item.date.latest is not None]
    bound = not_after(min(*days, today)) if days else None
    out_of_scope = level is not None and not level.in_scope
    return VertebralFracture(level=level, out_of_scope=out_of_scope, findings=tuple(cluster), onset=bound)


def _fracture(episode: _Episode, level: VertebralLevel | None, record: PatientRecord, today: date) -> VertebralFracture | None:
    """The episode as a fracture; None where it is closed and nothing shows activity afterwards (G2)."""
    current = [condition for condition in episode.conditions if not closed(condition, today)]
    reopened = not current and _active_after_abatement(episode, level, record)
    if not current and not reopened:
        return None
    conditions = tuple(sorted(current or episode.conditions, key=lambda item: item.reference))
    return VertebralFracture(
        level=level,
        out_of_scope=_out_of_scope(conditions, level),
        conditions=conditions,
        findings=tuple(episode.findings),
        onset=episode.onset,
        onsets_disagree=episode.disagree,
        reopened=reopened,
    )


def _active_after_abatement(episode: _Episode, level: VertebralLevel | None, record: PatientRecord) -> bool:
    abatements = [condition.abatement for condition in episode.conditions if condition.abatement is not None]
    if level is None or not abatements:
        return False
    last = max(abatements, key=lambda item: item.sort_key())
    return any(
        item.present and not item.preliminary and item.site.level is level and item.concepts & ACTIVE_ON_IMAGING
        and item.date is not None and last.certainly_before(item.date)
        for item in record.observations
    )  # fmt: skip


def _out_of_scope(conditions: Sequence[Condition], level: VertebralLevel | None) -> bool:
    if level is not None:
        return not level.in_scope
    return bool(conditions) and all(
        (condition.site.site is Site.OUT_OF_SCOPE and not is_text_only(condition))
        or (condition.site.site is Site.ABSENT and "out-of-scope-vertebral-fracture" in condition.concepts)
        for condition in conditions
    )


def _without_level(
    conditions: Sequence[Condition], found: list[VertebralFracture], record: PatientRecord, today: date, thresholds: Thresholds
) -> list[VertebralFracture]:
    """Fractures whose Condition names no single vertebra. One that a known fracture already tells is not told twice."""
    unnamed = [item for item in conditions if item.site.level is None and not closed(item, today)]
    within = [item for item in unnamed if not _out_of_scope([item], None)]
    twins = {item.reference: [index for index, known in enumerate(found) if _is_same(known, item, today)] for item in within}
    for index, known in enumerate(found):
        again = [item for item in within if twins[item.reference] == [index]]
        found[index] = _with_conditions_of(known, again, today) if again else known
    left = [item for item in within if len(twins[item.reference]) != 1]
    beyond = [item for item in unnamed if _out_of_scope([item], None)]
    episodes = _episodes(left, today) + _episodes(beyond, today)
    fractures = [fracture for episode in episodes if (fracture := _fracture(episode, None, record, today)) is not None]
    return [_with_level_from_imaging(fracture, found, record, today, thresholds) for fracture in fractures]


def _seen_without_level(seen: Sequence[Observation], found: Sequence[VertebralFracture], today: date) -> list[VertebralFracture]:
    """A coded fracture on imaging that names no level: a reason to ask where, unless a known fracture may be what was seen."""
    known = [fracture for fracture in found if not fracture.out_of_scope]
    unexplained = []
    for item in seen:
        day = item.date.latest if item.date is not None and item.date.latest is not None else today
        if not any(fracture.possible_since(day + timedelta(days=SAME_FRACTURE_DAYS)) for fracture in known):
            unexplained.append(item)
    return list(_imaging_only(unexplained, None, today))


def _is_same(known: VertebralFracture, condition: Condition, today: date) -> bool:
    """Both dated, and the one began, or was recorded or seen, within 30 days of the other (G8)."""
    one, other = known.onset, onset_of(condition, today)
    if known.out_of_scope or one is None or other is None:
        return False
    return _days_apart(_by_then(one), _by_then(other)) <= SAME_FRACTURE_DAYS


def _by_then(onset: PartialDate) -> PartialDate:
    """A mere bound stands for its day."""
    return onset if onset.earliest is not None else PartialDate(onset.latest, onset.latest)


def _with_conditions_of(known: VertebralFracture, again: Sequence[Condition], today: date) -> VertebralFracture:
    """The level-less Conditions add their codes to the fracture that has the level, and their onset where it has none of its own."""
    told = [onset for onset in (onset_of(item, today) for item in again) if onset is not None]
    onset = known.onset
    if onset is None or onset.earliest is None:
        known_by = [item.latest for item in (onset, *told) if item is not None and item.earliest is None and item.latest is not None]
        onset = joint_onset([item for item in told if item.earliest is not None], known_by)
    by_imaging = known.level_from_imaging or not known.conditions  # no diagnosis names the level, only imaging does (G9)
    return msgspec.structs.replace(known, conditions=(*known.conditions, *again), onset=onset, level_from_imaging=by_imaging)


def _with_level_from_imaging(
    fracture: VertebralFracture, found: Sequence[VertebralFracture], record: PatientRecord, today: date, thresholds: Thresholds
) -> VertebralFracture:
    """Exactly one level active on imaging in the window: a candidate there, its compression fracture still to be confirmed (G9)."""
    levels = {
        item.site.level
        for item in record.observations
        if item.present and not item.preliminary and item.site.level is not None and item.concepts & (ACTIVE_ON_IMAGING | ON_IMAGING)
        and item.date is not None and item.date.age_at_most(thresholds.recent_max_days, today) is Status.MET
        and (item.date.latest is None or fracture.possible_since(item.date.latest))
    }  # fmt: skip
    if len(levels) != 1 or fracture.out_of_scope or levels & {item.level for item in found}:
        return fracture
    level = levels.pop()
    return msgspec.structs.replace(fracture, level=level, level_from_imaging=True, out_of_scope=not level.in_scope)


def _evaluable(fracture: VertebralFracture, today: date, thresholds: Thresholds) -> bool:
    if fracture.onset is None:
        return True
    return fracture.onset.age_at_most(thresholds.evaluable_max_age_days, today) is not Status.NOT_MET


def _by_onset(pair: tuple[PartialDate | None, Condition]) -> tuple[tuple[int, float], str]:
    onset, condition = pair
    return (onset if onset is not None else PartialDate()).sort_key(), condition.reference


def _position(fracture: VertebralFracture) -> tuple[int, int, str]:
    level = fracture.level.position if fracture.level is not None else 99
    latest = fracture.onset.latest.toordinal() if fracture.onset is not None and fracture.onset.latest is not None else 0
    references = [item.reference for item in fracture.conditions] + [item.reference for item in fracture.findings]
    return (level, latest, min(references))


def _by_day(item: Observation) -> tuple[tuple[int, float], str]:
    """By the last possible day; an undated finding comes last."""
    return (item.date if item.date is not None else PartialDate()).sort_key(), item.reference


def _days_apart(one: PartialDate | None, other: PartialDate | None) -> int:
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
