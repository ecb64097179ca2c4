"""No code is made up: each one in the cases stands in the reference terminology or in the releases that docs/decisions/0003 names, in our
own code system, or is a site's local code.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cases.case import all_paths, load
from tests.cases.words import SITES, dictionary
from tests.unit.terminology_releases import RELEASES

REFERENCE = Path(__file__).parents[2] / "../shared/reference/terminology.json"
META = REFERENCE.with_name("terminology_meta.json")

OF_FHIR_ITSELF = {"24484000", "6736007", "255604002", "52101004", "2667000", "LA9633-4", "LA9634-2", "8310-5", "LA4489-6"}
"""FHIR's condition severities and body-temperature profile; the present and absent of contract section 4; the answer "unknown"."""
DATA_SYSTEMS = ("ours", "local")

pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference terminology is not beside this repository")


@cache
def verified() -> tuple[frozenset[tuple[str, str]], tuple[tuple[str, str], ...]]:
    """Codes that stand for themselves, and those that stand for every code that starts with them; dots removed."""
    rows = [row for rows in json.loads(REFERENCE.read_text(encoding="utf-8"))["value_sets"].values() for row in rows]
    rows = [row for row in rows if row["status"] == "VERIFIED"]
    near_misses = json.loads(META.read_text(encoding="utf-8"))["near_misses"]
    exact = {(row["system"], plain(row["code"])) for row in rows}
    exact |= {("http://snomed.info/sct", row["code"]) for row in near_misses}
    prefixes = [(row["system"], plain(row["code"])) for row in rows if is_prefix(row)]
    families = [(system, plain(code)) for system, code in RELEASES if "icd-10" in system]
    return frozenset(exact | RELEASES), (*prefixes, *families)


def is_prefix(row: dict[str, Any]) -> bool:
    """The ICD rows of roles "prefix rule" and three-character categories, and the ATC classes."""
    return "prefix rule" in row.get("role", "") or ("icd-10" in row["system"] and len(row["code"]) == 3) or "atc" in row["system"]


def plain(code: str) -> str:
    return code.replace(".", "").upper()


def codings(value: Any) -> set[tuple[str, str]]:
    if isinstance(value, list):
        return {found for each in value for found in codings(each)}
    if not isinstance(value, dict):
        return set()
    own = {(value["system"], value["code"])} if "system" in value and "code" in value and "unit" not in value else set()
    return own | {found for each in value.values() for found in codings(each)}


def is_known(system: str, code: str) -> bool:
    exact, prefixes = verified()
    if code in OF_FHIR_ITSELF or (system, plain(code)) in exact or "terminology.hl7.org" in system:
        return True
    return any(system == each and plain(code).startswith(start) for each, start in prefixes)


def test_every_code_of_the_cases_is_known() -> None:
    ignored = {dictionary()["systems"][name] for name in DATA_SYSTEMS}
    used = {found for case in map(load, all_paths()) for site in SITES for found in codings(case.chart(site).resources)}
    assert sorted((system, code) for system, code in used if system not in ignored and not is_known(system, code)) == []
