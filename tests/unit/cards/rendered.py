"""A card's detail as a renderer of the trusting kind sees it: tables, bare links and raw HTML all switched on."""

from collections import Counter

from markdown_it import MarkdownIt
from markdown_it.token import Token

RENDERER = MarkdownIt("gfm-like", {"html": True, "linkify": True})
ALLOWED = {
    "paragraph_open", "paragraph_close", "inline", "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close",
    "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close", "bullet_list_open", "bullet_list_close", "list_item_open",
    "list_item_close", "text", "text_special", "code_inline", "strong_open", "strong_close", "link_open", "link_close",
}  # fmt: skip


def tokens(markdown: str) -> list[Token]:
    """Blocks and, in their place, what is inside them."""
    return [token for block in RENDERER.parse(markdown) for token in (block, *(block.children or ()))]


def skeleton(markdown: str) -> list[str]:
    """The blocks alone: what stays the same whatever text is filled in."""
    return [block.type for block in RENDERER.parse(markdown)]


def addresses(markdown: str) -> set[str]:
    return {str(token.attrs["href"]) for token in tokens(markdown) if token.type == "link_open"}


def emphasis(markdown: str) -> Counter[str]:
    return Counter(token.type for token in tokens(markdown) if token.type in {"strong_open", "em_open", "s_open"})


def assert_harmless(markdown: str, known_addresses: set[str]) -> None:
    """Only blocks and inlines that our own sentences use; links only to our own addresses; tables of three columns."""
    assert {token.type for token in tokens(markdown)} <= ALLOWED
    assert addresses(markdown) <= known_addresses
    assert_whole_tables(markdown)


def assert_whole_tables(markdown: str) -> None:
    cells = 0
    for block in RENDERER.parse(markdown):
        if block.type == "tr_open":
            cells = 0
        cells += block.type in {"td_open", "th_open"}
        if block.type == "tr_close":
            assert cells == 3
    for row in (line for line in markdown.split("\n") if line.startswith("|")):
        assert row.replace("\\|", "").count("|") == 4
        assert "\\\\|" not in row  # renderers disagree on what an escaped backslash before a pipe is
