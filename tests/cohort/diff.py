"""Which verdicts a change altered, criterion by criterion: `python -m tests.cohort.diff`. `--accept` takes them as the new ones.

Accepting asks for a new line under Clinical in the changelog's [Unreleased] that says why.
"""

import sys
from collections import Counter
from collections.abc import Iterator

from guidelines.ta279.reasons import CriterionId
from tests.cohort.frozen import CHANGELOG, Accepted, accepted_with, explanations, read_accepted, seal_of, verdicts_now, write_accepted
from tests.cohort.verdicts import Fracture, Verdict

CRITERIA = tuple(CriterionId)
NOT_EXPLAINED = "Not accepted: no new line under '### Clinical' in CHANGELOG.md, [Unreleased], says why verdicts change.\n"


def changes(accepted: tuple[Verdict, ...], now: tuple[Verdict, ...]) -> Iterator[str]:
    """One line per thing that changed, patients in the cohort's order."""
    before = {verdict.patient: verdict for verdict in accepted}
    for verdict in now:
        old = before.pop(verdict.patient, None)
        if old is None:
            yield f"{verdict.patient}: new in the cohort"
        elif old != verdict:
            yield from (f"{verdict.patient} {line}" for line in _changed(old, verdict))
    yield from (f"{patient}: no longer in the cohort" for patient in before)


def _changed(old: Verdict, new: Verdict) -> Iterator[str]:
    if old.outcome != new.outcome:
        yield f"outcome: {old.outcome} -> {new.outcome}"
    yield from (f"flag gone: {flag}" for flag in old.flags if flag not in new.flags)
    yield from (f"flag new: {flag}" for flag in new.flags if flag not in old.flags)
    known = _by_place(old.fractures)
    for place, fracture in _by_place(new.fractures).items():
        earlier = known.pop(place, None)
        if earlier is None:
            yield f"{place}: fracture new, {fracture.outcome}"
        else:
            yield from (f"{place} {line}" for line in _changed_criteria(earlier, fracture))
    yield from (f"{place}: fracture gone, was {fracture.outcome}" for place, fracture in known.items())


def _by_place(fractures: tuple[Fracture, ...]) -> dict[str, Fracture]:
    """By level; the second at a level as `L1 #2`."""
    seen: Counter[str] = Counter()
    placed = {}
    for fracture in fractures:
        level = fracture.level or "level not recorded"
        seen[level] += 1
        placed[level if seen[level] == 1 else f"{level} #{seen[level]}"] = fracture
    return placed


def _changed_criteria(old: Fracture, new: Fracture) -> Iterator[str]:
    if old.outcome != new.outcome:
        yield f"{old.outcome} -> {new.outcome}"
    for criterion, before, after in zip(CRITERIA, old.criteria, new.criteria, strict=True):
        if before != after:
            yield f"{criterion}: {before} -> {after}"


def summary(accepted: tuple[Verdict, ...], now: tuple[Verdict, ...]) -> str:
    before = {verdict.patient: verdict for verdict in accepted}
    moved = Counter(
        f"{old.outcome} -> {verdict.outcome}"
        for verdict in now
        if (old := before.get(verdict.patient)) is not None and old.outcome != verdict.outcome
    )
    changed = sum(before.get(verdict.patient) != verdict for verdict in now)
    outcomes = "".join(f"\n  {count} {move}" for move, count in moved.most_common())
    return f"{changed} of {len(now)} verdicts differ from those accepted.{outcomes}"


def may_accept(accepted: Accepted | None, now: tuple[Verdict, ...], explained: tuple[str, ...]) -> bool:
    """The first acceptance needs no reason, nor does one that changes nothing; any other a line that was not there at the last one."""
    if accepted is None or accepted.verdicts == now:
        return True
    return bool(set(explained) - set(accepted.acceptance.explained))


def intact(accepted: Accepted) -> bool:
    """Are these the verdicts that were accepted? A line changed by hand breaks the seal."""
    return accepted.acceptance.seal == seal_of(accepted.verdicts, accepted.acceptance.explained)


def main(arguments: list[str]) -> int:
    accepted, now = read_accepted(), verdicts_now()
    known = accepted.verdicts if accepted is not None else ()
    sys.stdout.writelines(f"{line}\n" for line in changes(known, now))
    sys.stdout.write(f"{summary(known, now)}\n")
    if "--accept" not in arguments:
        return int(known != now)
    explained = explanations(CHANGELOG.read_text(encoding="utf-8"))
    if not may_accept(accepted, now, explained):
        sys.stderr.write(NOT_EXPLAINED)
        return 1
    write_accepted(accepted_with(now, explained))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
