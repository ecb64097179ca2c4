"""What the record says is so: the score holds, the page tells it, and the smallest module is tried again."""

import subprocess
import sys

import pytest

from tests.mutation.mutants import ROOT, Mutants, modules
from tests.mutation.page import Explanation, page, read_explained, unexplained
from tests.mutation.record import LEAST, Trial, changed, read_record, summary

PAGE = ROOT / "docs" / "mutation.md"
STATUS = "clinical/status.py"


def test_of_what_was_tried_almost_every_mutant_was_noticed() -> None:
    record = read_record()
    assert set(record) <= set(modules())
    assert sum(len(trial.survivors) for trial in record.values()) <= (1 - LEAST) * sum(trial.mutants for trial in record.values())


def test_no_survivor_is_explained_that_is_not_there() -> None:
    assert [line for line in unexplained(read_record(), read_explained()) if "explained and not there" in line] == []


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


def test_the_smallest_module_is_tried_again_and_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: a trial forks."""
    monkeypatch.chdir(ROOT)
    asked = (
        f"from tests.mutation.__main__ import tried; print([(name, trial.mutants, trial.survivors) for name, trial in tried([{STATUS!r}])])"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == str([(STATUS, len(Mutants(STATUS).names), [])])
