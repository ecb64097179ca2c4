"""No verdict on the frozen cohort changes unseen: what differs from the accepted ones needs a line in the changelog, and a name for why."""

from pathlib import Path

import pytest

from tests.cohort import diff, freeze, frozen
from tests.cohort.frozen import Accepted, accepted_with, explanations, read_accepted, read_patients, verdicts_now
from tests.cohort.verdicts import Fracture, Verdict

LARGEST = 300_000
CRITERIA = ("+ osteoporosis-on-record",) * 9
MET = Verdict("p000", "criteria-met", (Fracture("L1", "met", CRITERIA),))
WORSE = Verdict("p000", "information-needed", (Fracture("L1", "unknown", ("? conflict", *CRITERIA[1:])),), ("malignancy blocking",))
CHANGELOG = """# Changelog

## [Unreleased]

### Clinical

- One.
- Two, told
  in two lines.

### Added

- Three.

## [0.1.0]

### Clinical

- Four.
"""


@pytest.fixture(scope="module")
def accepted() -> Accepted:
    found = read_accepted()
    assert found is not None
    return found


def test_the_verdicts_are_those_that_were_accepted(accepted: Accepted) -> None:
    now = verdicts_now()
    told = "\n".join([diff.summary(accepted.verdicts, now), *list(diff.changes(accepted.verdicts, now))[:20]])
    assert accepted.verdicts == now, f"{told}\nSay why under Clinical in CHANGELOG.md, then: python -m tests.cohort.diff --accept"


def test_nobody_wrote_the_accepted_verdicts_by_hand(accepted: Accepted) -> None:
    assert diff.intact(accepted)
    assert not diff.intact(Accepted(accepted.acceptance, accepted.verdicts[1:]))


def test_no_line_under_clinical_is_left_to_explain_a_later_change(accepted: Accepted) -> None:
    lines = explanations(frozen.CHANGELOG.read_text(encoding="utf-8"))
    assert set(lines) <= set(accepted.acceptance.explained), "python -m tests.cohort.diff --accept"


def test_the_cohort_is_small_to_store_and_says_much(accepted: Accepted) -> None:
    assert len(read_patients()) == len(accepted.verdicts) == freeze.PATIENTS
    assert frozen.PATIENTS.stat().st_size + frozen.VERDICTS.stat().st_size < LARGEST
    reasons = {criterion for verdict in accepted.verdicts for fracture in verdict.fractures for criterion in fracture.criteria}
    assert len(reasons) >= 60


def test_a_change_is_told_criterion_by_criterion() -> None:
    assert list(diff.changes((MET,), (WORSE,))) == [
        "p000 outcome: criteria-met -> information-needed",
        "p000 flag new: malignancy blocking",
        "p000 L1 met -> unknown",
        "p000 L1 osteoporotic: + osteoporosis-on-record -> ? conflict",
    ]
    assert list(diff.changes((WORSE,), (Verdict("p000", "no-evaluable-fracture"),))) == [
        "p000 outcome: information-needed -> no-evaluable-fracture",
        "p000 flag gone: malignancy blocking",
        "p000 L1: fracture gone, was unknown",
    ]
    assert list(diff.changes((MET,), (MET,))) == []


def test_only_a_new_line_under_clinical_explains_a_change() -> None:
    lines = explanations(CHANGELOG)
    before = accepted_with((MET,), lines)
    assert len(lines) == 2
    assert explanations(CHANGELOG.replace("told\n  in", "told in")) == lines
    assert not diff.may_accept(before, (WORSE,), lines)
    assert not diff.may_accept(before, (WORSE,), explanations(CHANGELOG.replace("- Three.", "- Five.")))
    assert not diff.may_accept(before, (WORSE,), explanations(CHANGELOG.replace("- One.\n", "")))
    assert diff.may_accept(before, (WORSE,), explanations(CHANGELOG.replace("- One.\n", "- One.\n- Five.\n")))
    assert diff.may_accept(before, (MET,), lines)
    assert diff.may_accept(None, (MET,), lines)


def test_the_command_refuses_what_is_not_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accepted: Accepted) -> None:
    """On a copy in which one verdict was another one when it was accepted."""
    other = (Verdict("p000", "blocked"), *accepted.verdicts[1:])
    assert other != accepted.verdicts
    monkeypatch.setattr(frozen, "VERDICTS", tmp_path / "verdicts.jsonl")
    lines = explanations(frozen.CHANGELOG.read_text(encoding="utf-8"))
    frozen.write_accepted(accepted_with(other, lines))
    assert diff.main(["--accept"]) == 1
    assert freeze.main() == 1
    frozen.write_accepted(accepted_with(other, lines[1:]))
    assert diff.main([]) == 1
    assert diff.main(["--accept"]) == 0
    assert diff.main([]) == 0
