"""Which fractures this record holds: one vertebral level, one episode each (guideline.md G2, G8, G9, G10; contract 6.2)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from heapq import nlargest
from itertools import accumulate

import msgspec

from clinical.dates import PartialDate, not_after
from clinical.record import Condition, Observation, PatientRecord, Site, Verification
from clinical.status import Status
from clinical.vertebra import VertebralLevel
from guidelines.ta279.episodes import (
    NEW_EPISODE_DAYS as NEW_EPISODE_DAYS,
)
from guidelines.ta279.episodes import (
    SAME_FRACTURE_DAYS,
    Episode,
    by_day,
    days_apart,
    episodes_of,
    join_findings,
    joint_onset,
    onset_of,
)
from guidelines.ta279.thresholds import Thresholds

VERTEBRAL = frozenset({
    "osteoporotic-vertebral-fracture", "vertebral-compression-fracture", "vertebral-fracture", "burst-vertebral-fracture",
    "vertebral-fracture-other-cause", "neoplastic-vertebral-fracture", "out-of-scope-vertebral-fracture",
})  # fmt: skip
SITE_UNSPECIFIED = frozenset({
    "osteoporotic-fracture-site-unspecified", "compression-fracture-site-unspecified", "fracture-site-unspecified",
    "neoplastic-fracture-site-unspecified", "fracture-other-cause-site-unspecified",
})  # fmt: skip
ON_IMAGING = VERTEBRAL | {"acute-vertebral-fracture"}
ACTIVE_ON_IMAGING = frozenset({
    "marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss", "acute-vertebral-fracture",
})  # fmt: skip
OF_THE_SPINE = (Site.LEVEL, Site.SPINE, Site.OUT_OF_SCOPE)
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


def find_fractures(record: PatientRecord, today: date, thresholds: Thresholds) -> tuple[VertebralFracture, ...]:
    """Every evaluable fracture, head to sacrum, unknown level last. Where there is none: what only words tell of (contract 6.14), and a
    tumour's fracture of a bone that nobody named.
    """
    told = [condition for condition in record.conditions if is_fracture(condition)]
    conditions = [condition for condition in told if _is_coded(condition)]
    seen = [item for item in record.observations if item.present and not item.preliminary and _is_on_imaging(item)]
    found = list(_at_levels(conditions, seen, record, today))
    found += _without_level(conditions, found, record, today, thresholds)
    found += _seen_without_level([item for item in seen if item.site.level is None], found, today)
    evaluable = [fracture for fracture in found if _evaluable(fracture, today, thresholds)]
    if not evaluable:
        perhaps = [condition for condition in told if not _is_coded(condition)]
        named = [_fracture(episode, None, (), today) for episode in episodes_of(perhaps, today)]
        evaluable = [fracture for fracture in named if fracture is not None and _evaluable(fracture, today, thresholds)]
    return tuple(sorted(evaluable, key=_position))


def is_fracture(condition: Condition) -> bool:
    """Does this Condition say, in code or in text, that a vertebra is or may be fractured now? (a history does not)"""
    if condition.verification is Verification.REFUTED or "history-of-vertebral-fracture" in condition.concepts:
        return False
    return _is_coded(condition) or is_text_only(condition) or _in_a_tumour_somewhere(condition)


def _is_coded(condition: Condition) -> bool:
    """A fracture of a vertebra by its code, or by its code for an unnamed bone and its site."""
    return bool(condition.concepts & VERTEBRAL) or (condition.site.site in OF_THE_SPINE and bool(condition.concepts & SITE_UNSPECIFIED))


def _is_on_imaging(item: Observation) -> bool:
    """A fracture in a tumour counts by its site too: it warns."""
    in_a_tumour = item.site.site in OF_THE_SPINE and "neoplastic-fracture-site-unspecified" in item.concepts
    return in_a_tumour or bool(item.concepts & ON_IMAGING)


def _in_a_tumour_somewhere(condition: Condition) -> bool:
    """No site, or none that is understood: the bone may be a vertebra."""
    unplaced = condition.site.site in (Site.ABSENT, Site.UNREAD)
    return unplaced and "neoplastic-fracture-site-unspecified" in condition.concepts


def is_text_only(condition: Condition) -> bool:
    return TEXT in condition.hints and not _is_coded(condition)


def closed(condition: Condition, today: date) -> bool:
    """Resolved, inactive, in remission, or abated by today (G2)."""
    if condition.inactive:
        return True
    if not condition.abated:
        return False
    return condition.abatement is None or condition.abatement.on_or_after(today + timedelta(days=1)) is not Status.MET


def _at_levels(
    conditions: Sequence[Condition], seen: Sequence[Observation], record: PatientRecord, today: date
) -> Iterator[VertebralFracture]:
    named = [item.site.level for item in conditions] + [item.site.level for item in seen]
    for level in {level for level in named if level is not None}:
        episodes = episodes_of([item for item in conditions if item.site.level is level], today)
        alone = join_findings(episodes, [item for item in seen if item.site.level is level], today)
        active = _active_findings(level, record)
        for episode in episodes:
            fracture = _fracture(episode, level, active, today)
            if fracture is not None:
                yield fracture
        yield from _imaging_only(alone, level, today)


def _imaging_only(seen: Sequence[Observation], level: VertebralLevel | None, today: date) -> Iterator[VertebralFracture]:
    """Fractures that only imaging shows: each cluster of dates is one, its onset bounded by the first (G3, G9)."""
    cluster: list[Observation] = []
    for item in sorted(seen, key=by_day):
        if cluster and days_apart(cluster[-1].date, item.date) > NEW_EPISODE_DAYS:
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


def _fracture(episode: Episode, level: VertebralLevel | None, active: Sequence[PartialDate], today: date) -> VertebralFracture | None:
    """The episode as a fracture; None where it is closed and nothing shows activity afterwards (G2): `active` are its last days."""
    current = [condition for condition in episode.conditions if not closed(condition, today)]
    reopened = not current and _active_after_abatement(episode, active)
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


def _active_after_abatement(episode: Episode, active: Sequence[PartialDate]) -> bool:
    abatements = [condition.abatement for condition in episode.conditions if condition.abatement is not None]
    if not abatements:
        return False
    last = max(abatements, key=lambda item: item.sort_key())
    return any(last.certainly_before(day) for day in active)


def _active_findings(level: VertebralLevel, record: PatientRecord) -> list[PartialDate]:
    """When imaging last showed activity there: the last by its instant, and the last by its day with and without one."""
    days = [
        item.date
        for item in record.observations
        if item.present and not item.preliminary and item.site.level is level and item.concepts & ACTIVE_ON_IMAGING
        and item.date is not None
    ]  # fmt: skip
    timed, untimed = [day for day in days if day.instant is not None], [day for day in days if day.instant is None]
    by_instant = sorted(timed, key=lambda day: day.instant or 0.0)[-1:]
    return by_instant + [max(group, key=lambda day: day.earliest or date.min) for group in (timed, untimed) if group]


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
    twins = _twins(within, found, today)
    again: dict[int, list[Condition]] = defaultdict(list)
    for item in within:
        if item.reference in twins:
            again[twins[item.reference]].append(item)
    for index, items in again.items():
        found[index] = _with_conditions_of(found[index], items, today)
    left = [item for item in within if item.reference not in twins]
    beyond = [item for item in unnamed if _out_of_scope([item], None)]
    episodes = episodes_of(left, today) + episodes_of(beyond, today)
    fractures = [fracture for episode in episodes if (fracture := _fracture(episode, None, (), today)) is not None]
    seen, taken = _seen_at_levels(record, today, thresholds), {item.level for item in found}
    return [_with_level_from_imaging(fracture, seen, taken) for fracture in fractures]


def _twins(conditions: Sequence[Condition], found: Sequence[VertebralFracture], today: date) -> dict[str, int]:
    """Which Condition tells of exactly one known fracture, by its reference, and of which.

    Of those that began by then, the two that may have begun last decide: where the second is too long ago, so are all others.
    """
    began = sorted((day, index) for index, known in enumerate(found) if (day := _began(known)) is not None)
    days = [day for day, _ in began]
    none: list[int] = []
    last_two = list(accumulate((index for _, index in began), lambda two, index: _two_last([*two, index], found), initial=none))
    twins: dict[str, int] = {}
    for item in conditions:
        onset = onset_of(item, today)
        if onset is None or onset.latest is None:
            continue
        near = last_two[bisect_right(days, onset.latest.toordinal() + SAME_FRACTURE_DAYS)]
        same = [index for index in near if _is_same(found[index], item, today)]
        if len(same) == 1:
            twins[item.reference] = same[0]
    return twins


def _began(known: VertebralFracture) -> int | None:
    if known.out_of_scope or known.onset is None or known.onset.latest is None:
        return None
    return (known.onset.earliest or known.onset.latest).toordinal()


def _two_last(indexes: Sequence[int], found: Sequence[VertebralFracture]) -> list[int]:
    return nlargest(2, indexes, key=lambda index: (found[index].onset or PartialDate()).sort_key()[0])


def _seen_without_level(seen: Sequence[Observation], found: Sequence[VertebralFracture], today: date) -> list[VertebralFracture]:
    """A coded fracture on imaging that names no level: a reason to ask where, unless a known fracture may be what was seen."""
    known = [fracture for fracture in found if not fracture.out_of_scope]
    oldest = min(known, key=_earliest, default=None)
    unexplained = []
    for item in seen:
        day = item.date.latest if item.date is not None and item.date.latest is not None else today
        if oldest is None or not oldest.possible_since(day + timedelta(days=SAME_FRACTURE_DAYS)):
            unexplained.append(item)
    return list(_imaging_only(unexplained, None, today))


def _earliest(fracture: VertebralFracture) -> date:
    return fracture.onset.earliest if fracture.onset is not None and fracture.onset.earliest is not None else date.min


def _is_same(known: VertebralFracture, condition: Condition, today: date) -> bool:
    """Both dated, and the one began, or was recorded or seen, within 30 days of the other (G8)."""
    one, other = known.onset, onset_of(condition, today)
    if known.out_of_scope or one is None or other is None:
        return False
    return days_apart(_by_then(one), _by_then(other)) <= SAME_FRACTURE_DAYS


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


def _seen_at_levels(record: PatientRecord, today: date, thresholds: Thresholds) -> dict[VertebralLevel, date]:
    """The last day that imaging in the window may have shown each level active or fractured."""
    seen: dict[VertebralLevel, date] = {}
    for item in record.observations:
        level, day = item.site.level, item.date
        if (
            item.present and not item.preliminary and level is not None and item.concepts & (ACTIVE_ON_IMAGING | ON_IMAGING)
            and day is not None and day.age_at_most(thresholds.recent_max_days, today) is Status.MET
        ):  # fmt: skip
            seen[level] = max(seen.get(level, date.min), day.latest or date.max)
    return seen


def _with_level_from_imaging(
    fracture: VertebralFracture, seen: Mapping[VertebralLevel, date], taken: AbstractSet[VertebralLevel | None]
) -> VertebralFracture:
    """Exactly one level active on imaging in the window: a candidate there, its compression fracture still to be confirmed (G9)."""
    levels = {level for level, day in seen.items() if fracture.possible_since(day)}
    if len(levels) != 1 or fracture.out_of_scope or levels & taken:
        return fracture
    level = levels.pop()
    return msgspec.structs.replace(fracture, level=level, level_from_imaging=True, out_of_scope=not level.in_scope)


def _evaluable(fracture: VertebralFracture, today: date, thresholds: Thresholds) -> bool:
    if fracture.onset is None:
        return True
    return fracture.onset.age_at_most(thresholds.evaluable_max_age_days, today) is not Status.NOT_MET


def _position(fracture: VertebralFracture) -> tuple[int, int, str]:
    level = fracture.level.position if fracture.level is not None else 99
    latest = fracture.onset.latest.toordinal() if fracture.onset is not None and fracture.onset.latest is not None else 0
    references = [item.reference for item in fracture.conditions] + [item.reference for item in fracture.findings]
    return (level, latest, min(references))
