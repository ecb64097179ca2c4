"""Ordinary charts get no card."""

import pytest

from tests.cohort.quiet import Survey, chart_paths, report, survey

ORDINARY, FRACTURED = chart_paths("synthea-r4"), chart_paths("synthea-vertebral")


@pytest.fixture(scope="module")
def ordinary() -> Survey:
    if not ORDINARY:
        pytest.skip("the public charts (synthea-r4) are not here")
    return survey(ORDINARY)


def test_an_ordinary_chart_gets_no_card(ordinary: Survey) -> None:
    assert ordinary.charts >= 60
    assert list(report("synthea-r4", ordinary))[2:] == []
    assert ordinary.shown == []


def test_no_fracture_without_a_level_meets_the_criteria() -> None:
    if not FRACTURED:
        pytest.skip("the public charts with a vertebral fracture (synthea-vertebral) are not here")
    found = survey(FRACTURED)
    assert found.outcomes["criteria-met"] == 0
    assert {card.topic for card in found.shown} <= {"ta279InformationNeeded", "ta279CriteriaNotMet", "ta279SafetyAlert"}
