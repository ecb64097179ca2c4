"""Which fractures a record holds: one level, one episode (guideline.md G2, G8, G9; contract 6.2)."""

from dataclasses import dataclass
from datetime import date

from clinical.record import Condition, PatientRecord
from tests.independent.second_opinion_days import Span, Thresholds, age_within, is_future, number, smallest_gap, span_of, surely_earlier
from tests.independent.second_opinion_tales import SEEN_ON_IMAGING, Tale, is_over, level_of, tales, tales_in_words

SAME_WITHIN = 30
APART_BEYOND = 90
ACTIVE_FINDINGS = {"marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss", "acute-vertebral-fracture"}
IMAGING_FINDINGS = ACTIVE_FINDINGS | SEEN_ON_IMAGING


@dataclass
class Fracture:
    """One level and one episode, from all the tales that tell of it."""

    level: str | None
    out_of_scope: bool
    tales: list[Tale]
    today: date
    level_from_imaging: bool = False
    said_to_be_over: bool = False

    @property
    def onset(self) -> Span:
        return joint_onset(self.tales)

    @property
    def conditions(self) -> list[Condition]:
        """Those that are not over, unless all are: the same fracture told as resolved and as active is active (G2)."""
        coded = [tale.condition for tale in self.tales if tale.condition is not None]
        named = [one for one in coded if level_of(one) is not None]
        closed = [one for one in named if is_over(one, self.today)]
        return coded if len(closed) == len(named) else [one for one in coded if one not in closed]


def joint_onset(told: list[Tale]) -> Span:
    """The days all stated onsets share; where they share none, from the first to the last that any allows. An earlier bound widens it.

    Where nothing states an onset: the earliest bound. What names no level dates nothing that a tale with its level dates.
    """
    levelled = [tale for tale in told if tale.level is not None]
    if any(tale.stated for tale in levelled):
        told = levelled
    stated = [tale.onset for tale in told if tale.stated]
    bounds = [tale.onset.last for tale in told if not tale.stated]
    known = [day for day in bounds if day is not None]
    if not stated:
        return Span(None, min(known)) if known else Span()
    firsts = [onset.first for onset in stated if onset.first is not None]
    lasts = [onset.last for onset in stated if onset.last is not None]
    if max(firsts) <= min(lasts):
        return Span(min([max(firsts), *known]), min(lasts))
    return Span(min([*firsts, *known]), max(lasts))


def fractures_in(record: PatientRecord, thresholds: Thresholds, today: date) -> list[Fracture]:
    every = list(tales(record, today))
    found: list[Fracture] = []
    for level in sorted({tale.level for tale in every if tale.level is not None}):
        for episode in episodes([tale for tale in every if tale.level == level]):
            found.append(Fracture(level, any(tale.out_of_scope for tale in episode), episode, today))
    found = [fracture for fracture in found if still_counts(fracture, record, today)]
    found += without_level(
        [tale for tale in every if tale.level is None and not tale_is_over(tale, today)], found, record, thresholds, today
    )
    found = [fracture for fracture in found if not too_old(fracture, thresholds, today)]
    if found:
        return found
    worded = [Fracture(None, False, episode, today) for episode in episodes(list(tales_in_words(record, today)))]
    return [fracture for fracture in worded if not too_old(fracture, thresholds, today)]


def without_level(told: list[Tale], found: list[Fracture], record: PatientRecord, thresholds: Thresholds, today: date) -> list[Fracture]:
    """What is left once the tales that tell of a known fracture again have joined it; placed by imaging where that names one level."""
    new: list[Fracture] = []
    conditions = [tale for tale in told if tale.condition is not None]
    homes = [
        (tale, [one for one in found if not tale.out_of_scope and not one.out_of_scope and told_twice(tale, one)]) for tale in conditions
    ]
    seen_only = [one for one in found if not one.conditions]
    for tale, home in homes:
        if len(home) == 1:
            home[0].tales.append(tale)
            home[0].level_from_imaging = any(home[0] is one for one in seen_only)  # only imaging names the level (G9)
    left = [tale for tale, home in homes if len(home) != 1]
    for beyond in (False, True):
        for episode in episodes([tale for tale in left if tale.out_of_scope is beyond]):
            level = None if beyond else level_from_imaging(episode, found, record, thresholds, today)
            outside = beyond if level is None else level[0] in "CS"
            new.append(Fracture(level, outside, episode, today, level_from_imaging=level is not None))
    seen = [tale for tale in told if tale.condition is None]
    known = [one for one in [*found, *new] if not one.out_of_scope]
    strange = [tale for tale in seen if not any(smallest_gap(tale.onset, one.onset) <= SAME_WITHIN for one in known)]
    return new + [Fracture(None, False, episode, today) for episode in episodes(strange)]


def too_old(fracture: Fracture, thresholds: Thresholds, today: date) -> bool:
    last = fracture.onset.last
    return last is not None and (today - last).days > number(thresholds, "evaluableMaxAgeDays")


def episodes(told: list[Tale]) -> list[list[Tale]]:
    """G8. Stated onsets up to 90 days apart chain into one episode; a mere bound joins the latest episode it may belong to.

    Conditions that state no onset, and are of none, chain by the days that bound them; so do sightings of none.
    """
    groups: list[list[Tale]] = []
    for tale in [tale for tale in told if tale.stated]:
        touching = [group for group in groups if any(smallest_gap(tale.onset, other.onset) <= APART_BEYOND for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([tale, *(other for group in touching for other in group)])
    recorded = [tale for tale in told if not tale.stated and tale.condition is not None]
    joined = [(tale, home(tale, groups)) for tale in recorded if tale.onset.last is not None]
    groups += chains([tale for tale, group in joined if group is None])
    undated = [(tale, home(tale, groups)) for tale in recorded if tale.onset.last is None]
    groups += chains([tale for tale, group in undated if group is None])
    sightings = [(tale, home(tale, groups)) for tale in told if tale.sighting is not None]
    for tale, group in joined + undated + sightings:
        if group is not None:
            group.append(tale)
    return groups + chains([tale for tale, group in sightings if group is None])


def chains(told: list[Tale]) -> list[list[Tale]]:
    """Bounds at most 90 days apart go together; what has no date goes with the last."""
    groups: list[list[Tale]] = []
    for tale in sorted(told, key=lambda one: one.onset.last or date.max):
        last = groups[-1][-1].onset.last if groups else None
        if groups and (last is None or tale.onset.last is None or (tale.onset.last - last).days <= APART_BEYOND):
            groups[-1].append(tale)
        else:
            groups.append([tale])
    return groups


def home(tale: Tale, groups: list[list[Tale]]) -> list[Tale] | None:
    """The latest episode that began by the day of this tale or within 30 days after it; failing that, within 90."""
    for days in (SAME_WITHIN, APART_BEYOND):
        near = [group for group in groups if began_by(tale, group, days) and not recorded_long_after(tale, group)]
        if near:
            return max(near, key=last_day)
    return None


def began_by(tale: Tale, group: list[Tale], days: int) -> bool:
    onset = joint_onset(group)
    start = onset.first or onset.last
    return start is None or tale.onset.last is None or (start - tale.onset.last).days <= days


def recorded_long_after(tale: Tale, group: list[Tale]) -> bool:
    """A Condition without onset, recorded more than 90 days after this episode began, may be of a later one."""
    if tale.condition is None or tale.onset.last is None or last_day(group) == date.min:
        return False
    return (tale.onset.last - last_day(group)).days > APART_BEYOND


def last_day(group: list[Tale]) -> date:
    """The latest possible onset; of mere bounds the last."""
    if any(tale.stated for tale in group):
        return joint_onset(group).last or date.max
    return max((tale.onset.last for tale in group if tale.onset.last is not None), default=date.min)


def tale_is_over(tale: Tale, today: date) -> bool:
    return tale.condition is not None and is_over(tale.condition, today)


def still_counts(fracture: Fracture, record: PatientRecord, today: date) -> bool:
    """G2. Over and not contradicted: no. Over, with evidence of activity after it: yes, in conflict. Both over and active: active."""
    over = [condition for condition in fracture.conditions if is_over(condition, today)]
    if not over:
        return True
    fracture.said_to_be_over = True
    ends = [end for end in (span_of(condition.abatement) for condition in over) if end.last is not None]
    if not ends:
        return False
    last_end = max(ends, key=lambda end: (end.last or date.min, end.second or 0))
    return any(
        seen.concepts & ACTIVE_FINDINGS
        and seen.present is True
        and not seen.preliminary
        and level_of(seen) == fracture.level
        and seen.date is not None
        and seen.date.earliest is not None
        and surely_earlier(last_end, span_of(seen.date))
        and seen.date.earliest <= today
        for seen in record.observations
    )


def told_twice(tale: Tale, fracture: Fracture) -> bool:
    """A Condition without a level whose onset, or record, is within 30 days of a known fracture's onset, or bound."""
    here, there = to_the_day(tale.onset), to_the_day(fracture.onset)
    return here.last is not None and there.last is not None and smallest_gap(here, there) <= SAME_WITHIN


def to_the_day(onset: Span) -> Span:
    return onset if onset.first is not None else Span(onset.last, onset.last)


def level_from_imaging(
    episode: list[Tale], found: list[Fracture], record: PatientRecord, thresholds: Thresholds, today: date
) -> str | None:
    """G9: a coded fracture without level, and exactly one level on in-date imaging where no fracture is known."""
    levels = {
        level_of(seen)
        for seen in record.observations
        if seen.concepts & IMAGING_FINDINGS
        and seen.present is True
        and not seen.preliminary
        and level_of(seen) is not None
        and not is_future(span_of(seen.date), today)
        and age_within(span_of(seen.date), number(thresholds, "recentMaxDays"), today) == "met"
        and not surely_earlier(span_of(seen.date), joint_onset(episode))
    }
    level = levels.pop() if len(levels) == 1 else None
    return None if level in {fracture.level for fracture in found} else level
