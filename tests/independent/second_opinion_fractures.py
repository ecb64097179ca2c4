"""Which fractures a record holds: one level, one episode (guideline.md G2, G8, G9; contract 6.2)."""

from dataclasses import dataclass, field
from datetime import date

from clinical.record import Condition, PatientRecord
from tests.independent.second_opinion_days import Span, Thresholds, age_within, is_future, number, smallest_gap, span_of, surely_earlier
from tests.independent.second_opinion_tales import Tale, is_over, level_of, tales

SAME_WITHIN = 30
APART_BEYOND = 90
ACTIVE_FINDINGS = {"marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss", "acute-vertebral-fracture"}
IMAGING_FINDINGS = ACTIVE_FINDINGS | {"vertebral-compression-fracture"}


@dataclass
class Fracture:
    """One level and one episode, from all the tales that tell of it."""

    level: str | None
    out_of_scope: bool
    tales: list[Tale]
    told_again: list[Tale] = field(default_factory=list)  # without a level, and of several fractures possible: counts against only
    level_from_imaging: bool = False
    said_to_be_over: bool = False

    @property
    def onset(self) -> Span:
        return joint_onset(self.tales)

    @property
    def conditions(self) -> list[Condition]:
        return [tale.condition for tale in self.tales if tale.condition is not None and not tale.only_text]


def joint_onset(told: list[Tale]) -> Span:
    """The days all stated onsets share; where they share none, from the first to the last that any allows. An earlier bound widens it.

    Where nothing states an onset: the earliest bound. What names no level dates nothing
    that a tale with its level dates; words least of all.
    """
    levelled = [tale for tale in told if tale.level is not None]
    coded = [tale for tale in told if not tale.only_text] or told
    if any(tale.stated for tale in levelled):
        coded = levelled
    stated = [tale.onset for tale in coded if tale.stated]
    bounds = [tale.onset.last for tale in coded if not tale.stated]
    known = [day for day in bounds if day is not None]
    if not stated:
        return Span(None, min(known)) if known else Span()
    firsts = [onset.first for onset in stated if onset.first is not None]
    lasts = [onset.last for onset in stated if onset.last is not None]
    if not firsts:
        return Span(None, min(lasts))
    if max(firsts) <= min(lasts):
        return Span(min([max(firsts), *known]), min(lasts))
    return Span(min([*firsts, *known]), max(lasts))


def fractures_in(record: PatientRecord, thresholds: Thresholds, today: date) -> list[Fracture]:
    every = list(tales(record, today))
    found: list[Fracture] = []
    for level in sorted({tale.level for tale in every if tale.level is not None}):
        for episode in episodes([tale for tale in every if tale.level == level]):
            found.append(Fracture(level, any(tale.out_of_scope for tale in episode), episode))
    found = [fracture for fracture in found if still_counts(fracture, record, today)]
    without_level = [tale for tale in every if tale.level is None and not tale_is_over(tale, today)]
    left = [tale for tale in without_level if tale.out_of_scope or not told_twice(tale, found)]
    left = [tale for tale in left if not placed_by_imaging(tale, found, record, thresholds, today)]
    for beyond in (False, True):
        for episode in episodes([tale for tale in left if tale.out_of_scope is beyond]):
            found.append(Fracture(None, beyond, episode))
    found = [fracture for fracture in found if not too_old(fracture, thresholds, today)]
    if any(not only_words(fracture) for fracture in found):
        return [fracture for fracture in found if not only_words(fracture)]
    return found


def only_words(fracture: Fracture) -> bool:
    return all(tale.only_text for tale in fracture.tales)


def too_old(fracture: Fracture, thresholds: Thresholds, today: date) -> bool:
    last = fracture.onset.last
    return last is not None and (today - last).days > number(thresholds, "evaluableMaxAgeDays")


def episodes(told: list[Tale]) -> list[list[Tale]]:
    """G8. Stated onsets up to 90 days apart chain into one episode; a mere bound joins the latest episode it may belong to."""
    groups: list[list[Tale]] = []
    for tale in [tale for tale in told if tale.stated]:
        touching = [group for group in groups if any(smallest_gap(tale.onset, other.onset) <= APART_BEYOND for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([tale, *(other for group in touching for other in group)])
    stated = [list(group) for group in groups]
    unattached: list[Tale] = []
    for tale in [tale for tale in told if not tale.stated]:
        home = latest_within(tale, stated, SAME_WITHIN) or latest_within(tale, stated, APART_BEYOND)
        if home is not None and recorded_long_after(tale, home):
            home = None
        if home is None:
            unattached.append(tale)
        else:
            groups[stated.index(home)].append(tale)
    return groups + ([unattached] if unattached else [])


def latest_within(tale: Tale, groups: list[list[Tale]], days: int) -> list[Tale] | None:
    near = [group for group in groups if any(smallest_gap(tale.onset, other.onset) <= days for other in group)]
    return max(near, key=lambda group: max(other.onset.last or date.min for other in group), default=None)


def recorded_long_after(tale: Tale, group: list[Tale]) -> bool:
    """A Condition without onset, recorded more than 90 days after this episode began, may be of a later one."""
    if tale.condition is None or tale.onset.last is None:
        return False
    return all(other.onset.last is not None and (tale.onset.last - other.onset.last).days > APART_BEYOND for other in group)


def tale_is_over(tale: Tale, today: date) -> bool:
    return tale.condition is not None and is_over(tale.condition, today)


def still_counts(fracture: Fracture, record: PatientRecord, today: date) -> bool:
    """G2. Over and not contradicted: no. Over, with evidence of activity after it: yes, in conflict. Both over and active: in conflict."""
    over = [condition for condition in fracture.conditions if is_over(condition, today)]
    if not over:
        return True
    fracture.said_to_be_over = True
    if len(over) < len(fracture.conditions):
        return True
    ends = [span_of(condition.abatement).last for condition in over]
    if None in ends:
        return False
    last_end = max(day for day in ends if day is not None)
    return any(
        seen.concepts & ACTIVE_FINDINGS
        and seen.present is True
        and not seen.preliminary
        and level_of(seen) == fracture.level
        and seen.date is not None
        and seen.date.earliest is not None
        and last_end < seen.date.earliest <= today
        for seen in record.observations
    )


def told_twice(tale: Tale, found: list[Fracture]) -> bool:
    """A tale without a level, within 30 days of a fracture at a known one: the same. Where it fits one only, it tells of that one."""
    near = [fracture for fracture in found if not fracture.out_of_scope and tells_of_about(tale, fracture)]
    if tale.sighting is None and not tale.stated:
        return False
    for fracture in near:
        (fracture.tales if len(near) == 1 and tale.sighting is None else fracture.told_again).append(tale)
    return bool(near)


def tells_of_about(tale: Tale, fracture: Fracture) -> bool:
    """Within 30 days of its onset; where that is only bounded, of the bound. A mere sighting: of any onset before it."""
    onset = fracture.onset
    if tale.sighting is None and onset.first is None:
        onset = Span(onset.last, onset.last)
        return onset.last is not None and smallest_gap(tale.onset, onset) <= SAME_WITHIN
    return smallest_gap(tale.onset, onset) <= SAME_WITHIN


def placed_by_imaging(tale: Tale, found: list[Fracture], record: PatientRecord, thresholds: Thresholds, today: date) -> bool:
    """G9: a coded condition without level and exactly one level on in-date imaging: a candidate there, level only on imaging."""
    if tale.condition is None or tale.only_text or tale.out_of_scope:
        return False
    levels = {
        level_of(seen)
        for seen in record.observations
        if seen.concepts & IMAGING_FINDINGS
        and seen.present is True
        and not seen.preliminary
        and level_of(seen) is not None
        and not is_future(span_of(seen.date), today)
        and age_within(span_of(seen.date), number(thresholds, "recentMaxDays"), today) == "met"
        and not surely_earlier(span_of(seen.date), tale.onset)
    }
    if len(levels) != 1:
        return False
    level = levels.pop()
    assert level is not None
    here = [fracture for fracture in found if fracture.level == level]
    if any(not fracture.level_from_imaging for fracture in here):
        return False
    if here:
        here[0].tales.append(tale)
    else:
        found.append(Fracture(level, level[0] in "CS", [tale], level_from_imaging=True))
    return True
