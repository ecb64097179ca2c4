"""What the record says is so: every survivor is explained, the score holds, and what changed since is tried again."""

import subprocess
import sys

import pytest

from tests.mutation.mutants import ROOT, Mutants, modules
from tests.mutation.page import Explanation, page, read_explained, unexplained
from tests.mutation.record import LEAST, Trial, changed, read_record, summary

PAGE = ROOT / "docs" / "mutation.md"
STATUS = "clinical/status.py"


def test_every_module_was_tried_and_almost_every_mutant_was_noticed() -> None:
    record = read_record()
    assert list(record) == modules()
    assert sum(len(trial.survivors) for trial in record.values()) <= (1 - LEAST) * sum(trial.mutants for trial in record.values())


def test_every_survivor_is_explained_and_nothing_else_is() -> None:
    assert unexplained(read_record(), read_explained()) == []


def test_the_page_tells_what_the_record_holds() -> None:
    assert page(read_record(), read_explained()) == PAGE.read_text(encoding="utf-8")


def test_a_survivor_without_a_reason_and_a_reason_without_a_survivor_are_told() -> None:
    record = {STATUS: Trial("0", 10, ["all_of: - a + b"])}
    assert unexplained(record, {}) == [f"{STATUS}: all_of: - a + b"]
    assert unexplained(record, {STATUS: [Explanation("because", ["- a + b", "- c + d"])]}) == [
        f"{STATUS}: explained and not there: - c + d"
    ]
    assert summary(record) == "9 of 10 mutants killed: 90.00 %"


def test_a_changed_module_is_known_by_its_source() -> None:
    record = read_record()
    assert changed(record) == [module for module in modules() if module in changed(record)]
    assert STATUS in changed({**record, STATUS: Trial("0", 10, [])})


def test_a_mutant_takes_the_place_of_its_function_and_is_told_by_its_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # mutmut looks for its settings where it is started
    mutants = Mutants(STATUS)
    told = [mutants.change(name) for name in mutants.names]
    assert any(each.startswith("all_of: - if Status.NOT_MET in seen: + if Status.NOT_MET not in seen:") for each in told)


def test_the_changed_modules_and_the_smallest_are_tried_again_and_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own; of a tree that is as it was recorded only the smallest module is tried."""
    monkeypatch.chdir(ROOT)
    command = [sys.executable, "-m", "tests.mutation", "--changed", STATUS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{STATUS}: {len(Mutants(STATUS).names)} of {len(Mutants(STATUS).names)} killed" in done.stdout
