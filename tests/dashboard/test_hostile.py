"""Names of clients and codes of reasons are others' text: nothing of it becomes an element, or a formula in a spreadsheet."""

import csv
from io import StringIO

import pytest

from app.dashboard.csv_file import csv_file, harmless
from app.dashboard.table import Share, Table
from tests.dashboard.looking import WordsOf, a_call, a_decision, page, put_calls, put_decisions, table
from tests.store.kept import client, item, tell

HTML = '<script>alert(1)</script><img src="x" onerror="alert(1)">'
FORMULAS = ["=HYPERLINK(0)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x"]


def test_no_text_of_others_makes_an_element(url: str) -> None:
    with client(url) as connection:
        plain = elements(page(connection))
        put_calls(url, a_call(client=HTML, hook=HTML[:40], outcome=HTML[:40], data_gaps=[HTML], logic_version=HTML[:40]))
        found = {"criteria": {HTML: {"status": "unknown", "reason": HTML}}}
        put_decisions(url, a_decision(HTML[:36], client=HTML, topic=HTML, fractures=[found], rules_hash=HTML))
        tell(connection, item(HTML[:36], overrideReason={"reason": {"code": HTML}}))
        for asked in ({}, {"client": "%3Cscript%3Ealert(1)%3C/script%3E"}):
            html = page(connection, **asked)
            assert elements(html) - plain <= {"table", "thead", "tbody", "tr", "th", "td", "ul", "li", "span", "section", "h2", "div"}
            assert "<script" not in html
            assert "onerror=" not in html.replace("onerror=&quot;", "")


def elements(html: str) -> set[str]:
    reader = WordsOf()
    reader.feed(html)
    return reader.elements


def test_no_cell_of_a_file_is_a_formula(url: str) -> None:
    with client(url) as connection:
        put_calls(url, *(a_call(client=text.strip("\0") + " name") for text in FORMULAS))
        tell(connection, *(item("x", overrideReason={"reason": {"code": text}}) for text in FORMULAS))
        names = [row["client"] for row in table(connection, "clients")]
        codes = [row["code"] for row in table(connection, "reasons")]
    assert "'=HYPERLINK(0) name" in names
    assert codes == [""]
    assert [cell for cell in [*names, *codes] if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))] == []


@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_what_a_spreadsheet_would_carry_out_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-1", "St Example", "'quoted", 'with "quotes", commas\nand lines'])
def test_other_text_stays_as_it_is_and_is_read_again(text: str) -> None:
    file = csv_file(Table(title="", about="", empty="", columns=("a", "b", "c"), rows=[(text, Share(1, 3), (text, "=2"))]))
    assert file.endswith("\r\n")
    assert list(csv.reader(StringIO(file, newline=""), strict=True)) == [["a", "b", "c"], [text, "33.3", f"{text}; =2"]]
