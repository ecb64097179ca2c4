"""Each thing in the record that tells of a vertebral fracture: a `Tale`. Several tales may tell of one fracture (guideline.md G8, G9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from clinical.record import Condition, Observation, PatientRecord
from tests.independent.second_opinion_days import Span, is_future, span_of

VERTEBRA_CERTAIN = {
    "osteoporotic-vertebral-fracture",
    "vertebral-compression-fracture",
    "vertebral-fracture",
    "burst-vertebral-fracture",
    "vertebral-fracture-other-cause",
    "neoplastic-vertebral-fracture",
    "out-of-scope-vertebral-fracture",
}
BONE_NOT_SAID = {
    "osteoporotic-fracture-site-unspecified",
    "fracture-site-unspecified",
    "neoplastic-fracture-site-unspecified",
    "compression-fracture-site-unspecified",
    "fracture-other-cause-site-unspecified",
}
COMPRESSION = {
    "osteoporotic-vertebral-fracture",
    "osteoporotic-fracture-site-unspecified",
    "vertebral-compression-fracture",
    "compression-fracture-site-unspecified",
    "vertebral-fracture-other-cause",
}
SEEN_ON_IMAGING = {"vertebral-compression-fracture", "acute-vertebral-fracture", "osteoporotic-vertebral-fracture"}


@dataclass(frozen=True)
class Tale:
    """One source that tells of a fracture. `stated`: it gives an onset itself; else `onset` is only a bound on it."""

    level: str | None
    out_of_scope: bool
    onset: Span
    stated: bool
    condition: Condition | None = None
    sighting: Observation | None = None


def level_of(fact: Condition | Observation) -> str | None:
    return None if fact.site.level is None else str(fact.site.level.value)


def beyond_scope(fact: Condition | Observation) -> bool:
    level = level_of(fact)
    if level is not None:
        return level[0] in "CS"
    if fact.site.site.value == "absent":
        return "out-of-scope-vertebral-fracture" in fact.concepts
    return fact.site.site.value == "out-of-scope"


def tells_of_a_fracture(condition: Condition) -> bool:
    if "history-of-vertebral-fracture" in condition.concepts:
        return False
    if condition.concepts & VERTEBRA_CERTAIN:
        return True
    return bool(condition.concepts & BONE_NOT_SAID) and condition.site.site.value in ("level", "spine", "out-of-scope")


def only_its_text_tells(condition: Condition) -> bool:
    return (
        not tells_of_a_fracture(condition)
        and "history-of-vertebral-fracture" not in condition.concepts
        and "text-vertebral-fracture" in condition.hints
    )


def broken_in_a_tumour_somewhere(condition: Condition) -> bool:
    """Of which bone is not said, or not in words that are understood."""
    told = "neoplastic-fracture-site-unspecified" in condition.concepts and "history-of-vertebral-fracture" not in condition.concepts
    return told and condition.site.site.value in ("absent", "unread")


def is_future_condition(condition: Condition, today: date) -> bool:
    """Dated by its onset; by its recordedDate only where it has no onset (G3)."""
    return is_future(span_of(condition.onset or condition.recorded), today)


def is_over(condition: Condition, today: date) -> bool:
    """G2: inactive, resolved, in remission, or with an abatement that may have come by today."""
    if condition.inactive:
        return True
    return condition.abated and not is_future(span_of(condition.abatement), today)


def onset_of_condition(condition: Condition, today: date) -> Span:
    """The onset, never after the recordedDate nor after today; a bound where only recordedDate is known (G3)."""
    onset, recorded = span_of(condition.onset), span_of(condition.recorded)
    known_by = None if recorded.last is None else min(recorded.last, today)
    if condition.onset is None:
        return Span(None, known_by)
    last = min(day for day in (onset.last, known_by, today) if day is not None)
    if onset.first is not None and last < onset.first:
        return Span(last, min(onset.last or today, today))
    return Span(onset.first, last)


def tales(record: PatientRecord, today: date) -> Iterator[Tale]:
    """Refuted and future conditions tell of nothing; those that are over still do, and are judged later (G2)."""
    for condition in record.conditions:
        if condition.verification.value == "refuted" or is_future_condition(condition, today) or not tells_of_a_fracture(condition):
            continue
        onset = onset_of_condition(condition, today)
        yield Tale(level_of(condition), beyond_scope(condition), onset, onset.first is not None, condition=condition)
    for seen in record.observations:
        when = span_of(seen.date)
        if seen.concepts & SEEN_ON_IMAGING and seen.present is True and not seen.preliminary and not is_future(when, today):
            yield Tale(level_of(seen), beyond_scope(seen), Span(None, when.last and min(when.last, today)), False, sighting=seen)


def tales_in_words(record: PatientRecord, today: date) -> Iterator[Tale]:
    """Of no level, whatever the site says, and tumours' fractures of some bone: listed only where nothing coded is (contract 6.14)."""
    for condition in record.conditions:
        if condition.verification.value == "refuted" or is_over(condition, today) or is_future_condition(condition, today):
            continue
        if only_its_text_tells(condition) or broken_in_a_tumour_somewhere(condition):
            onset = onset_of_condition(condition, today)
            yield Tale(None, False, onset, onset.first is not None, condition=condition)
