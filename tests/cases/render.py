"""Writes the clinical cases as one page to review: `python -m tests.cases.render > docs/clinical-cases.md`."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.cases.case import TODAY, Case, all_paths, bases, load
from tests.cases.expectation import ANY, CRITERIA, SOME_CRITERION, Expectation, FractureExpectation, Verdict

FLAGS = (
    "spinal-infection",
    "systemic-infection",
    "neurological-compromise",
    "malignancy",
    "coagulopathy",
    "antithrombotic-therapy",
    "posterior-wall-or-retropulsion",
    "cement-allergy",
    "pregnancy",
    "vertebra-plana",
    "cardiopulmonary-or-positioning",
    "previous-augmentation-at-level",
)
TITLES = {
    "fracture": "Which fractures there are",
    "level": "The level",
    "dates": "Dates",
    "conflict": "Conflicting records",
    "scope": "Scope",
    "card": "Which card is shown",
    "profile": "Threshold profiles",
}
ORDER = (*CRITERIA, "fracture", "level", "dates", "conflict", "scope", *FLAGS, "card", "profile")

HEADER = """\
# Clinical cases

{count} patients, each in one file of `tests/cases/ta279/`, each run by `make test` through the whole service, as a Bundle and as a
patient-view call, at a site that codes in UK SNOMED CT and at one that codes in ICD-10-CM and RxNorm. Written from the decision logic
and not from the code. This page is generated: `python -m tests.cases.render > docs/clinical-cases.md`.

The day is {today} unless the case says otherwise; `-30d` is thirty days before it, `-1mo` the whole month before. Every case starts from
a patient in whom all nine criteria are met at L1 and nothing is flagged:

{base}

A case lists what differs. What its last column does not mention is as in this patient: the criterion met, no caution, no flag.
Statuses are met, unknown and not-met; the word in brackets is the reason code.
"""


def page(cases: Iterable[Case]) -> str:
    """The whole page, in Markdown."""
    grouped: dict[str, list[Case]] = {subject: [] for subject in ORDER}
    count = 0
    for case in cases:
        grouped[case.subject].append(case)
        count += 1
    base = "\n".join(f"- {_fact(name, words)}" for name, words in bases()["eligible"].items())
    blocks = [HEADER.format(count=count, today=TODAY.isoformat(), base=base)]
    blocks += [_section(subject, found) for subject, found in grouped.items() if found]
    return "\n".join(blocks)


def _section(subject: str, cases: list[Case]) -> str:
    rows = [f"| {_sentence(case)} | {_facts(case)} | {_expected(case.expect)} |" for case in cases]
    return "\n".join([f"## {TITLES.get(subject, subject)}", "", "| Case | What differs | Expected |", "|---|---|---|", *rows, ""])


def _sentence(case: Case) -> str:
    _, _, rest = case.sentence.partition(": ")
    return rest + (f" *({_safe(case.note.strip())})*" if case.note else "")


def _facts(case: Case) -> str:
    parts = [f"{name} {value}" for name, value in (("profile", case.profile), ("time zone", case.time_zone), ("site", case.site)) if value]
    parts = [part for part in parts if part not in ("profile default", "time zone UTC")]
    if case.as_of != TODAY:
        parts.append(f"on {case.as_of.isoformat()}")
    parts += [_fact(name, words) for name, words in case.differs.items()]
    parts += [f"{kind} {reason}" for kind, reason in case.gaps.items()]
    return "; ".join(parts) or "nothing"


def _fact(name: str, words: object) -> str:
    if not isinstance(words, Mapping):
        return f"no {name}"
    said = ", ".join(f"no {word}" if value == "none" else f"{word} {_value(value)}" for word, value in words.items())
    return f"**{name}**" + (f": {said}" if said else "")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    if isinstance(value, list):
        return " and ".join(str(each) for each in value)
    return _safe({True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value))


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def _expected(expect: Expectation) -> str:
    parts = [said for fracture in expect.fractures if (said := _fracture(fracture, len(expect.fractures) > 1))]
    if not expect.fractures:
        parts.append("no fracture to evaluate")
    if expect.flags:
        parts += [f"flag {flag} **{severity}**" for flag, severity in expect.flags.items()]
    if expect.outcome is not None:
        parts.append(f"outcome {expect.outcome}" + (f" ({expect.out_of_scope})" if expect.out_of_scope else ""))
    if expect.topics is not None:
        parts.append("card " + (" and ".join(sorted(topic.removeprefix("ta279") for topic in expect.topics)) or "none"))
    if open_parts := [
        what for what, said in (("outcome", expect.outcome), ("card", expect.topics), ("flags", expect.flags)) if said is None
    ]:
        parts.append(f"{', '.join(open_parts)} left open")
    return "; ".join(parts)


def _fracture(expected: FractureExpectation, several: bool) -> str:
    parts = [f"{criterion} {_verdict(verdict)}" for criterion, verdict in expected.verdicts.items() if len(verdict.statuses) < 3]
    parts += list(_cautions(expected))
    left_open = [criterion for criterion, verdict in expected.verdicts.items() if len(verdict.statuses) == 3]
    if expected.others == ANY or left_open:
        parts.append(f"{'everything else' if expected.others == ANY else ', '.join(left_open)} left open")
    if expected.outcome:
        parts.append(f"the fracture **{expected.outcome}**")
    said = ", ".join(parts)
    name = " ".join(filter(None, [expected.level or "no level", expected.onset]))
    if several:
        return f"{name}: {said or 'met'}"
    return said if expected.level == "L1" else f"{name}: {said}".rstrip(": ")


def _verdict(verdict: Verdict) -> str:
    statuses = " or ".join(f"**{status}**" for status in sorted(verdict.statuses))
    return statuses + (f" ({verdict.reason})" if verdict.reason else "")


def _cautions(expected: FractureExpectation) -> Iterator[str]:
    for criterion, codes in (expected.cautions or {}).items():
        yield f"caution {' and '.join(codes)}" + ("" if criterion in (SOME_CRITERION, ANY) else f" on {criterion}")


def main() -> None:
    sys.stdout.write(page(load(path) for path in all_paths()))


if __name__ == "__main__":
    main()
