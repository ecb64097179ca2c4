"""`vacds explain`: what a criterion asks, which numbers it uses, what each reason code means."""

from collections.abc import Iterator

from app.cli.explained import Explained, explained
from app.cli.terminal import Refused, wrapped
from cards.criterion_wording import amount
from clinical.assessment import Criterion, Threshold, ThresholdValue
from guidelines.ta279.guideline import CRITERIA
from guidelines.ta279.reasons import CriterionId
from guidelines.ta279.thresholds import DESCRIPTIONS, ProfileError, Thresholds, load_profile

INDENT = 2
CODE = 36
HEADINGS = {"met": "Reason codes when met", "not-met": "Reason codes when not met", "unknown": "Reason codes when unknown"}


def explain(criterion: str | None, profile: str) -> Iterator[str]:
    """Refused for a profile that is none."""
    try:
        name, thresholds = load_profile(profile)
    except ProfileError as error:
        raise Refused(str(error)) from None
    if criterion is None:
        return _all()
    found = next(each for each in CRITERIA if each.id == criterion)
    return _one(found, explained()[CriterionId(criterion)], name, thresholds)


def _all() -> Iterator[str]:
    for criterion in CRITERIA:
        yield from wrapped(explained()[CriterionId(criterion.id)].asks, CODE, criterion.id)
    yield from ("", "vacds explain CRITERION tells more of one.")


def _one(criterion: Criterion, words: Explained, profile: str, thresholds: Thresholds) -> Iterator[str]:
    yield from (f"{criterion.id}: {criterion.title}", "")
    yield from wrapped(words.asks, 0)
    yield from _section("What NICE says", words.nice)
    yield from _section("What counts", *words.counts)
    yield from _section("What does not count", *words.does_not_count)
    yield from _section("What speaks against it", words.against)
    yield from _section("What is local", words.local)
    yield from _thresholds(words, profile, thresholds)
    for status, meanings in words.reasons.items():
        yield from ("", HEADINGS[status])
        for code, meaning in meanings.items():
            yield from wrapped(meaning, CODE, f"  {code}")


def _section(title: str, *texts: str) -> Iterator[str]:
    yield from ("", title)
    for text in texts:
        yield from wrapped(text, INDENT + 2, " " * INDENT + "- " if len(texts) > 1 else " " * INDENT)


def _thresholds(words: Explained, profile: str, thresholds: Thresholds) -> Iterator[str]:
    values = thresholds.by_name()
    used = [each for each in DESCRIPTIONS if each.name in words.thresholds]
    if used:
        yield from ("", f"Local thresholds, profile {profile}")
    for each in used:
        yield from wrapped(_threshold(each, values[each.name]), CODE, f"  {each.name}")


def _threshold(threshold: Threshold, value: ThresholdValue) -> str:
    allowed = f"allowed {threshold.minimum:g} to {threshold.maximum:g}"
    return f"{threshold.title} {amount(value)} {threshold.unit}".rstrip() + f"; {allowed}; {threshold.source}"
