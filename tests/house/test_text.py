"""What is written in the repository, whatever kind of file it is in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import files, text_of

HERE = Path("tests/house/test_text.py")

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
REGISTRIES = re.compile(
    r"pypi\.(org|python\.org)|pythonhosted|test\.pypi|registry\.(npmjs|yarnpkg)|deb\.debian|proxy\.golang|artifactory|devpi|nexus\.|"
    r"(--|^)(extra-)?index-url|--find-links",
    re.MULTILINE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.}\]/-])/(work|root|home|Users|tmp)/[\w.]")
CPT_CODES = re.compile(r"(?<![\w.-])225(1[0-5]|2[0-5])(?![\w.-])")
CPT_SYSTEM = "http://www.ama-assn.org/go/cpt"
FIVE_CHARACTERS = re.compile(r"\d{4}[\dFTU]")
NUMBERED_SYSTEMS = {"http://www.nlm.nih.gov/research/umls/rxnorm"}  # their codes are numbers of any length


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}"
        for path in files()
        if path != HERE
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    "pattern", [UNFINISHED, REGISTRIES, MACHINE_PATHS, CPT_CODES], ids=["unfinished", "registry", "machine path", "CPT"]
)
def test_nothing_is_written_that_should_not_be(pattern: re.Pattern[str]) -> None:
    assert lines_that_match(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (UNFINISHED, "# TODO later"),
        (REGISTRIES, "see https://files.pythonhosted.org/x"),
        (REGISTRIES, "--index-url https://mirror.example"),
        (MACHINE_PATHS, "open('/home/ann/x')"),
        (CPT_CODES, '"code": "22513"'),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def codings(value: Any, system: str = "") -> list[tuple[str, str]]:
    """Every (system, code) in a FHIR JSON value; a code below an `include` or a group takes its system from there."""
    if isinstance(value, list):
        return [coding for item in value for coding in codings(item, system)]
    if not isinstance(value, dict):
        return []
    system = str(value.get("system") or value.get("source") or value.get("target") or system)
    own = [(system, str(value["code"]))] if isinstance(value.get("code"), str) else []
    return own + [coding for item in value.values() for coding in codings(item, system)]


@pytest.mark.parametrize("path", [path for path in files() if path.suffix == ".json"], ids=str)
def test_no_licensed_procedure_code_is_shipped(path: Path) -> None:
    """CPT belongs to the AMA: sites add theirs by overlay. Five digits, or four and F, T or U, are what it looks like."""
    found = [
        (system, code)
        for system, code in codings(json.loads(text_of(path)))
        if system == CPT_SYSTEM or (FIVE_CHARACTERS.fullmatch(code) and system not in NUMBERED_SYSTEMS)
    ]
    assert found == []
