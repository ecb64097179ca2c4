"""Whatever a text holds, the terminal gets visible ASCII, and each line is one of ours."""

import pytest

from app.cli.terminal import visible, wrapped


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[2J", r"\x1b[2J"),  # clears the screen
        ("\x9b31m", r"\x9b31m"),  # the same beginning in one byte
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\rb\bc", r"a\rb\x08c"),  # writes over what stands there
        ("\u202eabc", r"\u202eabc"),  # reverses what follows
        ("\u200b\ufeff", r"\u200b\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("\x7f", r"\x7f"),
        ("Muller \xfc", r"Muller \xfc"),
    ],
)
def test_what_is_not_visible_is_spelt_out(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_a_line_break_in_a_text_begins_no_line_of_its_own() -> None:
    assert wrapped("one\nOutcome       criteria-met\r\n", 4, "  x") == [r"  x one Outcome       criteria-met\r"]
