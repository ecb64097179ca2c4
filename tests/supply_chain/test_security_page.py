"""docs/security.md: every risk has a row, every row a test, every test exists."""

import ast
import re

import pytest

from tests.house.tree import FUNCTIONS, ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
PARTS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
TABLES = {
    "Argonaut's risks of CDS Hooks (2018)": [f"R{number}" for number in range(1, 18)],
    "OWASP API Security Top 10 (2023)": [f"API{number}" for number in range(1, 11)],
    "OWASP ASVS 5.0, the requirements that bind this service": [
        "1.2.10", "1.3.5", "1.3.6", "1.5.3", "2.2.3", "4.1.4", "4.2.1", "9.1.1", "9.1.2", "9.1.3", "9.2.1", "9.2.2", "9.2.3", "13.1.2",
        "13.1.3", "13.2.4", "13.4.5", "14.2.2", "14.3.2", "15.1.2", "15.1.3", "15.3.2", "15.4.2", "16.2.5", "16.3.4", "16.4.1", "16.5.1",
        "16.5.2", "16.5.3", "16.5.4",
    ],
    "Defences, one by one": [],
}  # fmt: skip
TEST = re.compile(r"(open )?`([\w/]+\.py)::(test_\w+)`")


def rows(part: str) -> list[str]:
    return [line for line in PARTS[part].splitlines() if line.startswith("| ")][1:]


def exists(file: str, name: str) -> bool:
    path = ROOT / "tests" / file
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return any(isinstance(node, FUNCTIONS) and node.name == name for node in tree.body)


@pytest.mark.parametrize(("part", "named"), TABLES.items(), ids=TABLES)
def test_every_risk_has_its_row(part: str, named: list[str]) -> None:
    firsts = [re.split(r"[ ,]", row[2:])[0] for row in rows(part)]
    assert firsts == named or not named
    assert firsts


@pytest.mark.parametrize("row", [row for part in TABLES for row in rows(part)], ids=lambda row: row[2:60])
def test_every_row_has_a_test_that_exists(row: str) -> None:
    """One marked open must not be there: the mark is to go when it is."""
    named = TEST.findall(row.rsplit(" | ", 1)[1])
    assert named
    assert [f"{file}::{name}" for mark, file, name in named if exists(file, name) == bool(mark)] == []
