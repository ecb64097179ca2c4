"""Words that must not reach a clinician: claims the service cannot make, orders it may not give."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import docstrings, files_in, syntax_of, text_of

ROOMS_THAT_SPEAK = ("cards", "guidelines")
NEVER = re.compile(r"NICE(?:'s)? threshold|\bapproved\b|\bcertified\b|(?<!and )\bdiagnoses\b|\bperform\b", re.IGNORECASE)


def sentences(path: Path) -> list[str]:
    """Every string a reader may be shown: literals that are not docstrings, and the text of data files."""
    if path.suffix == ".py":
        module = syntax_of(path)
        silent = docstrings(module)
        constants = (node for node in ast.walk(module) if isinstance(node, ast.Constant) and id(node) not in silent)
        return [constant.value for constant in constants if isinstance(constant.value, str)]
    return strings(json.loads(text_of(path)) if path.suffix == ".json" else tomllib.loads(text_of(path)))


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in strings(item)]


def speaking_files() -> list[Path]:
    return files_in(*ROOMS_THAT_SPEAK, suffixes=(".py", ".json", ".toml"))


@pytest.mark.parametrize("path", speaking_files(), ids=str)
def test_no_claim_and_no_order_is_written_on_a_card(path: Path) -> None:
    assert [text for text in sentences(path) if NEVER.search(text)] == []


@pytest.mark.parametrize("text", ["the NICE threshold of 7", "Approved for use", "it diagnoses", "Perform vertebroplasty at L1"])
def test_the_pattern_finds_what_it_is_for(text: str) -> None:
    assert NEVER.search(text)
