"""What lies on disk: valid FHIR, complete, our own words, no invented, licensed or impossible code."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.conceptmap import ConceptMap
from fhir.resources.R4B.valueset import ValueSet

from clinical.vertebra import VertebralLevel
from guidelines.ta279.terminology import PACKAGE
from guidelines.ta279.terminology_ids import FILLED_BY_OVERLAY_ONLY, VALUE_SETS
from guidelines.ta279.terminology_systems import SNOMED, fails_check_digit
from tests.unit.terminology_reference import CM, FILES, FINDINGS, LOINC, READ2, Listed, listed, load, rows
from tests.unit.terminology_releases import RELEASES

KINDS: dict[str, Any] = {"ValueSet": ValueSet, "ConceptMap": ConceptMap, "CodeSystem": CodeSystem}
CONTRACT_FINDINGS = {
    "vertebral-tenderness", "marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss",
    "vertebral-compression-fracture", "acute-vertebral-fracture", "healed-vertebral-fracture", "retropulsion", "vertebra-plana",
    "dxa-t-score", "low-energy-mechanism", "high-energy-mechanism", "uncontrolled-despite-optimal-analgesia", "persistent-back-pain",
    "opioid-intolerance", "pmma-allergy", "unable-to-lie-prone", "kyphoplasty-with-stent",
}  # fmt: skip
CARD_TOPICS = {
    "ta279CriteriaMet", "ta279InformationNeeded", "ta279CriteriaNotMet", "ta279SafetyAlert", "ta279StentNotRecommended",
    "ta279AdverseReactions",
}  # fmt: skip
OF_FHIR_ITSELF = {
    ("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS"),
    ("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "NEG"),
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"), ("http://terminology.hl7.org/CodeSystem/v2-0136", "N"),
    ("http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason", "sintol"),
    ("http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason", "salg"),
    (SNOMED, "52101004"), (SNOMED, "2667000"), (LOINC, "LA9633-4"), (LOINC, "LA9634-2"),
    (SNOMED, "15724005"),  # how public synthetic FHIR data code a broken spine with the cord unharmed
    (SNOMED, "24484000"), (SNOMED, "6736007"), (SNOMED, "255604002"), (LOINC, "8310-5"),
}  # fmt: skip
TUMOURS = ("M84.50", "M84.51", "M84.52", "M84.53", "M84.54", "M84.55", "M84.56", "M84.57")
INJURIES = ("T81.44", "S14.1", "S24.1", "S34.1", "S34.3", *TUMOURS)
LETTERS = re.compile(r"[^a-z0-9]+")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_file_is_a_valid_fhir_resource(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    resource = KINDS[load(path)["resourceType"]].model_validate_json(text)
    assert resource.id == path.stem
    assert resource.url == f"https://vertebral-augmentation-cds.example/fhir/{resource.get_resource_type()}/{path.stem}"
    assert resource.status == "active"


def test_every_value_set_of_the_house_exists_and_no_other() -> None:
    assert {path.stem for path in (PACKAGE / "value_sets").glob("*.json")} == VALUE_SETS


def test_only_the_sets_that_a_site_must_fill_are_empty() -> None:
    assert VALUE_SETS - {line.value_set for line in listed() if line.included} == FILLED_BY_OVERLAY_ONLY


def test_the_code_systems_are_those_of_the_contract() -> None:
    codes = {path.stem: [concept["code"] for concept in load(path)["concept"]] for path in (PACKAGE / "code_systems").glob("*.json")}
    assert set(codes) == {"findings", "card-topic", "vertebral-level"}
    assert set(codes["findings"]) == CONTRACT_FINDINGS
    assert set(codes["card-topic"]) == CARD_TOPICS
    assert codes["vertebral-level"] == [level.value for level in VertebralLevel]


def test_every_own_finding_is_in_the_value_set_of_its_name() -> None:
    assert {(line.code, line.value_set) for line in listed() if line.system == FINDINGS} == {
        *((code, code) for code in CONTRACT_FINDINGS),
        ("unable-to-lie-prone", "cardiopulmonary-or-positioning"),
    }


def test_every_check_digit_is_right() -> None:
    assert [(line.system, line.code) for line in listed() if fails_check_digit(line.system, line.code)] == []
    assert sum(line.system in (SNOMED, LOINC) for line in listed()) > 700


def test_no_code_stands_twice_in_a_value_set() -> None:
    """One line per code and set, included or excluded; a code may stand beside the family that begins like it."""
    counted = Counter((line.value_set, line.system, line.code.replace(".", ""), line.family) for line in listed() if line.system != READ2)
    counted += Counter((line.value_set, line.system, line.code, line.family) for line in listed() if line.system == READ2)
    assert [line for line, count in counted.items() if count > 1] == []


def test_no_licensed_procedure_code_and_no_code_of_its_shape() -> None:
    shape = re.compile(r"\d{4}[\dFTU]")
    assert {line.system for line in listed() if "cpt" in line.system.lower() or "ama-assn" in line.system} == set()
    assert [line for line in listed() if shape.fullmatch(line.code) and not line.system.endswith("/rxnorm")] == []


def test_no_code_was_invented() -> None:
    """Each is verified in the reference list or a release, of FHIR or of ours, or begins or ends a verified one (seventh character)."""
    verified = {(row["system"], row["code"]) for row in rows() if row["status"] == "VERIFIED"} | OF_FHIR_ITSELF
    stems = {(system, code[:length].rstrip(".")) for system, code in verified if system == CM for length in range(3, len(code))}
    read_codes = {(system, form) for system, code in verified if system == READ2 for form in (code[:5], code[:5] + "00")}
    adverse = {(system, code + letter) for system, code in verified if system == CM and code.startswith("T40") for letter in "AD"}
    known = verified | stems | read_codes | adverse | {(CM, "W16.2")} | RELEASES
    used = {(line.system, line.code) for line in listed() if line.system != FINDINGS and not _late_effect(line)}
    assert used - known == set()
    assert used >= RELEASES


def test_the_late_effects_of_injuries_are_excluded_one_by_one() -> None:
    """As many as the tabular release of CMS has: a family row cannot end in a letter."""
    counted = Counter(
        line.code[: len(family)] for line in listed() if _late_effect(line) for family in INJURIES if line.code.startswith(family)
    )
    tumours = dict(zip(TUMOURS, (1, 3, 3, 5, 3, 5, 5, 6), strict=True))
    assert counted == {"S14.1": 54, "S24.1": 25, "S34.1": 21, "S34.3": 1, "T81.44": 1, **tumours}


def test_no_display_is_the_terminologys_own() -> None:
    theirs = {(row["system"], row["code"], _plain(row["display"])) for row in rows()}
    copied = [line for line in listed() if (line.system, line.code, _plain(line.display)) in theirs and line.system in (SNOMED, LOINC, CM)]
    assert copied == []


def test_the_comparison_of_displays_sees_through_case_and_tag() -> None:
    assert _plain("Discitis (disorder)") == _plain("DISCITIS") != _plain("disc infection")


def _late_effect(line: Listed) -> bool:
    """An excluded leaf of an injury's family whose seventh character is S."""
    return (
        not line.included
        and line.system == CM
        and line.code.startswith(INJURIES)
        and re.fullmatch(r"[MST]\d\d\.[\dX]{3}S", line.code) is not None
    )


def _plain(display: str) -> str:
    """Lower case, without the semantic tag and without punctuation."""
    return LETTERS.sub(" ", re.sub(r" \([a-z /]+\)$", "", display.lower())).strip()
