"""Assessment and draft orders -> cards for order-select and order-sign (contract sections 2 and 6.7)."""

from collections.abc import Callable, Sequence

from cards import order_detail, order_wording, passages, wording
from cards.card import Card, Topic
from cards.flag_wording import NG234_FLAGS, words_for
from cards.from_assessment import (
    CardOptions,
    CardWriter,
    criteria_not_met_summary,
    information_needed_summary,
    mri_offer,
    referral_offer,
    writer_for,
)
from cards.order_situation import OrderSituation
from cards.ordered import NAMES, AugmentationOrder, Procedure, procedures_of
from cards.suggestions import without_stent
from clinical.assessment import Assessment, Guideline


def to_order_cards(assessment: Assessment, guideline: Guideline, orders: Sequence[AugmentationOrder], options: CardOptions) -> list[Card]:
    """The cards beside these orders: at most one of each topic, an alert first. `orders` holds at least one."""
    ordered = OrderSituation.of(assessment, orders)
    writer = writer_for(guideline)
    return [WRITERS[topic](writer, ordered, options) for topic in ordered.topics()]


def _criteria_met(writer: CardWriter, ordered: OrderSituation, options: CardOptions) -> Card:
    situation, text = ordered.situation, writer.text
    summary = wording.criteria_met_summary(passages.levels(situation.met))
    blocks = order_detail.criteria_met(text, ordered)
    return writer.card(Topic.CRITERIA_MET, "info", summary, blocks, text.follow_up_links, options, referral_offer(situation, options))


def _information_needed(writer: CardWriter, ordered: OrderSituation, options: CardOptions) -> Card:
    situation, text = ordered.situation, writer.text
    summary = information_needed_summary(situation, text.criteria_count)
    blocks = order_detail.information_needed(text, ordered)
    links = (*options.form, *text.links)
    return writer.card(Topic.INFORMATION_NEEDED, "info", summary, blocks, links, options, mri_offer(situation, options))


def _criteria_not_met(writer: CardWriter, ordered: OrderSituation, options: CardOptions) -> Card:
    out_of_scope = ordered.situation.assessment.out_of_scope is not None
    links = writer.text.links if out_of_scope else writer.text.follow_up_links
    blocks = order_detail.criteria_not_met(writer.text, ordered)
    return writer.card(Topic.CRITERIA_NOT_MET, "warning", _not_met_summary(ordered), blocks, links, options)


def _not_met_summary(ordered: OrderSituation) -> str:
    situation = ordered.situation
    if situation.assessment.out_of_scope is not None:
        return wording.out_of_scope_summary(wording.OUT_OF_SCOPE[situation.assessment.out_of_scope][0])
    if situation.not_met:
        return order_wording.not_met_summary(criteria_not_met_summary(situation), ordered.without_fracture, ordered.elsewhere)
    return order_wording.no_fracture_summary(ordered.without_fracture, ordered.elsewhere)


def _safety_alert(writer: CardWriter, ordered: OrderSituation, options: CardOptions) -> Card:
    situation, text = ordered.situation, writer.text
    flags = situation.blocking or situation.cautions
    titles = list(dict.fromkeys(words_for(flag).title for flag in flags))
    act = words_for(flags[0]).act
    summary = wording.blocking_summary(titles, act) if situation.blocking else order_wording.caution_summary(titles)
    links = text.metastases_links if any(flag.flag in NG234_FLAGS for flag in flags) else text.links
    blocks = order_detail.safety_alert(text, ordered)
    return writer.card(Topic.SAFETY_ALERT, "critical" if situation.critical else "warning", summary, blocks, links, options)


def _stent_not_recommended(writer: CardWriter, ordered: OrderSituation, options: CardOptions) -> Card:
    summary = order_wording.stent_summary(order_detail.alternative_levels(ordered))
    offered = options.offer("Replace it by balloon kyphoplasty without stent", without_stent(ordered.replaceable(), options.patient_id))
    blocks = order_detail.stent_not_recommended(writer.text, ordered)
    return writer.card(Topic.STENT_NOT_RECOMMENDED, "warning", summary, blocks, writer.text.links, options, offered)


def _adverse_reactions(writer: CardWriter, ordered: OrderSituation, options: CardOptions) -> Card:
    names = [NAMES[procedure] for procedure in Procedure if procedure in procedures_of(ordered.orders)]
    blocks = order_detail.adverse_reactions(writer.text, ordered)
    return writer.card(Topic.ADVERSE_REACTIONS, "info", order_wording.reactions_summary(names), blocks, writer.text.links, options)


WRITERS: dict[Topic, Callable[[CardWriter, OrderSituation, CardOptions], Card]] = {
    Topic.SAFETY_ALERT: _safety_alert,
    Topic.STENT_NOT_RECOMMENDED: _stent_not_recommended,
    Topic.CRITERIA_NOT_MET: _criteria_not_met,
    Topic.INFORMATION_NEEDED: _information_needed,
    Topic.CRITERIA_MET: _criteria_met,
    Topic.ADVERSE_REACTIONS: _adverse_reactions,
}
