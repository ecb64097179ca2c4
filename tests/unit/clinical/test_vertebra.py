"""One vertebra in the words of a body site: only where nothing else is said (guideline.md G6, G7)."""

import pytest

from clinical.vertebra import VertebralLevel, level_from_site_text


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("L1", "L1"), ("t12", "T12"), ("T 12", "T12"), ("d12", "T12"), ("Th12", "T12"), ("s1", "S1"), ("C7", "C7"),
        ("L1.", "L1"), ("L1;", "L1"), (", L1:", "L1"), ("(L1)", "L1"), ("vertebra (L1)", "L1"), ("L1 (body)", "L1"),
        ("vertebra(L1)body", "L1"),
        ("twelfth thoracic vertebra", "T12"), ("2nd lumbar", "L2"), ("first dorsal", "T1"), ("first sacral", "S1"),
        ("first rib", None), ("upper lumbar", None), ("second vertebra", None), ("thirteenth thoracic", None),
        ("T13", None), ("L0", None), ("L6", None), ("L1-L2", None), ("old L1", None), ("L1/2 disc", None), ("lumbar", None), ("", None),
    ],
)  # fmt: skip
def test_the_one_vertebra_that_a_site_names(text: str, level: str | None) -> None:
    assert level_from_site_text(text) == level


def test_levels_are_counted_from_the_neck_down() -> None:
    levels = list(VertebralLevel)
    assert [level.position for level in levels] == list(range(25))
    assert [level for level in levels if level.in_scope] == levels[7:24]
    assert [level.value for level in levels if level.upper_thoracic] == ["T1", "T2", "T3", "T4"]
    assert VertebralLevel.T12.distance_to(VertebralLevel.L2) == VertebralLevel.L2.distance_to(VertebralLevel.T12) == 2
