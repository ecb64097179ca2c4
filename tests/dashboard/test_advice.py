"""Every reason for not knowing has its plain words, and one place in what to do about it."""

import pytest

from app.cli.explained import explained
from app.dashboard.criteria import ADVICE, NOT_KNOWN, WITHOUT_LEVEL, advice, meaning
from guidelines.ta279.reasons import CriterionId, Reason

UNKNOWN = [(criterion, reason) for criterion, told in explained().items() for reason in told.unknown]


@pytest.mark.parametrize(("criterion", "reason"), UNKNOWN)
def test_a_reason_has_one_place(criterion: CriterionId, reason: Reason) -> None:
    assert sum(reason in reasons for reasons in ADVICE.values()) == 1
    assert meaning(criterion, reason) == explained()[criterion].unknown[reason]


def test_no_other_reason_has_a_place() -> None:
    assert set().union(*ADVICE.values()) == {reason for _, reason in UNKNOWN}


def test_what_is_not_recorded_is_to_be_mapped_and_says_where() -> None:
    assert advice("examination-at-level", "examination-not-recorded") == NOT_KNOWN.format("tenderness at the level")
    assert "docs/overlays.md" in NOT_KNOWN
    assert "docs/overlays.md" in WITHOUT_LEVEL


def test_a_reason_of_another_version_is_shown_as_it_is() -> None:
    assert (meaning("recent", "some-new-reason"), advice("recent", "some-new-reason")) == ("some new reason", "")
    assert meaning("some-new-criterion", "conflict") == "conflict"
