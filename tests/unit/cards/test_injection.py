"""Every text field that a card can show, filled with every vector, in every kind of card."""

from collections.abc import Callable

import msgspec
import pytest

from cards.from_assessment import CardOptions, to_cards
from clinical.assessment import Assessment, Evidence, Finding, Flag
from tests.unit.cards.card_invariants import assert_valid_cards, on_the_wire
from tests.unit.cards.injection_vectors import VECTORS
from tests.unit.cards.rendered import addresses, assert_harmless, emphasis, skeleton
from tests.unit.cards.samples import GUIDELINE, TYPICAL

OPTIONS = CardOptions(show_not_met=True)
LONGEST_WORDS = 2000  # no rule writes a longer sentence
Fill = Callable[[Assessment, str], Assessment]
# One of each kind of card, alerts with and without a criteria table among them.
SHOWN = [
    TYPICAL[name]
    for name in ("eligible, anticoagulant, subacute", "paracetamol only", "augmented before at the level",
                 "cauda equina, criteria met", "discitis, no MRI")
]  # fmt: skip


def with_evidence(assessment: Assessment, change: Callable[[Evidence], Evidence]) -> Assessment:
    def flag(item: Flag) -> Flag:
        return msgspec.structs.replace(item, evidence=tuple(map(change, item.evidence)))

    def finding(item: Finding) -> Finding:
        return msgspec.structs.replace(item, evidence=tuple(map(change, item.evidence)))

    return msgspec.structs.replace(with_findings(assessment, finding), flags=tuple(map(flag, assessment.flags)))


def with_findings(assessment: Assessment, change: Callable[[Finding], Finding]) -> Assessment:
    fractures = tuple(
        msgspec.structs.replace(fracture, criteria=tuple(map(change, fracture.criteria))) for fracture in assessment.fractures
    )
    return msgspec.structs.replace(assessment, fractures=fractures)


OWN_WORDS: dict[str, Fill] = {
    "value": lambda whole, text: with_evidence(whole, lambda item: msgspec.structs.replace(item, value=text)),
    "reason": lambda whole, text: with_findings(whole, lambda item: msgspec.structs.replace(item, reason=text)),
    "needed": lambda whole, text: with_findings(whole, lambda item: msgspec.structs.replace(item, needed=text)),
    "profile": lambda whole, text: msgspec.structs.replace(whole, profile=text),
}


def with_reference(whole: Assessment, text: str) -> Assessment:
    return with_evidence(whole, lambda item: msgspec.structs.replace(item, reference=text))


def with_all_words(whole: Assessment, text: str) -> Assessment:
    for fill in OWN_WORDS.values():
        whole = fill(whole, text)
    return whole


@pytest.mark.parametrize("text", VECTORS)
def test_a_reference_changes_nothing_but_its_own_code_span(text: str) -> None:
    for whole in SHOWN:
        calm = to_cards(with_reference(whole, "Condition/1"), GUIDELINE, OPTIONS)
        wild = to_cards(with_reference(whole, text), GUIDELINE, OPTIONS)
        assert_valid_cards(on_the_wire(wild))
        for before, after in zip(calm, wild, strict=True):
            assert_harmless(after.detail, addresses(before.detail))
            assert after.summary == before.summary
            assert skeleton(after.detail) == skeleton(before.detail)
            assert emphasis(after.detail) == emphasis(before.detail)


@pytest.mark.parametrize("text", [text for text in VECTORS if len(text) < LONGEST_WORDS])
def test_not_even_the_fields_of_our_own_words_let_markup_out(text: str) -> None:
    for whole in SHOWN:
        calm = to_cards(whole, GUIDELINE, OPTIONS)
        wild = to_cards(with_all_words(whole, text), GUIDELINE, OPTIONS)
        for before, after in zip(calm, wild, strict=True):
            assert_harmless(after.detail, addresses(before.detail))


@pytest.mark.parametrize("fill", [with_reference, *OWN_WORDS.values()], ids=["reference", *OWN_WORDS])
def test_no_field_reaches_a_summary(fill: Fill) -> None:
    for whole in TYPICAL.values():
        for card in to_cards(fill(whole, "marker-0815"), GUIDELINE, OPTIONS):
            assert "marker-0815" not in card.summary
