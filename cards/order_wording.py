"""The sentences of the cards beside a draft order."""

from collections.abc import Sequence

from cards import wording
from cards.wording import fit, places

WHY_NO_STENT = (
    "Why: TA279's recommendation of balloon kyphoplasty carries the words without stenting. Expandable implants, such as SpineJack and "
    "Kiva, were not assessed by TA279."
)
NO_ALTERNATIVE_WHILE_FLAGGED = "No alternative is offered while the safety alert stands."
NO_ALTERNATIVE = "No alternative is offered: the criteria do not all appear met for this order (see the card on the criteria)."
TALK_THROUGH = "Why: whoever decides about a procedure needs to know what may follow it."
CHECK_LEVEL = "Compare the level ordered with the level that examination and imaging confirm."
MAY_BE_THE_ONE = "A fracture is recorded without its level, so it may be the one: record its level."


def no_fracture_summary(without: Sequence[str], elsewhere: Sequence[str]) -> str:
    where = f" {places(without)}" if without else ""
    absent = f"NICE TA279: no evaluable vertebral fracture is recorded{where}"
    met = f"; criteria appear met {places(elsewhere)}" if elsewhere else ""
    return fit((f"{absent}{met}", f"NICE TA279: no evaluable fracture is recorded at the levels ordered{met}", "NICE TA279: see detail"))


def not_met_summary(first: str, without: Sequence[str], elsewhere: Sequence[str]) -> str:
    """`first` says what is not met; then, as far as there is room, which ordered level has no fracture, and where the criteria are met."""
    absent = f"; no fracture recorded {places(without)}" if without else ""
    met = f"; criteria appear met {places(elsewhere)}" if elsewhere else ""
    return fit((f"{first}{absent}{met}", f"{first}{absent}", f"{first}{met}", first))


def stent_summary(alternative: Sequence[str]) -> str:
    without = "NICE TA279 recommends kyphoplasty without stenting only"
    if not alternative:
        return f"{without}: a stent or expandable implant is ordered"
    return fit(
        f"{without}; the criteria appear met {where}: discuss the procedure without stent or implant"
        for where in (places(alternative), f"at {len(alternative)} levels")
    )


def alternative(levels: Sequence[str]) -> str:
    return (
        f"**Alternative:** the criteria appear met {places(levels)}, so vertebroplasty, or balloon kyphoplasty **without stenting**, may "
        "be an option to discuss with the person and the specialist spinal team (MDT)."
    )


def reactions_summary(names: Sequence[str]) -> str:
    return f"Adverse reactions of {wording.and_list(names)} to discuss with the person"


def caution_summary(titles: Sequence[str]) -> str:
    named = [wording.lower_first(title) for title in titles]
    return fit((
        f"Check before the augmentation that is ordered: {', '.join(named)}",
        f"Check before the augmentation that is ordered: {named[0]} and {len(titles) - 1} more",
    ))  # fmt: skip


def no_fracture(without: Sequence[str]) -> str:
    where = f" {places(without)}" if without else ""
    return f"**No evaluable vertebral fracture is recorded{where}.** {wording.NOT_A_REFUSAL}"


def why_not_evaluable(days: str) -> str:
    return (
        "Why: TA279 is about a recent, unhealed fracture. This service evaluates fractures from T1 to L5 that are coded, not resolved or "
        f"refuted, and whose onset is not certainly more than {days} days ago (a local threshold)."
    )
