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
    """Conditions at one level whose onsets belong together; mutable only while being gathered."""

    conditions: list[Condition]
    onset: PartialDate | None
    findings: list[Observation] = msgspec.field(default_factory=list)
    disagree: bool = False


def find_fractures(record: PatientRecord, today: date, thresholds: Thresholds) -> tuple[VertebralFracture, ...]:
    """Every evaluable fracture, head to sacrum, unknown level last."""
    conditions = [condition for condition in record.conditions if is_fracture(condition)]
    seen = [item for item in record.observations if item.present and not item.preliminary and item.concepts & ON_IMAGING]
    if not conditions and not seen:
        return ()
    found = list(_at_levels(conditions, seen, record, today))
    found += _without_level(conditions, found, record, today, thresholds)
    found += _seen_without_level([item for item in seen if item.site.level is None], found)
    evaluable = [fracture for fracture in found if _evaluable(fracture, today, thresholds)]
    if any(not fracture.text_only for fracture in evaluable):
        evaluable = [fracture for fracture in evaluable if not fracture.text_only]
    return tuple(sorted(evaluable, key=_position))


def is_fracture(condition: Condition) -> bool:
    """Does this Condition say, in code or in text, that a vertebra is or may be fractured now? (a history does not)"""
    concepts = condition.concepts
    if condition.verification is Verification.REFUTED or "history-of-vertebral-fracture" in concepts:
        return False
    if concepts & VERTEBRAL or is_text_only(condition):
        return True
    return bool(concepts & SITE_UNSPECIFIED) and condition.site.site in (Site.LEVEL, Site.SPINE, Site.OUT_OF_SCOPE)


def is_text_only(condition: Condition) -> bool:
    return TEXT in condition.hints and not condition.concepts & (VERTEBRAL | SITE_UNSPECIFIED)


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
        alone = _join_findings(episodes, [item for item in seen if item.site.level is level], today)
        for episode in episodes:
            fracture = _fracture(episode, level, record, today)
            if fracture is not None:
                yield fracture
        yield from _imaging_only(alone, level)


def _episodes(conditions: Iterable[Condition], today: date) -> list[_Episode]:
    """Onsets at most 30 days apart are one fracture, more than 90 two; in between one, with a doubt about its onset (G8)."""
    episodes: list[_Episode] = []
    dated = [(onset_of(condition, today), condition) for condition in conditions]
    known = sorted((pair for pair in dated if pair[0] is not None and pair[0].earliest is not None), key=_by_onset)
    for onset, condition in known:
        episode = next((item for item in episodes if _days_apart(item.onset, onset) <= NEW_EPISODE_DAYS), None)
        if episode is None:
            episodes.append(_Episode([condition], onset))
        else:
            episode.disagree = episode.disagree or _days_apart(episode.onset, onset) > SAME_FRACTURE_DAYS
            episode.onset = _together(episode.onset, onset)
            episode.conditions.append(condition)
    _join_undated(episodes, [pair for pair in dated if pair[0] is None or pair[0].earliest is None])
    return episodes


def _join_undated(episodes: list[_Episode], undated: Sequence[tuple[PartialDate | None, Condition]]) -> None:
    """A Condition with no onset of its own describes the latest fracture it can have been recorded for, or one of its own."""
    own: _Episode | None = None
    for onset, condition in sorted(undated, key=_by_onset):
        recorded = onset.latest if onset else None
        host = next((item for item in reversed(episodes) if _can_host(item, recorded, NEW_EPISODE_DAYS)), None)
        if host is not None:
            host.conditions.append(condition)
            _reach_back(host, recorded)
        elif own is None:
            own = _Episode([condition], onset)
        else:
            own.conditions.append(condition)
    if own is not None:
        episodes.append(own)


def _join_findings(episodes: Sequence[_Episode], seen: Sequence[Observation], today: date) -> list[Observation]:
    """Give each imaging finding to the latest episode it can show; return those that belong to none."""
    alone = []
    for item in sorted(seen, key=lambda finding: finding.date.sort_key() if finding.date else (0, 0.0)):
        day = item.date.latest if item.date is not None and item.date.latest is not None else today
        host = next((episode for episode in reversed(episodes) if _can_host(episode, day, None)), None)
        if host is None:
            alone.append(item)
        else:
            host.findings.append(item)
            _reach_back(host, day)
    return alone


def _can_host(episode: _Episode, day: date | None, days_after: int | None) -> bool:
    """May this fracture be what was recorded or seen on that day? Not if it began more than 90 days later (G8)."""
    onset = episode.onset
    if onset is None or onset.earliest is None or day is None:
        return True
    if (onset.earliest - day).days > NEW_EPISODE_DAYS:
        return False
    return days_after is None or _days_after(onset, day) <= days_after


def _reach_back(episode: _Episode, day: date | None) -> None:
    """Recorded or seen before it is said to have begun: the onset may be as early as that (G3, G8)."""
    onset = episode.onset
    if onset is None or onset.earliest is None or day is None or day >= onset.earliest:
        return
    episode.disagree = episode.disagree or (onset.earliest - day).days > SAME_FRACTURE_DAYS
    episode.onset = PartialDate(day, onset.latest)


def _imaging_only(seen: Sequence[Observation], level: VertebralLevel) -> Iterator[VertebralFracture]:
    """Fractures that only imaging shows: each cluster of dates is one, its onset bounded by the first (G3, G9)."""
    cluster: list[Observation] = []
    for item in sorted(seen, key=lambda finding: finding.date.sort_key() if finding.date else (0, 0.0)):
        if cluster and _days_apart(cluster[-1].date, item.date) > NEW_EPISODE_DAYS:
            yield _seen(cluster, level)
            cluster = []
        cluster.append(item)
    if cluster:
        yield _seen(cluster, level)


def _seen(cluster: Sequence[Observation], level: VertebralLevel | None) -> VertebralFracture:
    first = cluster[0].date
    bound = not_after(first.latest) if first is not None and first.latest is not None else None
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
        condition.site.site is Site.OUT_OF_SCOPE
        or (condition.site.site is Site.ABSENT and "out-of-scope-vertebral-fracture" in condition.concepts)
        for condition in conditions
    )


def _without_level(
    conditions: Sequence[Condition], found: list[VertebralFracture], record: PatientRecord, today: date, thresholds: Thresholds
) -> list[VertebralFracture]:
    """Fractures whose Condition names no single vertebra. One that a known fracture already tells is not told twice."""
    fractures = []
    for episode in _episodes([item for item in conditions if item.site.level is None], today):
        fracture = _fracture(episode, None, record, today)
        if fracture is None:
            continue
        twins = [] if fracture.out_of_scope else [item for item in found if _is_same(item, fracture)]
        if len(twins) == 1:
            found[:] = [_with_conditions_of(item, fracture) if item is twins[0] else item for item in found]
            continue
        fractures.append(_with_level_from_imaging(fracture, found, record, today, thresholds))
    return fractures


def _seen_without_level(seen: Sequence[Observation], found: Sequence[VertebralFracture]) -> list[VertebralFracture]:
    """A coded fracture on imaging that names no level: a reason to ask where, unless a known fracture is what was seen."""
    explained = [
        item for item in seen
        if any(known.possible_since(item.date.latest) for known in found if item.date is not None and item.date.latest is not None)
    ]  # fmt: skip
    rest = sorted((item for item in seen if item not in explained), key=lambda item: item.date.sort_key() if item.date else (0, 0.0))
    return [_seen(rest[-1:], None)] if rest else []


def _is_same(known: VertebralFracture, fracture: VertebralFracture) -> bool:
    """Both dated, and the one began within 30 days of the other's onset, or of the day it was recorded or seen (G8)."""
    one, other = known.onset, fracture.onset
    if known.out_of_scope or one is None or other is None or one.latest is None or other.latest is None:
        return False
    if one.earliest is not None and other.earliest is not None:
        return _days_apart(one, other) <= SAME_FRACTURE_DAYS
    return abs((one.latest - other.latest).days) <= SAME_FRACTURE_DAYS


def _with_conditions_of(known: VertebralFracture, fracture: VertebralFracture) -> VertebralFracture:
    """The level-less Conditions add their codes to the fracture that has the level, and their onset where it has none of its own."""
    onset = known.onset if known.conditions or fracture.onset is None or fracture.onset.earliest is None else fracture.onset
    return msgspec.structs.replace(known, conditions=(*known.conditions, *fracture.conditions), onset=onset)


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
    if len(levels) != 1 or fracture.text_only or fracture.out_of_scope or levels & {item.level for item in found}:
        return fracture
    level = levels.pop()
    return msgspec.structs.replace(fracture, level=level, level_from_imaging=True, out_of_scope=not level.in_scope)


def _evaluable(fracture: VertebralFracture, today: date, thresholds: Thresholds) -> bool:
    if fracture.onset is None:
        return True
    return fracture.onset.age_at_most(thresholds.evaluable_max_age_days, today) is not Status.NOT_MET


def _by_onset(pair: tuple[PartialDate | None, Condition]) -> tuple[tuple[int, float], str]:
    onset, condition = pair
    return (onset.sort_key() if onset is not None else (0, 0.0), condition.reference)


def _position(fracture: VertebralFracture) -> tuple[int, int, str]:
    level = fracture.level.position if fracture.level is not None else 99
    latest = fracture.onset.latest.toordinal() if fracture.onset is not None and fracture.onset.latest is not None else 0
    references = [item.reference for item in fracture.conditions] + [item.reference for item in fracture.findings]
    return (level, latest, min(references, default=""))


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


def _days_after(onset: PartialDate, day: date) -> int:
    return (day - onset.latest).days if onset.latest is not None else 0


def _together(one: PartialDate | None, other: PartialDate | None) -> PartialDate | None:
    """The overlap of two onsets that agree, else the interval that covers both."""
    if one is None or other is None or one.earliest is None or other.earliest is None or one.latest is None or other.latest is None:
        return one or other
    start, end = max(one.earliest, other.earliest), min(one.latest, other.latest)
    if start > end:
        start, end = min(one.earliest, other.earliest), max(one.latest, other.latest)
    return PartialDate(start, end)
