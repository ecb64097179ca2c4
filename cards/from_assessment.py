"""Assessment -> cards for patient-view: which, in which order, and put together (contract sections 2 and 6)."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from cards import detail, passages, wording
from cards.card import Action, Card, Indicator, Link, Topic, random_uuid
from cards.criterion_wording import COMPRESSION_FRACTURE, FRACTURE_AND_LEVEL, VERTEBRAL_LEVEL, missing
from cards.flag_wording import NG234_FLAGS, words_for
from cards.guideline_text import GuidelineText
from cards.situation import Situation, topics_due
from cards.suggestions import NO_OFFER, Offer, Style, mri, offer, referral
from clinical.assessment import Assessment, FractureAssessment, Guideline, Outcome
from clinical.status import Status


class CardOptions(msgspec.Struct, frozen=True):
    """`show_not_met`: show criteria-not-met cards on patient-view. `style` 'epic': repeat links in the text, as Epic hides their labels,
    and offer one action per suggestion. `patient_id`: whom a suggested draft is about; without it nothing is suggested. `more`: where
    people read what this decision support rests on. `form`: where what is missing can be filled in.
    """

    show_not_met: bool = False
    style: Style = "standard"
    new_uuid: Callable[[], str] = random_uuid
    patient_id: str = ""
    more: tuple[Link, ...] = ()
    form: tuple[Link, ...] = ()

    def for_client(self, style: Style, form: tuple[Link, ...]) -> "CardOptions":
        return self if (style, form) == (self.style, self.form) else msgspec.structs.replace(self, style=style, form=form)

    def about(self, patient_id: str) -> "CardOptions":
        return msgspec.structs.replace(self, patient_id=patient_id)

    def offer(self, label: str, actions: Sequence[Action]) -> Offer:
        return offer(label, actions, self.style, self.new_uuid)


class CardWriter:
    """Writes the cards of one guideline; what never changes is rendered when it is made."""

    def __init__(self, guideline: Guideline) -> None:
        self.text = GuidelineText(guideline)
        self._writers: dict[Topic, Callable[[Situation, CardOptions], Card]] = {
            Topic.SAFETY_ALERT: self._safety_alert,
            Topic.CRITERIA_MET: self._criteria_met,
            Topic.INFORMATION_NEEDED: self._information_needed,
            Topic.CRITERIA_NOT_MET: self._criteria_not_met,
        }

    def write(self, assessment: Assessment, options: CardOptions) -> list[Card]:
        if assessment.outcome is Outcome.NO_EVALUABLE_FRACTURE:
            return []
        situation = Situation.of(assessment)
        return [self._writers[topic](situation, options) for topic in topics_due(situation, options.show_not_met)]

    def _criteria_met(self, situation: Situation, options: CardOptions) -> Card:
        summary = wording.criteria_met_summary(passages.levels(situation.met))
        blocks = detail.criteria_met(self.text, situation, self.text.adverse_reactions)
        return self.card(
            Topic.CRITERIA_MET, "info", summary, blocks, self.text.follow_up_links, options, referral_offer(situation, options)
        )

    def _information_needed(self, situation: Situation, options: CardOptions) -> Card:
        summary = information_needed_summary(situation, self.text.criteria_count)
        blocks = detail.information_needed(self.text, situation)
        links = (*options.form, *self.text.links)
        return self.card(Topic.INFORMATION_NEEDED, "info", summary, blocks, links, options, mri_offer(situation, options))

    def _criteria_not_met(self, situation: Situation, options: CardOptions) -> Card:
        if situation.assessment.out_of_scope is not None:
            reason, _ = wording.OUT_OF_SCOPE[situation.assessment.out_of_scope]
            blocks = detail.out_of_scope(self.text, situation, situation.assessment.out_of_scope)
            return self.card(Topic.CRITERIA_NOT_MET, "info", wording.out_of_scope_summary(reason), blocks, self.text.links, options)
        summary = criteria_not_met_summary(situation)
        blocks = detail.criteria_not_met(self.text, situation)
        return self.card(Topic.CRITERIA_NOT_MET, "info", summary, blocks, self.text.follow_up_links, options)

    def _safety_alert(self, situation: Situation, options: CardOptions) -> Card:
        flags = situation.blocking or situation.cautions
        titles = list(dict.fromkeys(words_for(flag).title for flag in flags))
        summary = wording.blocking_summary(titles, words_for(flags[0]).act) if situation.blocking else wording.caution_summary(titles)
        links = self.text.metastases_links if any(flag.flag in NG234_FLAGS for flag in flags) else self.text.links
        blocks = detail.safety_alert(self.text, situation)
        return self.card(Topic.SAFETY_ALERT, "critical" if situation.critical else "warning", summary, blocks, links, options)

    def card(
        self,
        topic: Topic,
        indicator: Indicator,
        summary: str,
        blocks: Iterator[str],
        links: tuple[Link, ...],
        options: CardOptions,
        offered: Offer = NO_OFFER,
    ) -> Card:
        text = "\n\n".join(blocks)
        links = (*links, *options.more)
        return Card(
            uuid=options.new_uuid(),
            summary=summary,
            indicator=indicator,
            source=self.text.sources[topic],
            detail=f"{text}\n\n{passages.links_in_text(links)}" if options.style == "epic" else text,
            suggestions=offered.suggestions,
            selection_behavior=offered.selection_behavior,
            override_reasons=wording.OVERRIDE_REASONS,
            links=links,
        )


_writers: dict[tuple[str, str], CardWriter] = {}


def to_cards(assessment: Assessment, guideline: Guideline, options: CardOptions) -> list[Card]:
    """The cards that patient-view shows: at most one of each topic, an alert first; none without an evaluable fracture."""
    return writer_for(guideline).write(assessment, options)


def writer_for(guideline: Guideline) -> CardWriter:
    """The one writer of a guideline."""
    key = (guideline.id, guideline.logic_version)
    writer = _writers.get(key)
    if writer is None or writer.text.guideline is not guideline:
        writer = _writers[key] = CardWriter(guideline)
    return writer


def referral_offer(situation: Situation, options: CardOptions) -> Offer:
    return options.offer("Draft a referral to the spinal / IR MDT", referral(situation.met, options.patient_id))


def mri_offer(situation: Situation, options: CardOptions) -> Offer:
    """None beside a blocking flag, whose own pathway says which imaging is wanted, and how soon."""
    return NO_OFFER if situation.blocking else options.offer("Draft the missing MRI", mri(situation.unknown, options.patient_id))


def information_needed_summary(situation: Situation, total: int) -> str:
    """About the fracture that lacks least, and those that lack the same."""
    best = min(situation.unknown, key=lambda fracture: len(_missing(fracture)))
    alike = [fracture for fracture in situation.unknown if _missing(fracture) == _missing(best)]
    gaps = bool(situation.assessment.data_gaps)
    return wording.information_needed_summary(passages.levels(alike), len(best.statuses(Status.MET)), total, _missing(best), gaps)


def _missing(fracture: FractureAssessment) -> list[str]:
    """What is missing, each thing once; the fracture itself first, because everything else hangs on it."""
    unknown = sorted(fracture.statuses(Status.UNKNOWN), key=lambda finding: finding.criterion != COMPRESSION_FRACTURE)
    things = list(dict.fromkeys(missing(finding) for finding in unknown))
    return [thing for thing in things if thing != VERTEBRAL_LEVEL] if FRACTURE_AND_LEVEL in things else things


def criteria_not_met_summary(situation: Situation) -> str:
    levels = passages.levels(situation.not_met)
    if situation.only_pain_management_lacking:
        return wording.pain_management_summary(levels)
    return wording.criteria_not_met_summary(levels, detail.reasons_against(situation))
