"""What the details say: complete, in order, and never more certain than the record."""

import msgspec
import pytest

from cards import wording
from cards.criterion_wording import CAUTIONS as CAUTION_SENTENCES
from cards.criterion_wording import MISSING, SHORT
from cards.flag_wording import CHECKS, FLAGS
from cards.from_assessment import CardOptions, CardWriter, to_cards
from cards.wording import GAPS
from clinical.assessment import AdverseReaction, Flag, Onset, Severity
from clinical.record import DataGap
from clinical.status import Status
from tests.unit.cards.asked import SHOWN, card
from tests.unit.cards.card_invariants import assert_valid_cards, on_the_wire
from tests.unit.cards.generated import CAUTIONS, GAP_REASONS
from tests.unit.cards.generated import FLAGS as FLAG_IDS
from tests.unit.cards.rendered import assert_harmless
from tests.unit.cards.samples import (
    ADVERSE_REACTIONS,
    CRITERIA,
    GUIDELINE,
    HEALED,
    HIGH_INR,
    NO_EXAM,
    NO_MRI,
    NO_MRI_AT_LEVEL,
    PARACETAMOL,
    TOO_OLD,
    TYPICAL,
    assessment,
    eligible,
    evidence,
    fracture,
)


@pytest.mark.parametrize("name", TYPICAL)
@pytest.mark.parametrize("style", ["standard", "epic"])
def test_typical_cards_are_valid(name: str, style: str) -> None:
    for options in (CardOptions(style="standard" if style == "standard" else "epic"), SHOWN):
        assert_valid_cards(on_the_wire(to_cards(TYPICAL[name], GUIDELINE, options)))


def test_a_recommendation_opens_with_what_and_why() -> None:
    what, why, *_ = card(TYPICAL["eligible at L1"], "CriteriaMet").detail.split("\n\n")
    assert what.startswith("**NICE TA279 criteria appear met at L1.**")
    assert "**without stenting**, may be an option to discuss" in what
    assert why.startswith("Why: ")


@pytest.mark.parametrize("name", [name for name in TYPICAL if name != "no evaluable fracture"])
def test_every_detail_opens_with_what_and_why(name: str) -> None:
    for shown in to_cards(TYPICAL[name], GUIDELINE, SHOWN):
        what, why, *_ = shown.detail.split("\n\n")
        assert "**" in what
        assert why.startswith("Why: ")


def test_the_table_shows_status_in_words_and_evidence_with_its_date_and_reference() -> None:
    detail = card(TYPICAL["paracetamol only"], "CriteriaNotMet").detail
    assert "| Severe pain (7/10 or more, scored within 14 days) | ✓ met | 20 Nov 2026: 8 of 10, `Observation/pain-2` |" in detail
    assert (
        "| Despite optimal pain management | ✗ not met | Paracetamol only, since 26 Oct 2026; "
        "between 26 Oct 2026 and 20 Nov 2026: paracetamol, `MedicationRequest/paracetamol` |"
    ) in detail
    detail = card(TYPICAL["no MRI, imaging not readable"], "InformationNeeded").detail
    assert "| Unhealed fracture | ? unknown | No imaging finding is recorded at L1 |" in detail


def test_what_is_reckoned_from_several_entries_says_how() -> None:
    detail = card(TYPICAL["eligible at L1"], "CriteriaMet").detail
    assert "| Onset 30 days ago, within the local window; 23 Oct 2026: osteoporotic compression fracture, `Condition/fracture` |" in detail
    assert "| Opioid for 25 days; between 26 Oct 2026 and 20 Nov 2026: weak opioid, `MedicationStatement/codeine` |" in detail


def test_all_nine_criteria_stand_in_the_table_in_the_guidelines_order() -> None:
    detail = card(TYPICAL["eligible at L1"], "CriteriaMet").detail
    places = [detail.index(f"\n| {title}") for title in CRITERIA.values()]
    assert places == sorted(places)


def test_long_evidence_shows_the_oldest_and_the_newest_and_how_much_is_between() -> None:
    scores = tuple(evidence(f"Observation/{day}", f"{day} of 10", f"2026-11-0{day}") for day in range(1, 7))
    pain = msgspec.structs.replace(eligible()["severe-pain"], evidence=scores)
    detail = card(assessment(fracture("L1", pain)), "CriteriaMet").detail
    assert "| 1 Nov 2026: 1 of 10, `Observation/1`; 2 more between; 4 Nov 2026: 4 of 10, `Observation/4`; 5 Nov 2026: 5 of 10, " in detail
    assert "`Observation/5`; 6 Nov 2026: 6 of 10, `Observation/6` |" in detail


def test_four_entries_are_all_shown() -> None:
    scores = tuple(evidence(f"Observation/{day}", f"{day} of 10", f"2026-11-0{day}") for day in range(1, 5))
    pain = msgspec.structs.replace(eligible()["severe-pain"], evidence=scores)
    detail = card(assessment(fracture("L1", pain)), "CriteriaMet").detail
    assert [f"`Observation/{day}`" in detail for day in range(1, 5)] == [True] * 4
    assert "more between" not in detail


@pytest.mark.parametrize(
    ("onset", "text"),
    [
        (Onset("2026-10-23", "2026-10-23"), "**L1**, onset 23 Oct 2026"),
        (Onset("2026-10-01", "2026-10-31"), "**L1**, onset between 1 Oct 2026 and 31 Oct 2026"),
        (Onset("", "2026-10-31"), "**L1**, onset on or before 31 Oct 2026"),
        (None, "**L1**, onset not recorded"),
    ],
)
def test_the_onset_is_told_as_it_is_known(onset: Onset | None, text: str) -> None:
    assert text in card(assessment(fracture("L1", onset=onset)), "CriteriaMet").detail


def test_a_second_level_does_not_repeat_what_is_the_same() -> None:
    detail = card(assessment(fracture("T12"), fracture("L1")), "CriteriaMet").detail
    assert detail.count("| ✓ met |") == 9 + 4
    assert "Same as above (T12): osteoporotic cause, recent fracture, severe pain, ongoing pain, optimal pain management." in detail


def test_other_levels_get_one_line_each() -> None:
    detail = card(TYPICAL["eligible at two levels, a third lacks the examination, a fourth is old"], "CriteriaMet").detail
    assert "- **L3**, only the examination at this level is unknown: Percussion or palpation" in detail
    assert (
        "- **T7**, not met: recent fracture (onset 120 days ago, outside the local window), unhealed fracture (no marrow oedema at L1)."
        in detail
    )


def test_what_is_missing_is_told_with_the_record_that_settles_it_and_only_once() -> None:
    same = msgspec.structs.replace(NO_MRI_AT_LEVEL, needed=NO_MRI.needed)
    detail = card(assessment(fracture("L1", NO_MRI, same), fracture("T12", NO_EXAM)), "InformationNeeded").detail
    assert f"- L1: **Unhealed fracture, imaging at the level**: {NO_MRI.needed}" in detail
    assert "- Fracture" not in detail
    assert f"- T12: **Examination at the level**: {NO_EXAM.needed}" in detail


def test_a_fracture_without_level_says_so() -> None:
    detail = card(TYPICAL["level not recorded"], "InformationNeeded").detail
    assert "**NICE TA279 cannot be judged yet (level not recorded).**" in detail
    assert "**Fracture (level not recorded)**, onset not recorded" in detail


@pytest.mark.parametrize("reason", GAP_REASONS)
def test_what_could_not_be_read_is_said_with_its_reason(reason: str) -> None:
    gap = msgspec.convert({"resourceType": "ImagingStudy", "reason": reason}, DataGap)
    detail = card(assessment(fracture(), gaps=(gap, gap)), "CriteriaMet").detail
    assert detail.count(f"imaging studies ({GAPS[reason]})") == 1
    assert "not read is not the same as none" in detail


def test_what_no_record_speaks_of_is_left_to_check() -> None:
    detail = card(TYPICAL["eligible, anticoagulant, subacute"], "CriteriaMet").detail
    (line,) = [line for line in detail.split("\n\n") if line.startswith("**No code for these was found in this record, so check:**")]
    assert [words for words in CHECKS.values() if words not in line] == [CHECKS["antithrombotic-therapy"]]


@pytest.mark.parametrize("code", CAUTIONS)
def test_every_caution_has_its_sentence(code: str) -> None:
    recent = msgspec.structs.replace(eligible()["recent"], cautions=(code,))
    assert f"**Cautions**\n\n- {CAUTION_SENTENCES[code]}" in card(assessment(fracture("L1", recent)), "CriteriaMet").detail


def test_an_excluded_level_says_what_excludes_it() -> None:
    detail = card(TYPICAL["augmented before at the level"], "CriteriaNotMet").detail
    assert "Why: augmentation before at this level (L1)." in detail
    assert "Recorded: 1 Jun 2026: vertebroplasty, L1, `Procedure/vp`." in detail


def test_criteria_not_met_is_not_a_refusal() -> None:
    for name in ("too old and healed", "paracetamol only"):
        assert "This is not a refusal" in card(TYPICAL[name], "CriteriaNotMet").detail


def test_only_pain_management_lacking_says_why_and_what_to_do() -> None:
    _, why, *_ = card(assessment(fracture("L1", PARACETAMOL), fracture("T12", PARACETAMOL)), "CriteriaNotMet").detail.split("\n\n")
    assert why == f"Why: paracetamol only, since 26 Oct 2026. {wording.REVIEW_ANALGESIA}"


def test_a_fracture_that_is_only_too_old_is_one_to_discuss() -> None:
    for changed, told in (((TOO_OLD,), True), ((TOO_OLD, HEALED), False)):
        assert (wording.OLDER_BUT_UNHEALED in card(assessment(fracture("L1", *changed)), "CriteriaNotMet").detail) == told


@pytest.mark.parametrize(("name", "topic"), [("eligible at L1", "CriteriaMet"), ("paracetamol only", "CriteriaNotMet")])
def test_what_comes_next_includes_secondary_prevention(name: str, topic: str) -> None:
    assert "secondary prevention" in card(TYPICAL[name], topic).detail


def test_no_exercise_is_offered_while_a_red_flag_stands() -> None:
    assert "exercise" in card(assessment(fracture("L1", TOO_OLD)), "CriteriaNotMet").detail
    assert "exercise" not in card(assessment(fracture("L1", TOO_OLD), flags=(HIGH_INR,)), "CriteriaNotMet").detail


def test_adverse_reactions_are_complete_and_balloon_rupture_stands_under_kyphoplasty_alone() -> None:
    detail = card(TYPICAL["eligible at L1"], "CriteriaMet").detail
    both, _, balloon = detail.partition("**Balloon kyphoplasty only**")
    both = both.partition("**Adverse reactions, both procedures**")[2]
    assert [f"- {reaction.text}" for reaction in ADVERSE_REACTIONS[:5]] == both.strip().split("\n")
    assert balloon.strip().startswith(f"- {ADVERSE_REACTIONS[5].text}\n")
    assert "balloon ruptures" not in both


def test_a_reaction_of_any_procedures_is_shown_exactly_once() -> None:
    odd = tuple(
        AdverseReaction(f"reaction {number}", procedures) for number, procedures in enumerate([("vertebroplasty",), (), ("a", "b", "c")])
    )
    writer = CardWriter(msgspec.structs.replace(GUIDELINE, adverse_reactions=odd))
    (met,) = writer.write(TYPICAL["eligible at L1"], CardOptions())
    assert [met.detail.count(reaction.text) for reaction in odd] == [1, 1, 1]
    assert "**Vertebroplasty only**\n\n- reaction 0" in met.detail


def test_reported_figures_are_marked_as_reported() -> None:
    detail = card(TYPICAL["eligible at L1"], "CriteriaMet").detail
    heading = "**Reported in other people, not this person's risk**"
    assert detail.index(heading) < detail.index("54.7%")
    assert "([source](https://pmc.ncbi.nlm.nih.gov/articles/PMC6233540))" in detail


@pytest.mark.parametrize(
    ("name", "topic"),
    [("eligible at L1", "CriteriaMet"), ("no examination, one score", "InformationNeeded"), ("too old and healed", "CriteriaNotMet")],
)
def test_the_contested_evidence_stands_on_every_card_that_weighs_the_criteria(name: str, topic: str) -> None:
    assert GUIDELINE.contested_evidence in card(TYPICAL[name], topic).detail


def test_thresholds_are_named_local_with_their_unit_and_never_nices() -> None:
    detail = card(TYPICAL["eligible at L1"], "CriteriaMet").detail
    assert "**Local thresholds used**, set locally; NICE gives no number: recent: onset at most 84 days ago; " in detail
    assert "severe pain: score at least 7 of 10" in detail
    assert "INR" not in detail.partition("**Local thresholds used**")[2]


def test_every_card_ends_with_where_it_comes_from() -> None:
    for name, whole in TYPICAL.items():
        for shown in to_cards(whole, GUIDELINE, SHOWN):
            ending = "[NICE TA279](https://www.nice.org.uk/guidance/ta279) · logic 0.1.0 · profile `default` · evaluated 22 Nov 2026"
            assert shown.detail.endswith(ending), name


@pytest.mark.parametrize(("name", "topic"), [("eligible at L1", "CriteriaMet"), ("too old and healed", "CriteriaNotMet")])
def test_follow_up_links_stand_where_a_decision_is_near(name: str, topic: str) -> None:
    urls = [link.url for link in card(TYPICAL[name], topic).links]
    assert urls == ["https://www.nice.org.uk/guidance/ta279", "https://www.nogg.org.uk", "https://www.nice.org.uk/guidance/cg146"]


def test_epic_hides_link_labels_so_the_text_repeats_them() -> None:
    standard, epic = (card(TYPICAL["eligible at L1"], "CriteriaMet", CardOptions(style=style)) for style in ("standard", "epic"))
    assert "Fragility fracture risk" not in standard.detail
    assert "[Fragility fracture risk: NICE CG146](https://www.nice.org.uk/guidance/cg146)" in epic.detail
    assert epic.links == standard.links


def test_words_exist_for_all_that_the_contract_names() -> None:
    assert set(FLAGS) == set(FLAG_IDS)
    assert set(CHECKS) == set(FLAG_IDS) - {"multiple-levels"}
    assert set(CAUTION_SENTENCES) == set(CAUTIONS)
    assert set(SHORT) == set(MISSING) == set(CRITERIA)
    assert set(GAPS) == set(GAP_REASONS)


def test_what_these_pages_do_not_know_is_named_and_never_hidden() -> None:
    strange = msgspec.structs.replace(eligible()["recent"], criterion="new-criterion", status=Status.UNKNOWN, cautions=("new-caution",))
    whole = assessment(fracture("L1", strange), flags=(Flag("new-flag", Severity.BLOCKING),), gaps=(DataGap("NewResource", "failed"),))
    text = "".join(shown.detail for shown in to_cards(whole, GUIDELINE, SHOWN))
    for words in ("New flag recorded", "| new criterion (", "- New caution.", "NewResource (the request failed)"):
        assert words in text


def test_another_guideline_of_the_same_version_gets_its_own_texts() -> None:
    other = msgspec.structs.replace(GUIDELINE, contested_evidence="Quite another line.")
    for guideline in (GUIDELINE, other, GUIDELINE):
        (met,) = to_cards(TYPICAL["eligible at L1"], guideline, CardOptions())
        assert guideline.contested_evidence in met.detail


def test_a_guidelines_own_texts_cannot_break_a_card_either() -> None:
    odd = msgspec.structs.replace(
        GUIDELINE,
        contested_evidence="score < 7 & *more* | [x](y)",
        adverse_reactions=(AdverseReaction("<b>bleeding</b>", ("vertebroplasty",)),),
        criteria=tuple(msgspec.structs.replace(criterion, title=f"{criterion.title} | <i>") for criterion in GUIDELINE.criteria),
    )
    (met,) = CardWriter(odd).write(TYPICAL["eligible at L1"], CardOptions())
    assert_harmless(met.detail, {GUIDELINE.url, "https://pmc.ncbi.nlm.nih.gov/articles/PMC6233540"})
