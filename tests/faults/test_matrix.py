"""docs/faults.md tells the truth about its tests."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
MATRIX = (HERE.parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = set(range(1, 35))


def named() -> set[str]:
    return set(re.findall(r"`([\w/]*test_\w+\.py::test_\w+)`", MATRIX))


def existing() -> set[str]:
    """Tests of this folder by file, others by their path below tests/."""
    files = {path: ast.parse(path.read_text(encoding="utf-8")) for path in HERE.parent.rglob("test_*.py")}
    names = {path: path.name if path.parent == HERE else path.relative_to(HERE.parent).as_posix() for path in files}
    return {f"{names[path]}::{node.name}" for path, tree in files.items() for node in tree.body if isinstance(node, ast.FunctionDef)}


def numbers(cell: str) -> set[int]:
    """`3, 6, 9 to 12`: each number of it."""
    found: set[int] = set()
    for part in cell.split(","):
        first, _, last = part.partition(" to ")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_every_test_that_is_named_exists() -> None:
    assert named() - existing() == set()
    assert len(named()) > len(ROWS)


def test_every_fault_has_a_row_and_every_row_a_test() -> None:
    rows = [line for line in MATRIX.splitlines() if re.match(r"\| \d", line)]
    assert set().union(*(numbers(line.split("|")[1]) for line in rows)) == ROWS
    assert [line for line in rows if "::test_" not in line] == []
