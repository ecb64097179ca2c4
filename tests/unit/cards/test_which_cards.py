"""Which card, when, with which indicator (contract sections 2 and 6)."""

from itertools import product

import pytest

from cards.card import Card
from cards.from_assessment import CardOptions, to_cards
from clinical.assessment import Assessment, Finding, Flag, FractureAssessment, Severity
from clinical.status import Status, all_of
from tests.unit.cards.samples import (
    ANTICOAGULANT,
    CAUDA_EQUINA,
    CRITERIA,
    DISCITIS,
    DONE_AT_L1,
    GUIDELINE,
    HEALED,
    HIGH_INR,
    NO_EXAM,
    NO_MRI,
    PARACETAMOL,
    TOO_OLD,
    TYPICAL,
    assessment,
    fracture,
)

ALERT, MET, NEEDED, NOT_MET = "ta279SafetyAlert", "ta279CriteriaMet", "ta279InformationNeeded", "ta279CriteriaNotMet"
SILENT, SHOWN = CardOptions(), CardOptions(show_not_met=True)


def shown(whole: Assessment, options: CardOptions = SILENT) -> list[tuple[str, str]]:
    """Topic and indicator of each card, in order."""
    return [(card.source.topic.code, card.indicator) for card in to_cards(whole, GUIDELINE, options)]


def topics(whole: Assessment, options: CardOptions = SILENT) -> list[str]:
    return [topic for topic, _ in shown(whole, options)]


@pytest.mark.parametrize(
    ("name", "cards"),
    [
        ("eligible at L1", [(MET, "info")]),
        ("eligible, anticoagulant, subacute", [(ALERT, "warning"), (MET, "info")]),
        ("eligible at two levels, a third lacks the examination, a fourth is old", [(ALERT, "warning"), (MET, "info")]),
        ("no MRI, imaging not readable", [(NEEDED, "info")]),
        ("no examination, one score", [(NEEDED, "info")]),
        ("level not recorded", [(NEEDED, "info")]),
        ("paracetamol only", [(NOT_MET, "info")]),
        ("too old and healed", []),
        ("augmented before at the level", []),
        ("cauda equina, criteria met", [(ALERT, "critical")]),
        ("discitis, no MRI", [(ALERT, "critical"), (NEEDED, "info")]),
        ("myeloma", [(ALERT, "warning")]),
        ("high INR", [(ALERT, "warning")]),
        ("under 18", []),
        ("deceased, discitis", []),
        ("no evaluable fracture", []),
    ],
)
def test_typical_patients(name: str, cards: list[tuple[str, str]]) -> None:
    assert shown(TYPICAL[name]) == cards


@pytest.mark.parametrize("name", ["too old and healed", "augmented before at the level", "under 18", "deceased, discitis"])
def test_criteria_not_met_is_shown_where_the_site_asks_for_it(name: str) -> None:
    assert shown(TYPICAL[name], SHOWN) == [(NOT_MET, "info")]


def test_showing_criteria_not_met_changes_no_other_card() -> None:
    for name in ("eligible at L1", "no MRI, imaging not readable", "no evaluable fracture", "paracetamol only"):
        assert shown(TYPICAL[name], SHOWN) == shown(TYPICAL[name])


def test_only_pain_management_lacking_is_shown_whatever_is_unknown_beside_it() -> None:
    assert topics(assessment(fracture("L1", PARACETAMOL, NO_MRI), fracture("T12", PARACETAMOL, NO_EXAM))) == [NOT_MET]


def test_only_pain_management_lacking_is_silent_if_another_fracture_lacks_more() -> None:
    assert topics(assessment(fracture("L1", PARACETAMOL), fracture("T12", PARACETAMOL, TOO_OLD))) == []
    assert topics(assessment(fracture("L1", PARACETAMOL), fracture("T12", TOO_OLD))) == []


def test_only_pain_management_lacking_is_silent_where_the_level_is_excluded_anyway() -> None:
    assert topics(assessment(fracture("L1", PARACETAMOL, excluded=True), flags=(DONE_AT_L1,))) == []
    assert topics(assessment(fracture("T12", PARACETAMOL), flags=(DONE_AT_L1,))) == [NOT_MET]


def test_one_open_fracture_among_not_met_ones_asks() -> None:
    assert topics(assessment(fracture("L1", TOO_OLD), fracture("T12", NO_MRI))) == [NEEDED]


def test_one_met_fracture_among_others_recommends() -> None:
    assert topics(assessment(fracture("L1", TOO_OLD), fracture("T12"), fracture("L3", NO_MRI))) == [MET]


@pytest.mark.parametrize("flag", [DISCITIS, CAUDA_EQUINA])
def test_spinal_infection_and_neurological_compromise_are_critical(flag: Flag) -> None:
    assert shown(assessment(fracture(), flags=(HIGH_INR, flag))) == [(ALERT, "critical")]


def test_the_same_flags_as_cautions_are_not_critical() -> None:
    nerve_root = Flag("neurological-compromise", Severity.CAUTION)
    assert shown(assessment(fracture(), flags=(nerve_root,))) == [(ALERT, "warning"), (MET, "info")]


def test_a_blocking_flag_alerts_whatever_the_criteria_say_and_leaves_the_other_cards_their_rules() -> None:
    assert topics(assessment(fracture(), flags=(HIGH_INR,)), SHOWN) == [ALERT]
    assert topics(assessment(fracture("L1", NO_MRI), flags=(HIGH_INR,))) == [ALERT, NEEDED]
    assert topics(assessment(fracture("L1", TOO_OLD), flags=(HIGH_INR,))) == [ALERT]
    assert topics(assessment(fracture("L1", TOO_OLD), flags=(HIGH_INR,)), SHOWN) == [ALERT, NOT_MET]
    assert topics(assessment(fracture("L1", PARACETAMOL), flags=(HIGH_INR,))) == [ALERT, NOT_MET]


def test_a_caution_alone_makes_no_alert_without_a_recommendation() -> None:
    assert topics(assessment(fracture("L1", NO_MRI), flags=(ANTICOAGULANT,))) == [NEEDED]
    assert topics(assessment(fracture("L1", TOO_OLD, HEALED), flags=(ANTICOAGULANT,)), SHOWN) == [NOT_MET]


def test_a_flag_without_an_evaluable_fracture_makes_no_card() -> None:
    assert topics(assessment(flags=(DISCITIS, ANTICOAGULANT)), SHOWN) == []


@pytest.mark.parametrize(
    ("scope", "cards"), [("age-under-18", [ALERT]), ("level-out-of-scope", [ALERT]), ("merged-record", []), ("inactive-record", [])]
)
def test_out_of_scope_an_alert_stays_only_where_somebody_can_act_on_it(scope: str, cards: list[str]) -> None:
    assert topics(assessment(fracture(), flags=(CAUDA_EQUINA,), out_of_scope=scope)) == cards


def test_every_combination_of_nine_statuses_gives_the_card_of_its_kind() -> None:
    findings = {
        (criterion, status): Finding(criterion=criterion, status=status, reason="r", reason_code="c")
        for criterion in CRITERIA
        for status in Status
    }
    only_pain_management = ["optimal-pain-management"]
    for statuses in product(Status, repeat=9):
        criteria = tuple(findings[pair] for pair in zip(CRITERIA, statuses, strict=True))
        one = FractureAssessment(level="L1", outcome=all_of(statuses), criteria=criteria)
        against = [finding.criterion for finding in criteria if finding.status is Status.NOT_MET]
        if against:
            due = [NOT_MET] if against == only_pain_management else []
        else:
            due = [NEEDED] if Status.UNKNOWN in statuses else [MET]
        assert topics(assessment(one)) == due


def test_each_card_has_its_own_uuid_from_the_factory() -> None:
    made = iter(["first", "second"])
    cards: list[Card] = to_cards(TYPICAL["discitis, no MRI"], GUIDELINE, CardOptions(new_uuid=lambda: next(made)))
    assert [card.uuid for card in cards] == ["first", "second"]
