"""The door for foreign text: one code span, one line, never empty, whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.markdown import code_span, date_text, plain, table_cell
from tests.unit.cards.injection_vectors import INVISIBLE, VECTORS
from tests.unit.cards.rendered import RENDERER, tokens

anything = st.text(st.characters(), max_size=200)
FORBIDDEN = {
    "html_inline",
    "html_block",
    "link_open",
    "image",
    "em_open",
    "strong_open",
    "s_open",
    "heading_open",
    "fence",
    "code_block",
    "hr",
}


def shown(markdown: str) -> list[str]:
    """The content of each code span in a line of Markdown."""
    return [token.content for token in tokens(markdown) if token.type == "code_inline"]


def row_of(cell: str) -> list[str]:
    """Block tokens of a two-column table whose first cell this is."""
    return [block.type for block in RENDERER.parse(f"| a | b |\n|---|---|\n| {cell} | end |\n\nafter")]


def test_there_are_enough_vectors() -> None:
    assert len(set(VECTORS)) >= 60


@pytest.mark.parametrize("text", VECTORS)
def test_foreign_text_is_one_code_span_and_nothing_else(text: str) -> None:
    for markdown in (code_span(text), f"before {code_span(text)} after", f"- {code_span(text)}", f"({code_span(text)})"):
        assert len(shown(markdown)) == 1
        assert {token.type for token in tokens(markdown)} & FORBIDDEN == set()


@pytest.mark.parametrize("text", VECTORS)
def test_foreign_text_does_not_split_a_table_row(text: str) -> None:
    assert row_of(table_cell(code_span(text))) == row_of("`Condition/1`")


@given(anything)
def test_any_text_is_one_code_span_in_and_out_of_a_table(text: str) -> None:
    assert len(shown(f"x {code_span(text)} y")) == 1
    assert row_of(table_cell(code_span(text))) == row_of("`Condition/1`")


@given(anything, st.integers(1, 100))
def test_a_code_span_is_visible_and_no_longer_than_its_limit(text: str, limit: int) -> None:
    (content,) = shown(code_span(text, limit))
    assert content.strip()
    assert content.isprintable()
    assert len(content) <= max(limit, len("no text"))


@pytest.mark.parametrize("name", INVISIBLE)
def test_nothing_invisible_passes(name: str) -> None:
    assert code_span(INVISIBLE[name]).isprintable()
    assert plain(INVISIBLE[name]).isprintable()


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("Condition/abc", "`Condition/abc`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a``b`", "``` a``b` ```"),
        ("", "`no text`"),
        ("\u200b\u202e", "`no text`"),
        ("a\nb", "`a b`"),
        (" a ", "`a`"),
        ("\u202eevil\u202c", "`evil`"),
        ("\u3164", "`no text`"),
        ("a\u2800\ufe0fb", "`ab`"),
        ("x" * 81, f"`{'x' * 79}…`"),
        ("x" * 80, f"`{'x' * 80}`"),
    ],
)
def test_code_spans_of_note(text: str, markdown: str) -> None:
    assert code_span(text) == markdown


@pytest.mark.parametrize(("text", "content"), [("a|b", "a|b"), ("a\\|b", "a\\ |b"), ("||", "||"), ("a\\", "a\\")])
def test_a_pipe_in_a_table_cell_is_shown_as_a_pipe(text: str, content: str) -> None:
    assert shown(f"| a | b |\n|---|---|\n| {table_cell(code_span(text))} | end |") == [content]


@pytest.mark.parametrize("text", VECTORS)
def test_our_own_words_are_inert_too(text: str) -> None:
    assert {token.type for token in tokens(f"x {plain(text)} y")} & FORBIDDEN == set()
    assert row_of(table_cell(plain(text))) == row_of("words")


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Z"]), max_size=60).filter(
        lambda text: text == " ".join(text.split())
    )
)
def test_our_own_words_are_shown_as_they_are(text: str) -> None:
    """Escapes are invisible to the reader, in a paragraph as in a table."""
    for markdown in (f"x {plain(text)} y", f"| a |\n|---|\n| x {table_cell(plain(text))} y |"):
        read = "".join(token.content for token in tokens(markdown) if token.type in {"text", "text_special", "code_inline"})
        assert text.replace("\\|", "\\ |") in read.replace("\\|", "\\ |")


def test_comparisons_survive() -> None:
    assert plain("T-score -2.6, below -2.5") == "T-score -2.6, below -2.5"
    assert plain("score < 7 & falling") == "score \\< 7 \\& falling"


@pytest.mark.parametrize("text", ["see https://evil.example", "WWW.EVIL.EXAMPLE", "evil.com", "ask a@evil.example", "ask a@x.y"])
def test_what_looks_like_an_address_is_shown_as_code(text: str) -> None:
    assert plain(text) == f"`{text}`"


@pytest.mark.parametrize("text", ["e.g. 7.5 mg", "Score 8. Then 9.", "T12/L1", "No. 5"])
def test_ordinary_stops_are_no_address(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("iso", "text"),
    [
        ("2026-10-03", "3 Oct 2026"),
        ("2026-12-31", "31 Dec 2026"),
        ("2026-10-03/2026-10-05", "between 3 Oct 2026 and 5 Oct 2026"),
        ("/2026-10-05", "on or before 5 Oct 2026"),
        ("2026-10-03/", "on or after 3 Oct 2026"),
        ("2026-10-03/2026-10-03", "3 Oct 2026"),
        ("", ""),
        ("/", ""),
    ],
)
def test_dates_are_written_so_that_nobody_takes_the_month_for_the_day(iso: str, text: str) -> None:
    assert date_text(iso) == text


@pytest.mark.parametrize("iso", ["3 Oct 2026", "2026-13-01", "2026-10"])
def test_what_is_no_day_is_refused(iso: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|month"):
        date_text(iso)
