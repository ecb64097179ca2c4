"""Small things: files and functions that are read in one go."""

import ast
from pathlib import Path
from statistics import median

from tests.house.tree import FUNCTIONS, PYTHON_FOLDERS, ROOMS, files_in, nodes, text_of, where

LONGEST_FILE = 400
LONGEST_FUNCTION = 45
LONG_FUNCTION = 30
MEDIAN_FUNCTION = 10
HAND_WRITTEN = (".py", ".js", ".css", ".html")


def lines_of(node: ast.AST) -> int:
    """From `def` to the last line, docstring included, decorators not."""
    assert isinstance(node, FUNCTIONS)
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(*folders: str) -> list[tuple[Path, ast.AST]]:
    return [(path, node) for path, node in nodes(*folders) if isinstance(node, FUNCTIONS)]


def test_no_file_is_longer_than_400_lines() -> None:
    sizes = {str(path): len(text_of(path).splitlines()) for path in files_in(*PYTHON_FOLDERS, suffixes=HAND_WRITTEN)}
    assert {path: size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_longer_than_45_lines() -> None:
    long = [f"{where(path, node)} {lines_of(node)} lines" for path, node in functions(*PYTHON_FOLDERS) if lines_of(node) > LONGEST_FUNCTION]
    assert long == []


def test_half_the_functions_are_under_10_lines_and_nine_of_ten_under_30() -> None:
    sizes = sorted(lines_of(node) for _, node in functions(*ROOMS))
    assert median(sizes) < MEDIAN_FUNCTION
    assert sum(size < LONG_FUNCTION for size in sizes) >= 0.9 * len(sizes)
