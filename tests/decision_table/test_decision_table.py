"""All 19,683 combinations of nine statuses through the service's own outcome functions and cards, against the oracle."""

from collections import Counter
from functools import cache
from itertools import combinations_with_replacement, product

import pytest

from cards.from_assessment import CardOptions, to_cards
from clinical.assessment import Assessment, Guideline
from guidelines.ta279.guideline import ta279
from guidelines.ta279.reasons import CriterionId
from guidelines.ta279.recommendation import fracture_outcome
from tests.decision_table import oracle
from tests.decision_table.made_up import BLOCKING, CAUTION, LEVELS, assessed, statuses_of
from tests.decision_table.oracle import Combination

STATUSES = ("met", "unknown", "not-met")
ALL: list[Combination] = list(product(STATUSES, repeat=9))
ALL_MET = ("met",) * 9


def with_one(criterion: int, status: str, base: Combination = ALL_MET) -> Combination:
    return (*base[:criterion], status, *base[criterion + 1 :])


PAIN = oracle.PAIN_MANAGEMENT
SHAPES: tuple[Combination, ...] = (
    ALL_MET,
    with_one(0, "unknown"),
    with_one(PAIN, "unknown"),
    ("unknown",) * 9,
    with_one(2, "not-met"),
    with_one(PAIN, "not-met"),
    with_one(PAIN, "not-met", ("unknown",) * 9),
    with_one(2, "not-met", with_one(PAIN, "not-met")),
)
"""Fractures that the contract treats differently: met, unknown, not met, and analgesia as the one thing not met."""


@cache
def options(show_not_met: bool) -> CardOptions:
    return CardOptions(show_not_met=show_not_met, new_uuid=lambda: "00000000-0000-4000-8000-000000000000")


@cache
def guideline_for_cards() -> Guideline:
    return ta279()


def topics(assessment: Assessment, show_not_met: bool = False) -> list[str]:
    return [str(card.source.topic.code) for card in to_cards(assessment, guideline_for_cards(), options(show_not_met))]


def test_the_oracle_and_the_service_speak_of_the_same_criteria_in_the_same_order() -> None:
    assert tuple(CriterionId) == oracle.CRITERIA


def test_there_are_as_many_combinations_as_three_to_the_nine() -> None:
    assert len(set(ALL)) == 3**9


def test_the_outcome_of_a_fracture() -> None:
    assert [each for each in ALL if fracture_outcome(statuses_of(each)).value != oracle.fracture(each)] == []


def test_one_combination_only_is_met() -> None:
    assert [each for each in ALL if fracture_outcome(statuses_of(each)).value == "met"] == [ALL_MET]


def test_an_excluded_level_is_never_met() -> None:
    assert {fracture_outcome(statuses_of(each), excluded=True).value for each in ALL} == {"not-met"}


@pytest.mark.parametrize("show_not_met", [False, True], ids=["silent", "show"])
def test_the_outcome_and_the_cards_of_one_fracture(show_not_met: bool) -> None:
    counted: Counter[str] = Counter()
    for each in ALL:
        assessment = assessed([each])
        found = topics(assessment, show_not_met)
        assert (assessment.outcome.value, sorted(found)) == (
            oracle.outcome([each]),
            sorted(oracle.topics([each], show_not_met=show_not_met)),
        ), each
        counted[assessment.outcome.value] += 1
    assert counted == {"criteria-met": 1, "information-needed": 2**9 - 1, "criteria-not-met": 3**9 - 2**9}


@pytest.mark.parametrize("show_not_met", [False, True], ids=["silent", "show"])
@pytest.mark.parametrize("blocked", [False, True], ids=["", "blocking flag"])
@pytest.mark.parametrize("cautioned", [False, True], ids=["", "caution flag"])
@pytest.mark.parametrize("number", range(len(LEVELS) + 1))
def test_several_fractures_with_and_without_flags(number: int, cautioned: bool, blocked: bool, show_not_met: bool) -> None:
    flags = (*([CAUTION] if cautioned else []), *([BLOCKING] if blocked else []))
    for fractures in combinations_with_replacement(SHAPES, number):
        assessment = assessed(fractures, flags)
        wanted = oracle.topics(fractures, blocked=blocked, cautioned=cautioned, show_not_met=show_not_met)
        assert assessment.outcome.value == oracle.outcome(fractures, blocked=blocked), fractures
        assert sorted(topics(assessment, show_not_met)) == sorted(wanted), fractures


@pytest.mark.parametrize("each", SHAPES, ids=str)
def test_out_of_scope_is_never_a_recommendation(each: Combination) -> None:
    assessment = assessed([each], out_of_scope="age-under-18")
    assert assessment.outcome.value == oracle.outcome([each], out_of_scope=True)
    assert topics(assessment, show_not_met=False) == []
    assert topics(assessment, show_not_met=True) == ["ta279CriteriaNotMet"]


def test_no_evaluable_fracture_is_silent_whatever_the_flags() -> None:
    assessment = assessed([], (BLOCKING, CAUTION))
    assert assessment.outcome.value == oracle.outcome([], blocked=True)
    assert topics(assessment, show_not_met=True) == []
