"""What an alert says: which flag, where, what to do, and what the criteria say beside it."""

import pytest

from cards.flag_wording import words_for
from clinical.assessment import Flag, Severity
from tests.unit.cards.asked import card
from tests.unit.cards.card_invariants import assert_valid_cards, on_the_wire
from tests.unit.cards.generated import FLAGS as FLAG_IDS
from tests.unit.cards.samples import (
    ANTICOAGULANT,
    CAUDA_EQUINA,
    DISCITIS,
    HIGH_INR,
    MYELOMA,
    NO_MRI,
    NO_MRI_AT_LEVEL,
    TOO_OLD,
    assessment,
    evidence,
    fracture,
)


@pytest.mark.parametrize("severity", [Severity.BLOCKING, Severity.CAUTION])
@pytest.mark.parametrize("flag", FLAG_IDS)
def test_every_flag_says_what_it_is_where_and_what_to_do(flag: str, severity: Severity) -> None:
    whole = assessment(fracture(), flags=(Flag(flag, severity, "L1", (evidence("Condition/x", "seen", "2026-11-20"),)),))
    alert = card(whole, "SafetyAlert")
    assert_valid_cards(on_the_wire([alert]))
    words = words_for(whole.flags[0])
    assert f"- **{words.title} (L1)**: {words.advice} Recorded: 20 Nov 2026: seen, `Condition/x`." in alert.detail


def test_neurological_compromise_names_the_emergency_pathway_and_links_ng234() -> None:
    alert = card(assessment(fracture(), flags=(CAUDA_EQUINA,)), "SafetyAlert")
    assert "local cauda equina or metastatic spinal cord compression (MSCC) pathway" in alert.detail
    assert "https://www.nice.org.uk/guidance/ng234" in {link.url for link in alert.links}


@pytest.mark.parametrize(("flag", "linked"), [(MYELOMA, True), (DISCITIS, False), (HIGH_INR, False)])
def test_ng234_is_linked_where_metastases_are_in_question(flag: Flag, linked: bool) -> None:
    alert = card(assessment(fracture(), flags=(flag,)), "SafetyAlert")
    assert ("https://www.nice.org.uk/guidance/ng234" in {link.url for link in alert.links}) == linked


def test_the_same_flag_at_several_levels_is_one_line_with_all_its_evidence() -> None:
    both = tuple(
        Flag("posterior-wall-or-retropulsion", Severity.CAUTION, level, (evidence(f"Observation/{level}", "retropulsion", "2026-11-20"),))
        for level in ("T12", "L1")
    )
    alert = card(assessment(fracture("T12"), fracture("L1"), flags=both), "SafetyAlert")
    assert alert.summary == "Check before any TA279 referral: posterior wall defect or retropulsion"
    assert alert.detail.count("**Posterior wall defect or retropulsion (T12, L1)**: ") == 1
    assert "20 Nov 2026: retropulsion, `Observation/T12`; 20 Nov 2026: retropulsion, `Observation/L1`." in alert.detail


def test_the_alert_that_replaces_a_recommendation_carries_its_criteria() -> None:
    detail = card(assessment(fracture("L1"), fracture("T8", TOO_OLD), flags=(HIGH_INR,)), "SafetyAlert").detail
    assert "Apart from this, NICE TA279 criteria appear met at L1" in detail
    assert detail.count("✓ met") == 9
    assert "**T8**, not met: recent fracture (onset 120 days ago, outside the local window)." in detail


def test_an_alert_on_open_criteria_sums_them_up_in_a_line() -> None:
    detail = card(assessment(fracture("L1", NO_MRI, NO_MRI_AT_LEVEL), flags=(DISCITIS,)), "SafetyAlert").detail
    assert "**Criteria so far**\n\n- **L1**, unknown: unhealed fracture, imaging at the level." in detail
    assert "✓ met" not in detail


def test_caution_flags_stand_beside_cards_that_no_alert_accompanies() -> None:
    for changed, topic in ((NO_MRI, "InformationNeeded"), (TOO_OLD, "CriteriaNotMet")):
        detail = card(assessment(fracture("L1", changed), flags=(ANTICOAGULANT,)), topic).detail
        assert "**Before any referral**\n\n- **Anticoagulant or antiplatelet**: " in detail
        blocked = card(assessment(fracture("L1", changed), flags=(ANTICOAGULANT, HIGH_INR)), topic).detail
        assert "Before any referral" not in blocked


def test_an_alert_names_the_thresholds_of_its_flag() -> None:
    assert "INR blocks above 1.8" in card(assessment(fracture(), flags=(HIGH_INR,)), "SafetyAlert").detail
