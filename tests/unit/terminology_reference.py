"""The packaged terminology and, where it lies beside the repository, the list it was made from."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from guidelines.ta279.terminology import PACKAGE
from guidelines.ta279.terminology_systems import SNOMED

REFERENCE = Path(__file__).parents[2] / "../shared/reference"
FILES = sorted(path for folder in ("value_sets", "concept_maps", "code_systems") for path in (PACKAGE / folder).glob("*.json"))

CM = "http://hl7.org/fhir/sid/icd-10-cm"
WHO = "http://hl7.org/fhir/sid/icd-10"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
READ2 = "http://read.info/readv2"
CTV3 = "http://read.info/ctv3"
LOINC = "http://loinc.org"
OPCS = "https://fhir.hl7.org.uk/Id/opcs-4"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ATC = "http://www.whocc.no/atc"
FINDINGS = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"


class Listed(NamedTuple):
    value_set: str
    system: str
    code: str
    display: str
    family: bool
    included: bool


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def listed() -> tuple[Listed, ...]:
    """Every line of every packaged value set, read without the code under test."""
    return tuple(line for path in sorted((PACKAGE / "value_sets").glob("*.json")) for line in _lines(load(path)))


def _lines(value_set: Any) -> Iterator[Listed]:
    for kind in ("include", "exclude"):
        for block in value_set.get("compose", {}).get(kind, []):
            for concept in block["concept"]:
                yield Listed(
                    value_set["id"], block["system"], concept["code"], concept["display"], "extension" in concept, kind == "include"
                )


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Every row of the reference list; skips the test where that is not at hand."""
    path = REFERENCE / "terminology.json"
    if not path.is_file():
        pytest.skip("the reference list is not beside this repository")
    return tuple(row for rows in load(path)["value_sets"].values() for row in rows)


@cache
def meta() -> Any:
    path = REFERENCE / "terminology_meta.json"
    if not path.is_file():
        pytest.skip("the reference list is not beside this repository")
    return load(path)


def snomed_levels() -> dict[str, str]:
    """The packaged map of SNOMED CT vertebrae."""
    (groups,) = [load(path)["group"] for path in (PACKAGE / "concept_maps").glob("*.json")]
    return {element["code"]: element["target"][0]["code"] for group in groups if group["source"] == SNOMED for element in group["element"]}
