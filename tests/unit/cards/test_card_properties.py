"""Whatever the assessment: valid cards, the right ones, and no recommendation that the findings do not carry."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cards.from_assessment import CardOptions, to_cards
from clinical.assessment import Assessment, Flag, FractureAssessment, Outcome, Severity
from clinical.status import Status
from tests.unit.cards.card_invariants import assert_valid_cards, on_the_wire
from tests.unit.cards.generated import assessments
from tests.unit.cards.rendered import addresses, assert_harmless
from tests.unit.cards.samples import ADVERSE_REACTIONS, GUIDELINE

OUR_ADDRESSES = {GUIDELINE.url, "https://pmc.ncbi.nlm.nih.gov/articles/PMC6233540", *(link.url for link in GUIDELINE.links)}
options = st.builds(CardOptions, show_not_met=st.booleans(), style=st.sampled_from(["standard", "epic"]))


def topics(assessment: Assessment, chosen: CardOptions) -> set[str]:
    return {card.source.topic.code for card in to_cards(assessment, GUIDELINE, chosen)}


def blocked(flags: tuple[Flag, ...]) -> bool:
    return any(flag.severity is Severity.BLOCKING for flag in flags)


def excluded(fracture: FractureAssessment, flags: tuple[Flag, ...]) -> bool:
    return any(flag.severity is Severity.EXCLUDING and flag.level in ("", fracture.level) for flag in flags)


def expected(assessment: Assessment, show_not_met: bool) -> set[str]:
    """Contract sections 2, 6.1, 6.6 and the issue, read once more and written plainly."""
    if assessment.outcome is Outcome.NO_EVALUABLE_FRACTURE:
        return set()
    flags, outcomes = assessment.flags, [fracture.outcome for fracture in assessment.fractures]
    if assessment.out_of_scope is not None:
        alive = assessment.out_of_scope in ("age-under-18", "level-out-of-scope")
        return ({"ta279SafetyAlert"} if alive and blocked(flags) else set()) | ({"ta279CriteriaNotMet"} if show_not_met else set())
    due = {"ta279SafetyAlert"} if blocked(flags) else set()
    if Status.MET in outcomes:
        caution = any(flag.severity is Severity.CAUTION for flag in flags)
        return due or {"ta279CriteriaMet"} | ({"ta279SafetyAlert"} if caution else set())
    if Status.UNKNOWN in outcomes:
        return due | {"ta279InformationNeeded"}
    against = [{finding.criterion for finding in fracture.statuses(Status.NOT_MET)} for fracture in assessment.fractures]
    actionable = all(criteria == {"optimal-pain-management"} for criteria in against) and not any(
        excluded(fracture, flags) for fracture in assessment.fractures
    )
    return due | ({"ta279CriteriaNotMet"} if show_not_met or actionable else set())


@given(assessments(), options)
def test_every_card_is_valid_and_harmless(assessment: Assessment, chosen: CardOptions) -> None:
    cards = to_cards(assessment, GUIDELINE, chosen)
    assert_valid_cards(on_the_wire(cards))
    for card in cards:
        assert_harmless(card.detail, OUR_ADDRESSES | {link.url for link in card.links})


@given(assessments(), options)
def test_the_cards_are_those_the_contract_asks_for(assessment: Assessment, chosen: CardOptions) -> None:
    assert topics(assessment, chosen) == expected(assessment, chosen.show_not_met)


@given(assessments(), options)
def test_a_recommendation_needs_every_criterion_met_and_carries_every_adverse_reaction(assessment: Assessment, chosen: CardOptions) -> None:
    for card in to_cards(assessment, GUIDELINE, chosen):
        if card.source.topic.code == "ta279CriteriaMet":
            assert any(len(fracture.statuses(Status.MET)) == 9 for fracture in assessment.fractures)
            assert not blocked(assessment.flags)
            assert "without stenting" in card.summary
            assert all(reaction.text in card.detail for reaction in ADVERSE_REACTIONS)


@given(assessments())
def test_a_criterion_in_doubt_withdraws_the_recommendation(assessment: Assessment) -> None:
    """Even if a fracture's own outcome said otherwise."""
    doubted = [
        msgspec.structs.replace(
            fracture,
            outcome=Status.MET,
            criteria=(msgspec.structs.replace(fracture.criteria[0], status=Status.UNKNOWN), *fracture.criteria[1:]),
        )
        for fracture in assessment.fractures
    ]
    assert "ta279CriteriaMet" not in topics(msgspec.structs.replace(assessment, fractures=tuple(doubted)), CardOptions())


@given(assessments())
def test_only_spinal_infection_and_neurological_compromise_are_critical(assessment: Assessment) -> None:
    critical = any(
        flag.severity is Severity.BLOCKING and flag.flag in ("spinal-infection", "neurological-compromise") for flag in assessment.flags
    )
    for card in to_cards(assessment, GUIDELINE, CardOptions(show_not_met=True)):
        alert = card.source.topic.code == "ta279SafetyAlert"
        assert card.indicator == (("critical" if critical else "warning") if alert else "info")


@given(assessments())
def test_what_could_not_be_read_stands_on_every_card(assessment: Assessment) -> None:
    for card in to_cards(assessment, GUIDELINE, CardOptions(show_not_met=True)):
        assert ("Could not be read" in card.detail) == bool(assessment.data_gaps)


@given(assessments(), options)
def test_the_same_assessment_gives_the_same_cards_but_for_their_uuids(assessment: Assessment, chosen: CardOptions) -> None:
    fixed = CardOptions(chosen.show_not_met, chosen.style, lambda: "fixed")
    assert to_cards(assessment, GUIDELINE, fixed) == to_cards(assessment, GUIDELINE, fixed)


@given(assessments())
def test_links_in_the_text_are_also_links_of_the_card_in_the_epic_style(assessment: Assessment) -> None:
    for card in to_cards(assessment, GUIDELINE, CardOptions(show_not_met=True, style="epic")):
        assert {link.url for link in card.links} <= addresses(card.detail)
