"""The detail of each card: blocks of Markdown, the most useful first, so that a reader who stops early has read what matters."""

from collections.abc import Iterator

from cards import passages, wording
from cards.criteria_table import criteria_tables
from cards.flag_wording import words_for
from cards.guideline_text import GuidelineText
from cards.situation import Situation
from clinical.assessment import Flag, OutOfScope
from clinical.status import Status

Blocks = Iterator[str]


def criteria_met(text: GuidelineText, situation: Situation, adverse_reactions: str) -> Blocks:
    where = wording.places(passages.levels(situation.met))
    yield (
        f"**NICE TA279 criteria appear met {where}.** Vertebroplasty, or balloon kyphoplasty **without stenting**, may be an option to "
        "discuss with the person and the specialist spinal team (MDT)."
    )
    yield f"Why: this record holds coded evidence for each of the {text.criteria_count} criteria, shown here with its date."
    if situation.cautions:
        yield f"**Check first** (see the safety alert): {wording.lower_first(', '.join(passages.flag_titles(situation.cautions)))}."
    yield from criteria_tables(text, situation.met)
    yield from passages.cautions(situation.met)
    yield from passages.other_fractures(situation, (*situation.unknown, *situation.not_met))
    yield from passages.data_gaps(situation)
    yield from passages.checks(situation)
    yield wording.AFTER_MET
    yield text.contested_evidence
    yield adverse_reactions
    yield wording.WHAT_NICE_SAYS
    yield from passages.closing(text, situation, situation.met, ())


def information_needed(text: GuidelineText, situation: Situation) -> Blocks:
    where = wording.places(passages.levels(situation.unknown))
    lacking = passages.criteria_named(situation.unknown, Status.UNKNOWN)
    beside = passages.flags_told_beside(situation)
    yield f"**NICE TA279 cannot be judged yet {where}.** Nothing recorded there speaks against it, but some criteria are unknown."
    yield f"Why: the record leaves open: {', '.join(lacking) or 'every criterion'}."
    yield from passages.would_settle(situation.unknown)
    yield from passages.data_gaps(situation)
    yield from criteria_tables(text, situation.unknown)
    yield from passages.cautions(situation.unknown)
    yield from passages.flag_lines("Before any referral", beside)
    yield from passages.other_fractures(situation, situation.not_met)
    yield from passages.checks(situation)
    yield text.contested_evidence
    yield wording.WHAT_NICE_SAYS
    yield from passages.closing(text, situation, situation.unknown, beside)


def criteria_not_met(text: GuidelineText, situation: Situation) -> Blocks:
    beside = passages.flags_told_beside(situation)
    yield from _pain_management_lacking(situation) if situation.only_pain_management_lacking else _not_met(situation)
    yield from passages.flag_lines("What excludes it", _excluding(situation))
    yield from criteria_tables(text, situation.not_met)
    yield from passages.would_settle(situation.not_met)
    yield from passages.cautions(situation.not_met)
    yield from passages.flag_lines("Before any referral", beside)
    yield from passages.data_gaps(situation)
    if not situation.blocking:  # no exercise before a red flag is settled
        yield wording.AFTER_NOT_MET
    yield text.contested_evidence
    yield wording.WHAT_NICE_SAYS
    yield from passages.closing(text, situation, situation.not_met, beside)


def out_of_scope(text: GuidelineText, situation: Situation, why: OutOfScope) -> Blocks:
    reason, what_to_do = wording.OUT_OF_SCOPE[why]
    yield f"**NICE TA279 was not applied: {reason}.**"
    yield f"Why: the service evaluates living adults, in their current record, from T1 to L5. {what_to_do}"
    yield from passages.data_gaps(situation)
    yield from passages.closing(text, situation, (), ())


def safety_alert(text: GuidelineText, situation: Situation) -> Blocks:
    if situation.blocking:
        named = wording.and_list(passages.flag_titles(situation.blocking))
        yield f"**{named} recorded.** No TA279 recommendation is made while this stands."
        yield "Why: it can make augmentation unsafe, or be the cause of the pain."
    else:
        if situation.ordered:
            yield "**A vertebral augmentation is ordered: check this first.**"
        else:
            yield f"**NICE TA279 criteria appear met {wording.places(passages.levels(situation.met))}: check this before any referral.**"
        yield "Why: it does not rule augmentation out, but needs an answer first."
    yield from passages.flag_lines("What to do", situation.blocking)
    yield from passages.flag_lines("What to check", situation.cautions)
    if situation.blocking and situation.assessment.out_of_scope is None:
        yield from _criteria_summary(text, situation)
    yield from passages.data_gaps(situation)
    shown = situation.met if situation.blocking else ()
    yield from passages.closing(text, situation, shown, (*situation.blocking, *situation.cautions))


def reasons_against(situation: Situation) -> list[str]:
    """In the fewest words: the criteria not met, and what excludes a level."""
    excluded = [wording.lower_first(words_for(flag).title) for flag in _excluding(situation)]
    return [*passages.criteria_named(situation.not_met, Status.NOT_MET), *dict.fromkeys(excluded)]


def _excluding(situation: Situation) -> list[Flag]:
    return [flag for fracture in situation.not_met for flag in situation.excluding_at(fracture)]


def _not_met(situation: Situation) -> Blocks:
    where = wording.places(passages.levels(situation.not_met))
    yield f"**NICE TA279 criteria do not appear met {where}.** {wording.NOT_A_REFUSAL}"
    yield f"Why: {'; '.join(_why_not(situation)) or 'see below'}."
    if any(passages.only_too_old(fracture) for fracture in situation.not_met):
        yield wording.OLDER_BUT_UNHEALED


def _why_not(situation: Situation) -> list[str]:
    reasons = [passages.reason(finding) for fracture in situation.not_met for finding in fracture.statuses(Status.NOT_MET)]
    excluded = [wording.lower_first(passages.flag_title(flag)) for flag in _excluding(situation)]
    return list(dict.fromkeys((*reasons, *excluded)))


def _pain_management_lacking(situation: Situation) -> Blocks:
    where = wording.places(passages.levels(situation.not_met))
    yield f"**Only optimal pain management is recorded as not met {where} (NICE TA279).** {wording.NOT_A_REFUSAL}"
    yield f"Why: {'; '.join(_why_not(situation))}. {wording.REVIEW_ANALGESIA}"


def _criteria_summary(text: GuidelineText, situation: Situation) -> Blocks:
    if situation.met:
        where = wording.places(passages.levels(situation.met))
        yield f"Apart from this, NICE TA279 criteria appear met {where}; only procedures **without stenting** are in the recommendation."
        yield from criteria_tables(text, situation.met)
        yield from passages.cautions(situation.met)
    heading = "Other fractures" if situation.met else "Criteria so far"
    yield from passages.other_fractures(situation, (*situation.unknown, *situation.not_met), heading)
