"""Two implementations of one text, over generated patients: they agree, or each disagreement is shown with the seed that remakes it.

The ordinary run takes 2,000 patients; `SECOND_OPINION_PATIENTS=20000` takes as many as it says,
`SECOND_OPINION_FIRST_SEED` starts elsewhere.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache

from clinical.assessment import Assessment
from clinical.status import Status
from guidelines.ta279.guideline import ta279
from tests.independent.patients import patient
from tests.independent.second_opinion import Opinion, assess

PATIENTS = int(os.environ.get("SECOND_OPINION_PATIENTS", "2000"))
FIRST_SEED = int(os.environ.get("SECOND_OPINION_FIRST_SEED", "0"))
SHOWN_OF_A_KIND = 5

Row = tuple[str, str, str]
Verdicts = dict[Row, dict[str, str]]


@cache
def seeds() -> range:
    return range(FIRST_SEED, FIRST_SEED + PATIENTS)


def first_verdicts(assessment: Assessment) -> dict[Row, list[dict[str, str]]]:
    found: dict[Row, list[dict[str, str]]] = defaultdict(list)
    for one in assessment.fractures:
        onset = ("", "") if one.onset is None else (one.onset.earliest, one.onset.latest)
        verdict = {finding.criterion: finding.status.value for finding in one.criteria}
        found[one.level, *onset].append({**verdict, "outcome": one.outcome.value})
    return found


def second_verdicts(opinion: Opinion) -> dict[Row, list[dict[str, str]]]:
    found: dict[Row, list[dict[str, str]]] = defaultdict(list)
    for one in opinion["fractures"]:
        found[one["level"], one["earliest"], one["latest"]].append({**one["criteria"], "outcome": one["outcome"]})
    return found


def differences(first: Assessment, second: Opinion) -> Iterator[tuple[str, str]]:
    """(kind, what each says) for everything on which the two differ."""
    ours, theirs = first_verdicts(first), second_verdicts(second)
    if {row: len(ours[row]) for row in ours} != {row: len(theirs[row]) for row in theirs}:
        yield "fractures", f"first {sorted(ours)}, second {sorted(theirs)}"
    for row in sorted(ours.keys() & theirs.keys()):
        for one, other in zip(ours[row], theirs[row], strict=False):
            yield from (
                (f"{name}: first {one[name]}, second {other[name]}", f"at {row}")
                for name in other
                if one[name] != other[name]
            )  # fmt: skip
    flags = {(flag.flag, flag.severity.value, flag.level) for flag in first.flags}
    for name, severity, level in sorted(flags ^ second["flags"]):
        by = "first" if (name, severity, level) in flags else "second"
        yield f"flag {name} {severity}: only {by}", f"at {level or 'no level'}"
    for said, other_said in ((first.outcome.value, second["outcome"]), (first.out_of_scope or "", second["outOfScope"])):
        if said != other_said:
            yield f"outcome: first {said}, second {other_said}", ""


def test_both_implementations_say_the_same_of_every_generated_patient() -> None:
    guideline = ta279("default")
    kinds: dict[str, list[str]] = defaultdict(list)
    disputed = set()
    for seed in seeds():
        record, today = patient(seed)
        first = guideline.assess(record, today)
        for kind, detail in differences(first, assess(record, today, first.thresholds)):
            kinds[kind].append(f"seed {seed} {detail}")
            disputed.add(seed)
    lines = [f"{len(disputed)} of {len(seeds())} patients are judged differently"]
    for kind, cases in sorted(kinds.items(), key=lambda item: -len(item[1])):
        lines += [f"{kind} ({len(cases)})", *(f"    {case}" for case in cases[:SHOWN_OF_A_KIND])]
    assert not kinds, "\n".join(lines)


def test_the_generated_patients_reach_every_verdict() -> None:
    """Agreement over patients who are all alike would prove nothing."""
    guideline = ta279("default")
    statuses: Counter[tuple[str, Status]] = Counter()
    outcomes: Counter[str] = Counter()
    with_a_met_fracture = 0
    for seed in seeds():
        record, today = patient(seed)
        said = guideline.assess(record, today)
        statuses.update((finding.criterion, finding.status) for one in said.fractures for finding in one.criteria)
        outcomes[said.outcome.value] += 1
        with_a_met_fracture += any(one.outcome is Status.MET for one in said.fractures)
    assert with_a_met_fracture >= 0.03 * len(seeds())
    assert len(statuses) == 9 * 3
    assert len(outcomes) == 6
