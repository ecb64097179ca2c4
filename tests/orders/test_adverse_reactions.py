"""The adverse reactions of the procedure ordered, each once: balloon rupture for a kyphoplasty only (contract 6.7, guideline.md 4)."""

import pytest

from app.order_examples import KYPHOPLASTY, L1, VERTEBROPLASTY, WITH_STENT, draft
from guidelines.ta279.adverse_reactions import ADVERSE_REACTIONS
from tests.orders.calls import HOOKS, Record, ask, cards, eligible, healed
from tests.service import Client, Json

OF_BOTH = [reaction.text for reaction in ADVERSE_REACTIONS if len(reaction.procedures) == 2]
BALLOON = "balloon rupture"
CARRIERS: list[tuple[Record, str]] = [(eligible, "CriteriaMet"), (healed, "AdverseReactions")]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("record", "carrier"), CARRIERS, ids=[name for _, name in CARRIERS])
@pytest.mark.parametrize(("code", "bursts"), [(VERTEBROPLASTY, 0), (KYPHOPLASTY, 1), (WITH_STENT, 1)], ids=["cement", "balloon", "stent"])
def test_each_reaction_once_and_no_other(client: Client, hook: str, record: Record, carrier: str, code: Json, bursts: int) -> None:
    detail = cards(ask(client, hook, draft(code, L1), resources=record()))[carrier]["detail"]
    assert [detail.count(text) for text in OF_BOTH] == [1] * len(OF_BOTH)
    assert detail.count(f"Small risk of {BALLOON}") == bursts
    assert (BALLOON in detail.lower()) is bool(bursts)


def test_figures_are_of_the_procedure_ordered(client: Client) -> None:
    cement = cards(ask(client, "order-sign", draft(VERTEBROPLASTY, L1)))["CriteriaMet"]["detail"]
    balloon = cards(ask(client, "order-sign", draft(KYPHOPLASTY, L1)))["CriteriaMet"]["detail"]
    assert ("54.7 %" in cement, "18.4 %" in cement) == (True, False)
    assert ("54.7 %" in balloon, "18.4 %" in balloon) == (False, True)


def test_both_procedures_ordered_are_told_apart(client: Client) -> None:
    orders = (draft(VERTEBROPLASTY, L1), draft(KYPHOPLASTY, L1, id="draft-2"))
    detail = cards(ask(client, "order-sign", *orders))["CriteriaMet"]["detail"]
    assert "**Adverse reactions, both procedures**" in detail
    assert "**Balloon kyphoplasty only**\n\n- Small risk of balloon rupture" in detail


def test_the_card_of_reactions_names_the_procedure(client: Client) -> None:
    card = cards(ask(client, "order-sign", draft(VERTEBROPLASTY, L1), resources=healed()))["AdverseReactions"]
    assert card["summary"] == "Adverse reactions of vertebroplasty to discuss with the person"
