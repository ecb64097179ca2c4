"""The detail of each card beside a draft order. What is ordered always comes second, after the verdict."""

from collections.abc import Iterator

from cards import detail, order_wording, passages, wording
from cards.criterion_wording import amount
from cards.guideline_text import GuidelineText
from cards.order_situation import OrderSituation
from cards.ordered import procedures_of, told

Blocks = Iterator[str]


def criteria_met(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    reactions = text.adverse_reactions_of(procedures_of(ordered.orders))
    yield from _with_order(ordered, detail.criteria_met(text, ordered.situation, reactions))


def information_needed(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    yield from _with_order(ordered, detail.information_needed(text, ordered.situation), *_other_levels(ordered))


def criteria_not_met(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    situation = ordered.situation
    if situation.assessment.out_of_scope is not None:
        yield from _with_order(ordered, detail.out_of_scope(text, situation, situation.assessment.out_of_scope))
    elif situation.not_met:
        absent = [order_wording.no_fracture(ordered.without_fracture)] if ordered.without_fracture else []
        yield from _with_order(ordered, detail.criteria_not_met(text, situation), *absent, *_other_levels(ordered))
    else:
        yield from _with_order(ordered, _no_fracture(text, ordered), *_other_levels(ordered))


def safety_alert(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    yield from _with_order(ordered, detail.safety_alert(text, ordered.situation))


def stent_not_recommended(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    yield from _with_order(ordered, _stent(text, ordered))


def adverse_reactions(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    yield from _with_order(ordered, _reactions(text, ordered))


def alternative_levels(ordered: OrderSituation) -> list[str]:
    """Where the procedure without stent may be an option instead."""
    return list(dict.fromkeys(level for order in ordered.with_stent for level in ordered.met_levels(order)))


def _with_order(ordered: OrderSituation, blocks: Blocks, *added: str) -> Blocks:
    yield next(blocks)
    yield f"**Ordered:** {told(ordered.orders)}."
    yield from added
    yield from blocks


def _other_levels(ordered: OrderSituation) -> Blocks:
    """That the level ordered may not be the level meant."""
    if ordered.elsewhere:
        yield f"**Criteria appear met {wording.places(ordered.elsewhere)}, which is not ordered.** {order_wording.CHECK_LEVEL}"
    if ordered.levels and any(not fracture.level for fracture in ordered.situation.assessment.fractures):
        yield order_wording.MAY_BE_THE_ONE


def _no_fracture(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    record = ordered.record
    yield order_wording.no_fracture(ordered.without_fracture)
    if (days := record.assessment.thresholds.get("evaluableMaxAgeDays")) is not None:
        yield order_wording.why_not_evaluable(amount(days))
    yield from passages.other_fractures(record, (*record.met, *record.unknown, *record.not_met), "Fractures on record")
    yield from passages.data_gaps(record)
    if record.assessment.fractures and not record.blocking:  # no exercise before a red flag is settled
        yield wording.AFTER_NOT_MET
    yield text.contested_evidence
    yield wording.WHAT_NICE_SAYS
    yield from passages.closing(text, record, (), ())


def _stent(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    yield "**NICE TA279 recommends balloon kyphoplasty without stenting only.** A stent or an expandable implant is ordered."
    yield order_wording.WHY_NO_STENT
    if levels := alternative_levels(ordered):
        yield order_wording.alternative(levels)
    elif ordered.record.blocking:
        yield order_wording.NO_ALTERNATIVE_WHILE_FLAGGED
    else:
        yield order_wording.NO_ALTERNATIVE
    yield text.contested_evidence
    yield wording.WHAT_NICE_SAYS
    yield from passages.closing(text, ordered.situation, (), ())


def _reactions(text: GuidelineText, ordered: OrderSituation) -> Blocks:
    yield "**What to talk through with the person before the procedure.**"
    yield order_wording.TALK_THROUGH
    yield text.adverse_reactions_of(procedures_of(ordered.orders))
    yield text.contested_evidence
    yield from passages.closing(text, ordered.situation, (), ())
