"""`vacds explain` and explained.toml tell the truth of the rules: reason codes, statuses, thresholds."""

from collections import defaultdict
from functools import cache

import pytest

from app.cli.explained import PAGE, Explained, explained
from guidelines.ta279.guideline import ta279
from guidelines.ta279.reasons import CriterionId, Reason
from tests.cases.case import all_paths, load
from tests.cases.paths import by_patient_view
from tests.cli.vacds import said
from tests.house.test_wording import NEVER, sentences

Seen = set[tuple[str, str, str]]


@cache
def seen() -> tuple[Seen, dict[str, set[str]]]:
    """Over all clinical cases: criterion, status and reason code; and each criterion's thresholds."""
    verdicts: Seen = set()
    thresholds: dict[str, set[str]] = defaultdict(set)
    for case in map(load, all_paths()):
        evaluation, _ = by_patient_view(case, case.chart())
        for finding in (each for fracture in evaluation["fractures"] for each in fracture["criteria"]):
            verdicts.add((finding["criterion"], finding["status"], finding["reasonCode"]))
            thresholds[finding["criterion"]] |= set(finding.get("thresholds", ()))
    return verdicts, thresholds


def told() -> Seen:
    return {(name, status, code) for name, words in explained().items() for status, codes in words.reasons.items() for code in codes}


def test_every_criterion_is_explained_in_the_guideline_s_order() -> None:
    assert list(explained()) == [criterion.id for criterion in ta279().criteria]


def test_every_verdict_of_every_clinical_case_is_explained_and_no_other() -> None:
    assert told() == seen()[0]


def test_every_reason_code_is_explained() -> None:
    assert {code for _, _, code in told()} == set(Reason)


@pytest.mark.parametrize("criterion", CriterionId)
def test_the_thresholds_of_a_criterion_are_those_its_verdicts_carry(criterion: CriterionId) -> None:
    assert set(explained()[criterion].thresholds) == seen()[1][criterion]


@pytest.mark.parametrize("words", explained().values(), ids=explained())
def test_no_number_is_written_that_a_profile_may_change(words: Explained) -> None:
    """Levels, the steps of analgesia and the trials' own figures are no thresholds."""
    texts = (words.asks, *words.counts, *words.does_not_count, words.against)
    numbers = [text for text in texts for word in text.replace(",", " ").split() if word.strip(".:").isdigit()]
    assert [text for text in numbers if "step 1" not in text and "0 to 10" not in text] == []


def test_no_claim_and_no_order_is_in_what_is_told() -> None:
    assert [text for text in sentences(PAGE) if NEVER.search(text)] == []


def test_explaining_one_shows_its_thresholds_with_unit_range_and_source() -> None:
    out = " ".join(said("explain", "severe-pain", "--profile", "vertos").out.split())
    assert "painSevereMin severe pain: score at least 5 of 10; allowed 3 to 10;" in out
    assert all(code in out for codes in explained()[CriterionId.SEVERE_PAIN].reasons.values() for code in codes)


def test_explaining_nothing_lists_the_nine() -> None:
    told = said("explain").out.partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in told if not line.startswith(" ")] == list(CriterionId)
