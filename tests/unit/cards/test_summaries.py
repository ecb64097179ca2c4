"""The one line that everybody reads: below 140 characters, the level and what matters in it."""

import msgspec
import pytest

from cards import wording
from clinical.assessment import Flag, Severity
from clinical.record import DataGap
from clinical.status import Status
from tests.unit.cards.asked import ALL_LEVELS, card
from tests.unit.cards.card_invariants import assert_valid_summary
from tests.unit.cards.generated import FLAGS as FLAG_IDS
from tests.unit.cards.samples import (
    NO_EXAM,
    NO_MRI,
    TYPICAL,
    assessment,
    eligible,
    fracture,
    unknown,
)


@pytest.mark.parametrize(
    ("name", "topic", "summary"),
    [
        ("eligible at L1", "CriteriaMet",
         "NICE TA279 criteria appear met at L1: vertebroplasty or balloon kyphoplasty without stenting may be options to discuss"),
        ("no MRI, imaging not readable", "InformationNeeded",
         "NICE TA279 at L1: 7 of 9 criteria appear met; still needed: MRI or SPECT/CT; some records could not be read"),
        ("no examination, one score", "InformationNeeded",
         "NICE TA279 at L1: 7 of 9 criteria appear met; still needed: earlier pain score, tenderness at the level"),
        ("level not recorded", "InformationNeeded",
         "NICE TA279 (level not recorded): 6 of 9 criteria appear met; still needed: fracture type and level, MRI or SPECT/CT +1 more"),
        ("paracetamol only", "CriteriaNotMet",
         "NICE TA279 at L1: only optimal pain management is recorded as not met; review analgesia, then re-score pain"),
        ("too old and healed", "CriteriaNotMet", "NICE TA279 criteria do not appear met at L1: recent fracture, unhealed fracture"),
        ("under 18", "CriteriaNotMet", "NICE TA279 was not applied: the person is under 18"),
        ("eligible, anticoagulant, subacute", "SafetyAlert", "Check before any TA279 referral: anticoagulant or antiplatelet"),
        ("discitis, no MRI", "SafetyAlert",
         "Spinal infection recorded: no TA279 option for now. Seek spinal and infection advice today."),
        ("cauda equina, criteria met", "SafetyAlert",
         "Neurological compromise and uncorrected coagulopathy recorded: no TA279 option for now. "
         "Follow the local cauda equina or MSCC pathway."),
    ],
)  # fmt: skip
def test_summaries(name: str, topic: str, summary: str) -> None:
    assert card(TYPICAL[name], topic).summary == summary


@pytest.mark.parametrize("count", range(1, len(ALL_LEVELS) + 1))
def test_a_summary_names_the_levels_or_if_they_do_not_fit_their_number(count: int) -> None:
    levels = ALL_LEVELS[:count]
    summary = card(assessment(*map(fracture, levels)), "CriteriaMet").summary
    assert_valid_summary(summary)
    named = ", ".join(levels)
    assert f"at {named}:" in summary or (len(named) > 20 and f"at {count} levels:" in summary)
    assert "without stenting" in summary


def test_a_summary_reaches_139_characters_and_no_more() -> None:
    assert len(wording.fit(["x" * 139, "y"])) == 139
    assert wording.fit(["x" * 140, "y"]) == "y"
    cut = wording.fit(["x" * 140])
    assert len(cut) == 139
    assert cut.endswith("…")


def test_levels_said_twice_are_named_once() -> None:
    assert "at L1:" in card(assessment(fracture("L1"), fracture("L1")), "CriteriaMet").summary


def test_the_information_summary_speaks_of_the_fracture_that_lacks_least() -> None:
    whole = assessment(fracture("T8", NO_EXAM, NO_MRI), fracture("L1", NO_EXAM), fracture("L3", NO_EXAM))
    assert (
        card(whole, "InformationNeeded").summary
        == "NICE TA279 at L1, L3: 8 of 9 criteria appear met; still needed: tenderness at the level"
    )


def test_the_fracture_and_its_level_are_asked_for_first_and_once() -> None:
    missing = [
        unknown(criterion, "The level is not recorded.", "The level.") for criterion in ("unhealed", "examination-at-level", "osteoporotic")
    ]
    missing = [msgspec.structs.replace(finding, reason_code="level-not-recorded") for finding in missing[:2]] + missing[2:]
    whole = assessment(fracture("", unknown("compression-fracture", "In words only.", "A code."), *missing))
    assert card(whole, "InformationNeeded").summary.endswith("still needed: fracture type and level, cause of the fracture")


def test_however_much_is_unknown_the_summary_fits() -> None:
    nothing = [msgspec.structs.replace(finding, status=Status.UNKNOWN) for finding in eligible().values()]
    for levels in ([""], ["L1"], ALL_LEVELS):
        whole = assessment(*(fracture(level, *nothing) for level in levels), gaps=(DataGap("Observation", "failed"),))
        assert_valid_summary(card(whole, "InformationNeeded").summary)


def test_however_many_flags_block_the_summary_fits_and_tells_the_most_urgent_first() -> None:
    flags = tuple(Flag(name, Severity.BLOCKING) for name in reversed(FLAG_IDS))
    summary = card(assessment(fracture(), flags=flags), "SafetyAlert").summary
    assert_valid_summary(summary)
    assert summary.startswith("Neurological compromise and 13 more flags recorded")
