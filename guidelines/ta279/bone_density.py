"""Bone density T-scores that may be read as such (guideline.md 1.1; terminology.md 2i)."""

from calendar import isleap
from collections.abc import Iterable
from datetime import date

from clinical.assessment import Evidence
from clinical.record import Observation, Site
from clinical.status import Status
from guidelines.ta279.case import Case, latest_first, within_a_day
from guidelines.ta279.evidence import evidence

LIMIT = 10
ELSEWHERE = frozenset({Site.OTHER, Site.OUT_OF_SCOPE, Site.UNREAD})
UNITS = frozenset({"", "1", "{t-score}", "t-score", "tscore", "t score", "{tscore}", "{score}", "{t}", "t", "sd", "{sd}"})


def valid_t_scores(case: Case) -> list[Observation]:
    """Final results of hip or spine, or of no stated site, in a T-score's unit and range: a bone mass in g/cm2 looks like a normal one."""
    return [item for item in _t_scores(case) if item.site.site not in ELSEWHERE]


def t_scores_elsewhere(case: Case) -> list[Observation]:
    """Those whose body site is another or not understood, whatever their code says: forearm, wrist, heel."""
    return [item for item in _t_scores(case) if item.site.site in ELSEWHERE]


def _t_scores(case: Case) -> list[Observation]:
    return [item for item in case.record.observations if "dxa-t-score" in item.concepts and not item.preliminary and _is_t_score(item)]


def t_scores_by_age(case: Case) -> dict[Status, list[Observation]]:
    """MET those certainly in date, NOT_MET those certainly too old, UNKNOWN those undated or not exactly dated."""
    first = years_before(case.today, case.thresholds.dxa_max_age_years)
    found: dict[Status, list[Observation]] = {status: [] for status in Status}
    for item in valid_t_scores(case):
        found[item.date.on_or_after(first) if item.date is not None else Status.UNKNOWN].append(item)
    return found


def t_scores_in_date(case: Case) -> list[Observation]:
    """The newest examination's scores: a later one replaces an earlier (G5), and hip and spine of one day stand side by side.

    None where results could not all be read: the newest may be among those.
    """
    if case.record.gap("Observation"):
        return []
    in_date = t_scores_by_age(case)[Status.MET]
    newest = [item.date for item in latest_first(in_date)[:1]]
    return [item for item in in_date for day in newest if item.date and day and within_a_day(item.date, day)]


def years_before(day: date, years: int) -> date:
    """The same day that many years before; 1 March where there was no 29 February."""
    if (day.month, day.day) == (2, 29) and not isleap(day.year - years):
        return date(day.year - years, 3, 1)
    return day.replace(year=day.year - years)


def at_most(items: Iterable[Observation], cut: float) -> list[Observation]:
    """Certainly at or below the cut."""
    return [item for item in items if item.quantity is not None and item.quantity.high is not None and item.quantity.high <= cut]


def above(items: Iterable[Observation], cut: float) -> list[Observation]:
    return [item for item in items if item.quantity is not None and item.quantity.above(cut)]


def t_score_evidence(items: Iterable[Observation]) -> list[Evidence]:
    highs = [(item, item.quantity.high) for item in items if item.quantity is not None]
    return [evidence(item, item.date, f"T-score {high:g}") for item, high in highs if high is not None]


def _is_t_score(item: Observation) -> bool:
    if item.quantity is None or item.quantity.unit not in UNITS:
        return False
    bounds = [bound for bound in (item.quantity.low, item.quantity.high) if bound is not None]
    return bool(bounds) and all(-LIMIT <= bound <= LIMIT for bound in bounds)
