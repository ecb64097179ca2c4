"""Every clinical case through the whole pure path, twice: as a Bundle and as a patient-view call. One test per file."""

from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.cases.case import Case, all_paths, load
from tests.cases.judge import differences
from tests.cases.paths import Answer, by_bundle, by_patient_view

FEWEST_CASES = 250

each_case = pytest.mark.parametrize("path", all_paths(), ids=lambda path: path.stem)


@each_case
def test_case(path: Path) -> None:
    case = load(path)
    chart = case.chart()
    Bundle.model_validate(chart.bundle())
    evaluation, topics = by_patient_view(case, chart)
    assert differences(case, chart, evaluation, topics) == []
    if not case.gaps:
        other, other_topics = by_bundle(case, chart)
        assert (without("source", other), other_topics) == (without("source", evaluation), topics)


def test_the_verdict_does_not_depend_on_the_code_system() -> None:
    """A UK and a US site that write down the same facts get the same Evaluation and cards; how a datum is named may follow its code."""
    cases = [case for case in map(load, all_paths()) if case.site is None]
    assert [case.name for case in cases if answer_at("uk", case) != answer_at("us", case)] == []


def answer_at(site: str, case: Case) -> Answer:
    evaluation, topics = by_patient_view(case, case.chart(site))
    return without("value", evaluation), topics


def test_there_are_enough_cases() -> None:
    assert len(all_paths()) >= FEWEST_CASES


def without(name: str, evaluation: Any) -> Any:
    """An Evaluation without every member of that name."""
    if isinstance(evaluation, dict):
        return {member: without(name, value) for member, value in evaluation.items() if member != name}
    return [without(name, each) for each in evaluation] if isinstance(evaluation, list) else evaluation
